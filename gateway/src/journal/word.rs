use std::fmt;

use interdict_core::common::hex;

use crate::journal_error::JournalError;

const MAX_WORD: usize = 64;

/// As many digits in a row may be a part of an account's or a card's number.
const MAX_NUMBER: usize = 7;

/// A short word of the gateway's own: the name of a client, a door, a case. It has no dot, no capital and no long
/// number, so that no name, address, account or card number fits; digests and UUIDs do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word(String);

impl Word {
    /// Takes a word.
    ///
    /// # Errors
    /// [`JournalError::Word`] for anything else.
    pub fn new(text: &str) -> Result<Self, JournalError> {
        let fits = (1..=MAX_WORD).contains(&text.len()) && text.bytes().all(is_allowed);
        let is_opaque = hex::array::<32>(text).is_some() || is_short_digest(text) || is_uuid(text);
        if fits && (is_opaque || !has_long_number(text)) {
            Ok(Self(text.to_owned()))
        } else {
            Err(JournalError::Word)
        }
    }

    /// The word for a person's name: its letters and digits, in lower case, with `-` between them.
    ///
    /// # Errors
    /// [`JournalError::Word`] for a name that makes none.
    pub(crate) fn of_name(name: &str) -> Result<Self, JournalError> {
        let lower = name.to_lowercase();
        let parts = lower.split(|c: char| !c.is_ascii_alphanumeric());
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let mut word = parts.join("-");
        word.truncate(MAX_WORD);
        Self::new(&word)
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const fn is_allowed(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'/' | b':' | b'-')
}

/// Whether it is a digest of 16 bytes, as policies have, rather than two card numbers in a row.
fn is_short_digest(text: &str) -> bool {
    hex::array::<16>(text).is_some() && !text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it is a UUID in its usual form.
fn is_uuid(text: &str) -> bool {
    uuid::Uuid::try_parse(text).is_ok_and(|uuid| uuid.to_string() == text)
}

/// Separators inside a number do not hide it.
fn has_long_number(text: &str) -> bool {
    let mut run = 0_usize;
    text.bytes().any(|byte| {
        run = match byte {
            b'0'..=b'9' => run.saturating_add(1),
            b'-' | b'_' | b'/' | b':' => run,
            _ => 0,
        };
        run > MAX_NUMBER
    })
}

/// The trace id of W3C Trace Context, a random number that joins this line to the caller's own logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// Reads the 32 digits of the second part of a `traceparent`. All zeros are no trace.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        hex::array(text).filter(|id| *id != [0; 16]).map(Self)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::text(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_accounts_and_card_numbers_are_no_words() {
        for word in [
            "psp-1",
            "http",
            "case_17",
            "se/merchants",
            "0192a3b4-c5d6-7e8f-8a9b-112233445566",
        ] {
            assert!(Word::new(word).is_ok(), "{word}");
        }
        let digest = "1".repeat(64);
        assert!(Word::new(&digest).is_ok());
        assert!(Word::new("0123456789abcdef0123456789abcdef").is_ok());
        assert!(Word::new(&"4111111111111111".repeat(2)).is_err());
        assert_eq!(
            Word::of_name("Ada L. (risk)").unwrap().as_str(),
            "ada-l-risk"
        );
        assert!(Word::of_name("\u{5b50}").is_err());
        for text in [
            "",
            "shop.example",
            "SE3550000000054910000003",
            "se3550000000054910000003",
            "4111111111111111",
            "4111-1111-1111-1111",
            "m_4111_1111",
            "a b",
            "a@b",
            "\u{e5}",
            digest.get(1..).unwrap(),
            "a\n",
            "\"",
        ] {
            assert!(Word::new(text).is_err(), "{text}");
        }
        assert!(Word::new(&"a".repeat(65)).is_err());
    }

    #[test]
    fn a_trace_id_is_sixteen_bytes_that_are_not_all_zero() {
        let text = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(TraceId::parse(text).unwrap().to_string(), text);
        for bad in [&"0".repeat(32), "4BF92F3577B34DA6A3CE929D0E0E4736", ""] {
            assert!(TraceId::parse(bad).is_none(), "{bad}");
        }
    }
}
