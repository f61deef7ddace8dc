//! From an identifier to its tag. A list holds no identifiers, only the first 12 bytes of a keyed hash
//! of each. Without the coalition's [`ListKey`] a list is noise; with the key, guesses can be tried.

mod key;

pub use key::{KeyId, ListKey, TOKEN_SCHEME, Tag, Token};
