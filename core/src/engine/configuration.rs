use alloc::string::String;
use alloc::vec::Vec;

use serde::{Serialize, Serializer};

use crate::IS_FULL;
use crate::policy::Policy;
use crate::token::ListKey;

use super::clearances::ClearanceDocument;
use super::error::EngineError;
use super::named_policies::NamedPolicies;
use super::overrides::OverrideDocument;
use super::policy_warnings::PolicyWarning;
use super::score::{ReceiptKey, Receipts, SilentKey};
use super::update::Coalition;

/// The most coalitions in one engine. Fewer national coalitions than this exist.
pub const MAX_COALITIONS: usize = 64;

/// What [`configure`](super::Engine::configure) sets. A member that is given replaces the old
/// value; one that is not given leaves it.
#[derive(Debug, Default)]
pub struct Configuration {
    /// Replaces all coalitions, with their lists and keys.
    pub coalitions: Option<Coalitions>,
    /// Replaces the keys that were given beside those of the enrolments.
    pub keys: Option<Vec<CoalitionKey>>,
    /// The policy that decides. Drops the overrides and clearances that are not given with it.
    pub policy: Option<Policy>,
    /// A policy that decides nothing: verdicts say where it would have decided otherwise.
    pub shadow: Replace<Policy>,
    /// Replaces all policies that requests choose by name.
    pub policies: Option<NamedPolicies>,
    /// Replaces all overrides.
    pub overrides: Option<Vec<OverrideDocument>>,
    /// Replaces all clearances.
    pub clearances: Option<Vec<ClearanceDocument>>,
    /// SHA-256 of the module's file, for receipts. A module cannot read its own file.
    pub module: Option<[u8; 32]>,
    /// The gateway's own secret that keys the digests in receipts. Without it, verdicts have no
    /// receipt.
    pub receipt_key: Option<ReceiptKey>,
    /// Which answers have a receipt; all by default.
    pub receipts: Option<Receipts>,
    /// The secret that receipts seal silent findings under. It needs a ReceiptKey.
    pub silent_key: Option<SilentKey>,
    /// Whether the receipt that is computed again names a stopped clock; only for replays.
    pub clock_stopped: Option<bool>,
    /// Whether the host's state directory lacks a coalition or a secret that it had.
    pub state_lost: Option<bool>,
    /// Forgets the newest verified time and the last poll, after a clock that ran ahead.
    pub reset_clock: bool,
}

/// What to do with an optional part of the configuration.
#[derive(Debug, Default)]
pub enum Replace<T> {
    /// Keep the old value, if any.
    #[default]
    Keep,
    /// Remove the old value.
    Remove,
    /// Replace the old value with this one.
    With(T),
}

/// At most 64 coalitions with distinct names.
#[derive(Debug, Default)]
pub struct Coalitions(Vec<Coalition>);

/// The ListKey of one epoch of a coalition.
#[derive(Debug, Clone)]
pub struct CoalitionKey {
    /// The coalition's name in this gateway.
    pub coalition: String,
    /// The secret that the epoch's lists are read with.
    pub key: ListKey,
}

/// The answer to `configure`: what is configured now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Configured {
    /// The coalitions' names, in the order of configuration.
    pub coalitions: Vec<String>,
    /// How many ListKeys are configured, of all coalitions together.
    pub keys: usize,
    /// Digest of the policy with its defaults filled in, hexadecimal.
    pub policy: String,
    /// Digest of the shadow policy, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<String>,
    /// Digest of each policy that requests choose, by its name.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_object")]
    pub policies: Vec<(String, String)>,
    /// How many overrides are configured.
    pub overrides: usize,
    /// How many clearances are configured, of all documents together.
    pub clearances: usize,
    /// Fields of the policies that have no effect, as far as what is live shows it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<PolicyWarning>,
}

impl Coalitions {
    /// Adds a coalition.
    ///
    /// # Errors
    /// [`EngineError::Coalitions`] if the name is taken or 64 coalitions were added already.
    pub fn add(&mut self, coalition: Coalition) -> Result<(), EngineError> {
        let mut others = self.0.iter();
        let taken = others.any(|other| other.name == coalition.name);
        if taken || self.0.len() >= MAX_COALITIONS {
            return Err(EngineError::Coalitions);
        }
        self.0.push(coalition);
        Ok(())
    }

    pub(crate) fn into_inner(self) -> Vec<Coalition> {
        self.0
    }

    pub(crate) fn as_slice(&self) -> &[Coalition] {
        &self.0
    }
}

impl<T> Replace<T> {
    /// The value after the change, given the value before it.
    pub(crate) fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Remove => None,
            Self::With(value) => Some(value),
        }
    }
}

/// Writes names and values as an object. A map would bring code of its own into the module.
fn as_object<S: Serializer>(pairs: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    let pairs: &[_] = if IS_FULL { pairs } else { &[] };
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::update::Choice;

    const ROOT: &[u8] =
        include_bytes!("../../../fixtures/repositories/sample/metadata/1.root.json");

    fn coalition(name: &str) -> Coalition {
        Coalition::new(name, ROOT, Choice::default(), None).unwrap()
    }

    #[test]
    fn a_65th_coalition_is_refused_and_so_is_a_name_that_is_taken() {
        let mut coalitions = Coalitions::default();
        for number in 1..=64 {
            coalitions.add(coalition(&format!("c{number}"))).unwrap();
            let again = coalitions.add(coalition("c1"));
            assert_eq!(again, Err(EngineError::Coalitions), "{number}");
        }
        let refused = coalitions.add(coalition("c65"));
        assert_eq!(refused, Err(EngineError::Coalitions));
        assert_eq!(coalitions.into_inner().len(), 64);
    }
}
