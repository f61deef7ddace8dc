use super::{NUMBERS, add_key, key, weighed, with};
use crate::list::Action;
use crate::policy::{Choices, Policy, RequiredCoalitions};

/// Choices that differ in one value only, or in where one array or text ends.
fn all_different() -> Vec<Choices> {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let mut all: Vec<Choices> = NUMBERS
        .iter()
        .flat_map(|(_, low, high, set)| [*low, *high].map(|value| with(|c| set(c, value))))
        .collect();
    all.extend([
        with(|_| ()),
        with(|c| {
            c.required_coalitions = RequiredCoalitions {
                hold_payout: 2,
                block: 2,
            }
        }),
        with(|c| {
            c.required_coalitions = RequiredCoalitions {
                hold_payout: 1,
                block: 2,
            }
        }),
        with(|c| c.coalitions = owned(&["se"])),
        with(|c| c.coalitions = owned(&["se", "nl"])),
        with(|c| (c.terms_clause, c.coalitions) = ("a".to_owned(), owned(&["se"]))),
        with(|c| c.typologies_off = owned(&["A", "BC"])),
        with(|c| c.typologies_off = owned(&["AB", "C"])),
        with(|c| c.typologies_off = owned(&["ABC"])),
        with(|c| c.typology_weights = vec![weighed("A", 1, 0)]),
        with(|c| c.typology_weights = vec![weighed("A", 2, 0)]),
        with(|c| c.typology_weights = vec![weighed("A", 1, -1)]),
        with(|c| c.typology_weights = vec![weighed("B", 1, 0)]),
        with(|c| c.typology_weights = vec![weighed("A", 1, 0), weighed("B", 1, 0)]),
        with(|c| c.help_line = "a".to_owned()),
        with(|c| c.country = "SE".to_owned()),
        with(|c| c.terms_clause = "a".to_owned()),
        with(|c| (c.help_line, c.terms_clause) = ("ab".to_owned(), "c".to_owned())),
        with(|c| (c.help_line, c.terms_clause) = ("a".to_owned(), "bc".to_owned())),
        with(|c| add_key(c, key("risk", 0))),
        with(|c| add_key(c, key("risk", 1))),
        with(|c| add_key(c, key("lead", 0))),
        with(|c| {
            add_key(c, key("risk", 0));
            add_key(c, key("lead", 1));
        }),
    ]);
    for index in 0..4 {
        all.extend([
            with(|c| c.flows[index].monitor_score = 401),
            with(|c| c.flows[index].review_score = 901),
        ]);
        let other = match Choices::default().flows[index].unavailable {
            Action::Monitor => Action::Review,
            _ => Action::Monitor,
        };
        all.push(with(|c| c.flows[index].unavailable = other));
        all.push(with(|c| c.flows[index].late = Action::Review));
        all.push(with(|c| c.flows[index].incomplete = Action::Review));
        all.push(with(|c| c.flows[index].incomplete = Action::Allow));
    }
    all
}

#[test]
fn two_policies_have_one_digest_only_if_all_their_choices_are_equal() {
    let shown = |choices: &Choices| format!("{choices:?}");
    let all = all_different();
    for (index, one) in all.iter().enumerate() {
        let digest = Policy::new(one.clone()).unwrap().digest().to_owned();
        assert_eq!(digest.len(), 32);
        for other in all.iter().skip(index) {
            let same = shown(one) == shown(other);
            let found = Policy::new(other.clone()).unwrap().digest() == digest;
            assert_eq!(found, same, "{one:?}\n{other:?}");
        }
    }
}
