//! Published red flags as signed data: a coalition's file of rules, each with its source, and
//! weights that say whether anyone has measured them. `docs/scoring.md` has the format.
//!
//! ```
//! use interdict_core::rules::{Direction, Pack};
//!
//! let pack = Pack::parse(br#"{"format": 1, "version": 3, "name": "standard", "rules": [
//!     {"id": "T04", "title": "Paid on a page the merchant did not declare",
//!      "direction": "riskier", "weight": 1000, "otherwise": 0, "calibrated": false,
//!      "when": "payment_page_declared = false", "source": "A public guide to transaction laundering"}
//! ]}"#).unwrap();
//! assert_eq!((pack.version, pack.rules.len()), (3, 1));
//! assert_eq!(pack.rules[0].direction, Direction::Riskier);
//! ```

use core::fmt;

use crate::common::json::{JsonError, Limits, Value, parse};
use crate::common::schema::{Fault, Field, Fields, Path, SchemaError};
use crate::identifier::{Kind, holds_card_number};
use crate::list::is_name;

use super::condition::{Condition, ConditionError};
use super::signals::Signal;

/// The newest form of a pack that is read here.
const FORMAT: u32 = 1;

/// Bytes: 64 rules of the longest texts fit.
const MAX_SIZE: usize = 64 * 1024;

/// 64 rules of at most 27 values take 1,800; four levels are used, and more left for newer forms.
const LIMITS: Limits = Limits {
    depth: 8,
    nodes: 4096,
};

/// Rules of one pack: bounds what a screening costs, and what two people can read before signing.
const MAX_RULES: usize = 64;

/// Features one rule may require.
const MAX_REQUIRES: usize = 16;

/// The most that one rule may count, in millibits: odds times a thousand.
const MAX_WEIGHT: i32 = 10_000;

/// One file of red flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// What its publisher calls it.
    pub name: String,
    /// Raised with every change.
    pub version: u32,
    /// The rules that are understood here, in the order of the file.
    pub rules: Vec<Typology>,
    /// Those that need a newer module.
    pub skipped: Vec<Skipped>,
}

/// One red flag, or one sign of the contrary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typology {
    /// Unique in its pack.
    pub id: String,
    /// What it looks for, in a line.
    pub title: String,
    /// What it speaks for.
    pub direction: Direction,
    /// Millibits it adds where it holds: above 0 if riskier, below if safer.
    pub weight: i32,
    /// Millibits it adds where it is known not to hold: 0, or of the other sign.
    pub otherwise: i32,
    /// Whether the weights were fitted to outcomes, or are somebody's judgement.
    pub calibrated: bool,
    /// When it holds.
    pub condition: Condition,
    /// The text of the condition.
    pub when: String,
    /// Who published the red flag.
    pub source: String,
}

/// A rule that needs what this module lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its id; `*` for every rule of a pack of a newer format.
    pub id: String,
    /// What is lacking, such as `signal:NAME`, or `format:2`.
    pub requires: Vec<String>,
}

/// What a rule speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// For a bad merchant.
    Riskier,
    /// For a good one.
    Safer,
}

/// Why a pack was refused. The last good one stays in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypologyError {
    /// Longer than 64 KiB.
    TooLarge,
    /// Not JSON as we read it.
    Json(JsonError),
    /// A member is missing, unknown, of another type or out of range.
    Member(SchemaError),
    /// Two rules share an id.
    DuplicateId {
        /// The second, from 0.
        rule: usize,
    },
    /// A weight is not of the sign of its direction, or `otherwise` not of the other.
    Sign {
        /// Which rule, from 0.
        rule: usize,
    },
    /// A condition is refused.
    Condition {
        /// Whose.
        rule: usize,
        /// Why.
        error: ConditionError,
    },
    /// A rule that asks for a listing is `safer`: a listing must never lower a score.
    SaferListing {
        /// Which rule, from 0.
        rule: usize,
    },
    /// A rule counts where a country or category alone makes it false.
    OtherwiseByCode {
        /// Which rule, from 0.
        rule: usize,
    },
}

impl Pack {
    /// Reads a pack. One of a newer format is taken as empty and told as skipped: a list must not
    /// stop because of its red flags.
    ///
    /// # Errors
    /// Why nothing of it is used.
    pub fn parse(bytes: &[u8]) -> Result<Self, TypologyError> {
        if bytes.len() > MAX_SIZE {
            return Err(TypologyError::TooLarge);
        }
        let value = parse(bytes, LIMITS).map_err(TypologyError::Json)?;
        let mut fields = Fields::of(&value, Path::default())?;
        let format = fields.required("format")?.number(1, u32::MAX)?;
        if format > FORMAT {
            return Ok(Self::of_newer_format(format, &value));
        }
        let version = fields.required("version")?.number(1, u32::MAX)?;
        let name = fields
            .required("name")?
            .form(|name| is_name(name).then(|| name.to_owned()))?;
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

    /// Name and version are told if they are where they used to be.
    fn of_newer_format(format: u32, value: &Value<'_>) -> Self {
        let member = |name| value.as_object().and_then(|object| object.get(name));
        let name = member("name")
            .and_then(Value::as_str)
            .filter(|name| is_name(name));
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

    /// Takes one rule. Of a rule to skip nothing is read but its id and what it requires: what
    /// it needs may be another form of the rest.
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

impl Typology {
    /// Reads a rule of which `id` and `requires` were taken.
    fn read(rule: usize, id: String, mut fields: Fields<'_, '_>) -> Result<Self, TypologyError> {
        let title = fields.required("title")?.form(line)?;
        let direction = fields.required("direction")?.word(Direction::from_name)?;
        let mut millibits = |name| fields.required(name)?.number(-MAX_WEIGHT, MAX_WEIGHT);
        let (weight, otherwise) = (millibits("weight")?, millibits("otherwise")?);
        let calibrated = fields.required("calibrated")?.truth()?;
        let when = fields.required("when")?.text()?.to_owned();
        let source = fields.required("source")?.form(line)?;
        fields.end()?;
        if weight.signum() != direction.sign() || otherwise.signum() == direction.sign() {
            return Err(TypologyError::Sign { rule });
        }
        let condition =
            Condition::parse(&when).map_err(|error| TypologyError::Condition { rule, error })?;
        if direction == Direction::Safer && condition.asks_for_listings() {
            return Err(TypologyError::SaferListing { rule });
        }
        if otherwise != 0 && condition.fails_by_code_alone() {
            return Err(TypologyError::OtherwiseByCode { rule });
        }
        Ok(Self {
            id,
            title,
            direction,
            weight,
            otherwise,
            calibrated,
            condition,
            when,
            source,
        })
    }
}

impl Direction {
    /// `riskier` or `safer`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Riskier => "riskier",
            Self::Safer => "safer",
        }
    }

    /// Reads [`Direction::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Riskier, Self::Safer]
            .into_iter()
            .find(|direction| direction.name() == name)
    }

    /// The sign of its weights.
    const fn sign(self) -> i32 {
        match self {
            Self::Riskier => 1,
            Self::Safer => -1,
        }
    }
}

/// The features of a `requires` that are lacking here.
fn lacking(field: &Field<'_, '_>) -> Result<Vec<String>, SchemaError> {
    let mut lacking = Vec::new();
    for item in field.items(MAX_REQUIRES)? {
        let feature = item.form(feature)?;
        if !is_known(&feature) {
            lacking.push(feature);
        }
    }
    Ok(lacking)
}

fn is_known(feature: &str) -> bool {
    match feature.split_once(':') {
        Some(("signal", name)) => Signal::from_name(name).is_some(),
        Some(("listed", name)) => Kind::from_name(name).is_some(),
        Some(("conditions", "1")) => true,
        _ => false,
    }
}

/// 1 to 64 lower-case letters, digits, underscores, hyphens and colons.
fn feature(text: &str) -> Option<String> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-:".contains(&b);
    ((1..=64).contains(&text.len()) && text.bytes().all(allowed)).then(|| text.to_owned())
}

/// Whether a text can be a rule's id: 1 to 16 letters, digits, underscores and hyphens, and nothing
/// like a card number.
#[must_use]
pub fn is_rule_id(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_-".contains(&b);
    (1..=16).contains(&text.len()) && text.bytes().all(allowed) && !holds_card_number(text)
}

fn id(text: &str) -> Option<String> {
    is_rule_id(text).then(|| text.to_owned())
}

/// 1 to 300 bytes without control characters and card numbers: it is shown in terminals and logs.
fn line(text: &str) -> Option<String> {
    let plain = (1..=300).contains(&text.len()) && !text.chars().any(char::is_control);
    (plain && !holds_card_number(text)).then(|| text.to_owned())
}

impl From<SchemaError> for TypologyError {
    fn from(error: SchemaError) -> Self {
        Self::Member(error)
    }
}

impl fmt::Display for TypologyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => f.write_str("a file of typologies has at most 64 KiB"),
            Self::Json(JsonError::DuplicateMember) => f.write_str("an object names a member twice"),
            Self::Json(JsonError::NonInteger) => {
                f.write_str("numbers must be whole, without exponent")
            }
            Self::Json(_) => f.write_str("this is not the JSON of a file of typologies"),
            Self::Member(SchemaError { fault, path }) => {
                if *path != Path::default() {
                    write!(f, "{path}: ")?;
                }
                f.write_str(sentence(*fault))
            }
            Self::DuplicateId { rule } => {
                write!(f, "rules[{rule}].id: another rule has this id")
            }
            Self::Sign { rule } => write!(
                f,
                "rules[{rule}]: the weight has the direction's sign, and otherwise the other or 0"
            ),
            Self::Condition { rule, error } => write!(f, "rules[{rule}].when: {error}"),
            Self::SaferListing { rule } => {
                write!(
                    f,
                    "rules[{rule}]: a rule that asks for a listing must be riskier"
                )
            }
            Self::OtherwiseByCode { rule } => write!(
                f,
                "rules[{rule}].otherwise: a country or category alone must not decide; give 0"
            ),
        }
    }
}

const fn sentence(fault: Fault) -> &'static str {
    match fault {
        Fault::UnknownField | Fault::CardNumber => "holds a member that is not of the format",
        Fault::MissingField => "this member is required",
        Fault::WrongType => "the value is of another type than the format says",
        Fault::UnknownValue | Fault::UnknownKind => "the word is not one the format lists",
        Fault::TooMany => "more elements than the format allows",
        Fault::OutOfRange | Fault::TooLarge | Fault::Json(_) => {
            "the value is outside the range or form the format says"
        }
    }
}

impl core::error::Error for TypologyError {}

#[cfg(test)]
mod tests;
