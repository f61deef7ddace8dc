use std::fmt;
use std::path::PathBuf;

use interdict_core::wire::Enrolment;
use interdict_core::wire::owned::NamedPolicy;
use serde_json::Value;

use crate::instance::Instance;
use crate::module::Module;

/// The program around a gateway: what it chooses, and what it wants to keep. [`Choices`] alone is an
/// operator that keeps nothing.
pub trait Operator: fmt::Debug + Send + Sync {
    /// Policy and signed documents. Asked for whenever files are loaded.
    fn choices(&self) -> Choices;

    /// These files were loaded, and the first instance that has them is about to answer. Whatever the operator needs to prove a
    /// verdict later must be copied now, because the next refresh may delete it.
    fn loaded(&self, loaded: &Loaded<'_>, instance: &mut Instance, now: u32) {
        let _ = (loaded, instance, now);
    }
}

/// A gateway's choices, each as its member of `configure` in `docs/abi.md`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Choices {
    /// How evidence becomes an action; `None` leaves the module's defaults.
    pub policy: Option<Value>,
    /// A second policy that decides nothing. Verdicts report where it would have decided differently.
    pub shadow: Option<Value>,
    /// The policies that requests choose by name.
    pub policies: Vec<NamedPolicy>,
    /// Signed documents that lower a block to a review. Those the module refuses are left out, with a
    /// warning.
    pub overrides: Vec<SignedDocument>,
    /// Signed documents that lower reviews to `monitor`. The same holds for those the module refuses.
    pub clearances: Vec<SignedDocument>,
    /// Problems found while reading these.
    pub warnings: Vec<String>,
}

/// A document that people of the gateway signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDocument {
    /// What to call it in a warning.
    pub name: String,
    /// The document.
    pub bytes: Vec<u8>,
}

/// What a signed document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// It lowers one entry of one list to a review.
    Override,
    /// It clears reasons for a review.
    Clearance,
}

impl DocumentKind {
    /// The word in commands, warnings and types of documents.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Override => "override",
            Self::Clearance => "clearance",
        }
    }
}

/// What instances were built from.
#[derive(Debug)]
pub struct Loaded<'l> {
    /// The module that answers.
    pub module: &'l Module,
    /// The policy; `None` for the module's defaults.
    pub policy: Option<&'l Value>,
    /// The policies that requests choose by name.
    pub policies: &'l [NamedPolicy],
    /// The overrides that the module took.
    pub overrides: &'l [SignedDocument],
    /// The documents of clearances that the module took.
    pub clearances: &'l [SignedDocument],
    /// In the order in which the module's `state` lists them.
    pub coalitions: Vec<LoadedCoalition<'l>>,
}

/// What one coalition's lists were loaded from.
#[derive(Debug)]
pub struct LoadedCoalition<'l> {
    /// Its root of trust and the wanted lists.
    pub enrolment: &'l Enrolment,
    /// The directories whose files were replayed, in this order.
    pub directories: Vec<PathBuf>,
}

impl Operator for Choices {
    fn choices(&self) -> Self {
        self.clone()
    }
}
