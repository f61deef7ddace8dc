//! The identifiers that every member list has, against `docs/identifiers.md`.

use super::*;
use crate::identifier::{Identifier, Kind};

const DOCUMENT: &str = include_str!("../../../../docs/identifiers.md");

/// The table of the section on test identifiers: kind, then the value of each action.
fn documented() -> Vec<(String, Vec<String>)> {
    let (_, section) = DOCUMENT.split_once("\n## Test identifiers\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cell = |cell: &str| cell.trim().trim_matches('`').to_owned();
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(cell);
        let kind = cells.next().unwrap();
        (kind, cells.take(5).collect())
    })
    .collect()
}

#[test]
fn the_document_has_the_table_of_the_code() {
    let columns = [
        Action::Block,
        Action::HoldPayout,
        Action::Review,
        Action::Monitor,
        Action::Allow,
    ];
    let of_kind = |kind: Kind| {
        let value = |action| {
            let mut all = Reserved::ALL.iter();
            let one = all.find(|one| one.kind == kind && one.action == action);
            one.map_or("", |one| one.value).to_owned()
        };
        (kind.name().to_owned(), columns.map(value).to_vec())
    };
    let code: Vec<_> = Kind::ALL.iter().map(|kind| of_kind(*kind)).collect();
    assert_eq!(documented(), code);
}

#[test]
fn each_is_the_text_form_of_its_kind_and_there_once() {
    for one in Reserved::ALL {
        let identifier = Identifier::parse(one.kind, one.value).unwrap();
        assert_eq!(identifier.text(), one.value);
        assert!(Reserved::holds(&identifier), "{}", one.value);
        let same = Reserved::ALL
            .iter()
            .filter(|other| (other.kind, other.value) == (one.kind, one.value));
        assert_eq!(same.count(), 1, "{}", one.value);
    }
}

#[test]
fn a_list_has_those_of_its_kinds_for_each_action_and_none_that_are_clean() {
    for kind in Kind::ALL {
        let entries: Vec<_> = Reserved::entries(Kinds::of([*kind])).collect();
        let actions: Vec<Action> = entries.iter().map(|(_, record)| record.action).collect();
        let expected = match kind {
            Kind::Label => &[Action::Review, Action::Monitor][..],
            _ => &[
                Action::Block,
                Action::HoldPayout,
                Action::Review,
                Action::Monitor,
            ],
        };
        assert_eq!(actions, expected, "{}", kind.name());
        for (identifier, record) in &entries {
            assert_eq!(identifier.kind(), *kind);
            assert_eq!((record.check(), record.category), (Ok(()), Category::Test));
        }
    }
    let all: Vec<_> = Reserved::entries(Kinds::of(Kind::ALL.iter().copied())).collect();
    // No look-up of one finds another, nor of a clean one any.
    for one in Reserved::ALL {
        let identifier = Identifier::parse(one.kind, one.value).unwrap();
        let found = identifier.look_ups().filter(|look_up| {
            let mut all = all.iter();
            all.any(|(other, _)| {
                other.kind() == look_up.kind && other.canonical() == look_up.canonical
            })
        });
        let expected = usize::from(one.action != Action::Allow);
        assert_eq!(found.count(), expected, "{}", one.value);
    }
}

#[test]
fn names_below_the_reserved_ones_are_reserved_and_names_beside_them_are_not() {
    for (name, reserved) in [
        ("listed.test", true),
        ("a.b.listed.test", true),
        ("clean.test", true),
        ("shop.clean.test", true),
        ("unlisted.test", false),
        ("listed.test.example", false),
        ("shop.test", false),
    ] {
        assert_eq!(Reserved::holds(&domain(name)), reserved, "{name}");
    }
    let iban = Identifier::parse(Kind::Iban, "GB82WEST12345698765432").unwrap();
    assert!(!Reserved::holds(&iban));
    // Another kind of the same text is another identifier.
    let company = Identifier::parse(Kind::Registration, "HM/99901").unwrap();
    assert_eq!(company.text(), "HM/99901");
    assert!(!Reserved::holds(&company));
}
