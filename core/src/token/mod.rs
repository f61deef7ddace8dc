//! From an identifier to its tag, by token scheme 2 of `docs/format.md`. A list holds no identifiers,
//! only 12 bytes of a keyed hash of each. Without the coalition's [`ListKey`] a list is noise; with the
//! key, guesses can be tried.
//!
//! A name is digested once, however many keys it is asked for under ([`Names`]). The digest has no key,
//! so anyone who holds one can try guesses against it: it never leaves this module, in any form.

mod digest;
mod key;
mod names;

pub use key::{KeyId, ListKey, TOKEN_SCHEME, Tag};
pub use names::{Name, Names};
