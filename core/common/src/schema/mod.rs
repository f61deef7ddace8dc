//! Reading messages: every member is known by name, every refusal says where it stands in the
//! schema and never what was there.

mod card_data;
mod error;
mod fault;
mod fields;
mod message;
mod path;
#[cfg(test)]
mod tests;

pub use error::SchemaError;
pub use fault::Fault;
pub use fields::{Field, Fields};
pub use message::{LIMITS, read};
pub use path::{Path, Segment};
