use std::collections::BTreeSet;

use super::*;
use crate::identifier::Kind;
use crate::rules::limits::{MAX_COMPARISONS, MAX_CONDITION, MAX_CONDITION_DEPTH, MAX_SET};
use crate::rules::{Signal, SignalForm, Signals};

/// What is known in a test.
#[derive(Debug, Clone, Default)]
struct Known {
    signals: Signals,
    listed: Vec<(Kind, bool)>,
}

impl Facts for Known {
    fn signal(&self, signal: Signal) -> Option<i64> {
        self.signals.get(signal)
    }

    fn listed(&self, kind: Kind) -> Option<bool> {
        let listed = self.listed.iter().rev().find(|(known, _)| *known == kind);
        listed.map(|(_, listed)| *listed)
    }
}

impl Known {
    fn with(mut self, signal: Signal, value: i64) -> Self {
        self.signals.set(signal, value);
        self
    }
}

fn parse(text: &str) -> Condition {
    Condition::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> (usize, ConditionFault) {
    let error = Condition::parse(text).map(|_| text).unwrap_err();
    (error.offset, error.fault)
}

#[test]
fn three_values_follow_kleenes_tables() {
    const VALUES: [Option<bool>; 3] = [Some(false), None, Some(true)];
    let known = |a: Option<bool>, b: Option<bool>| {
        let mut known = Known::default();
        for (signal, value) in [(Signal::PrepaidOnly, a), (Signal::SharedContact, b)] {
            if let Some(value) = value {
                known = known.with(signal, value.into());
            }
        }
        known
    };
    let (both, either) = (
        parse("prepaid_only and shared_contact"),
        parse("prepaid_only or shared_contact"),
    );
    let negated = parse("not prepaid_only");
    // False is less than unknown, unknown less than true.
    for (i, a) in VALUES.into_iter().enumerate() {
        assert_eq!(negated.holds(&known(a, None)), VALUES[2 - i]);
        for (j, b) in VALUES.into_iter().enumerate() {
            assert_eq!(both.holds(&known(a, b)), VALUES[i.min(j)], "{a:?} {b:?}");
            assert_eq!(either.holds(&known(a, b)), VALUES[i.max(j)], "{a:?} {b:?}");
        }
    }
}

#[test]
fn every_order_compares_at_its_edge() {
    for (order, below, at, above) in [
        ("<", true, false, false),
        ("<=", true, true, false),
        ("=", false, true, false),
        ("!=", true, false, true),
        (">=", false, true, true),
        (">", false, false, true),
    ] {
        let value = parse(&format!("merchant_age_days {order} 90"));
        let field = parse(&format!("merchant_age_days {order} domain_age_days"));
        for (age, holds) in [(89, below), (90, at), (91, above)] {
            let known = Known::default()
                .with(Signal::MerchantAgeDays, age)
                .with(Signal::DomainAgeDays, 90);
            assert_eq!(value.holds(&known), Some(holds), "{age} {order} 90");
            assert_eq!(field.holds(&known), Some(holds), "{age} {order} field");
        }
        assert_eq!(value.holds(&Known::default()), None);
        for signal in [Signal::MerchantAgeDays, Signal::DomainAgeDays] {
            let known = Known::default().with(signal, 90);
            assert_eq!(field.holds(&known), None, "{signal:?}");
        }
    }
}

#[test]
fn truths_codes_sets_and_listings_are_asked_as_written() {
    let known = Known {
        listed: vec![(Kind::Label, true), (Kind::Domain, false)],
        ..Known::default()
    }
    .with(Signal::Mcc, 742)
    .with(Signal::ObservedMcc, 5967)
    .with(Signal::PayoutCountry, 0x5345)
    .with(Signal::VolumeChangePerCent, -60)
    .with(Signal::PrepaidOnly, 0)
    .with(Signal::SharedContact, 1);
    for (text, holds) in [
        ("prepaid_only", Some(false)),
        ("prepaid_only = false", Some(true)),
        ("prepaid_only != true", Some(true)),
        ("prepaid_only != shared_contact", Some(true)),
        ("mcc != observed_mcc", Some(true)),
        ("mcc = 0742 and shared_contact", Some(true)),
        ("mcc = 5967 and shared_contact", Some(false)),
        ("mcc in {5967, 0742} and shared_contact", Some(true)),
        ("mcc in{5967}and shared_contact", Some(false)),
        ("payout_country = SE and shared_contact", Some(true)),
        ("payout_country in {NL,ES} and shared_contact", Some(false)),
        ("payout_country != merchant_country", None),
        ("volume_change_per_cent<-50", Some(true)),
        ("volume_change_per_cent in {-60, 0}", Some(true)),
        ("listed(label)", Some(true)),
        ("listed ( domain )", Some(false)),
        ("listed(wallet)", None),
        ("  ( (listed(wallet) or (listed(label))))  ", Some(true)),
        ("not (not shared_contact)", Some(true)),
    ] {
        assert_eq!(parse(text).holds(&known), holds, "{text}");
    }
}

#[test]
fn not_binds_closest_then_and_then_or() {
    let known = Known::default()
        .with(Signal::PrepaidOnly, 1)
        .with(Signal::SharedContact, 0)
        .with(Signal::MerchantAgeDays, 5);
    for (text, holds) in [
        ("prepaid_only or prepaid_only and shared_contact", true),
        ("(prepaid_only or prepaid_only) and shared_contact", false),
        ("not shared_contact or prepaid_only", true),
        ("not (shared_contact or prepaid_only)", false),
        ("not merchant_age_days > 5 and prepaid_only", true),
        ("not prepaid_only and shared_contact", false),
        ("not (prepaid_only and shared_contact)", true),
    ] {
        assert_eq!(parse(text).holds(&known), Some(holds), "{text}");
    }
}

#[test]
fn each_mistake_is_its_own_refusal_at_its_place() {
    use ConditionFault::*;
    for (text, offset, fault) in [
        ("", 0, Syntax),
        ("   ", 3, Syntax),
        ("prepaid_only and", 16, Syntax),
        ("and prepaid_only", 0, UnknownSignal),
        ("prepaid_only prepaid_only", 13, Syntax),
        ("prepaid_only)", 12, Syntax),
        ("(prepaid_only", 13, Syntax),
        ("()", 1, Syntax),
        ("not", 3, Syntax),
        ("prepaid_only == true", 14, Syntax),
        ("prepaid_only = ", 15, Syntax),
        ("prepaid_only ! true", 13, Character),
        ("prepaid_only & shared_contact", 13, Character),
        ("prepaid_only\tor shared_contact", 12, Character),
        ("prepaid_only\u{a0}or shared_contact", 12, Character),
        ("ｐrepaid_only", 0, Character),
        ("mcc = \"5967\"", 6, Character),
        ("merchant_age_days < 1.5", 21, Character),
        ("Prepaid_only", 0, UnknownSignal),
        ("prepaid_onlyé", 12, Character),
        ("merchant_age", 0, UnknownSignal),
        ("true", 0, UnknownSignal),
        ("12 < merchant_age_days", 0, UnknownSignal),
        ("prepaid_only AND shared_contact", 13, Syntax),
        ("prepaid_only or NOT shared_contact", 16, UnknownSignal),
        ("listed", 6, Syntax),
        ("listed()", 7, Syntax),
        ("listed(label", 12, Syntax),
        ("listed(domain, label)", 13, Syntax),
        ("listed(brand)", 7, UnknownKind),
        ("merchant_age_days", 0, NotATruth),
        ("prepaid_only and mcc", 17, NotATruth),
        ("mcc < 5967", 4, Operator),
        ("payout_country >= SE", 15, Operator),
        ("prepaid_only > false", 13, Operator),
        ("prepaid_only in {true}", 13, Operator),
        ("merchant_age_days < 36526", 20, Value),
        ("merchant_age_days < -1", 20, Value),
        ("merchant_age_days < 007", 20, Value),
        ("merchant_age_days < 99999999999999999999999", 20, Value),
        ("merchant_age_days < true", 20, Value),
        ("merchant_age_days < soon", 20, Value),
        ("prepaid_only = 1", 15, Value),
        ("mcc = 742", 6, Value),
        ("mcc in {5967, 07420}", 14, Value),
        ("payout_country = se", 17, Value),
        ("payout_country = SWE", 17, Value),
        ("mcc in 5967", 7, Syntax),
        ("mcc in {}", 8, Syntax),
        ("mcc in {5967,}", 13, Syntax),
        ("mcc in {5967 5968}", 13, Syntax),
        ("mcc in {5967", 12, Syntax),
        ("mcc = mcc", 6, Incomparable),
        ("mcc = payout_country", 6, Incomparable),
        (
            "merchant_age_days < chargebacks_per_10000",
            20,
            Incomparable,
        ),
        ("merchant_age_days = prepaid_only", 20, Incomparable),
        ("merchant_age_days >= 0", 21, Constant),
        ("merchant_age_days < 0", 20, Constant),
        ("cross_border_per_mille > 1000", 25, Constant),
        ("cross_border_per_mille <= 1000", 26, Constant),
        ("not listed(label)", 4, ListingNegated),
        ("not not listed(label)", 8, ListingNegated),
        ("not (prepaid_only or listed(label))", 21, ListingNegated),
        ("listed(label) = false", 0, ListingNegated),
        ("listed(label) in {true}", 0, ListingNegated),
        ("prepaid_only = listed(label)", 15, ListingNegated),
        ("merchant_age_days in {listed(label)}", 22, Value),
        ("mcc = 5967", 0, CodeAlone),
        ("mcc != 5967", 0, CodeAlone),
        ("payout_country in {SE}", 0, CodeAlone),
        ("mcc = 5967 and payout_country = SE", 0, CodeAlone),
        ("prepaid_only or mcc = 5967", 0, CodeAlone),
        ("not (prepaid_only and mcc = 5967)", 0, CodeAlone),
        ("not (mcc = 5967)", 0, CodeAlone),
        (
            "(prepaid_only or mcc = 5967) and payout_country = SE",
            0,
            CodeAlone,
        ),
    ] {
        assert_eq!(refused(text), (offset, fault), "{text}");
    }
    // A negation before a listing that is not over it.
    parse("not prepaid_only and listed(label)");
    parse("(not (prepaid_only)) and listed(label)");
}

#[test]
fn a_code_counts_beside_something_else_or_another_code() {
    for (text, fails_by_code) in [
        ("mcc = 5967 and registration_evidence = false", true),
        ("mcc = 5967 and listed(label)", true),
        ("not (mcc = 5967 or prepaid_only)", true),
        ("mcc != observed_mcc", false),
        (
            "payout_country != merchant_country and not payout_country_related",
            false,
        ),
        ("(mcc = 5967 and prepaid_only) or listed(label)", false),
        ("prepaid_only or shared_contact and mcc = 5967", false),
        ("(prepaid_only or shared_contact) and mcc = 5967", true),
    ] {
        assert_eq!(parse(text).fails_by_code_alone(), fails_by_code, "{text}");
    }
}

#[test]
fn every_bound_holds_at_its_limit_and_not_one_beyond() {
    let spaces = |length: usize| format!("{:length$}", "prepaid_only");
    parse(&spaces(MAX_CONDITION));
    assert_eq!(
        refused(&spaces(MAX_CONDITION + 1)),
        (0, ConditionFault::TooLong)
    );

    let nested = |depth: usize| format!("{}prepaid_only{}", "(".repeat(depth), ")".repeat(depth));
    parse(&nested(MAX_CONDITION_DEPTH));
    assert_eq!(
        refused(&nested(MAX_CONDITION_DEPTH + 1)),
        (8, ConditionFault::TooDeep)
    );
    let negated = |depth: usize| format!("{}prepaid_only", "not ".repeat(depth));
    parse(&negated(MAX_CONDITION_DEPTH));
    assert_eq!(
        refused(&negated(MAX_CONDITION_DEPTH + 1)),
        (32, ConditionFault::TooDeep)
    );
    // Side by side is not inside each other.
    parse(&[nested(MAX_CONDITION_DEPTH), nested(MAX_CONDITION_DEPTH)].join(" or "));
    assert_eq!(
        refused(&"(".repeat(MAX_CONDITION)),
        (8, ConditionFault::TooDeep)
    );

    let many = |count: usize| vec!["listed(iban)"; count].join("or ");
    parse(&many(MAX_COMPARISONS));
    let (_, fault) = refused(&many(MAX_COMPARISONS + 1));
    assert_eq!(fault, ConditionFault::TooManyComparisons);

    let set = |count: usize| {
        format!(
            "prepaid_only and mcc in {{{}}}",
            vec!["5967"; count].join(",")
        )
    };
    parse(&set(MAX_SET));
    let (_, fault) = refused(&set(MAX_SET + 1));
    assert_eq!(fault, ConditionFault::TooManyValues);
}

/// Knuth's MMIX generator, so that everyone tests the same conditions.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// The same condition twice: as a text, and as a function that counts false as -1, unknown as 0 and
/// true as 1.
type Model = (String, Box<dyn Fn(&Known) -> i8>);

const TRUTHS: [Signal; 3] = [
    Signal::PrepaidOnly,
    Signal::SharedContact,
    Signal::PaymentPageDeclared,
];
const COUNTS: [Signal; 2] = [Signal::MerchantAgeDays, Signal::DomainAgeDays];
const CATEGORIES: [Signal; 2] = [Signal::Mcc, Signal::ObservedMcc];
const COUNTRIES: [Signal; 2] = [Signal::MerchantCountry, Signal::PayoutCountry];
const KINDS: [Kind; 2] = [Kind::Label, Kind::Iban];

fn three(value: Option<bool>) -> i8 {
    value.map_or(0, |value| if value { 1 } else { -1 })
}

fn written(signal: Signal, value: i64) -> String {
    match signal.form() {
        SignalForm::Count { .. } => value.to_string(),
        SignalForm::Truth => (value == 1).to_string(),
        SignalForm::Category => format!("{value:04}"),
        SignalForm::Country => {
            let letters = u16::try_from(value).expect("two letters").to_be_bytes();
            String::from_utf8(letters.to_vec()).expect("two capitals")
        }
    }
}

/// A value out of few, so that comparisons often meet.
fn some_value(chance: &mut Chance, signal: Signal) -> i64 {
    let few = match signal.form() {
        SignalForm::Truth => [0, 1, 1],
        SignalForm::Country => [0x5345, 0x4e4c, 0x4445],
        SignalForm::Count { .. } | SignalForm::Category => [742, 5967, 90],
    };
    chance.of(&few)
}

fn leaf(chance: &mut Chance) -> Model {
    let pairs: [&[Signal]; 4] = [&TRUTHS, &COUNTS, &CATEGORIES, &COUNTRIES];
    let same_form = chance.of(&pairs);
    let (signal, other) = (same_form[0], same_form[1]);
    let value = some_value(chance, signal);
    match chance.below(6) {
        0 => {
            let truth = chance.of(&TRUTHS);
            let model = move |known: &Known| three(known.signal(truth).map(|value| value == 1));
            (truth.name().to_owned(), Box::new(model))
        }
        1 => {
            let kind = chance.of(&KINDS);
            let model = move |known: &Known| three(known.listed(kind));
            (format!("listed({})", kind.name()), Box::new(model))
        }
        2 => {
            let text = format!("{} = {}", signal.name(), other.name());
            let model = move |known: &Known| {
                let both = known.signal(signal).zip(known.signal(other));
                three(both.map(|(left, right)| left == right))
            };
            (text, Box::new(model))
        }
        3 if !matches!(signal.form(), SignalForm::Truth) => {
            let another = some_value(chance, signal);
            let values = [value, another].map(|value| written(signal, value));
            let text = format!("{} in {{{}}}", signal.name(), values.join(", "));
            let model = move |known: &Known| {
                three(
                    known
                        .signal(signal)
                        .map(|held| held == value || held == another),
                )
            };
            (text, Box::new(model))
        }
        4 => {
            let text = format!("merchant_age_days < {}", 1 + value.min(900));
            let model = move |known: &Known| {
                let age = known.signal(Signal::MerchantAgeDays);
                three(age.map(|age| age <= value.min(900)))
            };
            (text, Box::new(model))
        }
        _ => {
            let text = format!("{} != {}", signal.name(), written(signal, value));
            let model = move |known: &Known| three(known.signal(signal).map(|held| held != value));
            (text, Box::new(model))
        }
    }
}

fn condition(chance: &mut Chance, depth: usize) -> Model {
    if depth == 0 || chance.below(3) == 0 {
        return leaf(chance);
    }
    let (text, model) = condition(chance, depth - 1);
    let (other, other_model) = condition(chance, depth - 1);
    match chance.below(3) {
        0 => (
            format!("not ({text})"),
            Box::new(move |known| -model(known)),
        ),
        1 => (
            format!("({text}) and ({other})"),
            Box::new(move |known| model(known).min(other_model(known))),
        ),
        _ => (
            format!("({text} or {other})"),
            Box::new(move |known| model(known).max(other_model(known))),
        ),
    }
}

fn signals() -> impl Iterator<Item = Signal> {
    let codes = CATEGORIES.into_iter().chain(COUNTRIES);
    TRUTHS.into_iter().chain(COUNTS).chain(codes)
}

fn some_known(chance: &mut Chance) -> Known {
    let mut known = Known::default();
    for signal in signals() {
        if chance.below(2) == 0 {
            let value = some_value(chance, signal);
            known.signals.set(signal, value);
        }
    }
    for kind in KINDS {
        if chance.below(2) == 0 {
            known.listed.push((kind, chance.below(2) == 0));
        }
    }
    known
}

/// Accepted conditions of every shape, with the model of each and something known.
fn each_accepted(mut check: impl FnMut(&mut Chance, &str, &Condition, &dyn Fn(&Known) -> i8)) {
    let mut chance = Chance(1);
    let mut accepted = 0;
    let mut refusals = Vec::new();
    for _ in 0..20_000 {
        let (text, model) = condition(&mut chance, 3);
        match Condition::parse(&text) {
            Ok(condition) => {
                accepted += 1;
                check(&mut chance, &text, &condition, &model);
            }
            Err(ConditionError { fault, .. }) if refusals.contains(&fault) => {}
            Err(ConditionError { fault, .. }) => refusals.push(fault),
        }
    }
    assert!(accepted > 5000, "{accepted}");
    let allowed = [
        ConditionFault::CodeAlone,
        ConditionFault::ListingNegated,
        ConditionFault::TooLong,
    ];
    assert!(
        refusals.iter().all(|fault| allowed.contains(fault)),
        "{refusals:?}"
    );
}

#[test]
fn accepted_conditions_answer_as_a_second_reading_does() {
    each_accepted(|chance, text, condition, model| {
        for _ in 0..4 {
            let known = some_known(chance);
            assert_eq!(
                three(condition.holds(&known)),
                model(&known),
                "{text} {known:?}"
            );
        }
    });
}

#[test]
fn a_country_or_category_alone_moves_no_accepted_condition() {
    let mut failing = 0;
    each_accepted(|chance, text, condition, _| {
        // One code of each form: two of one form may be compared with each other.
        for _ in 0..8 {
            let mut known = Known::default();
            for form in [CATEGORIES, COUNTRIES] {
                let signal = chance.of(&form);
                known.signals.set(signal, some_value(chance, signal));
            }
            let holds = condition.holds(&known);
            assert_ne!(holds, Some(true), "{text} {known:?}");
            if holds == Some(false) {
                failing += 1;
                assert!(condition.fails_by_code_alone(), "{text} {known:?}");
            }
        }
    });
    assert!(failing > 100, "{failing}");
}

#[test]
fn a_listing_never_takes_back_what_holds() {
    let mut moved = 0;
    each_accepted(|chance, text, condition, _| {
        let known = some_known(chance);
        for kind in KINDS {
            if known.listed(kind) != Some(true) {
                let mut listed = known.clone();
                listed.listed.push((kind, true));
                let (before, after) = (condition.holds(&known), condition.holds(&listed));
                assert!(three(before) <= three(after), "{text} {known:?}");
                moved += usize::from(before != after);
            }
        }
    });
    assert!(moved > 100, "{moved}");
}

#[test]
fn what_is_decided_stays_decided_when_more_is_known() {
    let mut decided = 0;
    each_accepted(|chance, text, condition, _| {
        let known = some_known(chance);
        let before = condition.holds(&known);
        for signal in signals().filter(|signal| known.signal(*signal).is_none()) {
            let more = known.clone().with(signal, some_value(chance, signal));
            let after = condition.holds(&more);
            assert!(before.is_none() || before == after, "{text} {known:?}");
            decided += usize::from(before != after);
        }
        for kind in KINDS
            .into_iter()
            .filter(|kind| known.listed(*kind).is_none())
        {
            let mut more = known.clone();
            more.listed.push((kind, chance.below(2) == 0));
            let after = condition.holds(&more);
            assert!(before.is_none() || before == after, "{text} {known:?}");
        }
    });
    assert!(decided > 100, "{decided}");
}

#[test]
fn garbage_is_refused_inside_the_text_and_never_accepted_by_accident() {
    let mut chance = Chance(7);
    let mut accepted = BTreeSet::new();
    let pieces = [
        "prepaid_only",
        "mcc",
        "listed",
        "(",
        ")",
        "{",
        "}",
        ",",
        "<",
        "<=",
        "=",
        "!=",
        ">",
        "and",
        "or",
        "not",
        "in",
        "5967",
        "SE",
        "-",
        "-1",
        "true",
        " ",
        "é",
        "\u{202e}",
        "\0",
        "label",
        "99999999999",
    ];
    for _ in 0..50_000 {
        let count = chance.below(12);
        let text: String = (0..count).map(|_| chance.of(&pieces)).collect();
        match Condition::parse(&text) {
            Ok(_) => {
                accepted.insert(text.trim().to_owned());
            }
            Err(error) => {
                assert!(error.offset <= text.len(), "{text}");
                assert!(text.is_char_boundary(error.offset), "{text}");
            }
        }
    }
    // The grammar allows these two of all that was strung together.
    let expected = ["prepaid_only", "prepaid_only!=true"].map(str::to_owned);
    assert_eq!(accepted, BTreeSet::from(expected));
}
