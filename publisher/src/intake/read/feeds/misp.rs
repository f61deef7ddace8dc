//! Attributes of MISP events: as MISP exports them (`{"response": [...]}`), shares them and serves them in
//! feeds (`{"Event": {...}}`).

use std::io::BufRead;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::super::rule::Rule;
use super::super::json_file::{Place, each_element};
use super::super::mapping::is_card_field;
use super::super::row::{Fields, LineRow, URL};
use super::tlp::Tlp;
use crate::error::Result;

/// Where the events of a file lie.
const EVENTS: Place<'static> = Place {
    many: Some("response"),
    one: Some("Event"),
};

type Act<'a> = dyn FnMut(LineRow) -> Result<()> + 'a;

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "Event", borrow)]
    event: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "Attribute", borrow, default)]
    attributes: Option<Vec<&'a RawValue>>,
    #[serde(rename = "Object", borrow, default)]
    objects: Option<Vec<&'a RawValue>>,
    #[serde(rename = "Tag", default)]
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
struct Object<'a> {
    #[serde(default)]
    name: String,
    #[serde(default)]
    deleted: Switch,
    #[serde(rename = "Attribute", borrow, default)]
    attributes: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Attribute {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    value: Option<String>,
    #[serde(default)]
    to_ids: Switch,
    #[serde(default)]
    deleted: Switch,
    #[serde(rename = "Tag", default)]
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
}

/// A truth value as the versions of MISP write it.
#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Switch {
    Truth(bool),
    Number(i64),
    Text(String),
    #[default]
    Nothing,
}

impl Switch {
    fn is_on(&self) -> bool {
        match self {
            Self::Truth(truth) => *truth,
            Self::Number(number) => *number != 0,
            Self::Text(text) => text != "0" && !text.is_empty(),
            Self::Nothing => false,
        }
    }
}

/// Attributes in the order of the file, counted from 1, and how many were deleted.
#[derive(Default)]
struct Count {
    number: u64,
    deleted: u64,
}

/// Every attribute, those of objects included. How many were deleted.
pub(in super::super) fn each_attribute(text: impl BufRead, act: &mut Act<'_>) -> Result<u64> {
    let mut count = Count::default();
    each_element(text, EVENTS, &mut |raw| {
        let inner = serde_json::from_str::<Envelope<'_>>(raw).ok();
        let event = inner
            .and_then(|envelope| envelope.event)
            .map_or(raw, RawValue::get);
        let Ok(event) = serde_json::from_str::<Event<'_>>(event) else {
            return count.refuse(Rule::Syntax, act);
        };
        count.event(&event, act)
    })?;
    Ok(count.deleted)
}

impl Count {
    fn event(&mut self, event: &Event<'_>, act: &mut Act<'_>) -> Result<()> {
        let label = labels(event.tags.as_deref());
        for raw in event.attributes.iter().flatten() {
            self.attribute(raw.get(), label, false, act)?;
        }
        for raw in event.objects.iter().flatten() {
            let Ok(object) = serde_json::from_str::<Object<'_>>(raw.get()) else {
                self.refuse(Rule::Syntax, act)?;
                continue;
            };
            let attributes = object.attributes.unwrap_or_default();
            if object.deleted.is_on() {
                let count = u64::try_from(attributes.len()).unwrap_or(u64::MAX);
                self.number = self.number.saturating_add(count);
                self.deleted = self.deleted.saturating_add(count);
                continue;
            }
            let card = is_card_field(&object.name);
            for raw in attributes {
                self.attribute(raw.get(), label, card, act)?;
            }
        }
        Ok(())
    }

    fn attribute(
        &mut self,
        raw: &str,
        event: Result<Option<Tlp>, Rule>,
        card: bool,
        act: &mut Act<'_>,
    ) -> Result<()> {
        let Ok(attribute) = serde_json::from_str::<Attribute>(raw) else {
            return self.refuse(Rule::Syntax, act);
        };
        self.number = self.number.saturating_add(1);
        if attribute.deleted.is_on() {
            self.deleted = self.deleted.saturating_add(1);
            return Ok(());
        }
        let fields = if card {
            Err(Rule::CardNumber)
        } else {
            attribute.fields(event)
        };
        act(LineRow::new(self.number, fields))
    }

    fn refuse(&mut self, rule: Rule, act: &mut Act<'_>) -> Result<()> {
        self.number = self.number.saturating_add(1);
        act(LineRow::new(self.number, Err(rule)))
    }
}

impl Attribute {
    fn fields(&self, event: Result<Option<Tlp>, Rule>) -> Result<Fields, Rule> {
        if is_card_field(&self.kind) {
            return Err(Rule::CardNumber);
        }
        let value = self.value.as_deref().unwrap_or_default();
        let first = value.split('|').next().unwrap_or_default();
        let mut fields = match self.kind.as_str() {
            "domain" | "hostname" => Fields::of("domain", value),
            "domain|ip" => Fields::of("domain", first),
            "hostname|port" | "url" => Fields::of(URL, &value.replace('|', ":")),
            "btc" => Fields::of("wallet", &format!("bitcoin:{value}")),
            "xmr" => Fields::of("wallet", &format!("monero:{value}")),
            "dash" => Fields::of("wallet", &format!("dash:{value}")),
            "iban" => Fields::of("iban", value),
            "phone-number" => Fields::of("phone", value),
            _ => return Err(Rule::AttributeType),
        };
        if !self.to_ids.is_on() {
            return Err(Rule::ToIds);
        }
        let label = event?.max(labels(self.tags.as_deref())?);
        Tlp::put(label, &mut fields);
        Ok(fields)
    }
}

/// The narrowest of the labels that tags state. A label that nobody knows may forbid anything.
fn labels(tags: Option<&[Tag]>) -> Result<Option<Tlp>, Rule> {
    let mut narrowest = None;
    for tag in tags.into_iter().flatten() {
        let name = tag.name.to_ascii_lowercase();
        if let Some(label) = name.strip_prefix("tlp:") {
            narrowest = narrowest.max(Some(Tlp::from_name(label).ok_or(Rule::MarkingUnknown)?));
        }
    }
    Ok(narrowest)
}
