use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// The answer to `describe`: what this module is and can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// Version of the module.
    pub module: String,
    /// The list format it reads.
    pub format_major: u16,
    /// The token scheme it computes.
    pub token_scheme: u16,
    /// The kinds of identifier it knows.
    pub kinds: Vec<String>,
    /// The flows it knows.
    pub flows: Vec<String>,
    /// The actions it can answer, weakest first.
    pub actions: Vec<String>,
    /// Most identifiers in one request.
    pub max_identifiers: usize,
    /// Most bytes in one request.
    pub max_message: usize,
    /// Most bytes in one batch.
    pub max_batch: usize,
    /// The identifiers asked about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<DescribedIdentifier>,
    /// The live typologies, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typologies: Option<Vec<DescribedPack>>,
}

/// How an identifier is understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedIdentifier {
    /// Its kind.
    pub kind: String,
    /// Its canonical text.
    pub text: String,
    /// Its canonical bytes, hexadecimal.
    pub canonical: String,
    /// What a list is asked for, in order.
    pub look_ups: Vec<DescribedLookUp>,
}

/// One look-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedLookUp {
    /// The kind it is asked as.
    pub kind: String,
    /// Its text form.
    pub text: String,
    /// `itself`, `parent` or `label`.
    pub relation: String,
    /// Canonical bytes, hexadecimal.
    pub canonical: String,
    /// The tag under each configured key.
    pub tags: Vec<DescribedTag>,
}

/// What a list would hold of a look-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedTag {
    /// Whose key.
    pub coalition: String,
    /// Which key.
    pub key_id: String,
    /// The tag, hexadecimal.
    pub tag: String,
}

/// One pack of typologies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedPack {
    /// Whose it is.
    pub coalition: String,
    /// The list it stands beside.
    pub list: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Its rules as the policy has them.
    pub rules: Vec<DescribedRule>,
    /// Rules that need a newer module.
    pub skipped: Vec<SkippedRule>,
}

/// One rule in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedRule {
    /// Its id.
    pub id: String,
    /// What it looks for.
    pub title: String,
    /// The title in other languages, by ISO 639-1 code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<String, String>,
    /// The group whose rules are not independent, if it is in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// `riskier` or `safer`.
    pub direction: String,
    /// Millibits it counts where it holds.
    pub weight: i32,
    /// Millibits it counts where it is known not to hold.
    pub otherwise: i32,
    /// Whether its publisher measured the weights.
    pub calibrated: bool,
    /// When it holds.
    pub when: String,
    /// Who published the red flag.
    pub source: String,
    /// `counted`, or `off` by the policy.
    pub state: String,
}

/// One rule that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedRule {
    /// Its id.
    pub id: String,
    /// What this module lacks.
    pub requires: Vec<String>,
}
