//! The values, messages and documents of `fixtures/`, from which requests are made.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::built;
use super::repositories::Repository;

/// Everything that is read once.
#[derive(Debug)]
pub(super) struct Material {
    pub(super) repositories: Vec<Repository>,
    /// Values that some sample list holds, with their kinds.
    pub(super) listed: Vec<(String, String)>,
    /// Values that are identifiers, by kind.
    pub(super) valid: BTreeMap<String, Vec<String>>,
    /// Values that are not identifiers, by kind.
    pub(super) invalid: BTreeMap<String, Vec<String>>,
    pub(super) urls: Vec<String>,
    /// The requests of the corpus.
    pub(super) requests: Vec<Value>,
    /// The policies of the corpus.
    pub(super) policies: Vec<Value>,
    /// Messages of the corpus as texts, with their operations.
    pub(super) messages: Vec<(String, String)>,
    /// Signed overrides in base64, good and bad.
    pub(super) overrides: Vec<String>,
    /// The keys that sign them, as a policy names them.
    pub(super) override_keys: Value,
    /// Questions whose answers show what is loaded.
    pub(super) questions: Vec<String>,
    pub(super) descriptions: Vec<String>,
}

/// The sources of the sample, each with a file `sample/merchants-NAME.csv`.
const SOURCES: [&str; 4] = ["hotline", "police", "bank", "scheme"];

/// Listed besides those of the sample.
const LISTED_BESIDES: [&str; 6] = [
    "new-shop.example",
    "watched.example",
    "run-by-a-victim.example",
    "added-shop.example",
    "listed-7.example",
    "listed-4321.example",
];

impl Material {
    pub(super) fn read(fixtures: &Path) -> Result<Self> {
        let mut material = Self {
            repositories: Repository::all(&fixtures.join("repositories"))?,
            listed: listed(fixtures)?,
            valid: BTreeMap::new(),
            invalid: BTreeMap::new(),
            urls: Vec::new(),
            requests: Vec::new(),
            policies: Vec::new(),
            messages: Vec::new(),
            overrides: Vec::new(),
            override_keys: json(&fixtures.join("overrides/TEST-keys.json"))?,
            questions: questions(),
            descriptions: descriptions(),
        };
        material.repositories.extend(built::repositories());
        let besides = built::LISTED.map(|(kind, value, _)| (kind.name().into(), value.into()));
        material.listed.extend(besides);
        for case in array(&fixtures.join("cases/identifier.json"))? {
            material.value(&case["kind"], &case);
        }
        for file in sorted(&fixtures.join("vectors"))? {
            let vectors = json(&file)?;
            let cases = vectors["cases"].as_array();
            for case in cases.context("vectors without cases")? {
                material.value(&vectors["kind"], case);
            }
        }
        for case in array(&fixtures.join("cases/verdict.json"))? {
            material.requests.push(case["request"].clone());
            let policies = [&case["policy"], &case["shadow"]].map(Value::clone);
            let policies = policies.into_iter().filter(Value::is_object);
            material.policies.extend(policies);
        }
        for case in array(&fixtures.join("cases/message.json"))? {
            if case["repeat"].is_null()
                && let (Some(operation), Some(text)) = (case["op"].as_str(), case["text"].as_str())
            {
                let message = (operation.to_owned(), text.to_owned());
                material.messages.push(message);
            }
        }
        for file in sorted(&fixtures.join("overrides"))? {
            material.overrides.push(BASE64.encode(fs::read(file)?));
        }
        Ok(material)
    }

    fn value(&mut self, kind: &Value, case: &Value) {
        if let Some(url) = case["url"].as_str() {
            self.urls.push(url.to_owned());
        }
        let (Some(kind), Some(value)) = (kind.as_str(), case["value"].as_str()) else {
            return;
        };
        let values = if case["error"].is_null() {
            &mut self.valid
        } else {
            &mut self.invalid
        };
        let values = values.entry(kind.to_owned()).or_default();
        values.push(value.to_owned());
    }
}

fn listed(fixtures: &Path) -> Result<Vec<(String, String)>> {
    let mut rows = Vec::new();
    for source in SOURCES {
        let file = fixtures.join(format!("sample/merchants-{source}.csv"));
        let text = fs::read_to_string(file)?;
        rows.extend(text.lines().skip(1).filter_map(|line| {
            let mut fields = line.split(',');
            Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
        }));
    }
    let besides = LISTED_BESIDES.map(|name| ("domain".to_owned(), name.to_owned()));
    Ok(rows.into_iter().chain(besides).collect())
}

/// Listed, changed, watched, disclosed and unlisted names, a listed account, and unusable fields.
fn questions() -> Vec<String> {
    let domains = [
        "b\u{fc}cher.example",
        "www.hidden-shop.test",
        "new-shop.example",
        "watched.example",
        "run-by-a-victim.example",
        "added-shop.example",
        "flowers.example",
        "listed-7.example",
        "pay.listed-4321.example",
        "silent-victim.example",
        "hopping-shop.example",
    ];
    let domain = |name: &str| json!({"kind": "domain", "value": name});
    let one = domains.map(|name| json!({"flow": "payout", "identifiers": [domain(name)]}));
    let all = domains.map(domain).to_vec();
    let several = [
        json!({"flow": "checkout", "identifiers": all, "view": "analyst", "language": "en"}),
        json!({"flow": "onboarding", "url": "https://pay.b\u{fc}cher.example/", "language": "sv",
            "iso20022": {"cdtr_acct_iban": "GB82WEST12345698765432", "acqrr_id": "412345"},
            "signals": {"declared_urls": ["https://flowers.example"], "mcc": "5967",
                "observed_mcc": "5992", "prepaid_only": true, "merchant_age_days": 3}}),
        json!({"flow": "authorisation", "iso8583": {"de32": "412345", "de42": "SHOP0001"},
            "reference": "order 7"}),
    ];
    let questions = one.into_iter().chain(several);
    questions.map(|question| question.to_string()).collect()
}

fn descriptions() -> Vec<String> {
    let identifiers = [
        json!({"kind": "domain", "value": "pay.b\u{fc}cher.example"}),
        json!({"kind": "iban", "value": "GB82WEST12345698765432"}),
        json!({"kind": "card_acceptor", "value": "412345/SHOP0001"}),
    ];
    let questions = [
        json!({}),
        json!({"identifiers": identifiers}),
        json!({"url": "https://pay.shop.example/x", "typologies": true}),
    ];
    questions.map(|question| question.to_string()).to_vec()
}

fn json(path: &Path) -> Result<Value> {
    let file = fs::read(path).with_context(|| path.display().to_string())?;
    serde_json::from_slice(&file).with_context(|| path.display().to_string())
}

fn array(path: &Path) -> Result<Vec<Value>> {
    match json(path)? {
        Value::Array(values) => Ok(values),
        _ => anyhow::bail!("{} is no array", path.display()),
    }
}

fn sorted(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}
