//! The reference host: what a gateway needs around the screening module, small enough to copy. It
//! brings the module files and the time, and takes verdicts; it decides nothing itself.
//!
//! A program that wants no more than this opens a [`Gateway`], calls [`Gateway::refresh`] from time to
//! time and [`Gateway::screen`] for each merchant. One that has its own storage and transport copies
//! what it needs. In the order in which they build on each other:
//!
//! | file | is |
//! | --- | --- |
//! | `module.rs` | which module is accepted: no imports, the contract's exports, a bounded memory |
//! | `mapped.rs` | code that an earlier process compiled: the only unsafe code |
//! | `allowance.rs` | how long a call may take, and how much memory an instance may have |
//! | `exports.rs`, `instance.rs` | the contract's calls: two buffers, one call, errors that are never clean |
//! | `batch.rs` | many requests in one call, each line until it has its answer |
//! | `repository/` | paths and HTTP(S), bounded in bytes, time and redirects |
//! | `store/` | the state directory: replaced as a whole, never half written |
//! | `walk.rs` | how files are replayed and fetched: the module asks, a courier brings |
//! | `settings.rs`, `operator.rs` | what the program around a gateway decides, and what it is told |
//! | `member_key.rs`, `opened_keys.rs` | the gateway's own key pair, and the list keys that are sealed to it |
//! | `load.rs`, `choices.rs` | instances in order: coalitions, saved files, keys, then choices |
//! | `mirrors.rs` | a coalition's places, one after the other until one gives a whole release |
//! | `refresh.rs`, `failure.rs`, `report.rs` | fetch, save, wait if it must, read back, then go live |
//! | `pool.rs` | instances that threads take in turn; one that traps is thrown away |
//! | `snapshot.rs` | copies of what answers, for long work |
//! | `live.rs` | brings live instances to what is on the disk now, and builds others only if it must |
//! | `gateway.rs` | all of it together |
//! | `decision.rs` | what a door does with a verdict |
//! | `enrol.rs` | a coalition's enrolment file, checked by the module before it is saved |
//!
//! `examples/` shows one idea each. Time is an argument everywhere, in seconds since 1970: nothing
//! here reads a clock.
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

mod allowance;
mod batch;
mod choices;
mod decision;
mod enrol;
mod error;
mod exports;
mod failure;
mod gateway;
mod instance;
mod live;
mod load;
mod mapped;
mod member_key;
mod mirrors;
mod module;
mod opened_keys;
mod operator;
mod pool;
mod refresh;
mod report;
mod repository;
mod settings;
mod snapshot;
mod store;
mod walk;

pub use allowance::{Allowance, Stopped};
pub use choices::not_enrolled;
pub use decision::{Door, NotScreened, decision};
pub use enrol::{Enrolled, OtherRoot, enrol};
pub use error::Error;
pub use gateway::{Gateway, WaitingRelease, Warning};
pub use instance::{CallError, Instance, read};
pub use member_key::{MemberKey, OpenError};
pub use module::{ABI_MAJOR, Module, ModuleError};
pub use operator::{Choices, DocumentKind, Loaded, LoadedCoalition, Operator, SignedDocument};
pub use report::{CoalitionReport, Outcome};
pub use repository::{
    Addresses, Brought, HttpRepository, NoRepository, Patience, Repository, connection_failure,
    quoted, unquoted,
};
pub use settings::{CoalitionSettings, Keeping, Settings};
pub use snapshot::Snapshot;
pub use store::{CompiledCode, DistrustedCode, Store, StoreError, StoreLock, files};
pub use walk::{Begin, Courier, WalkError, Walked, bring_saved, read_saved, walk};

pub use interdict_core::engine::Receipts;
pub use interdict_core::list::Action;
pub use interdict_core::policy::{Decision, Flow};
pub use interdict_core::wire::owned::{
    Answer, CoalitionState, Fetch, ListState, ListUsed, Reason, Receipt, Refusal, RuleState,
    Shadow, Verdict,
};
pub use interdict_core::wire::{Code, Enrolment, EnrolmentError, EnrolmentKey, Question};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
