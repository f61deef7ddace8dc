//! Receipts: what a gateway keeps of a verdict, to show later how it came about and to get the same
//! again from the same files. `docs/scoring.md` has the format.

use serde::Serialize;

use crate::common::{hex, json};
use crate::identifier::Identifier;
use crate::list::Action;
use crate::rules::Signal;

use super::odds::Odds;
use super::reason::Reason;
use super::serialized_names::action_name;
use crate::engine::request::{Request, Slot};

/// The form below, named in each digest so that another never looks like it.
pub(super) const FORMAT: u32 = 1;

/// The gateway's own secret: receipts of one merchant match only for who holds it.
pub struct ReceiptKey(pub [u8; 32]);

impl core::fmt::Debug for ReceiptKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ReceiptKey(secret)")
    }
}

/// What led to a verdict. Its canonical bytes are its JSON as it is written here, members in this
/// order and no spaces; digests of what was asked are keyed with the gateway's ReceiptKey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt<'e> {
    /// 1.
    pub format: u32,
    /// What answered.
    pub module: ModuleUsed<'e>,
    /// Digest of the policy that decided.
    pub policy: &'e str,
    /// The host's clock, seconds since 1970.
    pub time: u32,
    /// The flow asked in.
    pub flow: &'static str,
    /// Digest of all that was asked: flow, identifiers and signals.
    pub request: String,
    /// What the request named, in the order reasons count.
    pub asked: Vec<AskedSlot>,
    /// What was in place.
    pub coalitions: Vec<CoalitionUsed<'e>>,
    /// SHA-256 of each override in force, whether it applied or not.
    pub overrides: Vec<String>,
    /// What should happen.
    #[serde(serialize_with = "action_name")]
    pub action: Action,
    /// What should happen but for overrides.
    #[serde(serialize_with = "action_name")]
    pub natural: Action,
    /// As in the verdict.
    pub score: u16,
    /// As in the verdict.
    pub degraded: bool,
    /// How the log-odds came about.
    pub odds: Odds,
    /// All reasons, except silent ones.
    pub reasons: Vec<Reason<'e>>,
    /// Digest of the silent ones, with the question and its time: there is one whether there are
    /// any or not, and none is like another.
    pub silent: String,
    /// BLAKE3 of the members before, keyed; whoever has the key sees every change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
}

/// The module that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModuleUsed<'e> {
    /// Its version.
    pub version: &'static str,
    /// SHA-256 of its file, as far as the host said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<&'e str>,
}

/// One thing the request named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AskedSlot {
    /// An identifier.
    Identifier {
        /// Its kind.
        kind: &'static str,
        /// Keyed digest of kind and canonical bytes.
        digest: String,
    },
    /// A field that could not be used.
    Unused {
        /// The rule it breaks.
        unused: &'static str,
    },
}

/// One coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoalitionUsed<'e> {
    /// Its name in this gateway.
    pub name: &'e str,
    /// Digest of its metadata in use, which has the digests of all its files.
    pub metadata: &'e str,
    /// Time of its newest completed update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_time: Option<u32>,
    /// The releases that answered.
    pub lists: Vec<ReleaseUsed<'e>>,
    /// Its packs of typologies.
    pub typologies: Vec<PackUsed<'e>>,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseUsed<'e> {
    /// Its list.
    pub list: &'e str,
    /// Its key period.
    pub epoch: u32,
    /// Its number.
    pub sequence: u64,
    /// When it was built, seconds since 1970.
    pub issued: u32,
    /// How far it could be relied on.
    pub freshness: &'static str,
    /// Whether its key was at hand.
    pub key: bool,
}

/// One pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackUsed<'e> {
    /// The list it stands beside.
    pub list: &'e str,
    /// Its version.
    pub version: u32,
    /// Whether it was new enough to count.
    pub counted: bool,
}

/// A keyed hash over fields, each with its length.
struct KeyedHash(blake3::Hasher);

impl ReceiptKey {
    fn keyed(&self, what: &str) -> KeyedHash {
        let mut keyed = KeyedHash(blake3::Hasher::new_keyed(&self.0));
        keyed.field(b"interdict");
        keyed.field(what.as_bytes());
        keyed.field(&FORMAT.to_le_bytes());
        keyed
    }

    pub(super) fn of_identifier(&self, identifier: &Identifier) -> String {
        let mut keyed = self.keyed("identifier");
        keyed.identifier(identifier);
        keyed.text()
    }

    pub(super) fn of_request(&self, request: &Request) -> String {
        let mut keyed = self.keyed("request");
        keyed.field(request.flow.name().as_bytes());
        for slot in &request.slots {
            match slot {
                Slot::Identifier(identifier) => keyed.identifier(identifier),
                // No kind has code 0.
                Slot::Unused(unused) => {
                    keyed.field(&[0]);
                    keyed.field(unused.error.rule().name().as_bytes());
                }
            }
        }
        for signal in Signal::ALL {
            if let Some(value) = request.signals.get(*signal) {
                keyed.field(signal.name().as_bytes());
                keyed.field(&value.to_le_bytes());
            }
        }
        keyed.text()
    }

    pub(super) fn of_json(&self, what: &str, value: &impl Serialize) -> String {
        let mut keyed = self.keyed(what);
        let mut text = Vec::new();
        // Our own types can always be written.
        let _ = json::write(value, &mut text);
        keyed.field(&text);
        keyed.text()
    }
}

impl KeyedHash {
    fn field(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.update(&length.to_le_bytes());
        self.0.update(bytes);
    }

    fn identifier(&mut self, identifier: &Identifier) {
        self.field(&[identifier.kind().code()]);
        self.field(identifier.canonical());
    }

    fn text(self) -> String {
        let digest: [u8; 16] = crate::common::bytes::first(self.0.finalize().as_bytes());
        hex::text(&digest)
    }
}
