use core::fmt;

use serde::Serialize;

/// The value's own `Serialize` failed. No type of this project does that, so the cause can only be memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unwritable;

/// Appends a value as JSON text: the one place where the project's own types become JSON, so that an
/// answer and the digest of the same answer never differ in their bytes.
///
/// # Errors
/// [`Unwritable`]. `out` may then hold an incomplete text.
pub fn write(value: &impl Serialize, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    let mut serializer = serde_json::Serializer::new(out);
    value.serialize(&mut serializer).map_err(|_| Unwritable)
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value cannot be written as JSON")
    }
}

impl core::error::Error for Unwritable {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Answer<'a> {
        text: &'a str,
        numbers: [i64; 2],
        #[serde(skip_serializing_if = "Option::is_none")]
        missing: Option<u8>,
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
