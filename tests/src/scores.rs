//! Worked examples of scoring: `docs/scoring.md` has what this computes, and the engine must agree.

use std::fmt::Write as _;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Edition, Flags, Record};
use serde_json::{Value, json};

use crate::coalition::{Coalition, Publication, RECORD};
use crate::gateway::{NOW, far};
use crate::odds::{Evidence, Odds};
use crate::red_flags::{self, BANDS, PRIORS};
use crate::subjects::Native;
use crate::umbrella::Body;
use crate::world::{Enrolled, World, list};

const DAY: u32 = 86_400;
const PARTS: [&str; 5] = ["prior", "typologies", "listed", "agreement", "total"];

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
                odds.typologies.to_string(),
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

/// The section of the document, without its heading. Nothing in it comes from the engine.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::from(
        "In the flow `payout` with the policy's defaults, where nothing else is said; odds in millibits, as receipts\n\
         have them. Every record asks for `block`, that of confidence 0.5 for `review`. `cargo xtask scores` computes\n\
         these tables from the formulas above, without the engine, and a test compares the engine's answers with them.\n",
    );
    for (title, examples, check) in documented() {
        let _ = write!(out, "\n### {title}\n\n{}\n{check}\n", table(&examples));
    }
    out.push_str(&flags_alone());
    out.push_str(&precision());
    out
}

/// What red flags reach without a record, under several priors.
fn flags_alone() -> String {
    let mut out = String::from(
        "\n### Red flags alone\n\n\
         A fresh list misses, and these rules of the standard pack hold; several in one row hold one at a time. Each\n\
         cell has the score and the action at `onboarding` under this prior, in merchants of a million. Before a payout\n\
         `review` is `monitor`; at authorisation and checkout scores from 500 on are `monitor`, and others `allow`.\n\n| holds | weight |",
    );
    for prior in PRIORS {
        let _ = write!(out, " {prior} |");
    }
    let _ = writeln!(out, "\n| --- | ---: |{}", " ---: |".repeat(PRIORS.len()));
    for (case, flagged) in red_flags::rows() {
        let _ = write!(out, "| {case} | {} |", flagged.weight());
        for prior in PRIORS {
            let score = flagged.score(prior);
            let _ = write!(out, " {score} {} |", at_onboarding(score));
        }
        out.push('\n');
    }
    out
}

/// What a score leads to at onboarding, by the document's thresholds.
const fn at_onboarding(score: i32) -> &'static str {
    match score {
        500.. => "review",
        400.. => "monitor",
        _ => "allow",
    }
}

/// How often the scale is right where flags come together.
fn precision() -> String {
    let mut out = String::from(
        "\n### How sure the scores of red flags are\n\n\
         Suppose every weight is right: a flag holds `2^(weight / 1000)` times as often among bad merchants, of whom there is\n\
         one in ten thousand, and among lawful ones in 0.02 to 5 %. Even where flags are independent the scale then says too\n\
         much, because what does not hold speaks for the merchant and counts 0. If flags come together for a reason that bad\n\
         and lawful merchants share, so that two of them correlate by 0.2, the highest scores say a hundred times too much.\n\
         So red flags ask a person to look and do nothing else. Computed over all 65,536 sets of flags; the last two columns\n\
         are how many of a million lawful merchants have such a score.\n\n\
         | scores | the scale says | independent | correlated | lawful, independent | lawful, correlated |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let (apart, together) = (red_flags::bands(0.0), red_flags::bands(0.2));
    let bands = BANDS.iter().zip(apart.iter().zip(&together));
    for ((from, before), (apart, together)) in bands {
        let per_cent = |share: f64| format!("{:.3} %", share * 100.0);
        let _ = writeln!(
            out,
            "| {from} to {} | {} | {} | {} | {:.0} | {:.0} |",
            before - 1,
            per_cent(apart.stated()),
            per_cent(apart.precision()),
            per_cent(together.precision()),
            apart.lawful_per_million(),
            together.lawful_per_million(),
        );
    }
    out
}

/// Every example.
pub fn examples() -> impl Iterator<Item = Example> {
    let others = [confidence(), freshness(), flags()];
    let documented = documented().into_iter();
    let documented = documented.map(|(_, examples, _)| examples);
    documented.chain(others).flatten()
}

/// The examples that the document shows: title, examples, and how a reader checks them.
fn documented() -> [(&'static str, Vec<Example>, &'static str); 2] {
    [
        (
            "A hit of a compact edition",
            compact(),
            "A hit counts as a record of the confidence that the descriptor declares. Beside a record the surer of the two is\n\
             `listed`, and it adds no voice.",
        ),
        (
            "Several coalitions",
            coalitions(),
            "`agreement` is half of what each other origin says. A miss says nothing.",
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

fn compact() -> Vec<Example> {
    let compact = |record| Publication {
        edition: Edition::Compact,
        rate: 32,
        ..listing("nl/merchants", "a", record)
    };
    // The coalitions of tests declare 0.9 for every compact release.
    let declared = ("nl", 900);
    let row = |case: &str, beside: Option<u16>, held, action| {
        let se = beside.map(|confidence| {
            let list = listing("se/merchants", "b", confident(confidence));
            ("se", Some(list))
        });
        let nl = ("nl", Some(compact(held)));
        let listed = beside.map(|confidence| ("b", confidence));
        let hit = held.map(|_| declared);
        let surest = listed.into_iter().chain(hit).max_by_key(|(_, one)| *one);
        Example {
            case: case.to_owned(),
            evidence: Evidence::records(surest.into_iter().collect()),
            action,
            world: world(se.into_iter().chain([nl]).collect(), &json!({})),
            asked: SHOP,
        }
    };
    vec![
        row("a hit, of confidence 0.9", None, confident(990), "review"),
        row("no hit", None, None, "allow"),
        row(
            "a hit beside a record of confidence 0.99",
            Some(990),
            confident(990),
            "block",
        ),
        row(
            "a hit beside a record of confidence 0.5",
            Some(500),
            confident(990),
            "review",
        ),
    ]
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
    let both = |source| Evidence::records(vec![("a", 990), (source, 900)]);
    let miss = || Evidence::record(990);
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
        ("`stale`", stale, 60, "block", "monitor"),
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
        for (word, record, evidence, action) in [
            ("listed", confident(990), Evidence::record(990), listed),
            ("not listed", None, Evidence::none(), unlisted),
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
        row(("`silent`", watched, Evidence::none(), "allow")),
        row(("`possibly_victim_controlled`", victim, told(), "review")),
    ]
}
