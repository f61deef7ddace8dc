//! What the engine holds and understands, for people.

use serde::Serialize;

use crate::common::hex;
use crate::identifier::Identifier;
use crate::rules::{Skipped, Typology};

use super::operations::Engine;
use super::score::in_force;

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

impl Engine {
    /// Says which typologies are live, with the weights that the policy gives them.
    #[must_use]
    pub fn typologies(&self) -> Vec<DescribedPack> {
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

    /// Says how an identifier is understood, and its tags under the keys of every coalition.
    #[must_use]
    pub fn explain(&self, identifier: &Identifier) -> DescribedIdentifier {
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
