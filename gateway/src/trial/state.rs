use interdict_core::list::Edition;
use serde_json::Value;

/// What the list of one gateway of the trial is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Fresh,
    /// A compact list, which has no records.
    Candidate,
    Stale,
    Expired,
    Keyless,
    Untrusted,
}

impl State {
    pub(super) const ALL: [Self; 6] = [
        Self::Fresh,
        Self::Candidate,
        Self::Stale,
        Self::Expired,
        Self::Keyless,
        Self::Untrusted,
    ];

    /// The first label of the names that are asked for in this state.
    const fn label(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Candidate => "candidate",
            Self::Stale => "stale",
            Self::Expired => "expired",
            Self::Keyless => "keyless",
            Self::Untrusted => "untrusted",
        }
    }

    /// The name of its coalition, which answers and receipts show.
    pub(super) const fn coalition(self) -> &'static str {
        match self {
            Self::Fresh => "test",
            Self::Candidate => "test-compact",
            Self::Stale => "test-stale",
            Self::Expired => "test-expired",
            Self::Keyless => "test-keyless",
            Self::Untrusted => "test-untrusted",
        }
    }

    pub(super) const fn edition(self) -> Edition {
        match self {
            Self::Candidate => Edition::Compact,
            _ => Edition::Member,
        }
    }

    /// The state that a domain or web address of the request begins with, below one of the reserved names.
    pub(super) fn of_request(request: &str) -> Self {
        let request: Value = serde_json::from_str(request).unwrap_or_default();
        let text = |value: &Value, name: &str| {
            let text = value.get(name).and_then(Value::as_str);
            text.map(str::to_owned)
        };
        let identifiers = request.get("identifiers").and_then(Value::as_array);
        let mut names = identifiers.into_iter().flatten();
        let named = names.find_map(|one| Self::of_name(&text(one, "value")?));
        let by_url = || Self::of_name(&text(&request, "url")?);
        named.or_else(by_url).unwrap_or(Self::Fresh)
    }

    fn of_name(text: &str) -> Option<Self> {
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let host = text.split(['/', '?', '#', ':']).next()?;
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let (label, rest) = host.split_once('.')?;
        let is_reserved = |name: &str| rest == name || rest.ends_with(&format!(".{name}"));
        let mut states = Self::ALL.into_iter();
        let state = states.find(|state| state.label() == label);
        state.filter(|_| is_reserved("clean.test") || is_reserved("listed.test"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_from_the_first_label_below_a_reserved_name_and_nowhere_else() {
        let of = |member: &str| State::of_request(&format!(r#"{{"flow":"payout",{member}}}"#));
        let domain = |value: &str| {
            of(&format!(
                r#""identifiers":[{{"kind":"domain","value":"shop.example"}},{{"kind":"domain","value":"{value}"}}]"#
            ))
        };
        for state in State::ALL {
            assert_eq!(domain(&format!("{}.clean.test", state.label())), state);
            let url = format!(
                r#""url":"https://{}.block.listed.test:443/x""#,
                state.label()
            );
            assert_eq!(of(&url), state);
        }
        assert_eq!(domain("STALE.Clean.Test."), State::Stale);
        for other in [
            "stale.shop.example",
            "stale.unclean.test",
            "clean.test",
            "stale",
            "",
            "a.stale.clean.test",
        ] {
            assert_eq!(domain(other), State::Fresh, "{other}");
        }
        assert_eq!(State::of_request("no request"), State::Fresh);
    }
}
