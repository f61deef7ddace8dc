//! Lower-case hexadecimal, the text form of digests, key ids and keys.

use alloc::string::String;

/// Writes bytes as lower-case hexadecimal digits.
#[must_use]
pub fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().saturating_mul(2));
    out.extend(bytes.iter().flat_map(|byte| digits(*byte)).map(char::from));
    out
}

/// The two digits of a byte.
#[must_use]
pub fn digits(byte: u8) -> [u8; 2] {
    [byte.wrapping_shr(4), byte & 15].map(|half| match half {
        0..10 => half.wrapping_add(b'0'),
        _ => half.wrapping_add(b'a' - 10),
    })
}

/// Reads exactly `N` bytes from lower-case digits; a second spelling of one value is `None`.
#[must_use]
pub fn array<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    let mut digits = text.bytes().map(|digit| match digit {
        b'0'..=b'9' => Some(digit.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(digit.wrapping_sub(b'a').wrapping_add(10)),
        _ => None,
    });
    for byte in &mut out {
        let (high, low) = (digits.next()??, digits.next()??);
        *byte = high.wrapping_shl(4) | low;
    }
    digits.next().is_none().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_spelling() {
        assert_eq!(array(&text(&[0, 0x7f, 0xff])), Some([0, 0x7f, 0xff]));
        for spelling in ["00FF", "0", "000", "0g", "0x00", "00ff00", ""] {
            assert_eq!(array::<2>(spelling), None, "{spelling}");
        }
    }
}
