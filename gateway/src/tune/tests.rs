use interdict_core::wire::owned::RuleState;

use super::*;

fn case(label: Label, score: u16, holds: Option<bool>) -> Case {
    let weight = match holds {
        Some(true) => 1000,
        Some(false) => -100,
        None => 0,
    };
    let said = RuleState {
        coalition: "se".into(),
        list: "se/merchants".into(),
        rule: "T04".into(),
        holds,
        weight,
    };
    Case {
        label,
        score,
        rules: vec![said],
    }
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.5
}

#[test]
fn weights_by_hand() {
    // (15.5/21) / (1.5/21) = 10.333: log2 is 3.369.
    let fitted = fit(15, 20, 1, 20);
    assert!(near(fitted.weight, 3369.2), "{fitted:?}");
    // sqrt(1/15.5 - 1/21 + 1/1.5 - 1/21) / ln 2 = sqrt(0.63594) / 0.69315 = 1.1505.
    assert!(near(fitted.error, 1150.5), "{fitted:?}");
    assert!(near(fit(5, 10, 5, 10).weight, 0.0));
    assert!(
        fit(0, 0, 0, 0).weight.is_finite()
            && fit(u32::MAX, u32::MAX, 0, u32::MAX).error.is_finite()
    );
}

#[test]
fn rules_are_tallied_with_what_they_count_now() {
    let mut cases = vec![case(Label::Bad, 600, Some(true)); 15];
    cases.extend(vec![case(Label::Bad, 600, Some(false)); 5]);
    cases.extend(vec![case(Label::Good, 100, Some(true)); 1]);
    cases.extend(vec![case(Label::Good, 100, Some(false)); 19]);
    cases.extend(vec![case(Label::Good, 100, None); 7]);
    let tallies = tally_rules(&cases);
    let tally = &tallies[&("se/merchants".to_owned(), "T04".to_owned())];
    assert_eq!(
        (tally.bad.holds, tally.bad.fails, tally.bad.unknown),
        (15, 5, 0)
    );
    assert_eq!(
        (tally.good.holds, tally.good.fails, tally.good.unknown),
        (1, 19, 7)
    );
    assert_eq!((tally.weight, tally.otherwise), (Some(1000), Some(-100)));
    // (5.5/21) / (19.5/21) = 0.28205: log2 is -1.826.
    assert_eq!(tally.pasted(), Some((3369, -1826)));
}

#[test]
fn a_fit_against_the_direction_or_from_too_few_is_not_pasted() {
    let split = |holds, fails| Split {
        holds,
        fails,
        unknown: 0,
    };
    let mut tally = RuleTally {
        bad: split(1, 19),
        good: split(15, 5),
        weight: Some(500),
        otherwise: Some(0),
    };
    assert!(tally.fitted().is_some());
    assert_eq!(tally.pasted(), None);
    tally.weight = Some(-500);
    assert_eq!(tally.pasted(), Some((-3369, 1826)));
    tally.weight = None;
    assert_eq!(tally.pasted(), None);
    tally.bad = split(5, 4);
    assert_eq!(tally.fitted(), None);
}

#[test]
fn scores_stand_for_probabilities() {
    assert!((probability(600) - 0.5).abs() < 1e-9);
    assert!((probability(695) - 0.9).abs() < 0.001);
    assert!((probability(798) - 0.99).abs() < 0.001);
    assert!(probability(0) > 0.0 && probability(u16::MAX) <= 1.0);
}

#[test]
fn bins_and_thresholds_by_hand() {
    let cases = [
        case(Label::Good, 0, None),
        case(Label::Good, 99, None),
        case(Label::Bad, 100, None),
        case(Label::Bad, 999, None),
        case(Label::Good, 1000, None),
    ];
    let bins = calibration(&cases);
    assert_eq!((bins[0].good, bins[1].bad, bins[9].count()), (2, 1, 2));
    assert_eq!((bins[9].observed(), bins[5].observed()), (Some(0.5), None));
    let confusion = Confusion::at(100, &cases);
    assert_eq!(
        confusion,
        Confusion {
            true_positives: 2,
            false_positives: 1,
            true_negatives: 2,
            false_negatives: 0
        }
    );
    assert_eq!(
        (confusion.precision(), confusion.recall()),
        (Some(2.0 / 3.0), Some(1.0))
    );
    assert_eq!(Confusion::at(500, &cases).recall(), Some(0.5));
    assert_eq!(Confusion::at(0, &[]).precision(), None);
}

#[test]
fn the_shift_of_the_prior_is_in_millibits() {
    // Even odds against 999 to 999,001: log2 of 1000.001 is 9.96579.
    let shift = prior_shift(50, 50, 999).unwrap();
    assert!(near(shift, 9965.8), "{shift}");
    assert_eq!(prior_shift(0, 50, 100), None);
    assert_eq!(prior_shift(1, 1, 0), None);
}

#[test]
fn a_labelled_line_asks_for_the_analysts_view_and_keeps_the_request_as_it_is() {
    let read = |line: &str| Labelled::read(line.as_bytes());
    let line = read(r#"{"label":"bad","request":{"flow":"payout","flow":1}}"#).unwrap();
    assert_eq!(line.label, Label::Bad);
    assert_eq!(
        line.request,
        r#"{"view":"analyst","flow":"payout","flow":1}"#
    );
    assert_eq!(
        read(r#"{"label":"good","request":{ }}"#).unwrap().request,
        r#"{"view":"analyst" }"#
    );
    for bad in [
        r#"{"label":"ugly","request":{}}"#,
        r#"{"label":"bad","request":[]}"#,
        r#"{"label":"bad"}"#,
        r#"{"label":"bad","request":{},"score":1}"#,
        "",
    ] {
        assert_eq!(read(bad), None, "{bad}");
    }
    assert_eq!(Labelled::read(b"\xff"), None);
}
