//! Reads the members of JSON objects by name. An unknown member refuses the message. An error says
//! where in the schema it occurred, never what the message held there.

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
