//! The policy a gateway writes in TOML: a table `[policy]` of `gateway.toml`, or a file of its own.
//!
//! The module alone decides what a policy may say. What stands here says where in the file a person
//! finds what the module refused, and writes down every field once: [`FIELDS`] becomes the commented
//! `policy.toml`, the JSON Schema and the table of the documents.

mod fields;
mod file;
mod print;
mod toml_text;

pub use fields::{FIELDS, Field, Form, PRESETS, Preselected, Preset};
pub use file::{PolicyFile, PolicyProblem};
pub use print::{commented_policy, policy_schema, policy_table, presets_table};
