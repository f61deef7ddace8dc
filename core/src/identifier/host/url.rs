//! URLs, read the way a browser reads them (WHATWG URL, basic URL parser).

use alloc::borrow::{Cow, ToOwned as _};
use alloc::string::String;

use crate::identifier::percent::unescaped;
use crate::identifier::rule::Rule;

/// RFC 9110 section 4.1 asks every party to take at least 8,000 bytes.
const MAX_URL: usize = 8192;

/// Browsers drop them wherever they stand.
const LINE_BREAKS: [char; 3] = ['\t', '\r', '\n'];
const SLASHES: [char; 2] = ['/', '\\'];
const AUTHORITY_ENDS: [char; 4] = ['/', '\\', '?', '#'];

/// A URL without line breaks and padding, unescaped if it was escaped as a whole.
pub(in crate::identifier) struct Url<'u>(Cow<'u, str>);

/// The parts of an http or https URL that may name somebody.
pub(in crate::identifier) struct Address<'u> {
    /// Unescaped, without user and port.
    pub(in crate::identifier) host: String,
    /// Everything after the authority: path, query and fragment, still escaped.
    pub(in crate::identifier) rest: &'u str,
}

impl<'u> Url<'u> {
    pub(in crate::identifier) fn read(written: &'u str) -> Result<Self, Rule> {
        if written.len() > MAX_URL {
            return Err(Rule::URL_TOO_LONG);
        }
        let url = match written.contains(LINE_BREAKS) {
            true => Cow::Owned(written.replace(LINE_BREAKS, "")),
            false => Cow::Borrowed(written),
        };
        let url = match url {
            Cow::Owned(url) => Cow::Owned(bare(&url).to_owned()),
            Cow::Borrowed(url) => Cow::Borrowed(bare(url)),
        };
        if url.is_empty() {
            return Err(Rule::EMPTY);
        }
        if !is_escaped(&url) {
            return Ok(Self(url));
        }
        let url = String::from_utf8(unescaped(&url)).map_err(|_| Rule::HOST_CHARACTER)?;
        Ok(Self(Cow::Owned(url)))
    }

    /// The scheme, if it is neither http nor https, in lower case, and what follows it.
    pub(in crate::identifier) fn other_scheme(&self) -> Option<(String, &str)> {
        let (scheme, rest) = self.0.split_once(':')?;
        let scheme = Some(scheme.to_ascii_lowercase()).filter(|scheme| is_scheme(scheme))?;
        (!matches!(scheme.as_str(), "http" | "https")).then_some((scheme, rest))
    }

    /// The parts of an http or https URL, with or without its scheme.
    pub(in crate::identifier) fn address(&self) -> Result<Address<'_>, Rule> {
        let url = without_scheme(&self.0)?;
        let authority = first(url);
        let host = authority.rsplit('@').next().unwrap_or_default();
        let host = without_port(host)?;
        if host.is_empty() {
            return Err(Rule::HOST_MISSING);
        }
        Ok(Address {
            host: String::from_utf8(unescaped(host)).map_err(|_| Rule::HOST_CHARACTER)?,
            rest: url.strip_prefix(authority).unwrap_or_default(),
        })
    }
}

fn bare(url: &str) -> &str {
    url.trim_matches(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether the whole URL was percent-encoded: it then begins with an encoded scheme.
fn is_escaped(url: &str) -> bool {
    ["http%3a", "https%3a"].iter().any(|scheme| {
        let head = url.as_bytes().get(..scheme.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(scheme.as_bytes()))
    })
}

fn without_scheme(url: &str) -> Result<&str, Rule> {
    if let Some((scheme, rest)) = url.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) {
        if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") {
            // Browsers accept any number of slashes of either kind.
            return Ok(rest.trim_start_matches(SLASHES));
        }
        // `shop.example:8080` has no scheme; `mailto:` and `app.example:/` have one.
        let port = first(rest);
        if port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()) {
            return Err(Rule::URL_SCHEME);
        }
    }
    // `//shop.example` has a host, `/path` has none.
    match url.strip_prefix(SLASHES) {
        Some(rest) if rest.starts_with(SLASHES) => Ok(rest.trim_start_matches(SLASHES)),
        _ => Ok(url),
    }
}

/// RFC 3986 section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// The text before the path, query or fragment.
fn first(text: &str) -> &str {
    text.split(AUTHORITY_ENDS).next().unwrap_or_default()
}

fn without_port(host: &str) -> Result<&str, Rule> {
    let (name, port) = if host.starts_with('[') {
        let (_, after) = host.split_once(']').ok_or(Rule::IPV6)?;
        let port = match after {
            "" => "",
            _ => after.strip_prefix(':').ok_or(Rule::URL_PORT)?,
        };
        (host.strip_suffix(after).unwrap_or(host), port)
    } else {
        host.rsplit_once(':').unwrap_or((host, ""))
    };
    if port.bytes().all(|b| b.is_ascii_digit()) {
        Ok(name)
    } else {
        Err(Rule::URL_PORT)
    }
}

#[cfg(test)]
mod tests {
    use crate::identifier::{Identifier, Rule};

    fn text(url: &str) -> Result<String, Rule> {
        Identifier::from_url(url)
            .map(|host| host.text().to_owned())
            .map_err(|error| error.rule())
    }

    #[test]
    fn the_host_is_the_one_a_browser_would_visit() {
        for (url, host) in [
            ("https://good.example@evil.example/", "evil.example"),
            ("https://good.example:443@evil.example", "evil.example"),
            ("https://a@b@evil.example/", "evil.example"),
            ("https://good.example%2F@evil.example/", "evil.example"),
            ("https://evil.example\\@good.example/", "evil.example"),
            ("https://evil.example?@good.example/", "evil.example"),
            ("https://evil.example#@good.example/", "evil.example"),
            ("https:evil.example/x", "evil.example"),
            ("https:/\\//evil.example", "evil.example"),
            ("//evil.example/x", "evil.example"),
            ("HtTpS://evil.example", "evil.example"),
            ("ht\ntps://ev\til.exa\rmple/", "evil.example"),
            ("evil.example:8080/x:y", "evil.example"),
            ("https://evil.example:", "evil.example"),
            ("evil.example/x:y", "evil.example"),
            ("https://ev%2569l%252eexample", "evil.example"),
            // Escaped as a whole.
            ("http%3A%2F%2Fevil.example%2Fpay", "evil.example"),
            ("HTTPS%3a%2f%2fevil.example%3Fx", "evil.example"),
            // An escape that another escape completes.
            ("https://ev%6%39l.example/", "evil.example"),
            ("https://%E2%80%8Bevil%EF%BC%8Eexample", "evil.example"),
            ("https://[::ffff:1.2.3.4]:443/", "1.2.3.4"),
            ("[2001:DB8::1]:8443/pay", "[2001:db8::1]"),
        ] {
            assert_eq!(text(url).as_deref(), Ok(host), "{url}");
        }
    }

    #[test]
    fn an_authority_that_could_be_read_two_ways_is_refused() {
        for (url, rule) in [
            (
                "https://good.example%2F.evil.example/",
                Rule::HOST_CHARACTER,
            ),
            (
                "https://good.example%00.evil.example/",
                Rule::HOST_CHARACTER,
            ),
            ("https://good.example%3A80/", Rule::HOST_CHARACTER),
            ("https://ev%0ail.example/", Rule::HOST_CHARACTER),
            ("https://%ff.example/", Rule::HOST_CHARACTER),
            ("https://good.example:80x/", Rule::URL_PORT),
            ("https://good.example:evil.example/", Rule::URL_PORT),
            ("https://[::1]evil.example/", Rule::URL_PORT),
            ("https://[::1/", Rule::IPV6),
            ("https://[fe80::1%25eth0]/", Rule::IPV6),
            ("https://2001:db8::1/", Rule::HOST_CHARACTER),
            ("user:pass@shop.example/", Rule::URL_SCHEME),
            ("app.example:/shop.example", Rule::URL_SCHEME),
            ("shop.example:", Rule::URL_SCHEME),
            ("//", Rule::HOST_MISSING),
            ("https://", Rule::HOST_MISSING),
            ("https://.%2e.", Rule::HOST_MISSING),
        ] {
            assert_eq!(text(url), Err(rule), "{url}");
        }
    }

    #[test]
    fn only_the_host_is_read_whatever_stands_elsewhere() {
        for url in [
            "https://shop.example/?pan=4111111111111111",
            "https://shop.example/4111%201111%201111%201111",
            "https://4111111111111111@shop.example/#4111-1111-1111-1111",
        ] {
            assert_eq!(text(url).as_deref(), Ok("shop.example"), "{url}");
        }
        let named = text("https://4111111111111111.shop.example/");
        assert_eq!(named.as_deref(), Ok("4111111111111111.shop.example"));
    }

    #[test]
    fn a_url_up_to_the_stated_length_is_read() {
        let path = |length: usize| format!("https://shop.example/{}", "a".repeat(length - 21));
        assert_eq!(text(&path(8192)).as_deref(), Ok("shop.example"));
        assert_eq!(text(&path(8193)), Err(Rule::URL_TOO_LONG));
    }

    #[test]
    fn escapes_of_escapes_are_resolved_however_deep() {
        let deep = format!("https://%{}65vil.example/", "25".repeat(400));
        assert_eq!(text(&deep).as_deref(), Ok("evil.example"));
    }
}
