//! Percent escapes (RFC 3986 section 2.1).

use alloc::vec::Vec;

/// Escapes resolved until none is left (Safe Browsing, "Canonicalization"), in one pass: the bytes so
/// far never hold a whole escape, so each byte can complete at most one after another.
pub(super) fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        bytes.push(byte);
        while let [.., b'%', high, low] = bytes.as_slice()
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            bytes.truncate(bytes.len().saturating_sub(3));
            bytes.push(high << 4 | low);
        }
    }
    bytes
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}
