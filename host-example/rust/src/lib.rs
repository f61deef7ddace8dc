//! The reference host: everything a gateway needs around the screening module. It brings the module
//! files and the time, and takes verdicts; it decides nothing itself.
//!
//! A gateway that wants no more than this opens a [`Gateway`], calls [`Gateway::refresh`] from time
//! to time and [`Gateway::screen`] for each merchant. One that has its own storage and transport
//! copies what it needs:
//!
//! | file | is |
//! | --- | --- |
//! | `module.rs` | which module is accepted: no imports, the contract's exports, a bounded memory |
//! | `instance.rs` | the contract's calls: two buffers, one call, errors that are never clean |
//! | `walk.rs` | how files are replayed and fetched: the module asks, the host brings |
//! | `load.rs`, `held.rs` | the order: coalitions, saved files, then keys and policy |
//! | `pages.rs` | pages of records that a question needs, if they are not loaded with their list |
//! | `policy/` | the policy file: every field once, and where in it a refusal points |
//! | `pool.rs` | an instance for each thread; one that traps is thrown away |
//! | `store.rs`, `shelf.rs`, `files.rs` | the state directory: replaced as one, never half written |
//! | `repository.rs`, `http.rs` | paths and HTTP(S): bounded in bytes, time and redirects |
//! | `refresh.rs` | fetch, save, read back, then put in force |
//! | `archive/` | what replays need, by digest, and the replay itself |
//! | `overrides.rs`, `override_key.rs` | signed documents that lower a block to review; the module judges them |
//! | `audit/` | what a file of receipts adds up to, without what could point at a merchant |
//! | `tune.rs` | what labelled cases say about rules and scores |
//! | `tuf_client.rs` | the module as a plain TUF client, for the public conformance suite |
//!
//! Time is an argument everywhere, in seconds since 1970; only the command reads a clock.
#![forbid(unsafe_code)]
#![deny(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "foreign input must never stop a gateway"
)]

mod archive;
mod audit;
mod config;
mod enrol;
mod error;
mod files;
mod gateway;
mod held;
mod http;
mod instance;
mod load;
mod module;
mod override_key;
mod overrides;
mod pages;
mod policy;
mod pool;
mod quote;
mod refresh;
mod report;
mod repository;
mod shelf;
mod store;
mod tuf_client;
mod tune;
mod walk;

pub use archive::{Replayed, Replayer};
pub use audit::{Breakdown, Progress, ProgressReport, SMALLEST_SHOWN, Shown, Span, suppressed};
pub use config::{Config, Created, Records};
pub use enrol::{Enrolled, OtherRoot, enrol};
pub use error::Error;
pub use gateway::{Gateway, Warning};
pub use http::HttpRepository;
pub use instance::{CallError, Instance};
pub use module::{ABI_MAJOR, Module, ModuleError};
pub use override_key::OverrideKey;
pub use overrides::OverrideInForce;
pub use policy::{
    FIELDS, Field, Form, PRESETS, PolicyFile, PolicyProblem, Preselected, Preset, commented_policy,
    policy_schema, policy_table, presets_table,
};
pub use report::{CoalitionReport, Outcome};
pub use repository::{Brought, NoRepository, Patience, Repository};
pub use store::{Store, StoreLock};
pub use tuf_client::{Artifact, TufClient, TufRepository};
pub use tune::{
    Bin, Case, Confusion, ENOUGH_LABELS, Fitted, Label, Labelled, RuleTally, Split, calibration,
    fit, prior_shift, probability, tally_rules,
};
pub use walk::WalkError;

pub use interdict_core::list::Action;
pub use interdict_core::wire::owned::{
    Answer, CoalitionState, ListState, ListUsed, PageNeeded, Range, Reason, Receipt, Refusal,
    RuleState, Shadow, Verdict,
};
pub use interdict_core::wire::{Enrolment, EnrolmentError, EnrolmentKey};
