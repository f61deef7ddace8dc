//! Random gateways and merchants, as values that a test can change in one place and ask again.

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Edition, Flags, Kinds, Record};
use interdict_core::policy::{Choices, limits};
use interdict_core::rules::Pack;
use interdict_publisher::STANDARD_TYPOLOGIES;
use interdict_tests::coalition::{Publication, RECORD};
use interdict_tests::subjects::Native;
use interdict_tests::world::{Enrolled, Person, World, list, override_of, signed_override};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

/// Identifiers of the merchant that lists can hold.
pub(crate) const ENTRIES: [(Kind, &str); 5] = [
    (Kind::Domain, "pay.shop.example"),
    (Kind::Domain, "shop.example"),
    (Kind::Label, "shop"),
    (Kind::Iban, "GB82WEST12345698765432"),
    (Kind::CardAcceptor, "412345/FLOWERS01"),
];
pub(crate) const SOURCES: [&str; 3] = ["hotline.example", "police.example", "scheme.example"];
const COALITIONS: [&str; 3] = ["dk", "nl", "se"];
const LISTS: [[&str; 2]; 3] = [
    ["dk/cards", "dk/merchants"],
    ["nl/cards", "nl/merchants"],
    ["se/cards", "se/merchants"],
];
pub(crate) const FLOWS: [&str; 4] = ["onboarding", "authorisation", "payout", "checkout"];

/// One list: its records of the merchant, and its form.
#[derive(Debug, Clone)]
pub(crate) struct List {
    pub(crate) entries: Vec<(usize, Record)>,
    /// Its records of further names.
    pub(crate) more: Vec<(Kind, &'static str, Record)>,
    pub(crate) edition: Edition,
    pub(crate) only: Option<Kind>,
    pub(crate) rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub(crate) id: &'static str,
    pub(crate) when: &'static str,
    pub(crate) weight: i32,
    pub(crate) otherwise: i32,
}

/// A gateway and a merchant. Each list has a fixed place and name, so adding one moves no other.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) lists: Vec<[Option<List>; 2]>,
    pub(crate) policy: Value,
    pub(crate) signals: Map<String, Value>,
    pub(crate) flow: &'static str,
}

const CONDITIONS: [&str; 12] = [
    "prepaid_only",
    "prepaid_only = false",
    "merchant_age_days < 90",
    "mcc != observed_mcc",
    "listed(domain)",
    "listed(iban)",
    "listed(iban) and prepaid_only",
    "listed(label) or merchant_age_days < 90",
    "mcc = 5967 and prepaid_only",
    "payout_country in {SE, NL} and not shared_contact",
    "listed(card_acceptor) and mcc = 7273",
    "night_per_mille > 400",
];

pub(crate) fn record() -> impl Strategy<Value = Record> {
    let actions = vec![
        Action::Monitor,
        Action::Review,
        Action::HoldPayout,
        Action::Block,
    ];
    let flags = select(vec![0_u8, 0, 0, 1, 2, 4, 3, 5]);
    (1..=999_u16, select(actions), 0..3_u16, flags, 0..3_u32).prop_map(
        |(confidence, action, source, flags, group)| {
            let flags = Flags(flags);
            let silent = flags.has(Flags::SILENT);
            // The rules of `docs/format.md`.
            let action = if silent { Action::Monitor } else { action };
            let confidence = confidence.max(action.least_confidence());
            Record {
                confidence,
                action,
                source,
                flags,
                group,
                ..RECORD
            }
        },
    )
}

pub(crate) fn rule() -> impl Strategy<Value = Rule> {
    let ids = select(vec!["R1", "R2", "R3", "R4"]);
    let weight = prop_oneof![1..=10_000_i32, -10_000..=-1_i32];
    let otherwise = prop_oneof![Just(0_i32), 1..=10_000_i32];
    (ids, select(&CONDITIONS[..]), weight, otherwise).prop_map(|(id, when, weight, otherwise)| {
        let sign = if when.contains("listed") {
            1
        } else {
            weight.signum()
        };
        Rule {
            id,
            when,
            weight: weight.abs() * sign,
            otherwise: otherwise * -sign,
        }
    })
}

fn entries() -> impl Strategy<Value = Vec<(usize, Record)>> {
    let chosen = subsequence(vec![0, 1, 2, 3, 4], 0..=3);
    (chosen, prop::collection::vec(record(), 5)).prop_map(|(chosen, records)| {
        let records = records.into_iter();
        chosen.into_iter().zip(records).collect()
    })
}

fn a_list() -> impl Strategy<Value = List> {
    let rules = prop::collection::vec(rule(), 0..4);
    let only = prop::option::weighted(0.2, select(vec![Kind::Label, Kind::Iban, Kind::Domain]));
    (entries(), only, rules).prop_map(|(entries, only, mut rules)| {
        let mut ids = Vec::new();
        rules.retain(|rule| !ids.contains(&rule.id) && (ids.push(rule.id), true).1);
        List {
            entries,
            more: Vec::new(),
            edition: Edition::Member,
            only,
            rules,
        }
    })
}

pub(crate) fn policy() -> impl Strategy<Value = Value> {
    let weights = (1..=500_000_u32, 0..=1000_u16, 0..=20_000_i32);
    let scores = (0..=1000_u16, 0..=1000_u16);
    let unavailable = select(vec!["monitor", "review"]);
    let required = (1..=3_u8, 1..=3_u8);
    (weights, scores, unavailable, required).prop_map(
        |((prior, agreement, typology), scores, unavailable, required)| {
            let least = least_score(prior);
            let scores = (scores.0.max(least), scores.1.max(least));
            let flow = json!({"monitor_score": scores.0.min(scores.1),
                "review_score": scores.0.max(scores.1),
                "unavailable": unavailable});
            json!({
                "prevalence_per_million": prior, "agreement_per_mille": agreement,
                "typology_cap": typology,
                "required_coalitions": {"hold_payout": required.0.min(required.1),
                    "block": required.0.max(required.1)},
                "flows": {"onboarding": flow, "authorisation": flow, "payout": flow,
                    "checkout": flow},
            })
        },
    )
}

/// The least `monitor_score` that a policy of this prior may have: 50 above what the prior scores.
pub(crate) fn least_score(prior: u32) -> u16 {
    let prior = Choices {
        prevalence_per_million: prior,
        ..Choices::default()
    };
    prior
        .score_of_nothing()
        .saturating_add(limits::PRIOR_DISTANCE)
}

pub(crate) fn signals() -> impl Strategy<Value = Map<String, Value>> {
    let truth = || prop::option::of(any::<bool>());
    let code = || prop::option::of(select(vec!["5967", "7273", "5411"]));
    let country = prop::option::of(select(vec!["SE", "NL", "US"]));
    let counts = (prop::option::of(0..200_i32), prop::option::of(0..=1000_i32));
    (truth(), truth(), code(), code(), country, counts).prop_map(
        |(prepaid, contact, mcc, observed, country, (age, night))| {
            let all = json!({"prepaid_only": prepaid, "shared_contact": contact, "mcc": mcc,
                "observed_mcc": observed, "payout_country": country, "merchant_age_days": age,
                "night_per_mille": night});
            all.as_object().cloned().unwrap_or_default()
        },
    )
}

pub(crate) fn scene() -> impl Strategy<Value = Scene> {
    let some = prop::option::weighted(0.6, a_list());
    let lists = [some, prop::option::weighted(0.6, a_list())];
    // A gateway is enrolled with a coalition for one edition.
    let editions = prop::bool::weighted(0.2);
    let three = (lists, editions).prop_map(|(mut lists, is_compact)| {
        for list in lists.iter_mut().flatten().filter(|_| is_compact) {
            list.edition = Edition::Compact;
        }
        lists
    });
    let three = prop::collection::vec(three, 3);
    (three, policy(), signals(), select(&FLOWS[..])).prop_map(|(lists, policy, signals, flow)| {
        Scene {
            lists,
            policy,
            signals,
            flow,
        }
    })
}

impl Rule {
    fn json(&self) -> Value {
        let direction = if self.weight > 0 { "riskier" } else { "safer" };
        json!({"id": self.id, "title": "A flag", "direction": direction, "weight": self.weight,
            "otherwise": self.otherwise, "calibrated": false, "when": self.when,
            "source": "nobody"})
    }
}

/// A pack of these rules; `otherwise` is 0 where a code alone could decide.
pub(crate) fn pack(rules: &[Rule]) -> Vec<u8> {
    let file = |rules: &[Value]| {
        let pack = json!({"format": 1, "version": 1, "name": "random", "rules": rules});
        pack.to_string().into_bytes()
    };
    let read = |rule: &Rule| {
        let mut rule = rule.json();
        if Pack::parse(&file(std::slice::from_ref(&rule))).is_err() {
            rule["otherwise"] = 0.into();
        }
        rule
    };
    let rules: Vec<_> = rules.iter().map(read).collect();
    file(&rules)
}

impl List {
    fn publication(&self, id: &'static str) -> Publication {
        let entry = |(entry, record): &(usize, Record)| {
            let (kind, value) = ENTRIES[*entry];
            (kind, value.into(), *record)
        };
        let entries = self.entries.iter().map(entry);
        let more = self.more.iter();
        let more = more.map(|(kind, value, record)| (*kind, (*value).into(), *record));
        let base = list(id, SOURCES[0]);
        Publication {
            others: entries.chain(more).collect(),
            more_sources: SOURCES[1..].to_vec(),
            edition: self.edition,
            rate: match self.edition {
                Edition::Compact => 32,
                Edition::Member | Edition::Public => 2,
            },
            kinds: self.only.map_or(base.kinds, |kind| Kinds::of([kind])),
            pack: (!self.rules.is_empty()).then(|| pack(&self.rules)),
            ..base
        }
    }
}

impl Scene {
    pub(crate) fn enrolled(&self) -> Vec<Enrolled> {
        let of = |(index, lists): (usize, &[Option<List>; 2])| {
            let named = LISTS[index].into_iter().zip(lists);
            let lists = named.filter_map(|(id, list)| Some(list.as_ref()?.publication(id)));
            Enrolled {
                name: COALITIONS[index],
                lists: lists.collect(),
            }
        };
        self.lists.iter().enumerate().map(of).collect()
    }

    pub(crate) fn request(&self) -> Value {
        json!({
            "flow": self.flow,
            "view": "analyst",
            "signals": self.signals,
            "identifiers": [
                {"kind": "domain", "value": "pay.shop.example"},
                {"kind": "iban", "value": "GB82WEST12345698765432"},
                {"kind": "card_acceptor", "value": "412345/FLOWERS01"},
            ],
        })
    }

    pub(crate) fn members(&self) -> Value {
        json!({"policy": self.policy, "receipt_key": "11".repeat(32)})
    }

    pub(crate) fn world(&self) -> World<Native> {
        World::new(Native::default(), &self.enrolled(), &self.members())
    }

    pub(crate) fn verdict(&self) -> Value {
        self.world().ok("screen", &self.request())
    }

    /// The lists that exist, each with its coalition and its place.
    pub(crate) fn places(&self) -> Vec<(usize, usize)> {
        let places = (0..3).flat_map(|coalition| [(coalition, 0), (coalition, 1)]);
        let held = |place: &(usize, usize)| self.lists[place.0][place.1].is_some();
        places.filter(held).collect()
    }
}

/// A coalition of one list.
pub(crate) fn enrolled(name: &'static str, list: Publication) -> Enrolled {
    Enrolled {
        name,
        lists: vec![list],
    }
}

/// A request about one domain.
pub(crate) fn of_domain(flow: &str, value: &str) -> Value {
    json!({"flow": flow, "identifiers": [{"kind": "domain", "value": value}]})
}

/// The codes of the reasons, in their order.
pub(crate) fn codes(verdict: &Value) -> Vec<String> {
    let reasons = verdict["reasons"].as_array().into_iter().flatten();
    let code = |reason: &Value| reason["code"].as_str().unwrap_or_default().to_owned();
    reasons.map(code).collect()
}

/// A policy with two people, and an override of the record of `se` until a time.
pub(crate) fn overridden(expires: Time) -> Value {
    let people = [Person::new("risk lead", 61), Person::new("compliance", 62)];
    let signed = signed_override(("se", "se/cards"), ENTRIES[1], expires);
    let keys: Vec<_> = people.iter().map(Person::key).collect();
    json!({
        "policy": {"override_keys": keys},
        "receipt_key": "11".repeat(32),
        "overrides": [override_of(&signed, &people.each_ref())],
    })
}

pub(crate) fn at(seconds: u32) -> Time {
    Time::from_clock(seconds).unwrap()
}

pub(crate) fn standard() -> Vec<u8> {
    STANDARD_TYPOLOGIES.to_vec()
}

pub(crate) fn score(verdict: &Value) -> i64 {
    verdict["score"].as_i64().unwrap()
}

pub(crate) fn total(verdict: &Value) -> i64 {
    verdict["receipt"]["odds"]["total"].as_i64().unwrap()
}

pub(crate) fn action(verdict: &Value) -> Action {
    Action::from_name(verdict["action"].as_str().unwrap()).unwrap()
}

/// The reasons in a fixed order, with the identifiers that they name instead of positions.
pub(crate) fn reasons(request: &Value, verdict: &Value) -> Vec<String> {
    let reasons = verdict["reasons"].as_array().into_iter().flatten();
    let mut reasons: Vec<_> = reasons
        .map(|reason| {
            let mut reason = reason.clone();
            if let Some(index) = reason["identifier"].as_u64() {
                let index = usize::try_from(index).unwrap();
                reason["identifier"] = request["identifiers"][index]["value"].clone();
            }
            reason.to_string()
        })
        .collect();
    reasons.sort_unstable();
    reasons
}
