mod digests;
mod required;

use super::*;
use crate::common::schema::{Fault, SchemaError};
use crate::list::Action;

/// The default choices with one change.
fn with(change: impl FnOnce(&mut Choices)) -> Choices {
    let mut choices = Choices::default();
    change(&mut choices);
    choices
}

fn refused(change: impl FnOnce(&mut Choices)) -> (Fault, String) {
    let SchemaError { fault, path } = Policy::new(with(change)).map(|_| ()).unwrap_err();
    (fault, path.to_string())
}

fn accepted(change: impl FnOnce(&mut Choices)) {
    assert_eq!(Policy::new(with(change)).map(|_| ()), Ok(()));
}

fn key(name: &str, seed: u8) -> [String; 4] {
    let public = ed25519_public(seed);
    let [keytype, scheme] = ["ed25519", "ed25519"].map(str::to_owned);
    [name.to_owned(), keytype, scheme, public]
}

/// Public keys of RFC 8032, section 7.1, tests 1 to 3.
fn ed25519_public(seed: u8) -> String {
    let keys = [
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    ];
    keys[usize::from(seed)].to_owned()
}

fn add_key(choices: &mut Choices, [name, keytype, scheme, public]: [String; 4]) {
    let added = choices.override_keys.add(&name, &keytype, &scheme, &public);
    assert_eq!(added, Some(()));
}

/// The table of defaults in `docs/scoring.md`.
#[test]
fn the_defaults_are_those_of_the_document() {
    let policy = Policy::default();
    assert_eq!(policy.prevalence_per_million, 100);
    assert_eq!(policy.agreement_per_mille, 500);
    assert_eq!(policy.typology_cap, 12_000);
    assert!(policy.typologies_off.is_empty() && policy.typology_weights.is_empty());
    let required = policy.required_coalitions;
    assert_eq!((required.hold_payout, required.block), (1, 1));
    assert_eq!(policy.list_max_age_days, 30);
    assert_eq!(policy.expired_grace_days, 7);
    assert_eq!(policy.override_keys.len(), 0);
    assert!(policy.help_line.is_empty() && policy.terms_clause.is_empty());
}

/// The table of presets in `docs/scoring.md`.
#[test]
fn each_flow_has_the_preset_of_the_document() {
    for (flow, monitor_score, review_score, unavailable) in [
        (Flow::Onboarding, 400, 500, Action::Review),
        (Flow::Authorisation, 500, 600, Action::Monitor),
        (Flow::Payout, 400, 600, Action::Review),
        (Flow::Checkout, 500, 600, Action::Monitor),
    ] {
        let preset = FlowPolicy {
            monitor_score,
            review_score,
            unavailable,
            late: Action::Monitor,
            incomplete: Action::Monitor,
        };
        assert_eq!(FlowPolicy::preset(flow), preset, "{flow:?}");
        assert_eq!(*Policy::default().flow(flow), preset, "{flow:?}");
    }
}

#[test]
fn each_flow_has_its_own_choices_and_its_own_word() {
    let scores = [411, 422, 433, 444];
    let policy = Policy::new(with(|choices| {
        for (flow, score) in choices.flows.iter_mut().zip(scores) {
            flow.monitor_score = score;
        }
    }))
    .unwrap();
    let words = ["onboarding", "authorisation", "payout", "checkout"];
    for ((flow, score), word) in Flow::ALL.into_iter().zip(scores).zip(words) {
        assert_eq!(policy.flow(flow).monitor_score, score);
        assert_eq!((flow.name(), Flow::from_name(word)), (word, Some(flow)));
    }
    for word in ["", "Payout", "refund", "payout "] {
        assert_eq!(Flow::from_name(word), None, "{word}");
    }
}

/// One number of a policy: its name, the ends of its range, and how it is set.
type Number = (&'static str, i64, i64, fn(&mut Choices, i64));

/// Watches and reviews from this score on in every flow.
fn watch_from(choices: &mut Choices, score: u16) {
    for flow in &mut choices.flows {
        (flow.monitor_score, flow.review_score) = (score, score);
    }
}

fn narrow<T: TryFrom<i64>>(value: i64) -> T {
    T::try_from(value).unwrap_or_else(|_| panic!("{value}"))
}

/// The ranges of `docs/scoring.md`. The thresholds of the other flows are checked by the same code.
const NUMBERS: [Number; 9] = [
    ("prevalence_per_million", 1, 500_000, |choices, value| {
        choices.prevalence_per_million = narrow(value);
        watch_from(choices, 1000);
    }),
    ("agreement_per_mille", 0, 1000, |choices, value| {
        choices.agreement_per_mille = narrow(value);
    }),
    ("typology_cap", 0, 20_000, |choices, value| {
        choices.typology_cap = narrow(value);
    }),
    ("list_max_age_days", 1, 3650, |choices, value| {
        choices.list_max_age_days = narrow(value);
    }),
    ("expired_grace_days", 0, 3650, |choices, value| {
        choices.expired_grace_days = narrow(value);
    }),
    ("poll_max_age_hours", 1, 720, |choices, value| {
        choices.poll_max_age_hours = narrow(value);
    }),
    (
        "flows.onboarding.monitor_score",
        52,
        1000,
        |choices, value| {
            choices.prevalence_per_million = 1;
            choices.flows[0].review_score = 1000;
            choices.flows[0].monitor_score = narrow(value);
        },
    ),
    ("flows.checkout.review_score", 52, 1000, |choices, value| {
        choices.prevalence_per_million = 1;
        choices.flows[3].monitor_score = 52;
        choices.flows[3].review_score = narrow(value);
    }),
    ("required_coalitions.block", 1, 64, |choices, value| {
        choices.required_coalitions.block = narrow(value);
    }),
];

#[test]
fn every_number_is_accepted_at_the_ends_of_its_range_and_refused_beyond() {
    for (name, low, high, set) in NUMBERS {
        for value in [low, low + 1, high - 1, high] {
            accepted(|choices| set(choices, value));
        }
        // No type of these holds less than 0 except those of the caps.
        let below = (low > 0 || name.ends_with("cap")).then_some(low - 1);
        for value in below.into_iter().chain([high + 1]) {
            let found = refused(|choices| set(choices, value));
            assert_eq!(found, (Fault::OutOfRange, name.to_owned()), "{value}");
        }
    }
}

#[test]
fn required_coalitions_are_1_to_64_and_block_needs_no_fewer_than_hold_payout() {
    let required = |hold_payout, block| RequiredCoalitions { hold_payout, block };
    for good in [(1, 1), (1, 64), (2, 2), (63, 64), (64, 64)] {
        accepted(|choices| choices.required_coalitions = required(good.0, good.1));
    }
    for (bad, name) in [
        ((0, 1), "hold_payout"),
        ((65, 65), "hold_payout"),
        ((2, 1), "block"),
        ((64, 63), "block"),
        ((1, 0), "block"),
        ((1, 65), "block"),
    ] {
        let found = refused(|choices| choices.required_coalitions = required(bad.0, bad.1));
        let path = format!("required_coalitions.{name}");
        assert_eq!(found, (Fault::OutOfRange, path), "{bad:?}");
    }
}

#[test]
fn a_review_score_is_no_lower_than_the_monitor_score_of_its_flow() {
    for (index, flow) in Flow::ALL.into_iter().enumerate() {
        let set = |choices: &mut Choices, review_score| {
            choices.flows[index].monitor_score = 400;
            choices.flows[index].review_score = review_score;
        };
        accepted(|choices| set(choices, 400));
        let path = format!("flows.{}.review_score", flow.name());
        assert_eq!(
            refused(|choices| set(choices, 399)),
            (Fault::ScoreOrder, path)
        );
    }
}

/// One of ten thousand scores 201, 0.3 % scores 348.
#[test]
fn a_prior_that_scores_within_50_of_a_monitor_score_is_refused() {
    let set = |choices: &mut Choices, prevalence, flow: usize, score| {
        choices.prevalence_per_million = prevalence;
        choices.flows[flow].monitor_score = score;
        choices.flows[flow].review_score = score.max(600);
    };
    for (index, flow) in Flow::ALL.into_iter().enumerate() {
        accepted(|choices| set(choices, 100, index, 251));
        // The default prior is blamed on nobody, so the threshold is.
        let path = format!("flows.{}.monitor_score", flow.name());
        for low in [52, 200, 250] {
            let found = refused(|choices| set(choices, 100, index, low));
            assert_eq!(found, (Fault::PriorTooHigh, path.clone()), "{low}");
        }
        accepted(|choices| set(choices, 3000, index, 398));
        let found = refused(|choices| set(choices, 3000, index, 397));
        let path = "prevalence_per_million".to_owned();
        assert_eq!(found, (Fault::PriorTooHigh, path), "{flow:?}");
    }
    // By default up to 3,100 of a million: monitor from 400 at onboarding and before a payout.
    accepted(|choices| choices.prevalence_per_million = 3100);
    let found = refused(|choices| choices.prevalence_per_million = 3200);
    assert_eq!(found.0, Fault::PriorTooHigh);
}

#[test]
fn flags_alone_reach_what_prior_and_cap_allow_and_never_600() {
    let most = |prevalence, cap| {
        let choices = with(|choices| {
            choices.prevalence_per_million = prevalence;
            choices.typology_cap = cap;
            watch_from(choices, 1000);
        });
        let policy = Policy::new(choices).unwrap();
        (policy.score_of_nothing(), policy.most_of_flags())
    };
    // -13,288 is 201, and with 12,000 it is -1,288: 38.64 below 600.
    assert_eq!(most(100, 12_000), (201, 561));
    assert_eq!(most(100, 0), (201, 201));
    assert_eq!(most(100, 20_000), (201, 599));
    assert_eq!(most(500_000, 20_000), (599, 599));
}

#[test]
fn each_row_is_monitored_or_reviewed_and_only_an_absent_partner_may_be_allowed() {
    type Set = fn(&mut FlowPolicy, Action);
    let rows: [(&str, Action, Set); 3] = [
        ("unavailable", Action::Monitor, |flow, action| {
            flow.unavailable = action;
        }),
        ("late", Action::Monitor, |flow, action| flow.late = action),
        ("incomplete", Action::Allow, |flow, action| {
            flow.incomplete = action;
        }),
    ];
    for (index, flow) in Flow::ALL.into_iter().enumerate() {
        for (name, least, row) in rows {
            for action in Action::ALL {
                let path = format!("flows.{}.{name}", flow.name());
                let set = |choices: &mut Choices| row(&mut choices.flows[index], action);
                match (least..=Action::Review).contains(&action) {
                    true => accepted(set),
                    false => assert_eq!(refused(set), (Fault::UnknownValue, path)),
                }
            }
        }
    }
}

fn weighed(rule: &str, weight: i32, otherwise: i32) -> TypologyWeight {
    TypologyWeight {
        rule: rule.to_owned(),
        weight,
        otherwise,
    }
}

#[test]
fn a_typology_weighs_10_000_at_most_and_otherwise_the_other_way() {
    for (weight, otherwise) in [
        (10_000, -10_000),
        (-10_000, 10_000),
        (1, 0),
        (-1, 0),
        (0, 0),
        (1, -1),
        (-1, 1),
    ] {
        accepted(|choices| choices.typology_weights = vec![weighed("T01", weight, otherwise)]);
    }
    for (weight, otherwise, name) in [
        (10_001, 0, "weight"),
        (-10_001, 0, "weight"),
        (1, 1, "otherwise"),
        (-1, -1, "otherwise"),
        (0, 1, "otherwise"),
        (0, -1, "otherwise"),
        (1, -10_001, "otherwise"),
        (-1, 10_001, "otherwise"),
    ] {
        let found = refused(|choices| {
            choices.typology_weights =
                vec![weighed("T01", 1, 0), weighed("T02", weight, otherwise)];
        });
        let path = format!("typology_weights[1].{name}");
        assert_eq!(found, (Fault::OutOfRange, path), "{weight} {otherwise}");
    }
}

#[test]
fn typologies_are_named_by_their_ids_and_weighed_once() {
    let ids = |count: usize| -> Vec<String> { (0..count).map(|i| format!("R{i}")).collect() };
    accepted(|choices| choices.typologies_off = ids(256));
    let found = refused(|choices| choices.typologies_off = ids(257));
    assert_eq!(found, (Fault::TooMany, "typologies_off".to_owned()));
    let weights = |count| ids(count).iter().map(|id| weighed(id, 1, 0)).collect();
    accepted(|choices| choices.typology_weights = weights(256));
    let found = refused(|choices| choices.typology_weights = weights(257));
    assert_eq!(found, (Fault::TooMany, "typology_weights".to_owned()));
    for id in ["", "T 1", "T01.", "seventeen-letters", "4111111111111111"] {
        let found =
            refused(|choices| choices.typologies_off = vec!["T01".to_owned(), id.to_owned()]);
        assert_eq!(
            found,
            (Fault::OutOfRange, "typologies_off[1]".to_owned()),
            "{id}"
        );
        let found = refused(|choices| choices.typology_weights = vec![weighed(id, 1, 0)]);
        let path = "typology_weights[0].rule".to_owned();
        assert_eq!(found, (Fault::OutOfRange, path), "{id}");
    }
    let twice = vec![
        weighed("T01", 1, 0),
        weighed("T02", 1, 0),
        weighed("T01", 2, 0),
    ];
    let found = refused(|choices| choices.typology_weights = twice);
    let path = "typology_weights[2].rule".to_owned();
    assert_eq!(found, (Fault::OutOfRange, path));
}

#[test]
fn a_text_for_merchants_has_200_bytes_and_nothing_that_a_person_must_not_see() {
    type Text = (&'static str, fn(&mut Choices, String));
    let texts: [Text; 2] = [
        ("help_line", |choices, text| choices.help_line = text),
        ("terms_clause", |choices, text| choices.terms_clause = text),
    ];
    for (name, set) in texts {
        for good in ["", "help.example", "Hjälplinje 020-112 233"] {
            accepted(|choices| set(choices, good.to_owned()));
        }
        accepted(|choices| set(choices, "x".repeat(200)));
        for (bad, fault) in [
            ("x".repeat(201), Fault::OutOfRange),
            ("å".repeat(101), Fault::OutOfRange),
            ("two\nlines".to_owned(), Fault::OutOfRange),
            ("a\u{85}b".to_owned(), Fault::OutOfRange),
            ("4111 1111 1111 1111".to_owned(), Fault::CardNumber),
        ] {
            let found = refused(|choices| set(choices, bad.clone()));
            assert_eq!(found, (fault, name.to_owned()), "{bad}");
        }
    }
}

#[test]
fn override_keys_have_names_of_64_bytes_that_can_be_shown() {
    for good in ["x", "risk lead", &"x".repeat(64)] {
        accepted(|choices| add_key(choices, key(good, 0)));
    }
    for (bad, fault) in [
        ("x".repeat(65), Fault::OutOfRange),
        ("a\tb".to_owned(), Fault::OutOfRange),
        ("4111 1111 1111 1111".to_owned(), Fault::CardNumber),
    ] {
        let found = refused(|choices| {
            add_key(choices, key("risk lead", 0));
            add_key(choices, key(&bad, 1));
        });
        assert_eq!(found, (fault, "override_keys[1].name".to_owned()), "{bad}");
    }
}
