//! Patterns of STIX 2.1 (section 9) that name things: `=` and OR. Any other operator says something about
//! how things are seen together, which a list cannot.
//!
//! ```text
//! pattern     = observation *("OR" observation)
//! observation = "[" comparison *("OR" comparison) "]"
//! comparison  = type ":" property "=" "'" text "'"
//! ```

use super::super::super::rule::Rule;
use super::super::mapping::is_card_field;
use super::super::row::{Fields, URL};

/// Longest pattern: a thousand names of 64 bytes.
const MAX_PATTERN: usize = 64 << 10;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Open,
    Close,
    Equals,
    Word(String),
    Text(String),
}

/// What a pattern names, each by itself, or why the whole pattern is refused.
pub(super) fn read(pattern: &str) -> Result<Vec<Result<Fields, Rule>>, Rule> {
    if pattern.len() > MAX_PATTERN {
        return Err(Rule::PatternSyntax);
    }
    let parts = split(pattern)?;
    let mut parts = parts.into_iter().peekable();
    let mut found = Vec::new();
    loop {
        expect(parts.next(), &Part::Open)?;
        loop {
            let path = match parts.next() {
                Some(Part::Word(word)) if !is_keyword(&word) => word,
                other => return Err(unexpected(other.as_ref())),
            };
            expect(parts.next(), &Part::Equals)?;
            match parts.next() {
                Some(Part::Text(text)) => found.push(comparison(&path, &text)),
                other => return Err(unexpected(other.as_ref())),
            }
            match parts.next() {
                Some(Part::Close) => break,
                next => or(next.as_ref())?,
            }
        }
        match parts.next() {
            None => return Ok(found),
            next => or(next.as_ref())?,
        }
    }
}

fn comparison(path: &str, text: &str) -> Result<Fields, Rule> {
    match path {
        "domain-name:value" | "hostname:value" => Ok(Fields::of("domain", text)),
        "url:value" => Ok(Fields::of(URL, text)),
        // Not of the standard: what OpenCTI writes.
        "bank-account:iban" => Ok(Fields::of("iban", text)),
        "phone-number:value" => Ok(Fields::of("phone", text)),
        "cryptocurrency-wallet:value" => Ok(Fields::of("wallet", text)),
        _ if path.split([':', '.']).any(is_card_field) => Err(Rule::CardNumber),
        _ => Err(Rule::PatternPath),
    }
}

fn expect(part: Option<Part>, wanted: &Part) -> Result<(), Rule> {
    match part {
        Some(part) if part == *wanted => Ok(()),
        other => Err(unexpected(other.as_ref())),
    }
}

fn or(part: Option<&Part>) -> Result<(), Rule> {
    match part {
        Some(Part::Word(word)) if word == "OR" => Ok(()),
        other => Err(unexpected(other)),
    }
}

/// What is right in the language but says more than a name is told from what is wrong.
fn unexpected(part: Option<&Part>) -> Rule {
    match part {
        Some(Part::Word(word)) if is_keyword(word) => Rule::PatternOperator,
        _ => Rule::PatternSyntax,
    }
}

fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 17] = [
        "AND",
        "OR",
        "NOT",
        "FOLLOWEDBY",
        "LIKE",
        "MATCHES",
        "ISSUPERSET",
        "ISSUBSET",
        "EXISTS",
        "IN",
        "START",
        "STOP",
        "SECONDS",
        "WITHIN",
        "REPEATS",
        "TIMES",
        "operator",
    ];
    KEYWORDS.contains(&word)
}

fn split(pattern: &str) -> Result<Vec<Part>, Rule> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            return Ok(parts);
        };
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        let part = match first {
            '[' => Part::Open,
            ']' => Part::Close,
            '=' if after.starts_with('=') => return Err(Rule::PatternSyntax),
            '=' => Part::Equals,
            // Other operators, and brackets that group.
            '!' | '<' | '>' | '(' | ')' | '\u{2260}' | '\u{2264}' | '\u{2265}' => {
                Part::Word("operator".to_owned())
            }
            '\'' => {
                let (text, length) = literal(after)?;
                rest = after.get(length..).unwrap_or_default();
                parts.push(Part::Text(text));
                continue;
            }
            _ => {
                let end = rest.find(|character: char| {
                    character.is_whitespace()
                        || "[]=!<>()\u{2260}\u{2264}\u{2265}".contains(character)
                });
                // A path may hold quoted names; ours have none, and the path is refused as it is.
                let (word, after) = rest
                    .split_at_checked(end.unwrap_or(rest.len()))
                    .unwrap_or((rest, ""));
                rest = after;
                parts.push(Part::Word(word.to_owned()));
                continue;
            }
        };
        rest = after;
        parts.push(part);
    }
}

/// The text up to the closing quote, and how long it is written.
fn literal(text: &str) -> Result<(String, usize), Rule> {
    let mut read = String::new();
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '\'' => return Ok((read, place.saturating_add(1))),
            '\\' => match characters.next() {
                Some((_, escaped @ ('\'' | '\\'))) => read.push(escaped),
                _ => return Err(Rule::PatternSyntax),
            },
            other => read.push(other),
        }
    }
    Err(Rule::PatternSyntax)
}
