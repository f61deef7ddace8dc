//! Columns whose values mean different things in different files: what they mean is recognised over the
//! whole column, and then every value becomes the documented form.

use super::forms::{ConfidenceScale, DateOrder};
use super::options::ReadOptions;
use super::row::{Field, Fields};
use crate::error::Doubt;

/// What was seen of the columns so far.
#[derive(Debug, Default)]
pub(super) struct Columns {
    numbers: Numbers,
    dates: Dates,
    /// A number had a decimal comma.
    pub(super) comma: bool,
}

/// How the values of a file become the documented forms.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Meaning {
    pub(super) confidence: Option<ConfidenceScale>,
    pub(super) dates: Option<DateOrder>,
}

#[derive(Debug, Default)]
struct Numbers {
    /// Whole, above 100.
    large: bool,
    /// Whole, 2 to 100.
    small: bool,
    /// 1, however it is written.
    one: bool,
    /// Above 0 and below 1.
    below_one: bool,
    /// Above 1, with digits after the point.
    parts: bool,
    /// With a percent sign.
    signs: bool,
}

#[derive(Debug, Default)]
struct Dates {
    day_first: bool,
    month_first: bool,
    either: bool,
    /// The same number twice: the order does not matter.
    same: bool,
    dots: bool,
}

/// A number in parts of a million.
struct Decimal {
    millionths: u64,
    whole: bool,
    comma: bool,
    percent: bool,
}

const MILLION: u64 = 1_000_000;

/// The most that a record says.
const MOST: u64 = 999;

impl Columns {
    pub(super) fn see(&mut self, fields: &Fields) {
        if let Some(number) = fields.get(Field::Confidence).and_then(Decimal::read) {
            self.comma |= number.comma;
            self.numbers.see(&number);
        }
        if let Some(date) = fields.get(Field::ValidUntil).and_then(date) {
            self.dates.see(&date);
        }
    }

    /// What the columns mean, as far as the options do not say it.
    pub(super) fn meaning(&self, options: &ReadOptions) -> Result<Meaning, Doubt> {
        Ok(Meaning {
            confidence: match options.confidence {
                None => self.numbers.scale()?,
                given => given,
            },
            dates: match options.dates {
                None => self.dates.order()?,
                given => given,
            },
        })
    }
}

impl Meaning {
    /// Puts the documented forms in the place of the file's. What is neither stays, and breaks a rule.
    pub(super) fn apply(self, fields: &mut Fields) {
        let number = self.confidence.zip(fields.get(Field::Confidence));
        if let Some(number) = number.and_then(|(scale, text)| scale.per_mille(text)) {
            fields.set(Field::Confidence, &number);
        }
        let date = self.dates.zip(fields.get(Field::ValidUntil));
        if let Some(date) = date.and_then(|(order, text)| order.iso(text)) {
            fields.set(Field::ValidUntil, &date);
        }
    }
}

impl Numbers {
    fn see(&mut self, number: &Decimal) {
        let place = match number {
            Decimal { percent: true, .. } => &mut self.signs,
            Decimal { millionths: 0, .. } => return,
            Decimal {
                millionths: MILLION,
                ..
            } => &mut self.one,
            Decimal {
                millionths: 0..MILLION,
                ..
            } => &mut self.below_one,
            Decimal { whole: false, .. } => &mut self.parts,
            Decimal { millionths, .. } if *millionths > MILLION.saturating_mul(100) => {
                &mut self.large
            }
            Decimal { .. } => &mut self.small,
        };
        *place = true;
    }

    fn scale(&self) -> Result<Option<ConfidenceScale>, Doubt> {
        let Self {
            large,
            small,
            one,
            below_one,
            parts,
            signs,
        } = *self;
        Ok(Some(match (large, below_one) {
            _ if signs && (large || small || one || below_one || parts) => {
                return Err(Doubt::ConfidenceMixed);
            }
            _ if signs => ConfidenceScale::Percent,
            (true, _) => ConfidenceScale::PerMille,
            (false, true) if small || parts => return Err(Doubt::ConfidenceMixed),
            (false, true) => ConfidenceScale::Fraction,
            (false, false) if parts => ConfidenceScale::Percent,
            (false, false) if small || one => return Err(Doubt::Confidence),
            (false, false) => return Ok(None),
        }))
    }
}

impl Dates {
    fn see(&mut self, (separator, [first, second, _]): &(char, [u32; 3])) {
        let place = match (*first > 12, *second > 12) {
            _ if *separator == '.' => &mut self.dots,
            (true, true) => return,
            (true, false) => &mut self.day_first,
            (false, true) => &mut self.month_first,
            (false, false) if first == second => &mut self.same,
            (false, false) => &mut self.either,
        };
        *place = true;
    }

    const fn order(&self) -> Result<Option<DateOrder>, Doubt> {
        match (self.day_first, self.month_first) {
            (true, true) => Err(Doubt::DatesMixed),
            (true, false) => Ok(Some(DateOrder::DayFirst)),
            (false, true) => Ok(Some(DateOrder::MonthFirst)),
            (false, false) if self.either => Err(Doubt::Dates),
            (false, false) if self.dots || self.same => Ok(Some(DateOrder::DayFirst)),
            (false, false) => Ok(None),
        }
    }
}

impl Decimal {
    /// Digits with at most one point or comma and six digits after it, and a percent sign.
    fn read(text: &str) -> Option<Self> {
        let (text, percent) = match text.strip_suffix('%') {
            Some(number) => (number.trim_end(), true),
            None => (text, false),
        };
        let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let one_point = text.len() > whole.len();
        if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 6 {
            return None;
        }
        if one_point && part.is_empty() {
            return None;
        }
        let millionths = format!("{part:0<6}").parse::<u64>().ok()?;
        let whole = whole.parse::<u64>().ok()?.checked_mul(MILLION)?;
        Some(Self {
            millionths: whole.checked_add(millionths)?,
            whole: !one_point,
            comma: text.contains(','),
            percent,
        })
    }
}

/// The separator and the numbers of a date that ends with its year.
fn date(text: &str) -> Option<(char, [u32; 3])> {
    let separator = text.chars().find(|character| !character.is_ascii_digit())?;
    if !matches!(separator, '.' | '-' | '/') {
        return None;
    }
    let mut parts = text.split(separator);
    let mut number = |digits: std::ops::RangeInclusive<usize>| {
        let part = parts.next()?;
        let right = digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse().ok().filter(|_| right)
    };
    let numbers = [number(1..=2)?, number(1..=2)?, number(4..=4)?];
    parts.next().is_none().then_some((separator, numbers))
}

impl ConfidenceScale {
    /// The word for it in options and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PerMille => "per-mille",
            Self::Percent => "percent",
            Self::Fraction => "fraction",
        }
    }

    /// A number of this scale in per mille, as text. Digits beyond a per mille never raise it.
    fn per_mille(self, text: &str) -> Option<String> {
        let number = Decimal::read(text)?;
        let parts: u64 = match self {
            Self::PerMille => return None,
            Self::Percent => 100_000,
            Self::Fraction if number.percent => return None,
            Self::Fraction => 1_000,
        };
        let most = parts.saturating_mul(1_000);
        let per_mille = number.millionths.checked_div(parts)?;
        (number.millionths <= most).then(|| per_mille.min(MOST).to_string())
    }
}

impl DateOrder {
    /// The form in words, for reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Iso => "yyyy-mm-dd",
            Self::DayFirst => "dd-mm-yyyy",
            Self::MonthFirst => "mm-dd-yyyy",
        }
    }

    /// A date of this order as `YYYY-MM-DD`.
    fn iso(self, text: &str) -> Option<String> {
        let (separator, [first, second, year]) = date(text)?;
        let (day, month) = match self {
            Self::Iso => return None,
            Self::MonthFirst if separator != '.' => (second, first),
            Self::DayFirst | Self::MonthFirst => (first, second),
        };
        Some(format!("{year:04}-{month:02}-{day:02}"))
    }
}
