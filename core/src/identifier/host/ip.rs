//! IP addresses as hosts: every legal spelling becomes one.

use alloc::format;
use alloc::string::{String, ToString as _};
use core::net::{Ipv4Addr, Ipv6Addr};

/// Whether a canonical host is an IP address: no name starts with a bracket or ends in a number.
pub(in crate::identifier) fn is_literal(host: &str) -> bool {
    host.starts_with('[') || ends_in_number(host)
}

/// The "ends in a number" check (WHATWG URL, host parsing): such a name is an IPv4 address or nothing.
pub(super) fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    match last.strip_prefix("0x") {
        Some(hex) => hex.bytes().all(|b| b.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()),
    }
}

/// The dotted quad of one to four decimal, octal or hexadecimal parts, in lower case (WHATWG URL, IPv4 parser).
pub(super) fn v4(name: &str) -> Option<String> {
    let mut parts = name.split('.');
    let last = part(parts.next_back()?)?;
    let mut address = 0_u64;
    // How many addresses the last part can still distinguish.
    let mut room = 1_u64 << 32;
    for leading in parts {
        let byte = part(leading).filter(|&byte| byte <= 255)?;
        address = address.checked_mul(256)?.checked_add(byte)?;
        room /= 256;
    }
    if last >= room {
        return None;
    }
    let address = address.checked_mul(room)?.checked_add(last)?;
    Some(Ipv4Addr::from(u32::try_from(address).ok()?).to_string())
}

/// An IPv6 address without brackets, as RFC 5952 text in brackets. One that only wraps an IPv4 address
/// becomes that address (Safe Browsing v5, "Canonicalization": `::ffff:0:0/96` and `64:ff9b::/96`).
pub(in crate::identifier) fn v6(text: &str) -> Option<String> {
    let address: Ipv6Addr = text.parse().ok()?;
    let [a, b, c, d, e, f, high, low] = address.segments();
    if matches!(
        [a, b, c, d, e, f],
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0]
    ) {
        let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
        return Some(Ipv4Addr::new(a, b, c, d).to_string());
    }
    Some(format!("[{address}]"))
}

fn part(text: &str) -> Option<u64> {
    let (digits, radix) = match text.strip_prefix("0x") {
        Some("") => return Some(0),
        Some(hex) => (hex, 16),
        None if text.len() > 1 && text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    // `from_str_radix` alone would accept a plus sign.
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use crate::identifier::{Identifier, Kind, Rule};

    fn text(value: &str) -> Result<String, Rule> {
        Identifier::parse(Kind::Domain, value)
            .map(|host| host.text().to_owned())
            .map_err(|error| error.rule())
    }

    #[test]
    fn every_legal_spelling_of_an_ipv4_address_is_one_dotted_quad() {
        // The first rows: google/safebrowsing bbf0d20d26b3 urls_test.go (Apache-2.0), TestParseIPAddress.
        for (written, quad) in [
            ("255.0.0.1", "255.0.0.1"),
            ("12.0x12.01234", "12.18.2.156"),
            ("012.034.01.055", "10.28.1.45"),
            ("0x12.0x43.0x44.0x01", "18.67.68.1"),
            ("167838211", "10.1.2.3"),
            ("3279880203", "195.127.0.11"),
            ("4294967295", "255.255.255.255"),
            ("0XC0.0xa8.1", "192.168.0.1"),
            ("0x", "0.0.0.0"),
            ("1.2.3.4.", "1.2.3.4"),
            ("1.2.3", "1.2.0.3"),
            ("\u{ff11}.2.3.4", "1.2.3.4"),
            ("\u{2460}.2.3.4", "1.2.3.4"),
            ("00000000000000000000001.2.3.4", "1.2.3.4"),
        ] {
            assert_eq!(text(written).as_deref(), Ok(quad), "{written}");
        }
    }

    #[test]
    fn a_name_that_ends_in_a_number_is_an_address_or_nothing() {
        for written in [
            "123.123.0.0.1",
            "276.2.3",
            "4294967296",
            "1.2.3.256",
            "1.256.3.4",
            "256.2.3.4",
            "1.2.65536",
            "1.08",
            "shop.123",
            "shop.0x1f",
            "shop.0xfffffffffffffffffffff",
            "99999999999999999999",
        ] {
            assert_eq!(text(written), Err(Rule::IPV4), "{written}");
        }
        assert_eq!(
            text("1.2.3.00x0").as_deref(),
            Ok("1.2.3.00x0"),
            "no number, so a name"
        );
    }

    #[test]
    fn every_spelling_of_an_ipv6_address_is_one_text_in_brackets() {
        // Rows one to three: Safe Browsing v5, "URLs and Hashing".
        for (written, literal) in [
            ("[2001:0db8:0000::1]", "[2001:db8::1]"),
            ("[::ffff:1.2.3.4]", "1.2.3.4"),
            ("[64:ff9b::1.2.3.4]", "1.2.3.4"),
            ("2001:DB8:0:0:0:0:0:1", "[2001:db8::1]"),
            ("::ffff:102:304", "1.2.3.4"),
            ("[::192.9.5.5]", "[::c009:505]"),
            ("::", "[::]"),
        ] {
            assert_eq!(text(written).as_deref(), Ok(literal), "{written}");
        }
    }

    #[test]
    fn what_only_resembles_an_ipv6_address_is_refused() {
        for written in [
            "[]",
            "[::1",
            "[1.2.3.4]",
            "[shop.example]",
            "[fe80::1%eth0]",
            "[::1]:443",
        ] {
            assert_eq!(text(written), Err(Rule::IPV6), "{written}");
        }
        assert_eq!(text("::1::"), Err(Rule::URL_NOT_HOST));
    }
}
