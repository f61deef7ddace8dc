//! The policy a gateway writes in TOML: a table `[policy]` of `gateway.toml`, or a file of its own.
//!
//! The module alone decides which policies are valid. This room finds the place in the file that the module
//! refused. It also lists every field once: the commented `policy.toml`, the JSON Schema and the table in
//! the documents are all made from [`FIELDS`].

mod fields;
mod file;
mod flow_scores;
mod print;
mod toml_text;

pub use fields::{FIELDS, Field, Form, PRESETS, Preselected, Preset};
pub use file::PolicyFile;
pub use flow_scores::{FlowScores, ScoresWithoutRecord, flow_scores, scores_without_record};
pub use print::{commented_policy, policy_schema, policy_table, presets_table, required_lists};
