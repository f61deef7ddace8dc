//! The type `Kind` of the TypeScript types, made of the core's own table when this is compiled, so that
//! a new kind cannot be forgotten here.
#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "all of it runs in the compiler"
)]

use interdict_core::identifier::Kind;

/// `export type Kind = "domain" | …;`
pub(crate) const TYPE: &str = match core::str::from_utf8(TEXT.0.split_at(TEXT.1).0) {
    Ok(text) => text,
    Err(_) => panic!("names are ASCII"),
};

const TEXT: ([u8; 1024], usize) = {
    let mut text = [0; 1024];
    let comment = "\n/** What an identifier is; see `docs/identifiers.md`. */\n";
    let mut at = append(&mut text, 0, comment);
    at = append(&mut text, at, "export type Kind =");
    let mut index = 0;
    while index < Kind::ALL.len() {
        at = append(&mut text, at, if index == 0 { " \"" } else { " | \"" });
        at = append(&mut text, at, Kind::ALL[index].name());
        at = append(&mut text, at, "\"");
        index += 1;
    }
    at = append(&mut text, at, ";\n");
    (text, at)
};

/// Puts a part at a place and says where the next one goes.
const fn append(text: &mut [u8; 1024], mut at: usize, part: &str) -> usize {
    let mut index = 0;
    while index < part.len() {
        text[at] = part.as_bytes()[index];
        at += 1;
        index += 1;
    }
    at
}
