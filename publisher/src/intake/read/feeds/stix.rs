//! Indicators of a STIX 2.1 bundle, or of a TAXII 2.1 envelope.

use std::collections::BTreeMap;
use std::io::BufRead;

use interdict_core::common::time::Time;
use serde::Deserialize;
use serde_json::Value;

use super::super::super::rule::Rule;
use super::super::json_file::{Place, each_element};
use super::super::mapping::is_card_field;
use super::super::row::{Field, Fields, LineRow};
use super::pattern;
use super::tlp::Tlp;
use crate::error::Result;

/// Marking definitions of TLP 1 (STIX 2.1, section 7.2.1.4) and TLP 2 (OASIS, common objects), which
/// bundles name without repeating them.
const KNOWN_MARKINGS: [(&str, Tlp); 9] = [
    (
        "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
        Tlp::Clear,
    ),
    (
        "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
        Tlp::Green,
    ),
    (
        "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
        Tlp::Amber,
    ),
    (
        "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
        Tlp::Red,
    ),
    (
        "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
        Tlp::Clear,
    ),
    (
        "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        Tlp::Green,
    ),
    (
        "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        Tlp::Amber,
    ),
    (
        "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        Tlp::AmberStrict,
    ),
    (
        "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
        Tlp::Red,
    ),
];

/// The extension in which a marking definition states its TLP 2 label.
const TLP_2: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

/// The one member of a bundle, and of an envelope, that is read.
const OBJECTS: Place<'static> = Place {
    many: Some("objects"),
    one: None,
};

/// Objects that say who wrote a bundle, who may read it and how: no statement on anybody.
const CONTEXT: [&str; 4] = [
    "marking-definition",
    "identity",
    "extension-definition",
    "language-content",
];

/// The marking definitions that a file brings along, with their TLP label if they have one.
#[derive(Debug, Default)]
pub(in super::super) struct Markings(BTreeMap<String, Option<Tlp>>);

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct MarkingDefinition {
    id: String,
    definition: Option<Value>,
    extensions: Option<Value>,
}

#[derive(Deserialize)]
struct Indicator {
    pattern: String,
    pattern_type: Option<String>,
    valid_from: Option<String>,
    valid_until: Option<String>,
    #[serde(default)]
    revoked: bool,
    confidence: Option<i64>,
    #[serde(default)]
    object_marking_refs: Vec<String>,
    #[serde(default)]
    granular_markings: Vec<GranularMarking>,
}

#[derive(Deserialize)]
struct GranularMarking {
    marking_ref: Option<String>,
}

impl Markings {
    /// Reads the marking definitions, which may stand behind what they mark.
    pub(in super::super) fn read(text: impl BufRead) -> Result<Self> {
        let mut markings = Self::default();
        each_element(text, OBJECTS, &mut |raw| {
            let is_marking = kind(raw).is_some_and(|kind| kind == "marking-definition");
            let definition = is_marking.then(|| serde_json::from_str::<MarkingDefinition>(raw));
            if let Some(Ok(definition)) = definition {
                let label = definition.label();
                markings.0.insert(definition.id, label);
            }
            Ok(())
        })?;
        Ok(markings)
    }

    /// The narrowest label of these markings. A marking that nobody explains may forbid anything.
    fn narrowest<'a>(&self, refs: impl Iterator<Item = &'a str>) -> Result<Option<Tlp>, Rule> {
        let mut narrowest = None;
        for id in refs {
            let known = KNOWN_MARKINGS.iter().find(|(known, _)| *known == id);
            let label = match (known, self.0.get(id)) {
                (Some((_, label)), _) => Some(*label),
                (None, Some(label)) => *label,
                (None, None) => return Err(Rule::MarkingUnknown),
            };
            narrowest = narrowest.max(label);
        }
        Ok(narrowest)
    }
}

impl MarkingDefinition {
    fn label(&self) -> Option<Tlp> {
        let text = |value: &Option<Value>, path: &[&str]| {
            let mut value = value.as_ref()?;
            for name in path {
                value = value.get(name)?;
            }
            Tlp::from_name(value.as_str()?)
        };
        text(&self.definition, &["tlp"]).max(text(&self.extensions, &[TLP_2, "tlp_2_0"]))
    }
}

/// Every statement of every indicator; objects are counted from 1. How many objects were context.
pub(in super::super) fn each_indicator(
    text: impl BufRead,
    markings: &Markings,
    now: Time,
    act: &mut dyn FnMut(LineRow) -> Result<()>,
) -> Result<u64> {
    let (mut number, mut context) = (0_u64, 0_u64);
    each_element(text, OBJECTS, &mut |raw| {
        number = number.saturating_add(1);
        let statements = match kind(raw) {
            Some(kind) if CONTEXT.contains(&kind.as_str()) => {
                context = context.saturating_add(1);
                return Ok(());
            }
            Some(kind) if kind == "indicator" => indicator(raw, markings, now),
            Some(kind) if is_card_field(&kind) => Err(Rule::CardNumber),
            Some(_) => Err(Rule::ObjectType),
            None => Err(Rule::Syntax),
        };
        match statements {
            Ok(statements) => statements
                .into_iter()
                .try_for_each(|fields| act(LineRow::new(number, fields))),
            Err(rule) => act(LineRow::new(number, Err(rule))),
        }
    })?;
    Ok(context)
}

fn kind(raw: &str) -> Option<String> {
    serde_json::from_str::<Head>(raw).ok().map(|head| head.kind)
}

fn indicator(raw: &str, markings: &Markings, now: Time) -> Result<Vec<Result<Fields, Rule>>, Rule> {
    let indicator: Indicator = serde_json::from_str(raw).map_err(|_| Rule::Syntax)?;
    if indicator
        .pattern_type
        .as_deref()
        .is_some_and(|kind| kind != "stix")
    {
        return Err(Rule::PatternType);
    }
    let mut statements = pattern::read(&indicator.pattern)?;
    if indicator.revoked {
        return Err(Rule::Revoked);
    }
    if let Some(from) = &indicator.valid_from
        && time(from).ok_or(Rule::ValidFrom)? > now
    {
        return Err(Rule::NotYetValid);
    }
    let until = indicator
        .valid_until
        .map(|until| time(&until).ok_or(Rule::ValidUntil));
    let until = until.transpose()?;
    let refs = indicator.object_marking_refs.iter().map(String::as_str);
    let granular = indicator.granular_markings.iter();
    let refs = refs.chain(granular.filter_map(|marking| marking.marking_ref.as_deref()));
    let label = markings.narrowest(refs)?;
    let confidence = indicator.confidence.map(per_mille).transpose()?;
    for fields in statements.iter_mut().flatten() {
        Tlp::put(label, fields);
        if let Some(until) = until {
            fields.set(Field::ValidUntil, &until.to_string());
        }
        if let Some(confidence) = &confidence {
            fields.set(Field::Confidence, confidence);
        }
    }
    Ok(statements)
}

/// STIX counts from 0 (none) to 100; our entries never say more than 999 per mille.
fn per_mille(confidence: i64) -> Result<String, Rule> {
    let percent = u16::try_from(confidence)
        .ok()
        .filter(|percent| (1..=100).contains(percent));
    let per_mille = percent.ok_or(Rule::Confidence)?.saturating_mul(10).min(999);
    Ok(per_mille.to_string())
}

/// A timestamp with or without parts of a second, which are left out.
fn time(text: &str) -> Option<Time> {
    match text.split_once('.') {
        Some((seconds, parts)) => {
            let digits = parts.strip_suffix('Z')?;
            let right = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            Time::parse(&format!("{seconds}Z")).filter(|_| right)
        }
        None => Time::parse(text),
    }
}
