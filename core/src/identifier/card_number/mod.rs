//! Card-shaped runs: by their form alone, whoever issued the number and whatever its check digit.

mod guard;
mod row;
mod script;
#[cfg(test)]
mod tests;
mod track;

pub use guard::holds_card_number;
pub(super) use script::is_ignorable;
