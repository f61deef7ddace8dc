//! JSON for messages and trust metadata: integers only, no duplicate members, bounded depth and size.
//! Every source that serde can read (bytes here, JavaScript objects in the browser package) goes
//! through the same checks into one [`Value`].
//!
//! ```
//! use interdict_common::json::{JsonError, Limits, parse};
//!
//! let limits = Limits { depth: 4, nodes: 100 };
//! let value = parse(br#"{"b":1,"a":"x"}"#, limits).unwrap();
//! assert_eq!(value.canonical(), br#"{"a":"x","b":1}"#);
//! assert_eq!(parse(br#"{"a":1,"a":2}"#, limits), Err(JsonError::DuplicateMember));
//! ```

mod canonical;
mod read;
mod serializer;
#[cfg(test)]
mod tests;
mod value;
mod write;

pub use read::{JsonError, Limits, parse, read};
pub use serializer::Unwritable;
pub use value::{Object, Value};
pub use write::write;
