//! Receipts: what a gateway keeps of a verdict, to show later how it came about and to get the same
//! again from the same files. `docs/scoring.md` has the format.

use serde::Serialize;

use crate::common::{hex, json};
use crate::identifier::Identifier;
use crate::list::Action;
use crate::policy::Policy;
use crate::rules::Signal;

use super::conclude::Finding;
use super::odds::Odds;
use super::reason::Reason;
use super::verdict::{action_name, freshness_name};
use super::world::World;
use crate::engine::request::{Request, Slot};

/// The form below, named in each digest so that another never looks like it.
const FORMAT: u32 = 1;

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
    /// Digest of the silent ones, with the question and its time: there is one whether there are any
    /// or not, and none is like another.
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

/// The receipt of a finding.
pub(crate) fn receipt<'e>(
    key: &ReceiptKey,
    module: Option<&'e str>,
    request: &Request,
    finding: &Finding<'e>,
    world: World<'e>,
    policy: &'e Policy,
) -> Receipt<'e> {
    let verdict = &finding.verdict;
    let asked = request.slots.iter().map(|slot| match slot {
        Slot::Identifier(identifier) => AskedSlot::Identifier {
            kind: identifier.kind().name(),
            digest: key.of_identifier(identifier),
        },
        Slot::Unused(unused) => AskedSlot::Unused {
            unused: unused.error.rule().name(),
        },
    });
    let coalitions = world.coalitions.iter().map(|coalition| {
        let lists = coalition.answering().map(|(live, key)| {
            let header = live.list.header();
            ReleaseUsed {
                list: header.list.as_str(),
                epoch: header.epoch,
                sequence: header.sequence,
                issued: header.issued.seconds(),
                freshness: freshness_name(coalition.freshness(live, policy, world.effective())),
                key: key.is_some(),
            }
        });
        let packs = coalition.packs.iter().map(|live| PackUsed {
            list: live.list.as_str(),
            version: live.pack.version,
            counted: coalition.counts(live, world.effective()),
        });
        CoalitionUsed {
            name: &coalition.name,
            metadata: &coalition.metadata_digest,
            newest_time: coalition.client.newest_time().map(|time| time.seconds()),
            lists: lists.collect(),
            typologies: packs.collect(),
        }
    });
    let overrides = world.overrides.iter();
    let mut receipt = Receipt {
        format: FORMAT,
        module: ModuleUsed {
            version: env!("CARGO_PKG_VERSION"),
            sha256: module,
        },
        policy: policy.digest(),
        time: world.now.seconds(),
        flow: request.flow.name(),
        request: key.of_request(request),
        asked: asked.collect(),
        coalitions: coalitions.collect(),
        overrides: overrides.map(|one| hex::text(&one.sha256)).collect(),
        action: verdict.action,
        natural: finding.natural,
        score: verdict.score,
        degraded: verdict.degraded,
        odds: finding.odds,
        reasons: verdict.reasons.clone(),
        silent: String::new(),
        mac: None,
    };
    // Another each time, or the one that differs from all others would tell.
    let silent = (&receipt.request, receipt.time, &finding.silent);
    receipt.silent = key.of_json("silent", &silent);
    receipt.mac = Some(key.of_json("receipt", &receipt));
    receipt
}

/// A keyed hash over fields, each with its length.
struct Keyed(blake3::Hasher);

impl ReceiptKey {
    fn keyed(&self, what: &str) -> Keyed {
        let mut keyed = Keyed(blake3::Hasher::new_keyed(&self.0));
        keyed.field(b"interdict");
        keyed.field(what.as_bytes());
        keyed.field(&FORMAT.to_le_bytes());
        keyed
    }

    fn of_identifier(&self, identifier: &Identifier) -> String {
        let mut keyed = self.keyed("identifier");
        keyed.identifier(identifier);
        keyed.text()
    }

    fn of_request(&self, request: &Request) -> String {
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

    fn of_json(&self, what: &str, value: &impl Serialize) -> String {
        let mut keyed = self.keyed(what);
        let mut text = Vec::new();
        // Our own types can always be written.
        let _ = json::write(value, &mut text);
        keyed.field(&text);
        keyed.text()
    }
}

impl Keyed {
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
