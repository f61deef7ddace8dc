use serde::Serialize;

use crate::policy::Policy;
use crate::token::ListKey;

use super::error::EngineError;
use super::overrides::OverrideDocument;
use super::score::ReceiptKey;
use super::update::Coalition;

/// Coalitions in one engine; there are fewer national ones than this.
pub const MAX_COALITIONS: usize = 64;

/// What [`configure`](super::Engine::configure) sets. What is given replaces what was there; what is
/// not given stays.
#[derive(Debug, Default)]
pub struct Configuration {
    /// Replaces all coalitions, with their lists and keys.
    pub coalitions: Option<Coalitions>,
    /// Replaces the keys of all coalitions.
    pub keys: Option<Vec<CoalitionKey>>,
    /// The policy that decides. Drops the overrides that are not given with it.
    pub policy: Option<Policy>,
    /// A policy that decides nothing: verdicts say where it would have decided otherwise.
    pub shadow: Replace<Policy>,
    /// Replaces all overrides.
    pub overrides: Option<Vec<OverrideDocument>>,
    /// SHA-256 of the module's file, which a module cannot know itself; receipts name it.
    pub module: Option<[u8; 32]>,
    /// The gateway's own secret. Without it there are no receipts.
    pub receipt_key: Option<ReceiptKey>,
    /// Forgets the newest verified time, after a clock that ran ahead.
    pub reset_clock: bool,
}

/// What to do with a part of a configuration that may be taken away.
#[derive(Debug, Default)]
pub enum Replace<T> {
    /// Leave it as it is.
    #[default]
    Keep,
    /// Take it away.
    Remove,
    /// Put this in its place.
    With(T),
}

/// Coalitions, each under a name of its own.
#[derive(Debug, Default)]
pub struct Coalitions(Vec<Coalition>);

/// A key of one coalition's lists.
#[derive(Debug, Clone)]
pub struct CoalitionKey {
    /// The coalition's name in this gateway.
    pub coalition: String,
    /// The key of one of its epochs.
    pub key: ListKey,
}

/// The answer to `configure`: what is in force now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Configured {
    /// The coalitions' names, in their order.
    pub coalitions: Vec<String>,
    /// The number of keys in all.
    pub keys: usize,
    /// Digest of the policy with its defaults filled in, hexadecimal.
    pub policy: String,
    /// Digest of the shadow policy, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<String>,
    /// The number of overrides in force.
    pub overrides: usize,
}

impl Coalitions {
    /// Adds a coalition.
    ///
    /// # Errors
    /// [`EngineError::Coalitions`] if the name is taken or there are 64 already.
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
    /// What is there afterwards, given what was there before.
    pub(crate) fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Remove => None,
            Self::With(value) => Some(value),
        }
    }
}
