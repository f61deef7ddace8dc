//! Receipts: the proof of a verdict that a gateway keeps. A replay of the archived files must give
//! the same bytes. `docs/scoring.md` has the format.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::common::hex;
use crate::identifier::{Identifier, Kind, LookUp};
use crate::list::{Action, Listing};
use crate::rules::{Signal, Typology};

use super::because::Because;
use super::keyed_hash::KeyedHash;
use super::odds::Odds;
use super::reason::Reason;
use super::serialized_names::{action_name, because_name, kind_names};
use crate::engine::doubt::Doubt;
use crate::engine::request::{Request, Slot};

/// The gateway's own secret, 32 random bytes. Only its holder can find all receipts of a merchant.
pub struct ReceiptKey(pub [u8; 32]);

impl core::fmt::Debug for ReceiptKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ReceiptKey(secret)")
    }
}

/// Which answers have a receipt, if the gateway has a ReceiptKey. With a SilentKey all of them have one: silent
/// records show nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Receipts {
    /// All.
    #[default]
    Always,
    /// Verdicts with any action but `allow`, and refusals.
    Findings,
    /// None.
    Never,
}

impl Receipts {
    /// Reads the word used in messages.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Always, Self::Findings, Self::Never]
            .into_iter()
            .find(|one| one.name() == name)
    }

    /// The word used in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Findings => "findings",
            Self::Never => "never",
        }
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
    /// SHA-256 of each configured document of clearances, hexadecimal.
    pub clearances: Vec<String>,
    /// Doubts about time and state, each once.
    pub doubts: Vec<Doubt>,
    /// The action of the verdict.
    #[serde(serialize_with = "action_name")]
    pub action: Action,
    /// As in the verdict.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "because_name"
    )]
    pub because: Option<Because>,
    /// The action without overrides and clearances.
    #[serde(serialize_with = "action_name")]
    pub natural: Action,
    /// The score of the verdict, 0 to 1000.
    pub score: u16,
    /// Whether a list that should have answered could not.
    pub degraded: bool,
    /// The evidence that the score was computed from, by part.
    pub odds: Odds,
    /// All reasons.
    pub reasons: Vec<Reason<'e>>,
    /// The kinds in the request that no list checked.
    #[serde(serialize_with = "kind_names")]
    pub unchecked: Vec<Kind>,
    /// What silent records say, encrypted under the SilentKey: 64 bytes, hexadecimal; zeros without
    /// a SilentKey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// Keyed BLAKE3 of the members before it. The holder of the key detects every change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
    /// The canonical bytes.
    #[serde(skip)]
    pub(super) text: Vec<u8>,
}

/// The proof that a request was refused, and why: without it, leaving a merchant out could not be
/// told from never asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RefusalReceipt<'e> {
    /// The version of the receipt format, 1.
    pub format: u32,
    /// The module that refused.
    pub module: ModuleUsed<'e>,
    /// The host's clock as the call gave it, seconds since 1970.
    pub time: u32,
    /// The flow of the request, if it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<&'static str>,
    /// The stable number of the code.
    pub code: i32,
    /// Where the cause is in the message; empty if it is not in the message.
    pub path: String,
    /// As in a verdict's receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
}

/// The module that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModuleUsed<'e> {
    /// The module's version.
    pub version: &'static str,
    /// Which build of the module it is: `full`.
    pub build: &'static str,
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
    /// A field that yields no identifier, or a signal that cannot be used.
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
    /// When the last completed poll of the repository began, seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polled: Option<u32>,
    /// Doubts about this coalition's time and state.
    pub doubts: Vec<Doubt>,
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
    /// The edition that was asked, such as `member`.
    pub edition: &'static str,
    /// The epoch whose ListKey reads the release.
    pub epoch: u32,
    /// The release's number, which rises with every release.
    pub sequence: u64,
    /// When the release was built, seconds since 1970.
    pub issued: u32,
    /// `fresh`, `late`, `stale`, `expired` or `untrusted`.
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
    /// Whether the pack counted: its metadata had not expired, and was trusted.
    pub counted: bool,
}

impl Receipt<'_> {
    /// The canonical bytes, as they were when the receipt was written.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

impl ReceiptKey {
    /// The digest that receipts, overrides and clearances know an identifier by.
    #[must_use]
    pub fn of_identifier(&self, identifier: &Identifier) -> String {
        self.of_name(identifier.kind(), identifier.canonical())
    }

    /// The same of a name that lists are searched for, such as a parent domain.
    pub(super) fn of_name(&self, kind: Kind, canonical: &[u8]) -> String {
        hex::text(&self.name(kind, canonical))
    }

    /// The bytes of [`ReceiptKey::of_name`].
    pub(super) fn name(&self, kind: Kind, canonical: &[u8]) -> [u8; 16] {
        let mut keyed = self.keyed("identifier");
        keyed.name(kind, canonical);
        keyed.bytes()
    }

    /// The digest that clearances name a record by: what is listed, and what the record says of it. Its
    /// end, its group and who may be told make it no other reason.
    pub(super) fn of_record(&self, name: &LookUp<'_>, hit: &Listing<'_>) -> [u8; 16] {
        let record = &hit.record;
        let mut keyed = self.keyed("record");
        keyed.name(name.kind, name.canonical);
        for word in [record.action.name(), record.category.name()] {
            keyed.field(word.as_bytes());
        }
        keyed.field(&record.confidence.to_le_bytes());
        for word in [hit.source.id(), hit.source.origin(), record.scope.name()] {
            keyed.field(word.as_bytes());
        }
        keyed.field(&[record.flags.0]);
        keyed.bytes()
    }

    /// The digest that clearances name a rule by: its id, what it looks for and how much that counts. A
    /// new title, or a translation, makes it no other rule.
    pub(super) fn of_rule(&self, rule: &Typology) -> [u8; 16] {
        let mut keyed = self.keyed("rule");
        for text in [&rule.id, rule.direction.name(), &rule.when] {
            keyed.field(text.as_bytes());
        }
        for weight in [rule.weight, rule.otherwise] {
            keyed.field(&weight.to_le_bytes());
        }
        keyed.bytes()
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
                    keyed.field(unused.rule.name().as_bytes());
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

    /// The `mac` of a receipt. `before` is the JSON object of the members before it.
    pub(super) fn mac(&self, before: &[u8]) -> String {
        let mut keyed = self.keyed("receipt");
        keyed.field(before);
        keyed.text()
    }

    /// Whether a receipt, of a verdict or of a refusal, was printed under this key and is unchanged.
    #[must_use]
    pub fn is_mac_right(&self, receipt: &str) -> bool {
        let split = receipt.rsplit_once(r#","mac":""#);
        split.is_some_and(|(before, mac)| {
            let before = format!("{before}}}");
            mac.strip_suffix(r#""}"#) == Some(&*self.mac(before.as_bytes()))
        })
    }

    fn keyed(&self, what: &str) -> KeyedHash {
        KeyedHash::new(&self.0, what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::schema::Path;
    use crate::engine::request::Unused;
    use crate::identifier::{IdentifierError, Kind};
    use crate::policy::Flow;
    use crate::rules::Signals;

    const KEY: ReceiptKey = ReceiptKey([7; 32]);

    fn identifier(kind: Kind, value: &str) -> Identifier {
        Identifier::parse(kind, value).unwrap()
    }

    fn error(value: &str) -> IdentifierError {
        Identifier::parse(Kind::Iban, value).unwrap_err()
    }

    fn request(flow: Flow, slots: Vec<Slot>, signals: &[(Signal, i64)]) -> Request {
        let mut given = Signals::default();
        for (signal, value) in signals {
            given.set(*signal, *value);
        }
        Request::new(flow, slots).unwrap().with_signals(given)
    }

    fn shop() -> Slot {
        identifier(Kind::Domain, "shop.example").into()
    }

    #[test]
    fn the_digest_of_an_identifier_tells_kinds_values_and_keys_apart() {
        // Both kinds have these canonical bytes.
        let [acceptor, merchant] = [Kind::CardAcceptor, Kind::SubMerchant]
            .map(|kind| identifier(kind, "412345/FLOWERS01"));
        assert_eq!(acceptor.canonical(), merchant.canonical());
        let digests = [
            KEY.of_identifier(&acceptor),
            KEY.of_identifier(&merchant),
            KEY.of_identifier(&identifier(Kind::CardAcceptor, "412345/FLOWERS02")),
            ReceiptKey([8; 32]).of_identifier(&acceptor),
        ];
        assert_all_differ(&digests);
        assert_eq!(KEY.of_identifier(&acceptor), digests[0]);
    }

    #[test]
    fn the_digest_of_a_request_covers_flow_fields_and_signals() {
        let other = || Slot::from(identifier(Kind::Domain, "other.example"));
        let [unknown, wrong] = ["SE", "SE45 5000 0000 0583 9825 7467"].map(error);
        assert_ne!(unknown.rule(), wrong.rule());
        let path = Path::default();
        let unused = |error: IdentifierError| {
            let (kind, rule) = (Some(error.kind()), error.rule());
            Slot::Unused(Unused { path, kind, rule })
        };
        let (age, domain_age) = (Signal::MerchantAgeDays, Signal::DomainAgeDays);
        let payout = Flow::Payout;
        let requests = [
            request(payout, vec![shop()], &[]),
            request(Flow::Checkout, vec![shop()], &[]),
            request(payout, vec![shop(), other()], &[]),
            request(payout, vec![other(), shop()], &[]),
            request(payout, vec![shop(), unused(unknown)], &[]),
            request(payout, vec![shop(), unused(wrong)], &[]),
            request(payout, vec![shop()], &[(age, 1)]),
            request(payout, vec![shop()], &[(age, 2)]),
            request(payout, vec![shop()], &[(domain_age, 1)]),
        ];
        let digests = requests.each_ref().map(|request| KEY.of_request(request));
        assert_all_differ(&digests);
        assert_eq!(
            KEY.of_request(&request(payout, vec![shop()], &[])),
            digests[0]
        );
    }

    #[test]
    fn digests_of_two_things_differ_though_their_bytes_are_the_same() {
        let of = |what: &str, parts: &[&str]| {
            let mut keyed = KEY.keyed(what);
            for part in parts {
                keyed.field(part.as_bytes());
            }
            keyed.text()
        };
        assert_ne!(of("one", &["a"]), of("other", &["a"]));
        assert_ne!(of("one", &["ab", "c"]), of("one", &["a", "bc"]));
    }

    #[test]
    fn a_mac_is_right_under_its_key_for_the_unchanged_text_alone() {
        let before = r#"{"format":1,"path":",\"mac\":\""}"#;
        let mac = KEY.mac(before.as_bytes());
        let open = before.strip_suffix('}').unwrap();
        let whole = format!(r#"{open},"mac":"{mac}"}}"#);
        assert!(KEY.is_mac_right(&whole));
        assert!(!ReceiptKey([8; 32]).is_mac_right(&whole));
        for index in 0..whole.len() {
            let mut changed = whole.clone().into_bytes();
            changed[index] ^= 1;
            let changed = String::from_utf8(changed).unwrap();
            assert!(!KEY.is_mac_right(&changed), "{changed}");
            let cut = whole.get(..index).unwrap();
            assert!(!KEY.is_mac_right(cut), "cut at {index}");
        }
        assert!(!KEY.is_mac_right(&format!("{whole} ")));
    }

    fn assert_all_differ(digests: &[String]) {
        for (index, digest) in digests.iter().enumerate() {
            assert_eq!(digest.len(), 32, "16 bytes in hexadecimal");
            let same = digests.iter().position(|other| other == digest);
            assert_eq!(same, Some(index));
        }
    }
}
