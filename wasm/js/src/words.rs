//! The TypeScript declarations that are tables: unions of words, and the signals. They are made from the core's own
//! tables when this is compiled, so that a new word cannot be forgotten here.
#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "all of it runs in the compiler"
)]

use interdict_core::engine::{Because, Doubt, Language, ReasonCode};
use interdict_core::identifier::{Kind, Relation};
use interdict_core::list::{Action, Category, Handling};
use interdict_core::policy::Flow;
use interdict_core::rules::{Signal, SignalForm};
use interdict_core::trust::Freshness;
use interdict_core::wire::Code;

/// All of them, as TypeScript reads them.
pub(crate) const DECLARATIONS: &str = text(&UNIONS_AND_SIGNALS);

/// Adds a union of the words of a table: `export type Kind = "domain" | …;`.
macro_rules! union_of {
    ($before:expr, $name:literal, $comment:literal, $table:expr) => {{
        let before = append($before, concat!("\n/** ", $comment, " */\n"));
        let mut declaration = append(before, concat!("export type ", $name, " ="));
        let mut index = 0;
        while index < $table.len() {
            declaration = word(declaration, $table[index].name());
            index += 1;
        }
        append(declaration, ";\n")
    }};
}

/// Text, and how many bytes of the array it takes.
type Declaration = ([u8; 16_384], usize);

const UNIONS_AND_SIGNALS: Declaration = {
    let text = ([0; 16_384], 0);
    let text = union_of!(
        text,
        "Flow",
        "Where in the life of a merchant or payment the question is asked.",
        Flow::ALL
    );
    let text = union_of!(
        text,
        "Action",
        "What should happen, weakest first.",
        Action::ALL
    );
    let text = union_of!(
        text,
        "Because",
        "Why a verdict is above `allow`: the first of these that alone gives its action.",
        Because::ALL
    );
    let text = union_of!(
        text,
        "Doubt",
        "Why the time or the state that a verdict rests on is in doubt.",
        Doubt::ALL
    );
    let text = union_of!(
        text,
        "Freshness",
        "How far a list can be relied on.",
        Freshness::ALL
    );
    let text = union_of!(text, "Category", "Why a merchant is listed.", Category::ALL);
    let text = union_of!(
        text,
        "Handling",
        "Who may be told of a listing: a label of the Traffic Light Protocol 2.0.",
        Handling::ALL
    );
    let text = union_of!(
        text,
        "Relation",
        "Whether what was asked about is listed, or what it lies in, or the brand part of its name.",
        Relation::ALL
    );
    let text = union_of!(
        text,
        "Language",
        "A language of the sentences.",
        Language::ALL
    );
    let text = union_of!(
        text,
        "Kind",
        "What an identifier is; see `docs/identifiers.md`.",
        Kind::ALL
    );
    let text = union_of!(
        text,
        "ReasonCode",
        "What a reason says; see `docs/scoring.md`.",
        ReasonCode::ALL
    );
    let text = union_of!(
        text,
        "CodeName",
        "Why a message was refused; see `docs/abi.md`.",
        Code::ALL
    );
    signals(text)
};

/// `export interface Signals { … }`: every signal that a request may hold.
const fn signals(before: Declaration) -> Declaration {
    let mut declaration = append(
        before,
        "\n/** What is known about the merchant besides its names. A missing signal is unknown. */\n",
    );
    declaration = append(declaration, "export interface Signals {\n");
    let mut index = 0;
    while index < Signal::ALL.len() {
        let signal = Signal::ALL[index];
        if !signal.is_derived() {
            declaration = member(declaration, signal);
        }
        index += 1;
    }
    append(
        declaration,
        "  /** Web addresses that the merchant declared: the first 16 are looked up, and compared with `url`. */
  declared_urls?: Optional<readonly string[]>;\n}\n",
    )
}

const fn member(declaration: Declaration, signal: Signal) -> Declaration {
    let declaration = append(append(declaration, "  /** "), signal.meaning());
    let declaration = match signal.form() {
        SignalForm::Count { unit, .. } => append(append(append(declaration, " Unit: "), unit), "."),
        SignalForm::Truth => declaration,
        SignalForm::Category => append(declaration, " Four digits."),
        SignalForm::Country => append(declaration, " ISO 3166-1, two capitals."),
    };
    let value = match signal.form() {
        SignalForm::Count { .. } => "number",
        SignalForm::Truth => "boolean",
        SignalForm::Category | SignalForm::Country => "string",
    };
    let declaration = append(append(declaration, " */\n  "), signal.name());
    append(append(append(declaration, "?: Optional<"), value), ">;\n")
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
