//! Receipts: the proof of a verdict that a gateway keeps. A replay of the archived files must give
//! the same bytes. `docs/scoring.md` has the format.

use serde::Serialize;

use crate::common::{hex, json};
use crate::identifier::Identifier;
use crate::list::Action;
use crate::rules::Signal;

use super::odds::Odds;
use super::reason::Reason;
use super::serialized_names::action_name;
use crate::engine::request::{Request, Slot};

/// The version of the receipt format. Every digest covers it, so that digests of two formats never
/// match.
pub(super) const FORMAT: u32 = 1;

/// The gateway's own secret, 32 random bytes. Only its holder can find all receipts of a merchant.
pub struct ReceiptKey(pub [u8; 32]);

impl core::fmt::Debug for ReceiptKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ReceiptKey(secret)")
    }
}

/// The proof of a verdict. Its canonical bytes are its JSON, with the members in this order and no
/// spaces. Digests of the request and its identifiers are keyed with the gateway's ReceiptKey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt<'e> {
    /// The version of the receipt format, 1.
    pub format: u32,
    /// The module that answered.
    pub module: ModuleUsed<'e>,
    /// Digest of the policy that decided.
    pub policy: &'e str,
    /// The host's clock, seconds since 1970.
    pub time: u32,
    /// The flow of the request.
    pub flow: &'static str,
    /// Keyed digest of flow, identifiers and signals.
    pub request: String,
    /// The fields of the request, in the order that reasons count them.
    pub asked: Vec<AskedSlot>,
    /// What was live, in the order the coalitions were configured.
    pub coalitions: Vec<CoalitionUsed<'e>>,
    /// SHA-256 of each configured override, whether it applied or not, hexadecimal.
    pub overrides: Vec<String>,
    /// The action of the verdict.
    #[serde(serialize_with = "action_name")]
    pub action: Action,
    /// The action without overrides.
    #[serde(serialize_with = "action_name")]
    pub natural: Action,
    /// The score of the verdict, 0 to 1000.
    pub score: u16,
    /// Whether a list that should have answered could not.
    pub degraded: bool,
    /// The evidence that the score was computed from, by part.
    pub odds: Odds,
    /// All reasons, except those of silent records.
    pub reasons: Vec<Reason<'e>>,
    /// Keyed digest of the request, the time and the reasons of silent records. It is always
    /// present and differs every time, so that it does not reveal whether silent records matched.
    pub silent: String,
    /// Keyed BLAKE3 of the members before it. The holder of the key detects every change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
}

/// The module that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModuleUsed<'e> {
    /// The module's version.
    pub version: &'static str,
    /// SHA-256 of the module's file, if the host gave it, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<&'e str>,
}

/// One field of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AskedSlot {
    /// A field that yields an identifier.
    Identifier {
        /// The identifier's kind.
        kind: &'static str,
        /// Keyed digest of kind and canonical bytes.
        digest: String,
    },
    /// A field that yields no identifier.
    Unused {
        /// The rule of `docs/identifiers.md` that the value breaks.
        unused: &'static str,
    },
}

/// What was live of one coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoalitionUsed<'e> {
    /// The coalition's name in this gateway.
    pub name: &'e str,
    /// Digest of the metadata in use, which in turn names the digests of all its files.
    pub metadata: &'e str,
    /// Time of the newest completed update, seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_time: Option<u32>,
    /// The releases that were asked.
    pub lists: Vec<ReleaseUsed<'e>>,
    /// The live packs of typologies.
    pub typologies: Vec<PackUsed<'e>>,
}

/// A release that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseUsed<'e> {
    /// The list's id.
    pub list: &'e str,
    /// The epoch whose ListKey reads the release.
    pub epoch: u32,
    /// The release's number, which rises with every release.
    pub sequence: u64,
    /// When the release was built, seconds since 1970.
    pub issued: u32,
    /// `fresh`, `stale`, `expired` or `untrusted`.
    pub freshness: &'static str,
    /// Whether the ListKey of its epoch was configured.
    pub key: bool,
}

/// A pack of typologies that was live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackUsed<'e> {
    /// The list that the pack is published with.
    pub list: &'e str,
    /// Raised by the publisher with every change to the pack.
    pub version: u32,
    /// Whether the pack counted: its metadata was fresh or stale.
    pub counted: bool,
}

/// A keyed hash over fields, each preceded by its length.
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
        // A receipt has about a kilobyte.
        let mut text = Vec::with_capacity(1024);
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
