use axum::http::HeaderName;
use interdict_host::Flow;
use serde::Deserialize;

use crate::service_settings::FlowName;

/// Where a request that a proxy asks about names the merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MerchantAt {
    /// In a header, which the proxy sets itself.
    Header(String),
    /// In a path that the proxy puts into a header.
    PathIn(String, Pattern),
    /// In the path of the request.
    Path(Pattern),
    /// In Envoy's `context_extensions`, which only its configuration writes.
    Context(String),
    /// In the name of the client's certificate, which Envoy has verified.
    Certificate(Pattern),
}

/// A text with `{merchant}` in it, and perhaps `*` at its end for anything further.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    before: String,
    after: String,
    is_open: bool,
}

/// `merchant` of a door, as `gateway.toml` has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MerchantAtText {
    header: Option<String>,
    path: Option<Pattern>,
    context: Option<String>,
    certificate: Option<Pattern>,
}

const MERCHANT: &str = "{merchant}";

impl MerchantAtText {
    /// Takes what the file says of a door that is asked over gRPC or not.
    pub(crate) fn read(self, is_envoy: bool) -> Result<MerchantAt, &'static str> {
        let lower = |name: String| name.to_ascii_lowercase();
        if self.path.as_ref().is_some_and(|path| !path.is_path()) {
            return Err("path is a plain one, such as /merchants/{merchant}/*");
        }
        let is_name = |name: &String| {
            let own = name.to_ascii_lowercase().starts_with("interdict-");
            !own && HeaderName::from_bytes(name.as_bytes()).is_ok()
        };
        if !self.header.as_ref().is_none_or(is_name) {
            return Err("header is the name of a header, and none of the service's own");
        }
        if self.context.as_ref().is_some_and(String::is_empty) {
            return Err("context is a key of context_extensions");
        }
        let at = match (self.header, self.path, self.context, self.certificate) {
            (Some(name), None, None, None) => MerchantAt::Header(lower(name)),
            (Some(name), Some(path), None, None) => MerchantAt::PathIn(lower(name), path),
            (None, Some(path), None, None) => MerchantAt::Path(path),
            (None, None, Some(name), None) if is_envoy => MerchantAt::Context(name),
            (None, None, None, Some(name)) if is_envoy => MerchantAt::Certificate(name),
            _ if is_envoy => {
                return Err(
                    "merchant has one of header, path, context and certificate, or header and path",
                );
            }
            _ => return Err("merchant has header, path, or both"),
        };
        Ok(at)
    }
}

impl TryFrom<String> for Pattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let told = "write a text with {merchant} once, such as /merchants/{merchant}/payouts or \
                    /merchants/{merchant}/*";
        let (before, after) = text.split_once(MERCHANT).ok_or(told)?;
        let (after, is_open) = match after.strip_suffix('*') {
            Some(after) => (after, true),
            None => (after, false),
        };
        // What may stand for the merchant ends at a slash, so an open end behind it would cut an id.
        let is_cut = is_open && !after.ends_with('/');
        if is_cut
            || [before, after]
                .iter()
                .any(|part| part.contains(['*', '{', '}']))
        {
            return Err(told);
        }
        Ok(Self {
            before: before.to_owned(),
            after: after.to_owned(),
            is_open,
        })
    }
}

impl Pattern {
    /// Whether a path that can be read in one way alone may have this form.
    fn is_path(&self) -> bool {
        let one = format!("{}m{}", self.before, self.after);
        !one.contains('?') && plain_path(&one).is_some()
    }

    /// What stands for the merchant in a text that has this form.
    pub(crate) fn merchant<'t>(&self, text: &'t str) -> Option<&'t str> {
        let rest = text.strip_prefix(self.before.as_str())?;
        let (merchant, rest) = match rest.find('/') {
            Some(slash) => rest.split_at_checked(slash)?,
            None => (rest, ""),
        };
        // Without a slash behind it, what follows the merchant may be of its segment.
        let (merchant, rest) = match self.after.starts_with('/') || self.after.is_empty() {
            true => (merchant, rest),
            false => (
                merchant.strip_suffix(self.after.as_str())?,
                self.after.as_str(),
            ),
        };
        let fits = match self.is_open {
            true => rest.starts_with(self.after.as_str()),
            false => rest == self.after,
        };
        (fits && !merchant.is_empty()).then_some(merchant)
    }
}

/// The path of a request without its query, if nobody can read it otherwise.
///
/// Two programs may resolve an encoded slash, an empty segment or `..` differently, and then one screens another merchant
/// than the other pays.
pub(crate) fn plain_path(raw: &str) -> Option<&str> {
    let path = raw.split_once('?').map_or(raw, |(path, _)| path);
    let written = path
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#' | b';'));
    if !written || !path.starts_with('/') || path.contains("//") {
        return None;
    }
    let mut segments = path.split('/').skip(1);
    segments.all(is_plain_segment).then_some(path)
}

/// Whether a part between slashes has no code for a character that could end it, and is no step up or to itself.
fn is_plain_segment(segment: &str) -> bool {
    let Some(decoded) = decoded(segment) else {
        return false;
    };
    // Full-width and other letters that some programs fold into these.
    let is_odd = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | ';' | '?' | '#' | '%')
            || matches!(
                c,
                '\u{2024}'
                    | '\u{2044}'
                    | '\u{2215}'
                    | '\u{fe52}'
                    | '\u{ff0e}'
                    | '\u{ff0f}'
                    | '\u{ff3c}'
            )
    };
    let is_step = decoded == "." || decoded.trim_start().starts_with("..");
    !is_step && !decoded.contains(is_odd)
}

/// A segment without percent-encoding; `None` if that is none, or stands for no UTF-8.
fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let (high, low) = (digit(rest.next())?, digit(rest.next())?);
                bytes.push(u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()?);
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// The flow of a name.
pub(crate) fn flow_named(name: &str) -> Option<Flow> {
    FlowName::try_from(name.to_owned()).ok().map(|name| name.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merchant<'t>(pattern: &str, text: &'t str) -> Option<&'t str> {
        Pattern::try_from(pattern.to_owned())
            .unwrap()
            .merchant(text)
    }

    #[test]
    fn a_pattern_takes_one_whole_segment() {
        let one = Some("m_1");
        assert_eq!(merchant("/merchants/{merchant}", "/merchants/m_1"), one);
        assert_eq!(
            merchant("/merchants/{merchant}/*", "/merchants/m_1/payouts/7"),
            one
        );
        assert_eq!(merchant("/merchants/{merchant}/*", "/merchants/m_1/"), one);
        assert_eq!(merchant("/m/{merchant}/payouts", "/m/m_1/payouts"), one);
        assert_eq!(merchant("{merchant}.pay.example", "m_1.pay.example"), one);
        assert_eq!(
            merchant(
                "spiffe://pay.example/{merchant}",
                "spiffe://pay.example/m_1"
            ),
            one
        );
        for (pattern, text) in [
            ("/merchants/{merchant}", "/merchants/"),
            ("/merchants/{merchant}", "/merchants/m_1/payouts"),
            ("/merchants/{merchant}/*", "/merchants/m_1"),
            ("/merchants/{merchant}/*", "/other/m_1/"),
            ("/m/{merchant}/payouts", "/m/m_1/payouts/7"),
            ("/m/{merchant}/payouts", "/m/m_1/x/payouts"),
            ("{merchant}.pay.example", "m_1.pay.example.test"),
            ("{merchant}.pay.example", ".pay.example"),
            (
                "spiffe://pay.example/{merchant}",
                "spiffe://pay.example.test/m_1",
            ),
        ] {
            assert_eq!(merchant(pattern, text), None, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_that_could_cut_an_id_is_refused() {
        for text in [
            "/m/",
            "/m/{merchant}*",
            "/m/{merchant}/x*",
            "/m/*/{merchant}",
            "/{merchant}/{merchant}",
        ] {
            assert!(Pattern::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_path_that_two_programs_may_read_in_two_ways_is_none() {
        for path in [
            "/",
            "/a/b",
            "/a/b?c=%2f..//",
            "/a.b/c..",
            "/a/%c3%a5",
            "/a%20b",
        ] {
            assert!(plain_path(path).is_some(), "{path}");
        }
        for path in [
            "",
            "a",
            "/a/../b",
            "/a/..",
            "/./a",
            "/a%2fb",
            "/a%2Fb",
            "/a%5Cb",
            "/a\\b",
            "/%2e%2e/b",
            "/a%252fb",
            "/a//b",
            "/a;b=c/d",
            "/a#b",
            "/a/..%3b/b",
            "/a/%c0%ae%c0%ae/b",
            "/a/..%c0%afb",
            "/a/..%09/b",
            "/a/..%20/b",
            "/a/.../b",
            "/a/..%ef%bc%8fb",
            "/a%3fb",
            "/a%2",
            "/a%zz",
            "/a b",
            "/a%00",
            "/\u{e5}",
        ] {
            assert_eq!(plain_path(path), None, "{path}");
        }
    }

    #[test]
    fn a_door_has_one_place_for_the_merchant() {
        let read = |text: &str, is_envoy| {
            toml::from_str::<MerchantAtText>(text)
                .unwrap()
                .read(is_envoy)
        };
        let header = read("header = \"X-Merchant\"", false).unwrap();
        assert_eq!(header, MerchantAt::Header("x-merchant".to_owned()));
        assert!(matches!(
            read("header = \"a\"\npath = \"/{merchant}\"", false),
            Ok(MerchantAt::PathIn(..))
        ));
        assert!(matches!(
            read("context = \"merchant\"", true),
            Ok(MerchantAt::Context(_))
        ));
        for (text, is_envoy) in [
            ("", true),
            ("context = \"merchant\"", false),
            ("certificate = \"{merchant}\"", false),
            ("header = \"a\"\ncontext = \"b\"", true),
            ("path = \"{merchant}\"", true),
        ] {
            assert!(read(text, is_envoy).is_err(), "{text}");
        }
    }
}
