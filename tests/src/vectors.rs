//! The published test vectors of `fixtures/vectors/`: what others say about a value, what we say, and the
//! reason where the two differ. `fixtures/README.md` describes the files. A member that it does not
//! describe fails the run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use interdict_core::common::hex;
use interdict_core::identifier::{Identifier, IdentifierError, Kind};
use interdict_core::wire::Code;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::corpus::Lines;

/// The vectors of one source.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vectors {
    /// The file's name without its ending.
    #[serde(skip)]
    pub name: String,
    /// Document, version, date or commit.
    pub source: String,
    /// The licence of its facts.
    pub licence: String,
    /// The kind of the values.
    pub kind: String,
    /// How many cases the file must have, so that none gets lost.
    pub count: usize,
    /// Every class of difference between our verdicts and theirs, by name.
    #[serde(default)]
    pub differences: BTreeMap<String, Difference>,
    /// In the order of the source.
    pub cases: Vec<Case>,
}

/// A class of difference between our verdict and the published one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    /// Why our verdict is right.
    pub reason: String,
    /// `text`, or the rules we refuse with.
    pub ours: BTreeSet<String>,
    /// `text`, or the codes the source refuses with.
    pub published: BTreeSet<String>,
}

/// One published value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What the source says of the case.
    pub about: Option<String>,
    /// A value of the file's kind.
    pub value: Option<String>,
    /// A web address, of which the host is looked up.
    pub url: Option<String>,
    /// Our text form.
    pub text: Option<String>,
    /// Our canonical bytes, hexadecimal.
    pub canonical: Option<String>,
    /// The text forms under which we look it up, in this kind.
    pub look_ups: Option<Vec<String>>,
    /// The rule we refuse it by.
    pub error: Option<String>,
    /// The classes of difference; missing if both agree.
    pub difference: Option<String>,
    /// What the source says instead.
    pub published: Option<Published>,
}

/// A verdict that is not ours.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Published {
    /// Accepted, in this form.
    Text(String),
    /// Accepted, and looked up in these forms.
    LookUps(Vec<String>),
    /// Refused, with these codes (separated by spaces) where the source has codes.
    Error(String),
}

/// How one case came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Accepted.
    Accepted,
    /// Refused by this rule.
    Refused(&'static str),
}

/// Reads every file of `fixtures/vectors`, in the order of their names.
///
/// # Errors
/// A file that is not of the schema, or that contradicts itself.
pub fn vectors(fixtures: &Path) -> Result<Vec<Vectors>> {
    let mut files: Vec<_> = std::fs::read_dir(fixtures.join("vectors"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    let mut all = Vec::new();
    for file in files {
        let name = file.file_stem().and_then(|stem| stem.to_str());
        let name = name.context("a file name")?.to_owned();
        let text = std::fs::read_to_string(&file)?;
        let mut vectors = read(&text).with_context(|| format!("vectors/{name}.json"))?;
        vectors.name = name;
        all.push(vectors);
    }
    ensure!(!all.is_empty(), "no vectors");
    Ok(all)
}

/// Reads the text of one file.
///
/// # Errors
/// A text that is not of the schema, or that contradicts itself.
pub fn read(text: &str) -> Result<Vectors> {
    let vectors: Vectors = serde_json::from_str(text)?;
    ensure!(
        vectors.cases.len() == vectors.count,
        "{} cases, and {} are stated",
        vectors.cases.len(),
        vectors.count
    );
    for (index, case) in vectors.cases.iter().enumerate() {
        case.check(&vectors.differences)
            .with_context(|| format!("case {index}"))?;
    }
    for name in vectors.differences.keys() {
        let used = vectors.cases.iter().any(|case| case.is_of(name));
        ensure!(used, "{name} is no case's");
    }
    Ok(vectors)
}

impl Vectors {
    /// Runs one case and asks the subject the same; the verdict.
    ///
    /// # Errors
    /// A verdict other than the case's, or another answer from the subject than the core's own.
    pub fn run(
        &self,
        case: &Case,
        native: &mut dyn Lines,
        subjects: &mut [&mut dyn Lines],
    ) -> Result<Verdict> {
        let kind = Kind::from_name(&self.kind)
            .with_context(|| format!("this build has no kind {}", self.kind))?;
        let found = case.parse(kind);
        case.compare(&found)?;
        let message = case.message(&self.kind).to_string();
        let step = json!({"op": "describe", "now": 1_795_309_323, "in": message});
        let answer = native.ask(&step)?;
        answered(&answer, &found)?;
        for subject in subjects {
            let other = subject.ask(&step)?;
            ensure!(
                other == answer,
                "the core answers {answer}, the subject {other}"
            );
        }
        Ok(match found {
            Ok(_) => Verdict::Accepted,
            Err(error) => Verdict::Refused(error.rule().name()),
        })
    }
}

impl Case {
    /// What the case is about, for error messages.
    #[must_use]
    pub fn input(&self) -> &str {
        let given = self.value.as_deref().or(self.url.as_deref());
        given.unwrap_or_default()
    }

    /// Whether the case claims this class of difference.
    #[must_use]
    pub fn is_of(&self, class: &str) -> bool {
        let claimed = self.difference.as_deref().unwrap_or_default();
        claimed.split(' ').any(|name| name == class)
    }

    /// The core's own reading.
    ///
    /// # Errors
    /// The core's.
    pub fn parse(&self, kind: Kind) -> Result<Identifier, IdentifierError> {
        match &self.url {
            Some(url) => Identifier::from_url(url),
            None => Identifier::parse(kind, self.input()),
        }
    }

    fn message(&self, kind: &str) -> Value {
        match &self.url {
            Some(url) => json!({"url": url}),
            None => json!({"identifiers": [{"kind": kind, "value": self.value}]}),
        }
    }

    /// Checks that the case gives one verdict, and that a stated difference exists and is of its class.
    fn check(&self, differences: &BTreeMap<String, Difference>) -> Result<()> {
        ensure!(self.value.is_some() != self.url.is_some(), "value or url");
        ensure!(self.text.is_some() != self.error.is_some(), "text or error");
        if self.error.is_some() {
            ensure!(
                self.canonical.is_none() && self.look_ups.is_none(),
                "bytes of a refused value"
            );
        }
        let (name, published) = match (&self.difference, &self.published) {
            (None, None) => return Ok(()),
            (Some(name), Some(published)) => (name, published),
            _ => anyhow::bail!("a difference has a class and what is published"),
        };
        let published = match published {
            Published::Text(text) => {
                ensure!(
                    self.text.as_ref() != Some(text),
                    "no difference: both say {text}"
                );
                vec!["text"]
            }
            Published::LookUps(look_ups) => {
                ensure!(
                    self.look_ups.as_ref() != Some(look_ups),
                    "no difference in the look-ups"
                );
                vec!["look_ups"]
            }
            Published::Error(codes) => {
                ensure!(self.text.is_some(), "no difference: both refuse");
                codes.split(' ').collect()
            }
        };
        let mut unclaimed: BTreeSet<_> = published.iter().copied().collect();
        for name in name.split(' ') {
            let class = differences
                .get(name)
                .with_context(|| format!("no class {name}"))?;
            let ours = self.error.as_deref().unwrap_or("text");
            ensure!(class.ours.contains(ours), "{ours} is not of class {name}");
            let mut claims = published
                .iter()
                .filter(|code| class.published.contains(**code))
                .peekable();
            ensure!(
                claims.peek().is_some(),
                "nothing published is of class {name}"
            );
            claims.for_each(|code| {
                unclaimed.remove(code);
            });
        }
        ensure!(unclaimed.is_empty(), "{unclaimed:?} is of no class claimed");
        Ok(())
    }

    fn compare(&self, found: &Result<Identifier, IdentifierError>) -> Result<()> {
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                ensure!(
                    self.error.as_deref() == Some(error.rule().name()),
                    "refused by {}",
                    error.rule().name()
                );
                return Ok(());
            }
        };
        ensure!(
            self.text.as_deref() == Some(found.text()),
            "accepted as {}",
            found.text()
        );
        if let Some(canonical) = &self.canonical {
            let bytes = hex::text(found.canonical());
            ensure!(*canonical == bytes, "canonical bytes {bytes}");
        }
        if let Some(look_ups) = &self.look_ups {
            let asked: Vec<_> = found
                .look_ups()
                .filter(|look_up| look_up.kind == found.kind())
                .map(|look_up| look_up.text)
                .collect();
            ensure!(*look_ups == asked, "look-ups {asked:?}");
        }
        Ok(())
    }
}

/// Checks that an answer to `describe` says the same as the core.
fn answered(answer: &Value, found: &Result<Identifier, IdentifierError>) -> Result<()> {
    let number = answer["code"].as_i64().context("an answer without code")?;
    match found {
        Ok(found) => {
            ensure!(number == 0, "{answer}");
            let text = answer["out"].as_str().context("an answer without out")?;
            let described: Value = serde_json::from_str(text)?;
            let described = &described["identifiers"][0];
            ensure!(described["kind"] == found.kind().name(), "{described}");
            ensure!(described["text"] == found.text(), "{described}");
            ensure!(
                described["canonical"] == hex::text(found.canonical()),
                "{described}"
            );
        }
        Err(error) => {
            let code = if error.is_card_number() {
                Code::PanRefused
            } else if error.is_check_digit_failure() {
                Code::IdentifierCheckFailed
            } else {
                Code::IdentifierInvalid
            };
            ensure!(
                number == i64::from(code.number()),
                "{answer}, not {}",
                code.name()
            );
            let sentence = answer["error"].as_str().unwrap_or_default();
            ensure!(sentence.contains(&error.to_string()), "{sentence}");
        }
    }
    Ok(())
}
