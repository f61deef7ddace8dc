use alloc::vec::Vec;

use serde::Serialize;

use super::serializer::{Unwritable, Writer};

/// Appends a value as JSON text: the one place where the project's own types become JSON, so that an
/// answer and the digest of the same answer never differ in their bytes.
///
/// # Errors
/// [`Unwritable`]. `out` may then hold an incomplete text.
pub fn write(value: &impl Serialize, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    value.serialize(&mut Writer(out))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;

    #[derive(Serialize)]
    struct Answer<'a> {
        text: &'a str,
        numbers: [i64; 2],
        #[serde(skip_serializing_if = "Option::is_none")]
        missing: Option<u8>,
    }

    #[derive(Serialize)]
    struct Every<'a> {
        flags: (bool, bool),
        small: (i8, u8, i16, u16, i32, u32),
        large: [i64; 4],
        largest: u64,
        nothing: (Option<u8>, (), Some),
        texts: [&'a str; 3],
        letter: [char; 3],
        words: [Word; 2],
        map: BTreeMap<&'a str, Vec<Value>>,
    }

    #[derive(Serialize)]
    struct Some;

    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        One,
        Other(u32),
    }

    #[test]
    fn every_type_is_written_as_serde_json_does() {
        let value = json!([{"a": [], "b": {}, "c": null, "d": [1, {"e": "\u{0}"}]}]);
        let every = Every {
            flags: (true, false),
            small: (i8::MIN, u8::MAX, i16::MIN, u16::MAX, i32::MIN, u32::MAX),
            large: [i64::MIN, i64::MAX, 0, -10],
            largest: u64::MAX,
            nothing: (None, (), Some),
            texts: [
                "",
                "\"\\/",
                "12345678\u{1f}12345678\u{7f}\u{80}\u{10ffff}\"",
            ],
            letter: ['"', '\u{1}', '\u{e5}'],
            words: [Word::One, Word::Other(10)],
            map: [("", vec![value]), ("\n", vec![])].into(),
        };
        let mut out = Vec::new();
        write(&every, &mut out).unwrap();
        let expected = serde_json::to_string(&every).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn every_character_at_every_place_of_a_word_is_escaped_as_serde_json_does() {
        let latin = (0..=0x2ff).filter_map(char::from_u32);
        let others = ['\u{2028}', '\u{d7ff}', '\u{e000}', '\u{ffff}', '\u{10ffff}'];
        for character in latin.chain(others) {
            for before in 0..17 {
                for after in [0, 3, 8] {
                    let around = |length| "~".repeat(length);
                    let text = format!("{}{character}{}", around(before), around(after));
                    let mut out = Vec::new();
                    write(&text, &mut out).unwrap();
                    assert_eq!(out, serde_json::to_vec(&text).unwrap(), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn what_no_message_has_is_refused() {
        let number_as_name = BTreeMap::from([(1, 2)]);
        assert_eq!(write(&number_as_name, &mut Vec::new()), Err(Unwritable));
        assert_eq!(write(&1.5, &mut Vec::new()), Err(Unwritable));
    }

    #[test]
    fn a_value_is_appended_without_spaces_in_the_order_of_its_members() {
        let mut out = b"before".to_vec();
        let answer = Answer {
            text: "\u{e5}\"\n",
            numbers: [-1, 1 << 53],
            missing: None,
        };
        write(&answer, &mut out).unwrap();
        let expected = "before{\"text\":\"\u{e5}\\\"\\n\",\"numbers\":[-1,9007199254740992]}";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
