//! The TypeScript unions that grow: kinds of identifier, reason codes and error codes. They are made from the core's
//! own tables when this is compiled, so that a new word cannot be forgotten here.
#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "all of it runs in the compiler"
)]

use interdict_core::engine::ReasonCode;
use interdict_core::identifier::Kind;
use interdict_core::wire::Code;

/// `export type Kind = "domain" | …;`
pub(crate) const KIND: &str = text(&KIND_BYTES);

/// `export type ReasonCode = "listed" | …;`
pub(crate) const REASON_CODE: &str = text(&REASON_CODE_BYTES);

/// `export type CodeName = "bad_pointer" | …;`
pub(crate) const CODE_NAME: &str = text(&CODE_NAME_BYTES);

/// Bytes of a declaration; the rest of the array is unused.
type Declaration = ([u8; 4096], usize);

const KIND_BYTES: Declaration = {
    let mut declaration = begin("What an identifier is; see `docs/identifiers.md`.", "Kind");
    let mut index = 0;
    while index < Kind::ALL.len() {
        declaration = word(declaration, Kind::ALL[index].name());
        index += 1;
    }
    append(declaration, ";\n")
};

const REASON_CODE_BYTES: Declaration = {
    let mut declaration = begin("What a reason says; see `docs/scoring.md`.", "ReasonCode");
    let mut index = 0;
    while index < ReasonCode::ALL.len() {
        declaration = word(declaration, ReasonCode::ALL[index].name());
        index += 1;
    }
    append(declaration, ";\n")
};

const CODE_NAME_BYTES: Declaration = {
    let mut declaration = begin("Why a message was refused; see `docs/abi.md`.", "CodeName");
    let mut index = 0;
    while index < Code::ALL.len() {
        declaration = word(declaration, Code::ALL[index].name());
        index += 1;
    }
    append(declaration, ";\n")
};

const fn begin(comment: &str, name: &str) -> Declaration {
    let mut declaration = append(([0; 4096], 0), "\n/** ");
    declaration = append(declaration, comment);
    declaration = append(declaration, " */\nexport type ");
    declaration = append(declaration, name);
    append(declaration, " =")
}

const fn word(declaration: Declaration, word: &str) -> Declaration {
    let declaration = append(declaration, "\n  | \"");
    append(append(declaration, word), "\"")
}

const fn append((mut bytes, mut length): Declaration, part: &str) -> Declaration {
    let mut index = 0;
    while index < part.len() {
        bytes[length] = part.as_bytes()[index];
        length += 1;
        index += 1;
    }
    (bytes, length)
}

const fn text(declaration: &'static Declaration) -> &'static str {
    match core::str::from_utf8(declaration.0.split_at(declaration.1).0) {
        Ok(text) => text,
        Err(_) => panic!("words are ASCII"),
    }
}
