use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::common::json::{Value, parse};
use crate::common::schema::{Field, Fields, Path};
use crate::identifier::holds_card_number;
use crate::list::is_name;
use crate::rules::limits::{MAX_PACK, MAX_RULES, PACK_LIMITS};

use super::error::TypologyError;
use super::requires::lacking;
use super::rule::Typology;

/// The newest format of a pack that this version reads.
const FORMAT: u32 = 1;

/// One file of red flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// The name that its author gave it.
    pub name: String,
    /// Raised with every change of the pack.
    pub version: u32,
    /// The rules that this version understands, in the order of the file.
    pub rules: Vec<Typology>,
    /// The rules that need a newer module.
    pub skipped: Vec<Skipped>,
}

/// A rule that needs a feature this version lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its id; `*` for every rule of a pack of a newer format.
    pub id: String,
    /// The missing features, such as `signal:NAME` or `format:2`.
    pub requires: Vec<String>,
}

impl Pack {
    /// Reads a pack. A pack of a newer format becomes an empty one with a skipped rule `*`: a list must not
    /// stop working because of its red flags.
    ///
    /// # Errors
    /// Why the whole pack is refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, TypologyError> {
        if bytes.len() > MAX_PACK {
            return Err(TypologyError::TooLarge);
        }
        let value = parse(bytes, PACK_LIMITS).map_err(TypologyError::Json)?;
        let mut fields = Fields::of(&value, Path::default())?;
        let format = fields.required("format")?.number(1, u32::MAX)?;
        if format > FORMAT {
            return Ok(Self::of_newer_format(format, &value));
        }
        let version = fields.required("version")?.number(1, u32::MAX)?;
        let name = fields
            .required("name")?
            .form(|name| is_pack_name(name).then(|| name.to_owned()))?;
        let mut pack = Self {
            name,
            version,
            rules: Vec::new(),
            skipped: Vec::new(),
        };
        for (index, rule) in fields.required("rules")?.items(MAX_RULES)?.enumerate() {
            pack.take(index, &rule)?;
        }
        fields.end()?;
        Ok(pack)
    }

    /// Keeps name and version if the newer format still has them in the same place.
    fn of_newer_format(format: u32, value: &Value<'_>) -> Self {
        let member = |name| value.as_object().and_then(|object| object.get(name));
        let name = member("name")
            .and_then(Value::as_str)
            .filter(|name| is_pack_name(name));
        let version = member("version").and_then(Value::as_integer);
        Self {
            name: name.unwrap_or_default().to_owned(),
            version: version
                .and_then(|version| u32::try_from(version).ok())
                .unwrap_or(0),
            rules: Vec::new(),
            skipped: vec![Skipped {
                id: "*".to_owned(),
                requires: vec![format!("format:{format}")],
            }],
        }
    }

    /// Takes one rule. Only id and `requires` are read of a rule that is skipped, since a newer feature may
    /// change the form of the rest.
    fn take(&mut self, rule: usize, field: &Field<'_, '_>) -> Result<(), TypologyError> {
        let mut fields = field.fields()?;
        let id = fields.required("id")?.form(id)?;
        let before = self.rules.iter().map(|rule| &rule.id);
        let mut before = before.chain(self.skipped.iter().map(|skipped| &skipped.id));
        if before.any(|other| *other == id) {
            return Err(TypologyError::DuplicateId { rule });
        }
        let requires = fields.optional("requires").map(|field| lacking(&field));
        let requires = requires.transpose()?.unwrap_or_default();
        if requires.is_empty() {
            self.rules.push(Typology::read(rule, id, fields)?);
        } else {
            self.skipped.push(Skipped { id, requires });
        }
        Ok(())
    }
}

/// Whether a text can be a rule's id: 1 to 16 letters, digits, underscores and hyphens, and nothing
/// like a card number.
#[must_use]
pub fn is_rule_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
    (1..=16).contains(&text.len()) && text.bytes().all(allowed) && !holds_card_number(text)
}

/// A pack's name is shown with its rules, so it obeys the guard as their texts do.
fn is_pack_name(text: &str) -> bool {
    is_name(text) && !holds_card_number(text)
}

fn id(text: &str) -> Option<String> {
    is_rule_id(text).then(|| text.to_owned())
}
