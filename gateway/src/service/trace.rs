use interdict_core::common::hex;

/// The longest header that is read; the standard's has 55 characters in version 00.
const LONGEST: usize = 128;

/// Where a request stands in its caller's trace (W3C Trace Context), and this service's own part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trace {
    /// 16 bytes, hexadecimal.
    pub(crate) id: String,
    /// This service's span: 8 bytes, hexadecimal.
    pub(crate) span: String,
    /// The caller's span.
    pub(crate) parent: Option<String>,
    /// The caller's flags.
    flags: String,
}

impl Trace {
    /// Goes on with a caller's trace; starts one if there is none or it is malformed.
    pub(crate) fn of(header: Option<&str>, random: [u8; 24]) -> Self {
        let [trace, span] = [random.get(..16), random.get(16..)].map(Option::unwrap_or_default);
        let span = hex::text(span);
        match header.and_then(read) {
            Some((id, parent, flags)) => Self {
                id,
                span,
                parent: Some(parent),
                flags,
            },
            None => Self {
                id: hex::text(trace),
                span,
                parent: None,
                flags: "00".to_owned(),
            },
        }
    }

    /// Lets a trace that began here be sampled.
    pub(crate) fn sampled_if_own(self) -> Self {
        match self.parent {
            None => Self {
                flags: "01".to_owned(),
                ..self
            },
            Some(_) => self,
        }
    }

    /// Whether spans of it are kept.
    pub(crate) fn is_sampled(&self) -> bool {
        u8::from_str_radix(&self.flags, 16).is_ok_and(|flags| flags & 1 == 1)
    }

    /// The header for the answer.
    pub(crate) fn header(&self) -> String {
        format!("00-{}-{}-{}", self.id, self.span, self.flags)
    }
}

/// Trace, the caller's span, and flags.
fn read(header: &str) -> Option<(String, String, String)> {
    if header.len() > LONGEST {
        return None;
    }
    let mut parts = header.split('-');
    let [version, id, parent, flags] = [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let is_hex = |text: &str, length| {
        text.len() == length
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_zero = |text: &str| text.bytes().all(|byte| byte == b'0');
    let is_well_formed = is_hex(version, 2)
        && version != "ff"
        && is_hex(id, 32)
        && !is_zero(id)
        && is_hex(parent, 16)
        && !is_zero(parent)
        && is_hex(flags, 2)
        && (version != "00" || parts.next().is_none());
    is_well_formed.then(|| (id.to_owned(), parent.to_owned(), flags.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    // The examples of https://www.w3.org/TR/trace-context/#examples-of-http-traceparent-headers
    const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_goes_on_with_a_span_of_its_own() {
        let trace = Trace::of(Some(SAMPLED), [7; 24]);
        assert_eq!(
            trace.header(),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0707070707070707-01"
        );
        let future = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes";
        assert_eq!(Trace::of(Some(future), [7; 24]).id, trace.id);
    }

    #[test]
    fn a_malformed_header_starts_a_trace() {
        let own = Trace::of(None, [7; 24]);
        assert_eq!(own.id, "07".repeat(16));
        for wrong in [
            "",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        ] {
            assert_eq!(Trace::of(Some(wrong), [7; 24]), own, "{wrong}");
        }
    }
}
