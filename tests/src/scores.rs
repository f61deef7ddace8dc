//! Worked examples of scoring, made by really screening: `docs/scoring.md` has what this writes.

use std::fmt::Write as _;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Flags, Record};
use serde_json::{Value, json};

use crate::coalition::{Coalition, Publication, RECORD};
use crate::gateway::{NOW, far};
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

/// One row: a case, and the gateway that answers it.
struct Row {
    case: String,
    world: World<Native>,
    asked: (Kind, &'static str),
}

const SHOP: (Kind, &str) = (Kind::Domain, "shop.example");
const ACCOUNT: (Kind, &str) = (Kind::Iban, "GB82WEST12345698765432");
/// Eight keys: seven names and the brand.
const DEEP: (Kind, &str) = (Kind::Domain, "a.b.c.d.e.f.shop.example");

/// The section of the document, without its heading.
///
/// # Panics
/// If anything is refused.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "Screened in the flow `payout` with the policy's defaults, where nothing else is said; odds in millibits, as\n\
         receipts have them. Every record asks for `block`. `cargo xtask scores` prints these tables, and a test compares them.\n",
    );
    for (title, rows, check) in [
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
            "`total` is `listed`, of the most confident, and `agreement`, half of what each other source says by the table of\n\
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
            "No flag changes a number but `silent`, whose row is that of the list without the record, action aside; compare each\n\
             with the first.",
        ),
    ] {
        let _ = write!(out, "\n### {title}\n\n{}\n{check}\n", table(rows));
    }
    out
}

fn table(rows: Vec<Row>) -> String {
    let mut out = format!("| case | {} | score | action |\n", PARTS.join(" | "));
    let _ = writeln!(out, "| --- |{} --- |", " ---: |".repeat(PARTS.len() + 1));
    for mut row in rows {
        let (kind, value) = row.asked;
        let identifier = json!({"kind": kind.name(), "value": value});
        let request = json!({"flow": "payout", "identifiers": [identifier]});
        let verdict = row.world.ok("screen", &request);
        let odds = &verdict["receipt"]["odds"];
        let part = |name: &&str| odds[*name].as_i64().map(|part| part.to_string());
        let parts = PARTS.iter().map(|name| part(name).unwrap_or_default());
        let parts: Vec<_> = parts.collect();
        let action = verdict["action"].as_str().unwrap_or_default();
        let (case, score) = (row.case, &verdict["score"]);
        let line = format!("| {case} | {} | {score} | {action} |", parts.join(" | "));
        let _ = writeln!(out, "{}", line.replace("|  |", "| |"));
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

fn confident(confidence: u16) -> Option<Record> {
    Some(Record {
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

fn one(case: impl Into<String>, publication: Publication) -> Row {
    Row {
        case: case.into(),
        world: world(vec![("se", Some(publication))], &json!({})),
        asked: SHOP,
    }
}

fn confidence() -> Vec<Row> {
    let row = |confidence: u16| {
        let case = format!("one record of confidence 0.{confidence}");
        let case = case.trim_end_matches('0').to_owned();
        one(case, listing("se/merchants", "a", confident(confidence)))
    };
    [500, 900, 990, 999].map(row).into()
}

fn candidates() -> Vec<Row> {
    let rates = [6, 14, 32].into_iter();
    let cases = rates.flat_map(|rate| [(rate, 1, ACCOUNT), (rate, 8, DEEP)]);
    cases
        .map(|(rate, keys, asked)| {
            let publication = Publication {
                rate,
                without_records: true,
                others: vec![(asked.0, asked.1.into(), RECORD)],
                ..list("se/merchants", "a")
            };
            let keys = if keys == 1 { "1 key" } else { "8 keys" };
            Row {
                asked,
                ..one(format!("rate 2^-{rate}, {keys}"), publication)
            }
        })
        .collect()
}

fn misses() -> Vec<Row> {
    let clean = |id| Some(listing(id, "a", None));
    let lists = |count: usize| {
        let all = [("se", "se/merchants"), ("nl", "nl/merchants")];
        all.into_iter()
            .take(count)
            .map(|(name, id)| (name, clean(id)))
            .collect()
    };
    [
        ("one list", 1, json!({})),
        ("two lists", 2, json!({})),
        (
            "one list, coverage 500",
            1,
            json!({"coverage_per_mille": 500}),
        ),
        (
            "two lists, coverage 500: the cap",
            2,
            json!({"coverage_per_mille": 500}),
        ),
    ]
    .map(|(case, count, policy)| Row {
        case: case.to_owned(),
        world: world(lists(count), &policy),
        asked: SHOP,
    })
    .into()
}

fn coalitions() -> Vec<Row> {
    let two = json!({"required_coalitions": {"hold_payout": 1, "block": 2}});
    let se = || ("se", Some(listing("se/merchants", "a", confident(990))));
    let nl = |source, confidence: Option<u16>| {
        let record = confidence.and_then(confident);
        ("nl", Some(listing("nl/merchants", source, record)))
    };
    let dk = |source: Option<&'static str>| {
        let list = source.map(|source| listing("dk/merchants", source, confident(900)));
        ("dk", list)
    };
    let cases = [
        (
            "agree: 0.99 and 0.9",
            vec![se(), nl("b", Some(900))],
            json!({}),
        ),
        (
            "disagree: 0.99 and a miss",
            vec![se(), nl("b", None)],
            json!({}),
        ),
        (
            "share a source: 0.99 and 0.9",
            vec![se(), nl("a", Some(900))],
            json!({}),
        ),
        (
            "2 of 3 must ask for `block`: two do, one is unavailable",
            vec![se(), nl("b", Some(900)), dk(None)],
            two.clone(),
        ),
        (
            "2 of 3: one does, one misses, one is unavailable",
            vec![se(), nl("b", None), dk(None)],
            two.clone(),
        ),
        (
            "2 of 3: two do by one source, one is unavailable",
            vec![se(), nl("a", Some(900)), dk(None)],
            two,
        ),
    ];
    let row = |(case, lists, policy): (&str, Vec<_>, Value)| Row {
        case: case.to_owned(),
        world: world(lists, &policy),
        asked: SHOP,
    };
    cases.map(row).into()
}

fn freshness() -> Vec<Row> {
    let at = |seconds: u32| Time::from_seconds(NOW + seconds);
    let mut rows = Vec::new();
    for (word, record) in [("listed", confident(990)), ("not listed", None)] {
        for (age, expires, now) in [
            ("`fresh`", [far(); 3], 0),
            ("`stale`", [far(), far(), at(60)], 60),
            ("`expired`, within 7 days", [at(60); 3], 60),
            ("`expired`, after 7 days", [at(60); 3], 60 + 7 * DAY),
        ] {
            let publication = Publication {
                expires,
                ..listing("se/merchants", "a", record)
            };
            let mut row = one(format!("{word}, {age}"), publication);
            row.world.now = NOW + now;
            rows.push(row);
        }
        rows.push(Row {
            case: format!("{word}, `untrusted`"),
            world: untrusted(record),
            asked: SHOP,
        });
    }
    rows
}

/// A list whose signers an update takes the trust from.
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

fn flags() -> Vec<Row> {
    let row = |(case, flags): (&str, Flags)| {
        let record = Record { flags, ..RECORD };
        one(case, listing("se/merchants", "a", Some(record)))
    };
    let cases = [
        ("none", Flags(0)),
        ("`mandatory`", Flags::MANDATORY),
        ("`silent`", Flags::SILENT),
        (
            "`possibly_victim_controlled`",
            Flags::POSSIBLY_VICTIM_CONTROLLED,
        ),
    ];
    assert_eq!(RECORD.action, Action::Block);
    cases.map(row).into()
}
