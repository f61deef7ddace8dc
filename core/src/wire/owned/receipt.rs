use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::list::Action;

use super::reason::Reason;
use super::word;

/// A receipt in the bytes it was printed in: another spelling of the same is no proof.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PrintedReceipt(Box<RawValue>);

/// What led to a verdict; `docs/scoring.md` has the format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// 1.
    pub format: u32,
    /// What answered.
    pub module: ModuleUsed,
    /// Digest of the policy that decided.
    pub policy: String,
    /// The host's clock, seconds since 1970.
    pub time: u32,
    /// The flow asked in.
    pub flow: String,
    /// Keyed digest of all that was asked.
    pub request: String,
    /// What the request named, in the order reasons count.
    pub asked: Vec<AskedSlot>,
    /// What was live.
    pub coalitions: Vec<CoalitionUsed>,
    /// SHA-256 of each override in force, whether it applied or not.
    pub overrides: Vec<String>,
    /// SHA-256 of each document of clearances.
    pub clearances: Vec<String>,
    /// Doubts about time and state.
    pub doubts: Vec<String>,
    /// What should happen.
    #[serde(with = "word::action")]
    pub action: Action,
    /// As in the verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What should happen but for overrides.
    #[serde(with = "word::action")]
    pub natural: Action,
    /// As in the verdict.
    pub score: u16,
    /// As in the verdict.
    pub degraded: bool,
    /// How the log-odds came about.
    pub odds: Odds,
    /// All reasons.
    pub reasons: Vec<Reason>,
    /// Kinds in the request that no list checked.
    pub unchecked: Vec<String>,
    /// What silent records say, for the holder of the SilentKey: 128 hexadecimal digits.
    pub sealed: String,
    /// What shows every change to who has the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
}

/// What led to a refusal; `docs/scoring.md` has the format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalReceipt {
    /// 1.
    pub format: u32,
    /// What refused.
    pub module: ModuleUsed,
    /// The host's clock, seconds since 1970.
    pub time: u32,
    /// The flow asked in, if it could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<String>,
    /// The stable number of the code.
    pub code: i32,
    /// The path in the message to the cause; empty if the cause is not in the message.
    pub path: String,
    /// What shows every change to who has the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<String>,
}

/// The module that answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleUsed {
    /// Its version.
    pub version: String,
    /// Which build it is, such as `full`.
    pub build: String,
    /// SHA-256 of its file, as far as the host said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// One thing the request named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AskedSlot {
    /// An identifier.
    Identifier {
        /// Its kind.
        kind: String,
        /// Keyed digest of kind and canonical bytes.
        digest: String,
    },
    /// A field that could not be used.
    Unused {
        /// The rule it breaks.
        unused: String,
    },
}

/// One coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoalitionUsed {
    /// Its name in this gateway.
    pub name: String,
    /// Digest of its metadata in use.
    pub metadata: String,
    /// Time of its newest completed update.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_time: Option<u32>,
    /// When the last completed poll of its repository began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polled: Option<u32>,
    /// Doubts about its time and state.
    pub doubts: Vec<String>,
    /// The releases that answered.
    pub lists: Vec<ReleaseUsed>,
    /// Its packs of typologies.
    pub typologies: Vec<PackUsed>,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseUsed {
    /// Its list.
    pub list: String,
    /// The edition that was asked, such as `member`.
    pub edition: String,
    /// Its key period.
    pub epoch: u32,
    /// Raised with every release.
    pub sequence: u64,
    /// When it was built, seconds since 1970.
    pub issued: u32,
    /// How far it could be relied on, such as `fresh` or `expired`.
    pub freshness: String,
    /// Whether its key was available.
    pub key: bool,
}

/// One pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackUsed {
    /// The list it stands beside.
    pub list: String,
    /// Its version.
    pub version: u32,
    /// Whether it was new enough to count.
    pub counted: bool,
}

/// How the log-odds came about, in millibits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Odds {
    /// Before anything is known of the merchant.
    pub prior: i32,
    /// From red flags, and from rules that speak for the merchant.
    pub typologies: i32,
    /// From the most confident source that lists the merchant; absent if none does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<i32>,
    /// What further sources add.
    pub agreement: i32,
    /// The sum.
    pub total: i32,
}

impl PrintedReceipt {
    /// The printed text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// What it says; `None` if it is not a receipt of this form.
    #[must_use]
    pub fn read(&self) -> Option<Receipt> {
        serde_json::from_str(self.as_str()).ok()
    }
}

impl PartialEq for PrintedReceipt {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for PrintedReceipt {}
