use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use crate::common::schema::{Fault, Field, Fields, SchemaError};
use crate::identifier::holds_card_number;
use crate::list::is_name;
use crate::rules::condition::Condition;
use crate::rules::limits::{MAX_TEXTS, MAX_WEIGHT};

use super::error::TypologyError;

/// One rule: a red flag, or a sign that a merchant is safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Typology {
    /// Unique within the pack.
    pub id: String,
    /// What it looks for, in one line.
    pub title: String,
    /// The title in other languages, by ISO 639-1 code.
    pub texts: Vec<(String, String)>,
    /// The rules of one group are not independent: the strongest counts in full, the others half.
    pub group: Option<String>,
    /// Whether it raises or lowers the score.
    pub direction: Direction,
    /// Millibits added to the score if the condition holds: positive if riskier, negative if safer.
    pub weight: i32,
    /// Millibits added if the condition is known not to hold: 0, or of the opposite sign.
    pub otherwise: i32,
    /// Whether the weights were fitted to outcomes; if not, they are somebody's judgement.
    pub calibrated: bool,
    /// The condition, parsed.
    pub condition: Condition,
    /// The condition, as written.
    pub when: String,
    /// Who published the red flag.
    pub source: String,
}

/// Whether a rule raises or lowers the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Raises it: a red flag.
    Riskier,
    /// Lowers it: a sign that the merchant is safe.
    Safer,
}

impl Typology {
    /// Reads the rest of a rule after `id` and `requires`.
    pub(super) fn read(
        rule: usize,
        id: String,
        mut fields: Fields<'_, '_>,
    ) -> Result<Self, TypologyError> {
        let title = fields.required("title")?.form(line)?;
        let texts = fields.optional("texts").map(|field| texts(&field));
        let texts = texts.transpose()?.unwrap_or_default();
        let group = fields.optional("group").map(|field| field.form(group));
        let group = group.transpose()?;
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
            texts,
            group,
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

impl Typology {
    /// What it looks for in this language, by ISO 639-1 code; the title if the pack has no such text.
    #[must_use]
    pub fn text(&self, language: &str) -> &str {
        let mut texts = self.texts.iter();
        let text = texts.find(|(code, _)| code == language);
        text.map_or(&self.title, |(_, text)| text)
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

    /// The sign that its weights must have.
    const fn sign(self) -> i32 {
        match self {
            Self::Riskier => 1,
            Self::Safer => -1,
        }
    }
}

/// Reads the title in other languages.
fn texts(field: &Field<'_, '_>) -> Result<Vec<(String, String)>, SchemaError> {
    let mut texts = Vec::new();
    for (code, text) in field.members(MAX_TEXTS)? {
        let is_code = code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase());
        if !is_code {
            return Err(field.path.error(Fault::OutOfRange));
        }
        texts.push((code.to_owned(), text.form(line)?));
    }
    Ok(texts)
}

fn group(text: &str) -> Option<String> {
    (is_name(text) && !holds_card_number(text)).then(|| text.to_owned())
}

/// Reads a text that is shown in terminals and logs: 1 to 300 bytes, no control characters, no card number.
fn line(text: &str) -> Option<String> {
    let plain = (1..=300).contains(&text.len()) && !text.chars().any(char::is_control);
    (plain && !holds_card_number(text)).then(|| text.to_owned())
}
