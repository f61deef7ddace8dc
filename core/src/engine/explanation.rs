//! Explanations for people: the live typology rules, and how an identifier is looked up.

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::common::hex;
use crate::identifier::Identifier;
use crate::rules::{Skipped, Typology};
use crate::token::Names;

use super::operations::Engine;
use super::score::in_force;

/// One live pack of typologies, with the weights that the policy gives its rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedPack {
    /// The coalition that publishes the pack.
    pub coalition: String,
    /// The list that the pack is published with.
    pub list: String,
    /// The pack's name, such as `standard`.
    pub name: String,
    /// Raised by the publisher with every change to the pack.
    pub version: u32,
    /// The rules this module understands, with the weights that the policy gives them.
    pub rules: Vec<DescribedRule>,
    /// Rules that need a newer module.
    pub skipped: Vec<SkippedRule>,
}

/// One typology rule, with the weights that the policy gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedRule {
    /// The rule's id, such as `T04`.
    pub id: String,
    /// The red flag that the rule looks for, in the language of the pack.
    pub title: String,
    /// The title in other languages, by ISO 639-1 code.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<String, String>,
    /// The group whose rules are not independent, if it is in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// `riskier` or `safer`.
    pub direction: &'static str,
    /// Millibits the rule adds if its condition is true.
    pub weight: i32,
    /// Millibits the rule adds if its condition is false.
    pub otherwise: i32,
    /// Whether the publisher fitted the weights to outcomes.
    pub calibrated: bool,
    /// The rule's condition, in the syntax of `docs/scoring.md`.
    pub when: String,
    /// Who published the red flag.
    pub source: String,
    /// `counted`, or `off` if the policy switches the rule off.
    pub state: &'static str,
}

/// One rule that needs a newer module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedRule {
    /// The rule's id, such as `T04`.
    pub id: String,
    /// The features that the rule requires and this module lacks.
    pub requires: Vec<String>,
}

/// How an identifier is read and looked up. It explains why two spellings do or do not match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedIdentifier {
    /// The kind's word, such as `domain`.
    pub kind: &'static str,
    /// The identifier in the canonical text form of its kind.
    pub text: String,
    /// The identifier's canonical bytes, hexadecimal.
    pub canonical: String,
    /// Every name a list is searched for, in order.
    pub look_ups: Vec<DescribedLookUp>,
}

/// One name that a list is searched for: the identifier itself, a parent domain or its label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedLookUp {
    /// The kind the name is looked up as.
    pub kind: &'static str,
    /// The name in the text form of that kind.
    pub text: String,
    /// What the name is of the identifier: `itself`, `parent` or `label`.
    pub relation: &'static str,
    /// The canonical bytes that the tag is computed from, hexadecimal.
    pub canonical: String,
    /// The tag under each configured ListKey.
    pub tags: Vec<DescribedTag>,
}

/// The tag of a name under one ListKey: what a list of that epoch holds if the name is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DescribedTag {
    /// The coalition whose key it is.
    pub coalition: String,
    /// The key's id, as in list headers, hexadecimal.
    pub key_id: String,
    /// The tag's 12 bytes, hexadecimal.
    pub tag: String,
}

impl Engine {
    /// Lists the live typologies, with the weights that the policy gives them.
    #[must_use]
    pub fn typologies(&self) -> Vec<DescribedPack> {
        let rule = |rule: &Typology| {
            let (weight, otherwise) = in_force(rule, self.policy());
            let off = self.policy().typologies_off.contains(&rule.id);
            // Not collected, for that would bring along a sort of its own.
            let mut texts = BTreeMap::new();
            texts.extend(rule.texts.iter().cloned());
            DescribedRule {
                id: rule.id.clone(),
                title: rule.title.clone(),
                texts,
                group: rule.group.clone(),
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

    /// Explains how an identifier is looked up, with its tags under the keys of every coalition.
    #[must_use]
    pub fn explain(&self, identifier: &Identifier) -> DescribedIdentifier {
        let names = Names::new(identifier);
        let look_ups = names.iter().map(|name| {
            let look_up = name.look_up;
            let keys = self.coalitions.iter().flat_map(|coalition| {
                coalition
                    .keys()
                    .map(move |key| (coalition.name.clone(), key))
            });
            let tags = keys.map(|(coalition, key)| DescribedTag {
                coalition,
                key_id: hex::text(&key.id().0),
                tag: hex::text(&name.tag(key).0),
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
