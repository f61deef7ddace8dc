//! The engine that runs in one instance of the module. It takes and returns Rust types and reads no
//! clock, no file and no network. `wire` reads and writes the JSON messages of `docs/abi.md`.
//!
//! A host configures the coalitions it trusts, replays the files it saved, updates from the
//! repository, configures keys and policy, and then screens merchants:
//!
//! ```
//! use interdict_core::common::time::Time;
//! use interdict_core::engine::{Engine, Request};
//! use interdict_core::identifier::{Identifier, Kind};
//! use interdict_core::list::Action;
//! use interdict_core::policy::Flow;
//!
//! let engine = Engine::default();
//! let now = Time::parse("2026-11-22T00:00:00Z").unwrap();
//! let shop = Identifier::parse(Kind::Domain, "shop.example")?;
//! let verdict = engine.screen(&Request::new(Flow::Payout, [shop])?, now);
//! // No coalition is configured, so no list answered. That is never reported as clean.
//! assert!(verdict.action == Action::Review && verdict.degraded);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A failed update leaves the live lists unchanged. A [`Request`] is checked when it is made, so
//! screening it cannot fail.

mod clearances;
mod configuration;
mod doubt;
mod error;
mod explanation;
mod history;
mod language;
mod live_contents;
mod named_policies;
mod operations;
mod overrides;
mod policies;
mod policy_warnings;
mod request;
mod score;
mod signed;
mod state;
mod update;

pub use clearances::{
    ClearanceDocument, MAX_CLEARANCE_DAYS, MAX_CLEARANCE_DOCUMENTS, MAX_CLEARANCES,
    RECORD_SIGNATURES,
};
pub use configuration::{
    CoalitionKey, Coalitions, Configuration, Configured, MAX_COALITIONS, Replace,
};
pub use doubt::{Clock, Doubt};
pub use error::{DocumentError, EngineError, Error, PolicyRole};
pub use explanation::{
    DescribedIdentifier, DescribedLookUp, DescribedPack, DescribedRule, DescribedTag, SkippedRule,
};
pub use history::{AtLeast, History, HistoryDamaged, Sequences};
pub use language::Language;
pub use named_policies::{MAX_NAMED_POLICIES, NamedPolicies};
pub use operations::{Engine, WalkRequest};
pub use overrides::{MAX_OVERRIDE_DAYS, MAX_OVERRIDES, OVERRIDE_SIGNATURES, OverrideDocument};
pub use policy_warnings::PolicyWarning;
pub(crate) use request::CallerText;
pub use request::{MAX_IDENTIFIERS, Reference, ReferenceError, Request, Slot, Unused, View};
pub use score::{
    AskedSlot, Because, CoalitionUsed, ListUsed, ModuleUsed, Odds, PackUsed, Reason, ReasonCode,
    ReasonParts, Receipt, ReceiptKey, Receipts, RefusalReceipt, ReleaseUsed, RuleState, Shadow,
    SilentFinding, SilentFindings, SilentKey, UnusedField, Verdict, plain_notice, sentence,
};
pub use state::{CoalitionState, EngineState, ListState, MetadataState, PackState, SealedKeyState};
pub use update::{Choice, Coalition, Delivery, Epochs, Fetch, WalkProgress};
