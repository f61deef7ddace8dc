//! The messages and answers of `docs/abi.md` as values of their own, for hosts and tools that are
//! not the module: a host writes messages and reads answers, and both can be kept.
//!
//! ```
//! use interdict_core::engine::Engine;
//! use interdict_core::list::Action;
//! use interdict_core::policy::Flow;
//! use interdict_core::wire::owned::{Named, Screen, Verdict};
//! use interdict_core::wire::{Operation, call};
//!
//! let shop = Named::new("domain", "shop.example");
//! let request = Screen { identifiers: vec![shop], ..Screen::new(Flow::Payout) };
//! let (mut engine, now) = (Engine::default(), 1_795_309_323); // 2026-11-22
//! let (message, mut answer) = (serde_json::to_vec(&request)?, Vec::new());
//! call(&mut engine, Operation::Screen, &message, None, now, &mut answer)?;
//! let verdict: Verdict = serde_json::from_slice(&answer)?;
//! assert!(verdict.action == Action::Review && verdict.degraded);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An answer may gain members, which are passed over. An action of another word is an error, never a
//! pass; other words, such as reason codes, may grow in number and stay text.

mod answer;
mod configure;
mod description;
mod reason;
mod receipt;
mod screen;
mod secret;
mod state;
mod verdict;
mod walk;
mod word;

pub use answer::{Answer, Refusal};
pub use configure::{
    AtLeast, Base64, Configure, Configured, ConfiguredCoalition, EnrolmentObject, Key, NO_HISTORY,
    NamedPolicy,
};
pub use description::{
    DescribedIdentifier, DescribedLookUp, DescribedPack, DescribedRule, DescribedTag, Description,
    SkippedRule,
};
pub use reason::Reason;
pub use receipt::{
    AskedSlot, CoalitionUsed, ModuleUsed, Odds, PackUsed, PrintedReceipt, Receipt, RefusalReceipt,
    ReleaseUsed,
};
pub use screen::{Facilitator, Iso8583, Iso20022, Named, Screen};
pub use secret::Secret;
pub use state::{CoalitionState, ListState, MetadataState, PackState, SealedKeyState, State};
pub use verdict::{ListUsed, RuleState, Shadow, UnusedField, Verdict};
pub use walk::{Begin, Fetch, Outcome, Poll, Progress, Supply};
