//! The card-number guard: no text that looks like a card number gets any further.

mod digits;
mod groups;
mod guard;
mod issuer;
mod script;
#[cfg(test)]
mod tests;
mod track;

pub use guard::holds_card_number;
pub(super) use guard::looks_like_issued_card;
pub(super) use issuer::passes_luhn;
