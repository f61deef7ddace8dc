//! Host names: every spelling of a name becomes one canonical text.

use alloc::borrow::Cow;
use alloc::string::String;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use super::ip;
use crate::IS_FULL;
use crate::identifier::rule::Rule;

/// Four bytes of UTF-8 for each of the 253 characters a name can have, rounded up.
const MAX_RAW: usize = 1024;
/// RFC 1035 section 2.3.4: 255 octets on the wire, two of them the first length and the root.
const MAX_NAME: usize = 253;
/// RFC 1035 section 2.3.4.
const MAX_LABEL: usize = 63;

/// Everything except letters, digits, hyphen, dot (RFC 1123 section 2.1) and the underscore, which real
/// host names contain.
const DENIED: AsciiDenyList = AsciiDenyList::new(true, "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}~");

/// The dots of UTS #46 section 4; no other character maps to one.
pub(in crate::identifier) const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// The canonical form of a host: lower-case A-labels, a dotted quad, or IPv6 in brackets.
pub(in crate::identifier) fn canonical(host: &str) -> Result<String, Rule> {
    if host.len() > MAX_RAW {
        return Err(Rule::NAME_TOO_LONG);
    }
    if let Some(open) = host.strip_prefix('[') {
        if !IS_FULL {
            return Err(Rule::NOT_IN_THIS_BUILD);
        }
        return open.strip_suffix(']').and_then(ip::v6).ok_or(Rule::IPV6);
    }
    let name = name(host)?;
    if name.is_empty() {
        return Err(Rule::HOST_MISSING);
    }
    if ip::ends_in_number(&name) {
        if !IS_FULL {
            return Err(Rule::NOT_IN_THIS_BUILD);
        }
        return ip::v4(&name).ok_or(Rule::IPV4);
    }
    if name.len() > MAX_NAME {
        return Err(Rule::NAME_TOO_LONG);
    }
    if !name.contains('.') {
        return Err(Rule::SINGLE_LABEL);
    }
    Ok(name)
}

/// ASCII labels joined by single dots. No name has an empty label, so dropping empty ones (Safe
/// Browsing, "Canonicalization") cannot turn one name into another.
fn name(host: &str) -> Result<String, Rule> {
    let mut name = String::with_capacity(host.len());
    for written in host.split(DOTS) {
        let label = label(written)?;
        if label.is_empty() {
            continue;
        }
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(&label);
    }
    Ok(name)
}

/// One label in lower-case ASCII; empty if UTS #46 removes all its characters.
pub(in crate::identifier) fn label(written: &str) -> Result<Cow<'_, str>, Rule> {
    if written.len() > MAX_RAW {
        return Err(Rule::NAME_TOO_LONG);
    }
    let label = ascii(written)?;
    if label.len() > MAX_LABEL {
        return Err(Rule::LABEL_TOO_LONG);
    }
    Ok(label)
}

/// UTS #46 ToASCII, non-transitional.
///
/// Off-spec: label by label. The Bidi rule applies to the whole name and would refuse `3shop.` before a
/// Hebrew label, although the A-label form of that name is ordinary in the DNS.
fn ascii(label: &str) -> Result<Cow<'_, str>, Rule> {
    if !IS_FULL {
        return match label.is_ascii() {
            true => as_written(label),
            false => Err(Rule::NOT_IN_THIS_BUILD),
        };
    }
    match Uts46::new().to_ascii(label.as_bytes(), DENIED, Hyphens::Allow, DnsLength::Ignore) {
        Ok(ascii) => Ok(ascii),
        // Off-spec: the remaining case is an `xn--` label that decodes to nothing valid. The DNS has
        // such names, and ToASCII never produces one, so the raw label equals no other name.
        Err(_) if label.is_ascii() => as_written(label),
        Err(_) => Err(Rule::IDNA),
    }
}

/// A label of ASCII characters in lower case: what ToASCII makes of it, unless that refuses it.
fn as_written(label: &str) -> Result<Cow<'_, str>, Rule> {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    match label.bytes().all(is_allowed) {
        true => Ok(Cow::Owned(label.to_ascii_lowercase())),
        false => Err(Rule::HOST_CHARACTER),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifier::{Identifier, Kind};

    fn text(value: &str) -> Result<String, Rule> {
        Identifier::parse(Kind::Domain, value)
            .map(|host| host.text().to_owned())
            .map_err(|error| error.rule())
    }

    #[test]
    fn every_spelling_of_a_name_is_one_name() {
        for (written, name) in [
            ("shop.example", "shop.example"),
            (" SHOP.Example. ", "shop.example"),
            ("..shop...example..", "shop.example"),
            ("\u{ff53}\u{ff48}\u{ff4f}\u{ff50}.example", "shop.example"),
            ("shop\u{3002}example", "shop.example"),
            ("shop\u{ff0e}example", "shop.example"),
            ("shop\u{ff61}example", "shop.example"),
            ("sh\u{ad}op\u{200b}.example", "shop.example"),
            ("fa\u{df}\u{3002}de", "xn--fa-hia.de"),
            ("B\u{dc}CHER.example", "xn--bcher-kva.example"),
            ("bu\u{308}cher.example", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
            ("_dmarc.shop_1.example", "_dmarc.shop_1.example"),
            ("r3---sn-x.shop-.example", "r3---sn-x.shop-.example"),
            // Hyphens stand anywhere; the A-labels are those of RFC 3492.
            ("-b\u{fc}cher.example", "xn---bcher-4ya.example"),
            ("b\u{fc}cher-.example", "xn--bcher--3ya.example"),
            ("b\u{fc}--cher.example", "xn--b--cher-n2a.example"),
        ] {
            assert_eq!(text(written).as_deref(), Ok(name), "{written}");
        }
    }

    #[test]
    fn published_idna_vectors_hold() {
        // The examples in the tables of UTS #46, non-transitional.
        for (written, name) in [
            ("Bloß.de", "xn--blo-7ka.de"),
            ("BLOSS.DE", "bloss.de"),
            ("xn--Blo-7ka.de", "xn--blo-7ka.de"),
            ("βόλος.com", "xn--nxasmm1c.com"),
            ("نامه\u{200c}ای.com", "xn--mgba3gch31f060k.com"),
            ("ශ්\u{200d}රී.com", "xn--10cl1a0b660p.com"),
            ("日本語。ＪＰ", "xn--wgv71a119e.jp"),
            ("☕.us", "xn--53h.us"),
        ] {
            assert_eq!(text(written).as_deref(), Ok(name), "{written}");
        }
    }

    #[test]
    fn an_a_label_that_decodes_to_nothing_stays_a_name_of_its_own() {
        assert_eq!(text("XN--a.example").as_deref(), Ok("xn--a.example"));
        assert_eq!(
            text("b\u{fc}cher.xn--a.example").as_deref(),
            Ok("xn--bcher-kva.xn--a.example")
        );
        assert_ne!(text("xn--abc-.example"), text("abc.example"));
    }

    #[test]
    fn a_number_before_a_right_to_left_label_is_found_in_both_spellings() {
        let name = Ok("3shop.xn--4dbcagdahymbxekheh6e0a7fei0b.example");
        let hebrew = "\u{5dc}\u{5de}\u{5d4}\u{5d4}\u{5dd}\u{5e4}\u{5e9}\u{5d5}\u{5d8}\u{5dc}\u{5d0}\u{5de}\u{5d3}\u{5d1}\u{5e8}\u{5d9}\u{5dd}\u{5e2}\u{5d1}\u{5e8}\u{5d9}\u{5ea}";
        assert_eq!(
            text("3shop.xn--4dbcagdahymbxekheh6e0a7fei0b.example").as_deref(),
            name
        );
        assert_eq!(text(&format!("3shop.{hebrew}.example")).as_deref(), name);
    }

    #[test]
    fn names_that_no_merchant_can_have_are_refused_by_rule() {
        for (written, rule) in [
            ("", Rule::EMPTY),
            (" \t", Rule::EMPTY),
            (".", Rule::HOST_MISSING),
            ("\u{ad}", Rule::HOST_MISSING),
            ("localhost", Rule::SINGLE_LABEL),
            ("example.", Rule::SINGLE_LABEL),
            ("https://shop.example/", Rule::URL_NOT_HOST),
            ("shop.example/pay", Rule::URL_NOT_HOST),
            ("shop.example:443", Rule::URL_NOT_HOST),
            ("user@shop.example", Rule::URL_NOT_HOST),
            ("shop%2eexample", Rule::URL_NOT_HOST),
            ("shop.example?x", Rule::URL_NOT_HOST),
            ("my shop.example", Rule::HOST_CHARACTER),
            ("*.shop.example", Rule::HOST_CHARACTER),
            ("shop.example,other.example", Rule::HOST_CHARACTER),
            ("shop\0.example", Rule::HOST_CHARACTER),
            ("\u{301}shop.example", Rule::IDNA),
            // ONE DOT LEADER looks like a dot and is none of the four.
            ("shop\u{2024}example", Rule::IDNA),
            ("\u{fffd}.example", Rule::IDNA),
        ] {
            assert_eq!(text(written), Err(rule), "{written}");
        }
    }

    #[test]
    fn lengths_are_those_of_the_dns() {
        let label = "a".repeat(63);
        assert!(text(&format!("{label}.example")).is_ok());
        assert_eq!(
            text(&format!("{label}a.example")),
            Err(Rule::LABEL_TOO_LONG)
        );
        let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        assert_eq!(longest.len(), 253);
        assert!(text(&longest).is_ok());
        assert!(text(&format!("{longest}.")).is_ok());
        assert_eq!(text(&format!("{longest}a")), Err(Rule::NAME_TOO_LONG));
        assert_eq!(text(&"\u{fc}.".repeat(400)), Err(Rule::NAME_TOO_LONG));
        // As written, with dots that are dropped.
        let dots = |length: usize| format!("{}shop.example", ".".repeat(length - 12));
        assert_eq!(text(&dots(1024)).as_deref(), Ok("shop.example"));
        assert_eq!(text(&dots(1025)), Err(Rule::NAME_TOO_LONG));
    }

    #[test]
    fn label_by_label_gives_what_the_whole_name_gives() {
        for name in [
            "Bücher.Fuß.example",
            "a。b．c｡example",
            "日本語.ＪＰ",
            "x.א.example",
        ] {
            let whole =
                Uts46::new().to_ascii(name.as_bytes(), DENIED, Hyphens::Allow, DnsLength::Ignore);
            assert_eq!(text(name).ok(), whole.ok().map(Cow::into_owned), "{name}");
        }
    }
}
