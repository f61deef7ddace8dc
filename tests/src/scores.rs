//! Worked examples of scoring: `docs/scoring.md` has what this computes, and the engine must agree.

use std::fmt::Write as _;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Flags, Record};
use serde_json::{Value, json};

use crate::coalition::{Coalition, Publication, RECORD};
use crate::gateway::{NOW, far};
use crate::odds::{Evidence, Odds};
use crate::subjects::Native;
use crate::umbrella::Body;
use crate::world::{Enrolled, World, list};

const DAY: u32 = 86_400;
const PARTS: [&str; 7] = [
    "prior",
    "misses",
    "candidates",
    "typologies",
    "listed",
    "agreement",
    "total",
];

/// One row: a case, the evidence in it, the action by the document's rules, and a gateway with that
/// evidence.
#[derive(Debug)]
pub struct Example {
    /// What the row shows.
    pub case: String,
    evidence: Evidence,
    action: &'static str,
    world: World<Native>,
    asked: (Kind, &'static str),
}

impl Example {
    /// The cells after the case, as computed without the engine.
    #[must_use]
    pub fn computed(&self) -> String {
        let odds = Odds::of(&self.evidence);
        let listed = odds.listed.map(|listed| listed.to_string());
        cells(
            &[
                odds.prior.to_string(),
                odds.misses.to_string(),
                odds.candidates.to_string(),
                "0".to_owned(),
                listed.unwrap_or_default(),
                odds.agreement.to_string(),
                odds.total.to_string(),
                odds.score.to_string(),
            ],
            self.action,
        )
    }

    /// The same cells of the engine's answer.
    ///
    /// # Panics
    /// If the request is refused.
    pub fn screened(&mut self) -> String {
        let (kind, value) = self.asked;
        let identifier = json!({"kind": kind.name(), "value": value});
        let request = json!({"flow": "payout", "identifiers": [identifier]});
        let verdict = self.world.ok("screen", &request);
        let odds = &verdict["receipt"]["odds"];
        // Of the parts that may be absent, only `listed` is then nothing; the others are 0.
        let absent = |name: &str| if name == "listed" { "" } else { "0" };
        let parts = PARTS.iter().map(|name| match odds[*name].as_i64() {
            Some(part) => part.to_string(),
            None => absent(name).to_owned(),
        });
        let score = verdict["score"].to_string();
        let numbers: Vec<_> = parts.chain([score]).collect();
        cells(&numbers, verdict["action"].as_str().unwrap_or_default())
    }
}

fn cells(numbers: &[String], action: &str) -> String {
    let line = format!("{} | {action}", numbers.join(" | "));
    line.replace("|  |", "| |")
}

const SHOP: (Kind, &str) = (Kind::Domain, "shop.example");
const ACCOUNT: (Kind, &str) = (Kind::Iban, "GB82WEST12345698765432");
/// Seven keys: the name, its five shortest parents and the brand.
const DEEP: (Kind, &str) = (Kind::Domain, "a.b.c.d.e.f.shop.example");

/// The section of the document, without its heading. Nothing in it comes from the engine.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "In the flow `payout` with the policy's defaults, where nothing else is said; odds in millibits, as receipts\n\
         have them. Every record asks for `block`, that of confidence 0.5 for `review` and the silent one for `monitor`.\n\
         `cargo xtask scores` computes these tables from the formulas above, without the engine, and a test compares the\n\
         engine's answers with them.\n",
    );
    for (title, examples, check) in sections() {
        let _ = write!(out, "\n### {title}\n\n{}\n{check}\n", table(&examples));
    }
    out
}

/// Every example.
pub fn examples() -> impl Iterator<Item = Example> {
    sections().into_iter().flat_map(|(_, examples, _)| examples)
}

/// Title, examples, and how a reader checks them.
fn sections() -> [(&'static str, Vec<Example>, &'static str); 6] {
    [
        (
            "Confidence",
            confidence(),
            "`listed` is `1000 * log2(p / (1 - p))` rounded down, `total` is `listed` since that is more than `prior`, and the\n\
             score is `500 + total / 20` rounded down.",
        ),
        (
            "Filter hits without a record",
            candidates(),
            "`candidates` is the formula above with *c* = 0.1 and *f* = 0.00001: at 2^-6 and one key `e` = 1/64, so\n\
             `log2(0.1140625 / 0.0156348)` = 2.86699, 2866 rounded down; add it to `prior`.",
        ),
        (
            "A miss",
            misses(),
            "`misses` is `1000 * log2((1 - c) / (1 - f))` rounded down for each list, no lower than -1000 together; add it to\n\
             `prior`.",
        ),
        (
            "Several coalitions",
            coalitions(),
            "`total` is `listed`, of the most confident, and `agreement`, half of what each other origin says by the table of\n\
             confidences; misses belong to the other side of the maximum and do not count beside a record.",
        ),
        (
            "Freshness",
            freshness(),
            "A record says the same however old its list is, a miss only on a fresh one; the action is what the list of actions\n\
             above allows at that age.",
        ),
        (
            "Flags",
            flags(),
            "No flag changes a number but `silent`, whose row is that of the list without the record; compare each with the\n\
             first.",
        ),
    ]
}

fn table(examples: &[Example]) -> String {
    let mut out = format!("| case | {} | score | action |\n", PARTS.join(" | "));
    let _ = writeln!(out, "| --- |{} --- |", " ---: |".repeat(PARTS.len() + 1));
    for example in examples {
        let _ = writeln!(out, "| {} | {} |", example.case, example.computed());
    }
    out
}

fn listing(id: &'static str, source: &'static str, record: Option<Record>) -> Publication {
    let (kind, value) = SHOP;
    Publication {
        others: record
            .map(|record| (kind, value.into(), record))
            .into_iter()
            .collect(),
        ..list(id, source)
    }
}

/// A record that blocks, or what its confidence allows.
fn confident(confidence: u16) -> Option<Record> {
    Some(Record {
        action: match confidence {
            900.. => Action::Block,
            _ => Action::Review,
        },
        confidence,
        ..RECORD
    })
}

/// Coalitions by name, each with its list or none.
fn world(lists: Vec<(&'static str, Option<Publication>)>, policy: &Value) -> World<Native> {
    let enrolled: Vec<_> = lists
        .into_iter()
        .map(|(name, list)| Enrolled {
            name,
            lists: list.into_iter().collect(),
        })
        .collect();
    let members = json!({"policy": policy, "receipt_key": "11".repeat(32)});
    World::new(Native::default(), &enrolled, &members)
}

/// A gateway with one list, and the evidence from it.
fn one(
    case: impl Into<String>,
    publication: Publication,
    evidence: Evidence,
    action: &'static str,
) -> Example {
    Example {
        case: case.into(),
        evidence,
        action,
        world: world(vec![("se", Some(publication))], &json!({})),
        asked: SHOP,
    }
}

fn confidence() -> Vec<Example> {
    let row = |confidence: u16| {
        let case = format!("one record of confidence 0.{confidence}");
        let case = case.trim_end_matches('0').to_owned();
        let publication = listing("se/merchants", "a", confident(confidence));
        let action = if confidence < 900 { "review" } else { "block" };
        one(case, publication, Evidence::record(confidence), action)
    };
    [500, 900, 990, 999].map(row).into()
}

fn candidates() -> Vec<Example> {
    let rates = [6, 14, 32].into_iter();
    let cases = rates.flat_map(|rate| [(rate, 1, ACCOUNT), (rate, 7, DEEP)]);
    cases
        .map(|(rate, keys, asked)| {
            let publication = Publication {
                rate,
                without_records: true,
                others: vec![(asked.0, asked.1.into(), RECORD)],
                ..list("se/merchants", "a")
            };
            let evidence = Evidence {
                candidate: Some((rate, keys)),
                ..Evidence::none()
            };
            let keys = if keys == 1 { "1 key" } else { "7 keys" };
            let case = format!("rate 2^-{rate}, {keys}");
            Example {
                asked,
                ..one(case, publication, evidence, "review")
            }
        })
        .collect()
}

fn misses() -> Vec<Example> {
    let clean = |id| Some(listing(id, "a", None));
    let lists = |count: u16| {
        let all = [("se", "se/merchants"), ("nl", "nl/merchants")];
        all.into_iter()
            .take(count.into())
            .map(|(name, id)| (name, clean(id)))
            .collect()
    };
    [
        ("one list", 1, 100),
        ("two lists", 2, 100),
        ("one list, coverage 500", 1, 500),
        ("two lists, coverage 500: the cap", 2, 500),
    ]
    .map(|(case, count, coverage)| Example {
        case: case.to_owned(),
        evidence: Evidence {
            coverage,
            ..Evidence::misses(count)
        },
        action: "allow",
        world: world(lists(count), &json!({"coverage_per_mille": coverage})),
        asked: SHOP,
    })
    .into()
}

fn coalitions() -> Vec<Example> {
    let default = || json!({});
    let two = || json!({"required_coalitions": {"hold_payout": 1, "block": 2}});
    let se = || ("se", Some(listing("se/merchants", "a", confident(990))));
    let nl = |source, confidence: Option<u16>| {
        let record = confidence.and_then(confident);
        ("nl", Some(listing("nl/merchants", source, record)))
    };
    // The gateway never loaded anything from it, so it does not answer.
    let dk = || ("dk", None);
    let both = |source| Evidence {
        records: vec![("a", 990), (source, 900)],
        ..Evidence::none()
    };
    let miss = || Evidence {
        misses: 1,
        ..Evidence::record(990)
    };
    let row = |case: &str, lists, policy: Value, evidence, action| Example {
        case: case.to_owned(),
        evidence,
        action,
        world: world(lists, &policy),
        asked: SHOP,
    };
    let agreement = [
        ("agree: 0.99 and 0.9", nl("b", Some(900)), both("b")),
        ("disagree: 0.99 and a miss", nl("b", None), miss()),
        (
            "share an origin: 0.99 and 0.9",
            nl("a", Some(900)),
            both("a"),
        ),
    ]
    .map(|(case, nl, evidence)| row(case, vec![se(), nl], default(), evidence, "block"));
    let two_of_three = [
        (
            "2 of 3 must ask for `block`: two do, one is unavailable",
            nl("b", Some(900)),
            both("b"),
            "block",
        ),
        (
            "2 of 3: one does, one misses, one is unavailable",
            nl("b", None),
            miss(),
            "hold_payout",
        ),
        (
            "2 of 3: two do by one origin, one is unavailable",
            nl("a", Some(900)),
            both("a"),
            "hold_payout",
        ),
    ]
    .map(|(case, nl, evidence, action)| row(case, vec![se(), nl, dk()], two(), evidence, action));
    agreement.into_iter().chain(two_of_three).collect()
}

fn freshness() -> Vec<Example> {
    let at = |seconds: u32| Time::from_seconds(NOW + seconds);
    let stale = [far(), far(), at(60)];
    let mut rows = Vec::new();
    for (age, expires, after, listed, unlisted) in [
        ("`fresh`", [far(); 3], 0, "block", "allow"),
        ("`stale`", stale, 60, "block", "review"),
        (
            "`expired`, within 7 days",
            [at(60); 3],
            60,
            "block",
            "review",
        ),
        (
            "`expired`, after 7 days",
            [at(60); 3],
            60 + 7 * DAY,
            "review",
            "review",
        ),
    ] {
        let misses = u16::from(after == 0);
        for (word, record, evidence, action) in [
            ("listed", confident(990), Evidence::record(990), listed),
            ("not listed", None, Evidence::misses(misses), unlisted),
        ] {
            let publication = Publication {
                expires,
                ..listing("se/merchants", "a", record)
            };
            let mut row = one(format!("{word}, {age}"), publication, evidence, action);
            row.world.now = NOW + after;
            rows.push(row);
        }
    }
    for (word, record, evidence) in [
        ("listed", confident(990), Evidence::record(990)),
        ("not listed", None, Evidence::none()),
    ] {
        rows.push(Example {
            case: format!("{word}, `untrusted`"),
            evidence,
            action: "review",
            world: untrusted(record),
            asked: SHOP,
        });
    }
    rows
}

/// A list whose signers lose their trust in an update.
fn untrusted(record: Option<Record>) -> World<Native> {
    let coalition = Coalition::quick();
    let body = |key| Body {
        name: "se",
        pattern: "se/*",
        key,
        signs: 51,
        publication: listing("se/merchants", "a", record),
    };
    let mut world = world(vec![("se", None)], &json!({}));
    let mut update = |version, key| {
        let served = coalition.publish_umbrella(version, far(), &[body(key)]);
        world.update("se", &served).map_err(|(code, _)| code)
    };
    assert_eq!(update(1, 51), Ok(()));
    assert_eq!(update(2, 52), Err("trust_too_few_signatures"));
    world
}

fn flags() -> Vec<Example> {
    let row = |(case, flags, evidence, action): (&str, Flags, Evidence, _)| {
        let silent = flags.has(Flags::SILENT);
        let record = Record {
            flags,
            confidence: 990,
            action: if silent {
                Action::Monitor
            } else {
                Action::Block
            },
            ..RECORD
        };
        let publication = listing("se/merchants", "a", Some(record));
        one(case, publication, evidence, action)
    };
    let told = || Evidence::record(990);
    let watched = Flags::SILENT;
    let victim = Flags::POSSIBLY_VICTIM_CONTROLLED;
    vec![
        row(("none", Flags(0), told(), "block")),
        row(("`mandatory`", Flags::MANDATORY, told(), "block")),
        row(("`silent`", watched, Evidence::misses(1), "allow")),
        row(("`possibly_victim_controlled`", victim, told(), "review")),
    ]
}
