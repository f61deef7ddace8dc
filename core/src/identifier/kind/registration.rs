//! `registration`: a company's number in its country's register.

mod check_digits;
mod registers;

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::identifier::country::country;
use crate::identifier::fields;
use crate::identifier::form::Form;
use crate::identifier::rule::{Rule, Words};

use registers::{Reading, Register};

/// Longest number of a register without a rule of its own below.
const MAX_NUMBER: usize = 40;
/// The most digits of such a number: a card number has 13 or more.
const MAX_DIGITS: usize = 12;

/// A country and a number in its register.
pub(in crate::identifier) struct Registration {
    country: &'static str,
    number: String,
}

impl Rule {
    const REGISTRATION_FORMAT: Self = Self(&Words::new(
        "registration_format",
        "the number does not have the form that its country's register uses",
    ));
    const REGISTRATION_CHECK_DIGIT: Self = Self(&Words::check_digits(
        "registration_check_digit",
        "the check digit is wrong; a digit is mistyped, missing or out of place",
    ));
    const REGISTRATION_PERSONAL: Self = Self(&Words::new(
        "registration_personal",
        "is the number of a person; never send one here",
    ));
    const REGISTRATION_COURT: Self = Self(&Words::new(
        "registration_court",
        "is unique only with its court; write the European unique identifier (EUID)",
    ));
    const REGISTRATION_REGION: Self = Self(&Words::new(
        "registration_region",
        "is unique only within a region of its country; name the company otherwise",
    ));
}

impl Form for Registration {
    const CODE: u8 = 11;
    const NAME: &'static str = "registration";
    const RULES: &'static [Rule] = &[
        Rule::REGISTRATION_FORMAT,
        Rule::REGISTRATION_CHECK_DIGIT,
        Rule::REGISTRATION_PERSONAL,
        Rule::REGISTRATION_COURT,
        Rule::REGISTRATION_REGION,
    ];

    /// `COUNTRY/NUMBER`.
    fn parse(value: &str) -> Result<Self, Rule> {
        let (country, number) = fields::parted(value)?;
        Self::of(country, number)
    }

    fn text(self) -> String {
        format!("{}/{}", self.country, self.number)
    }

    fn canonical(&self) -> Option<Vec<u8>> {
        let fields = [self.country.as_bytes(), self.number.as_bytes()];
        Some(fields::join(&fields))
    }
}

impl Registration {
    pub(in crate::identifier) fn of(written: &str, number: &str) -> Result<Self, Rule> {
        let country = match country(written).ok_or(Rule::COUNTRY)? {
            // These territories have no register of their own.
            "BL" | "GF" | "GP" | "MF" | "MQ" | "PM" | "RE" | "YT" => "FR",
            "AX" => "FI",
            "SJ" => "NO",
            country => country,
        };
        let number = number.trim().to_ascii_uppercase();
        let number = match country {
            // Every emirate, province and state has its own numbering.
            "AE" | "CA" | "US" => Err(Rule::REGISTRATION_REGION),
            "AT" => austrian(&bare(&number)),
            "BE" => belgian(&bare(&number)),
            "DE" => german(&number),
            "DK" => mod_11(&bare(&number), &[2, 7, 6, 5, 4, 3, 2, 1]),
            "FI" => mod_11(&bare(&number), &[7, 9, 10, 5, 8, 4, 2, 1]),
            "FR" => french(&bare(&number)),
            "GB" => british(&bare(&number)),
            "NL" => digits(&bare(&number), 8),
            "NO" => mod_11(&bare(&number), &[3, 2, 7, 6, 5, 4, 3, 2, 1]),
            "SE" => swedish(&bare(&number)),
            country => match Register::of(country) {
                Some(register) => known(register, &number),
                None => any(&number, MAX_DIGITS),
            },
        }?;
        Ok(Self { country, number })
    }
}

impl Registration {
    /// A number of a register that had no rule of its own before version 0.3.0.
    pub(in crate::identifier) fn stored(text: &str) -> Result<Self, Rule> {
        let (written, number) = fields::parted(text)?;
        let country = country(written).ok_or(Rule::COUNTRY)?;
        let number = match country {
            "AE" | "AT" | "BE" | "CA" | "DE" | "DK" | "FI" | "FR" | "GB" | "NL" | "NO" | "SE"
            | "US" => Err(Rule::REGISTRATION_FORMAT),
            _ => any(number, MAX_NUMBER),
        }?;
        Ok(Self { country, number })
    }
}

/// Removes the signs that people put between groups. Only for numbers of a fixed form: elsewhere 1/23 and
/// 12/3 may be two companies.
fn bare(number: &str) -> String {
    fields::ungrouped(number).filter(|&c| c != '.').collect()
}

fn digits(number: &str, length: usize) -> Result<String, Rule> {
    if number.len() == length && number.bytes().all(|b| b.is_ascii_digit()) {
        Ok(number.to_owned())
    } else {
        Err(Rule::REGISTRATION_FORMAT)
    }
}

/// Checks that the number has as many digits as weights, and that the weighted sum is divisible by 11.
fn mod_11(number: &str, weights: &[u32]) -> Result<String, Rule> {
    let number = digits(number, weights.len())?;
    if check_digits::sum_11(&number, weights) {
        Ok(number)
    } else {
        Err(Rule::REGISTRATION_CHECK_DIGIT)
    }
}

fn luhn(number: String) -> Result<String, Rule> {
    if check_digits::luhn(&number) {
        Ok(number)
    } else {
        Err(Rule::REGISTRATION_CHECK_DIGIT)
    }
}

/// A number of a country in the table of registers.
fn known(register: &Register, number: &str) -> Result<String, Rule> {
    let number: String = bare(number).replace('/', "").replace('\u{f1}', "\u{d1}");
    match register.read(&number) {
        Reading::Company => Ok(number),
        Reading::WrongCheckDigit => Err(Rule::REGISTRATION_CHECK_DIGIT),
        Reading::Person => Err(Rule::REGISTRATION_PERSONAL),
        Reading::Neither => Err(Rule::REGISTRATION_FORMAT),
    }
}

/// Firmenbuchnummer: up to six digits and a check letter, with or without `FN` before it.
fn austrian(number: &str) -> Result<String, Rule> {
    let number = number.strip_prefix("FN").unwrap_or(number);
    let number = number.trim_start_matches('0');
    let check = number.trim_start_matches(|c: char| c.is_ascii_digit());
    let length = number.len().saturating_sub(check.len());
    let letter = matches!(check.as_bytes(), [letter] if letter.is_ascii_uppercase());
    if letter && (1..=6).contains(&length) {
        Ok(number.to_owned())
    } else {
        Err(Rule::REGISTRATION_FORMAT)
    }
}

/// Ondernemingsnummer: ten digits, the last two of which are 97 less the remainder of the others.
fn belgian(number: &str) -> Result<String, Rule> {
    // Numbers had nine digits until 2005.
    let number = match number.len() {
        9 => digits(&format!("0{number}"), 10)?,
        _ => digits(number, 10)?,
    };
    // Numbers from 2 on are establishments, not companies.
    if !number.starts_with(['0', '1']) {
        return Err(Rule::REGISTRATION_FORMAT);
    }
    let (body, check) = number
        .split_at_checked(8)
        .ok_or(Rule::REGISTRATION_FORMAT)?;
    let body: u32 = body.parse().map_err(|_| Rule::REGISTRATION_FORMAT)?;
    let expected = 97_u32.saturating_sub(body % 97);
    if check.parse() == Ok(expected) {
        Ok(number)
    } else {
        Err(Rule::REGISTRATION_CHECK_DIGIT)
    }
}

/// SIREN: nine digits. A SIRET has five more digits and names an establishment.
fn french(number: &str) -> Result<String, Rule> {
    luhn(digits(number, 9)?)
}

/// Prefixes of Companies House.
const BRITISH: &str = "AC CE CS FC FE GE GN GS IC IP LP NC NF NI NL NO NP NR NZ OC OE PC RC SA SC SE SF \
    SG SI SL SO SP SR SZ ZC";

/// Eight characters: digits with leading zeros, or two letters and six digits.
fn british(number: &str) -> Result<String, Rule> {
    let digits = number.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let letters = number.len().saturating_sub(digits.len());
    let all = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    match (letters, digits.len()) {
        (0, 1..=8) if all => Ok(format!("{digits:0>8}")),
        (2, 1..=6) if all => {
            let (prefix, _) = number.split_at_checked(2).unwrap_or_default();
            if !BRITISH.split(' ').any(|known| known == prefix) {
                return Err(Rule::REGISTRATION_FORMAT);
            }
            Ok(format!("{prefix}{digits:0>6}"))
        }
        _ => Err(Rule::REGISTRATION_FORMAT),
    }
}

/// Organisationsnummer: ten digits, with or without the century 16 before them. The third digit is 2 or
/// more for a company; in a person's number it belongs to the month of birth.
fn swedish(number: &str) -> Result<String, Rule> {
    let number = match number.len() {
        12 => match number.as_bytes() {
            [b'1', b'8' | b'9', ..] | [b'2', b'0', ..] => return Err(Rule::REGISTRATION_PERSONAL),
            _ => number.strip_prefix("16").ok_or(Rule::REGISTRATION_FORMAT)?,
        },
        _ => number,
    };
    let number = digits(number, 10)?;
    if matches!(number.as_bytes(), [_, _, b'0' | b'1', ..]) {
        return Err(Rule::REGISTRATION_PERSONAL);
    }
    luhn(number)
}

/// Every court has its own numbering, so only the European unique identifier is unique: `DE`, the
/// court's code, a dot, the register and the number.
fn german(number: &str) -> Result<String, Rule> {
    let number: String = number.chars().filter(|c| !c.is_whitespace()).collect();
    let (court, entry) = number
        .strip_prefix("DE")
        .and_then(|number| number.split_once('.'))
        .ok_or(Rule::REGISTRATION_COURT)?;
    let register = ["HRA", "HRB", "GNR", "GSR", "PR", "VR"]
        .into_iter()
        .find(|register| entry.starts_with(register))
        .ok_or(Rule::REGISTRATION_FORMAT)?;
    let entry = entry.strip_prefix(register).unwrap_or_default();
    let entry = entry.trim_start_matches('0');
    let letters = entry.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = entry.len().saturating_sub(letters.len());
    let right = (5..=6).contains(&court.len())
        && court.bytes().all(|b| b.is_ascii_alphanumeric())
        && (1..=7).contains(&digits)
        && letters.len() <= 2
        && letters.bytes().all(|b| b.is_ascii_uppercase());
    if right {
        Ok(format!("DE{court}.{register}{entry}"))
    } else {
        Err(Rule::REGISTRATION_FORMAT)
    }
}

/// A register without a rule of its own. Punctuation may distinguish companies or be decoration, so a
/// number that contains any is refused.
fn any(number: &str, most_digits: usize) -> Result<String, Rule> {
    let allowed = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    if number.len() <= MAX_NUMBER
        && number.bytes().all(allowed)
        && (1..=most_digits).contains(&digits)
    {
        Ok(number.to_owned())
    } else {
        Err(Rule::REGISTRATION_FORMAT)
    }
}

#[cfg(test)]
mod tests;
