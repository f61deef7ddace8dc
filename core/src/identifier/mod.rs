//! Merchant identifiers: raw text becomes one canonical value, or an error that never repeats the text.
//!
//! ```
//! use interdict_core::identifier::{Identifier, Kind, Relation};
//!
//! let shop = Identifier::parse(Kind::Domain, "Pay.Shop.Example.")?;
//! assert_eq!(shop.text(), "pay.shop.example");
//! let asked: Vec<_> = shop.look_ups().map(|look_up| (look_up.text, look_up.relation)).collect();
//! assert_eq!(asked, [
//!     ("pay.shop.example", Relation::Itself),
//!     ("shop.example", Relation::Parent),
//!     ("shop", Relation::Label),
//! ]);
//! # Ok::<(), interdict_core::identifier::IdentifierError>(())
//! ```
//!
//! Rules of this room, with `docs/identifiers.md` as the normative text:
//!
//! 1. A listed merchant is found however its identifier is written, and two merchants never share one
//!    canonical value. A value for which both cannot hold is refused with an error.
//! 2. `parse(kind, x.text()) == x` for every identifier `x`, and equal identifiers have equal bytes.
//! 3. An error names the kind and the rule. Nothing here prints, returns or formats a refused value, and
//!    `Debug` does not print an accepted one.
//! 4. Only `other`, `handle` and `sub_merchant` have ids without a form of their own. Of these, one as long
//!    as a card number is refused, whatever its digits, unless the policy says who gives such ids out.
//! 5. `CONTRIBUTING.md` says what another kind needs. Codes, names and canonical bytes never change: lists hold their hashes.

mod canonical;
mod card_number;
mod country;
mod error;
mod fields;
mod form;
mod host;
mod kind;
mod look_up;
mod numeric_ids;
mod percent;
mod relation;
mod rule;
#[cfg(test)]
mod tests;
mod visible;
mod web_address;

pub use canonical::Identifier;
pub use card_number::holds_card_number;
pub use error::IdentifierError;
pub use kind::{Kind, is_facilitator, is_scheme};
pub use look_up::LookUp;
pub use numeric_ids::NumericIds;
pub use relation::Relation;
pub use rule::Rule;
