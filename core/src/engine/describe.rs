use serde::Serialize;

use crate::common::hex;
use crate::common::json::Value;
use crate::common::schema::{Fields, Path};
use crate::common::time::Time;
use crate::error::Error;
use crate::identifier::Kind;
use crate::list::{Action, FORMAT_MAJOR};
use crate::policy::Flow;
use crate::rules::{Skipped, Typology};
use crate::token::TOKEN_SCHEME;
use crate::trust::{MetadataFile, state_digest};

use super::request::{MAX_IDENTIFIERS, identifier, url};
use super::score::{freshness_name, in_force};
use super::update::{Coalition, Live};
use super::{Engine, MAX_BATCH, MAX_MESSAGE, clock};

/// The answer to `state`: what is in place, coalition by coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct State {
    /// In the order they were configured.
    pub coalitions: Vec<CoalitionState>,
}

/// One coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoalitionState {
    /// Its name in this gateway.
    pub name: String,
    /// Time of the newest completed update; the host saves it.
    pub newest_time: Option<u32>,
    /// Version of the newest root.
    pub root: u32,
    /// Versions of the completed update.
    pub timestamp: Option<u32>,
    /// See `timestamp`.
    pub snapshot: Option<u32>,
    /// See `timestamp`.
    pub targets: Option<u32>,
    /// When the newest root, the targets or a delegated role expires, whichever is first.
    pub expires: Option<u32>,
    /// SHA-256 over versions and digests of root, targets and delegated roles, hexadecimal: what
    /// gateways and coalitions compare to know that they see the same; `docs/abi.md` has the form.
    pub digest: String,
    /// The metadata in use.
    pub metadata: Vec<MetadataState>,
    /// The same as `digest` with timestamp and snapshot: what receipts name the state by.
    pub metadata_digest: String,
    /// Releases in place.
    pub lists: Vec<ListState>,
    /// Packs of typologies in place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub typologies: Vec<PackState>,
}

/// One pack of typologies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackState {
    /// The list it stands beside.
    pub list: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Rules that are understood.
    pub rules: usize,
    /// Rules that need a newer module.
    pub skipped: usize,
    /// Whether it is new enough to count.
    pub counted: bool,
}

/// One verified metadata file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MetadataState {
    /// Its name in the repository without a version.
    pub file: String,
    /// Its version.
    pub version: u32,
    /// SHA-256 of the canonical JSON of its `signed` member, hexadecimal.
    pub sha256: String,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListState {
    /// Its list.
    pub list: String,
    /// `member` or `public`.
    pub edition: &'static str,
    /// Its key period.
    pub epoch: u32,
    /// Its number.
    pub sequence: u64,
    /// When it was built.
    pub issued: u32,
    /// What its filter is sized for.
    pub entries: u32,
    /// Exact records of the base; none for a filter only.
    pub records: Option<usize>,
    /// Changes since the base.
    pub changes: usize,
    /// The epoch the list has gone on to, if this is an older one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_epoch: Option<u32>,
    /// Kinds it covers.
    pub kinds: Vec<&'static str>,
    /// `fresh`, `stale`, `expired` or `untrusted`.
    pub freshness: &'static str,
    /// Seconds since it was built.
    pub age_s: u32,
    /// Whether its key is at hand.
    pub key: bool,
}

/// The answer to `describe`: what this module is and can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Description {
    /// Version of the module.
    pub module: &'static str,
    /// The list format it reads.
    pub format_major: u16,
    /// The token scheme it computes.
    pub token_scheme: u16,
    /// The kinds of identifier it knows.
    pub kinds: Vec<&'static str>,
    /// The flows it knows.
    pub flows: Vec<&'static str>,
    /// The actions it can answer, weakest first.
    pub actions: Vec<&'static str>,
    /// Most identifiers in one request.
    pub max_identifiers: usize,
    /// Most bytes in one request.
    pub max_message: usize,
    /// Most bytes in one batch.
    pub max_batch: usize,
    /// The identifiers asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<DescribedIdentifier>,
    /// The typologies in place, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typologies: Option<Vec<DescribedPack>>,
}

/// One pack of typologies, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedRule {
    /// Its id.
    pub id: String,
    /// What it looks for.
    pub title: String,
    /// `riskier` or `safer`.
    pub direction: &'static str,
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
    pub state: &'static str,
}

/// One rule that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedRule {
    /// Its id.
    pub id: String,
    /// What this module lacks.
    pub requires: Vec<String>,
}

/// How an identifier is understood: for finding out why two spellings do or do not match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedIdentifier {
    /// Its kind.
    pub kind: &'static str,
    /// Its canonical text.
    pub text: String,
    /// Its canonical bytes, hexadecimal.
    pub canonical: String,
    /// What a list is asked for, in order.
    pub look_ups: Vec<DescribedLookUp>,
}

/// One look-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedLookUp {
    /// The kind it is asked as.
    pub kind: &'static str,
    /// Its text form.
    pub text: String,
    /// `itself` or `parent`.
    pub relation: &'static str,
    /// Canonical bytes, hexadecimal.
    pub canonical: String,
    /// The tag under each configured key.
    pub tags: Vec<DescribedTag>,
}

/// One tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedTag {
    /// Whose key.
    pub coalition: String,
    /// Which key.
    pub key_id: String,
    /// The tag, hexadecimal.
    pub tag: String,
}

impl From<MetadataFile> for MetadataState {
    fn from(metadata: MetadataFile) -> Self {
        Self {
            file: metadata.file,
            version: metadata.version,
            sha256: hex::text(&metadata.sha256),
        }
    }
}

impl Engine {
    /// Says what is in place.
    ///
    /// # Errors
    /// A message that is not in the schema, a clock that is off.
    pub fn state(&self, message: &Value<'_>, now: u32) -> Result<State, Error> {
        let now = clock(now)?;
        Fields::of(message, Path::default())?.end()?;
        let list = |coalition: &Coalition, live: &Live| {
            let header = live.list.header();
            ListState {
                list: header.list.as_str().to_owned(),
                edition: header.edition.name(),
                epoch: header.epoch,
                sequence: header.sequence,
                issued: header.issued.seconds(),
                entries: header.entries,
                records: live.list.record_count(),
                changes: live.list.change_count(),
                newest_epoch: Some(live.newest_epoch).filter(|newest| *newest > header.epoch),
                kinds: names(Kind::ALL.iter().filter(|kind| header.kinds.covers(**kind))),
                freshness: freshness_name(coalition.freshness(live, &self.policy, now)),
                age_s: now.since(header.issued),
                key: coalition.key(live).is_some(),
            }
        };
        let coalitions = self.coalitions.iter().map(|coalition| {
            let versions = coalition.client.versions();
            let metadata = coalition.client.metadata();
            CoalitionState {
                name: coalition.name.clone(),
                newest_time: coalition.client.newest_time().map(|time| time.seconds()),
                root: versions.root,
                timestamp: versions.timestamp,
                snapshot: versions.snapshot,
                targets: versions.targets,
                expires: coalition.client.expires().map(|time| time.seconds()),
                digest: hex::text(&state_digest(&metadata)),
                metadata_digest: coalition.metadata_digest.clone(),
                metadata: metadata.into_iter().map(MetadataState::from).collect(),
                typologies: packs(coalition, now),
                lists: coalition
                    .lists
                    .iter()
                    .map(|live| list(coalition, live))
                    .collect(),
            }
        });
        Ok(State {
            coalitions: coalitions.collect(),
        })
    }

    /// Says what this module is, and how it understands the identifiers given.
    ///
    /// # Errors
    /// A message that is not in the schema, an identifier that is none of its kind.
    pub fn describe(&self, message: &Value<'_>) -> Result<Description, Error> {
        let mut fields = Fields::of(message, Path::default())?;
        let mut identifiers = Vec::new();
        if let Some(field) = fields.optional("identifiers") {
            for item in field.items(MAX_IDENTIFIERS)? {
                identifiers.push(self.described(&identifier(&item)?));
            }
        }
        if let Some(field) = fields.optional("url") {
            identifiers.push(self.described(&url(&field)?));
        }
        let typologies = fields.optional("typologies");
        let typologies = typologies.map_or(Ok(false), |field| field.truth())?;
        fields.end()?;
        Ok(Description {
            module: env!("CARGO_PKG_VERSION"),
            format_major: FORMAT_MAJOR,
            token_scheme: TOKEN_SCHEME,
            kinds: names(Kind::ALL),
            flows: Flow::ALL.iter().map(|flow| flow.name()).collect(),
            actions: Action::ALL.iter().map(|action| action.name()).collect(),
            max_identifiers: MAX_IDENTIFIERS,
            max_message: MAX_MESSAGE,
            max_batch: MAX_BATCH,
            identifiers,
            typologies: typologies.then(|| self.described_packs()),
        })
    }

    fn described_packs(&self) -> Vec<DescribedPack> {
        let rule = |rule: &Typology| {
            let (weight, otherwise) = in_force(rule, &self.policy);
            let off = self.policy.typologies_off.contains(&rule.id);
            DescribedRule {
                id: rule.id.clone(),
                title: rule.title.clone(),
                direction: rule.direction.name(),
                weight,
                otherwise,
                calibrated: rule.calibrated,
                when: rule.when.clone(),
                source: rule.source.clone(),
                state: if off { "off" } else { "counted" },
            }
        };
        let skipped = |skipped: &Skipped| SkippedRule {
            id: skipped.id.clone(),
            requires: skipped.requires.clone(),
        };
        let packs = self.coalitions.iter().flat_map(|coalition| {
            let packs = coalition.packs.iter();
            packs.map(move |live| DescribedPack {
                coalition: coalition.name.clone(),
                list: live.list.as_str().to_owned(),
                name: live.pack.name.clone(),
                version: live.pack.version,
                rules: live.pack.rules.iter().map(rule).collect(),
                skipped: live.pack.skipped.iter().map(skipped).collect(),
            })
        });
        packs.collect()
    }

    fn described(&self, identifier: &crate::identifier::Identifier) -> DescribedIdentifier {
        let look_ups = identifier.look_ups().map(|look_up| {
            let keys = self.coalitions.iter().flat_map(|coalition| {
                coalition
                    .keys
                    .iter()
                    .map(move |key| (coalition.name.clone(), key))
            });
            let tags = keys.map(|(coalition, key)| DescribedTag {
                coalition,
                key_id: hex::text(&key.id().0),
                tag: hex::text(&key.token(look_up.kind, look_up.canonical).tag().0),
            });
            DescribedLookUp {
                kind: look_up.kind.name(),
                text: look_up.text.to_owned(),
                relation: look_up.relation.name(),
                canonical: hex::text(look_up.canonical),
                tags: tags.collect(),
            }
        });
        DescribedIdentifier {
            kind: identifier.kind().name(),
            text: identifier.text().to_owned(),
            canonical: hex::text(identifier.canonical()),
            look_ups: look_ups.collect(),
        }
    }
}

fn packs(coalition: &Coalition, now: Time) -> Vec<PackState> {
    let packs = coalition.packs.iter().map(|live| PackState {
        list: live.list.as_str().to_owned(),
        name: live.pack.name.clone(),
        version: live.pack.version,
        rules: live.pack.rules.len(),
        skipped: live.pack.skipped.len(),
        counted: live.counts(coalition, now),
    });
    packs.collect()
}

fn names<'k>(kinds: impl IntoIterator<Item = &'k Kind>) -> Vec<&'static str> {
    kinds.into_iter().map(|kind| kind.name()).collect()
}
