//! What silent records say, encrypted into the receipt. Without the SilentKey nobody can tell a
//! receipt with silent findings from one without. `docs/scoring.md` has the bytes.

use alloc::string::String;
use alloc::vec::Vec;

use crate::common::hex;

use super::keyed_hash::KeyedHash;

/// The secret that silent findings are sealed under, 32 random bytes. Its holder reads them in the
/// audit log; no policy, state or archive holds it.
pub struct SilentKey(pub [u8; 32]);

impl core::fmt::Debug for SilentKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SilentKey(secret)")
    }
}

/// A silent record that matches. Each number is a position in the receipt; a number above 255 is 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SilentFinding {
    /// The position in `asked` of the identifier that matches.
    pub identifier: u8,
    /// The position in `coalitions` of the coalition that lists it.
    pub coalition: u8,
    /// The position of its list in the `lists` of that coalition.
    pub list: u8,
    /// The record's category, as its code in a list's records.
    pub category: u8,
}

/// What the holder of the SilentKey reads in a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilentFindings {
    /// How many silent records match; 255 means 255 or more.
    pub count: u8,
    /// The first eleven at most, in the order of the request.
    pub first: Vec<SilentFinding>,
}

/// Bytes of the synthetic IV.
const IV: usize = 16;
/// Bytes of the plaintext: the number of findings, eleven findings, and zeros.
const PLAIN: usize = 48;
/// Bytes of `sealed`.
const SEALED: usize = IV + PLAIN;
/// Bytes of one finding.
const FINDING: usize = 4;
/// How many findings the plaintext holds.
const FINDINGS: usize = 11;

/// The `sealed` of a gateway without a SilentKey: as long as any other, all zeros.
pub(super) fn unsealed() -> String {
    hex::text(&[0; SEALED])
}

impl SilentKey {
    /// The `sealed` of a receipt, hexadecimal. `before` is the JSON object of the members before it.
    pub(super) fn seal(&self, findings: &[SilentFinding], before: &[u8]) -> String {
        let plain = plain(findings);
        let iv = self.iv(&plain, before);
        let mut sealed = iv.to_vec();
        sealed.extend(self.crypt(&iv, &plain));
        hex::text(&sealed)
    }

    /// Reads the `sealed` of a receipt. `before` is the JSON object of the members before it. `None`
    /// if it was not sealed under this key for this receipt.
    #[must_use]
    pub fn open(&self, sealed: &str, before: &[u8]) -> Option<SilentFindings> {
        let sealed: [u8; SEALED] = hex::array(sealed)?;
        let (iv, encrypted) = sealed.split_first_chunk::<IV>()?;
        let plain = self.crypt(iv, encrypted.first_chunk()?);
        if self.iv(&plain, before) != *iv {
            return None;
        }
        let (count, rest) = plain.split_first()?;
        let findings = rest.chunks_exact(FINDING).take(usize::from(*count));
        let findings = findings.take(FINDINGS).map(|finding| match finding {
            [coalition, list, identifier, category] => Some(SilentFinding {
                identifier: *identifier,
                coalition: *coalition,
                list: *list,
                category: *category,
            }),
            _ => None,
        });
        Some(SilentFindings {
            count: *count,
            first: findings.collect::<Option<_>>()?,
        })
    }

    /// Depends on everything, so that the same keystream never encrypts two different texts.
    fn iv(&self, plain: &[u8; PLAIN], before: &[u8]) -> [u8; IV] {
        let mut hash = KeyedHash::new(&self.0, "sealed");
        hash.field(plain);
        hash.field(blake3::hash(before).as_bytes());
        hash.bytes()
    }

    /// Encrypts, or decrypts: the same exclusive or.
    fn crypt(&self, iv: &[u8; IV], text: &[u8; PLAIN]) -> [u8; PLAIN] {
        let mut hash = KeyedHash::new(&self.0, "keystream");
        hash.field(iv);
        let mut out: [u8; PLAIN] = hash.bytes();
        for (out, text) in out.iter_mut().zip(text) {
            *out ^= text;
        }
        out
    }
}

fn plain(findings: &[SilentFinding]) -> [u8; PLAIN] {
    let count = u8::try_from(findings.len()).unwrap_or(u8::MAX);
    let findings = findings.iter().take(FINDINGS).flat_map(|finding| {
        [
            finding.coalition,
            finding.list,
            finding.identifier,
            finding.category,
        ]
    });
    let mut plain = [0; PLAIN];
    let bytes = core::iter::once(count).chain(findings);
    for (to, from) in plain.iter_mut().zip(bytes) {
        *to = from;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: SilentKey = SilentKey([9; 32]);
    const BEFORE: &[u8] = br#"{"format":1}"#;

    fn finding(identifier: u8) -> SilentFinding {
        SilentFinding {
            identifier,
            coalition: 2,
            list: 3,
            category: 1,
        }
    }

    #[test]
    fn the_holder_of_the_key_reads_how_many_and_the_first_eleven() {
        for (count, kept) in [(0, 0), (1, 1), (11, 11), (12, 11), (255, 11), (300, 11)] {
            let findings: Vec<_> = (0..count).map(|index| finding(index as u8)).collect();
            let sealed = KEY.seal(&findings, BEFORE);
            assert_eq!(sealed.len(), 128);
            let read = KEY.open(&sealed, BEFORE).unwrap();
            assert_eq!(usize::from(read.count), count.min(255), "{count}");
            assert_eq!(read.first, findings[..kept], "{count}");
        }
    }

    #[test]
    fn sealed_opens_only_under_its_key_for_its_receipt_and_unchanged() {
        let sealed = KEY.seal(&[finding(1)], BEFORE);
        assert_eq!(SilentKey([8; 32]).open(&sealed, BEFORE), None);
        assert_eq!(KEY.open(&sealed, br#"{"format":2}"#), None);
        assert_eq!(KEY.open(&unsealed(), BEFORE), None);
        assert_eq!(KEY.open("00", BEFORE), None);
        for bit in 0..512_usize {
            let mut changed: [u8; SEALED] = hex::array(&sealed).unwrap();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(KEY.open(&hex::text(&changed), BEFORE), None, "bit {bit}");
        }
    }

    #[test]
    fn nothing_and_something_are_sealed_to_texts_that_share_nothing() {
        let texts = [
            KEY.seal(&[], BEFORE),
            KEY.seal(&[finding(1)], BEFORE),
            KEY.seal(&[], b"{}"),
            SilentKey([8; 32]).seal(&[], BEFORE),
        ];
        for (index, text) in texts.iter().enumerate() {
            for other in &texts[..index] {
                assert_ne!(text.get(..32), other.get(..32));
                assert_ne!(text.get(32..), other.get(32..));
            }
        }
    }
}
