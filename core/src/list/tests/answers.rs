//! What a list says of an identifier.

use super::*;
use crate::identifier::{Identifier, Relation};
use crate::list::testing::{header, release, reseal, source, stashed};
use crate::token::ListKey;

#[test]
fn a_release_answers_what_was_listed_and_nothing_else() {
    let (descriptor, files) = release(&header(), &listed());
    let list = BlockList::load(&descriptor, files).unwrap();
    let itself = Membership::Listed {
        record: RECORD,
        source: &source("test-source"),
        relation: Relation::Itself,
    };
    assert_eq!(ask(&list, "shop.example"), itself);
    assert_eq!(ask(&list, "SHOP.example."), itself);
    let parent = Membership::Listed {
        record: RECORD,
        source: &source("test-source"),
        relation: Relation::Parent,
    };
    assert_eq!(ask(&list, "a.b.c.d.e.f.g.h.shop.example"), parent);
    assert_eq!(ask(&list, "myshop.example"), Membership::Absent);
    assert_eq!(ask(&list, "shop.example.test"), Membership::Absent);
    assert!(matches!(ask(&list, "host.test"), Membership::Listed { .. }));
    assert_eq!(
        ask(&list, "www.host.test"),
        Membership::Absent,
        "scope host"
    );
    assert!(matches!(ask(&list, "old.example"), Membership::Lapsed(_)));
}

#[test]
fn not_covered_and_no_key_are_never_absent() {
    let (descriptor, files) = release(&header(), &listed());
    let list = BlockList::load(&descriptor, files).unwrap();
    let acceptor = Identifier::card_acceptor("412345", "SHOP0001").unwrap();
    assert_eq!(
        list.membership(&acceptor, Some(&key()), NOW),
        Membership::NotCovered
    );
    let shop = domain("shop.example");
    assert_eq!(list.membership(&shop, None, NOW), Membership::NoKey);
    let other = ListKey::new([2; 32]);
    assert_eq!(list.membership(&shop, Some(&other), NOW), Membership::NoKey);
}

#[test]
fn the_strongest_of_a_name_and_its_parents_is_reported() {
    let weak = Record {
        action: Action::Monitor,
        ..RECORD
    };
    let (descriptor, files) = release(
        &header(),
        &[
            (tag("www.shop.example"), weak),
            (tag("shop.example"), RECORD),
        ],
    );
    let list = BlockList::load(&descriptor, files).unwrap();
    let parent = Membership::Listed {
        record: RECORD,
        source: &source("test-source"),
        relation: Relation::Parent,
    };
    assert_eq!(ask(&list, "www.shop.example"), parent);
}

#[test]
fn a_silent_or_victim_record_hides_no_record_that_leads_to_more() {
    let silent = Record {
        action: Action::Monitor,
        flags: Flags::SILENT,
        confidence: 999,
        ..RECORD
    };
    let victim = Record {
        flags: Flags::POSSIBLY_VICTIM_CONTROLLED,
        confidence: 999,
        ..RECORD
    };
    let held = Record {
        action: Action::HoldPayout,
        confidence: 800,
        ..RECORD
    };
    for above in [silent, victim] {
        let (descriptor, files) = release(
            &header(),
            &[
                (tag("shop.example"), above),
                (tag("pay.shop.example"), held),
            ],
        );
        let list = BlockList::load(&descriptor, files).unwrap();
        let own = Membership::Listed {
            record: held,
            source: &source("test-source"),
            relation: Relation::Itself,
        };
        assert_eq!(ask(&list, "pay.shop.example"), own);
    }
    // Of two that lead to the same, the open one is told.
    let watched = Record {
        action: Action::Monitor,
        confidence: 1,
        ..RECORD
    };
    assert!(watched.strength() > silent.strength());
}

#[test]
fn an_unknown_action_means_review_and_an_unknown_category_is_generic() {
    let (
        descriptor,
        Files {
            filter, records, ..
        },
    ) = release(&header(), &listed()[..1]);
    let mut records = records.unwrap();
    let fields = records.len() - STRIDE + 12;
    records[fields] = 77;
    records[fields + 1] = 77;
    let descriptor = reseal(&descriptor, &records);
    let list = BlockList::load(
        &descriptor,
        Files {
            filter,
            records: Some(records),
            stash: None,
        },
    )
    .unwrap();
    let expected = Record {
        action: Action::Review,
        category: Category::Unspecified,
        ..RECORD
    };
    let listed = Membership::Listed {
        record: expected,
        source: &source("test-source"),
        relation: Relation::Itself,
    };
    assert_eq!(ask(&list, "shop.example"), listed);
}

#[test]
fn a_lapsed_listing_never_hides_one_that_stands_nor_is_told_instead_of_it() {
    let lapsed = Record {
        valid_until: NOW,
        ..RECORD
    };
    let standing = Record {
        valid_until: Time::from_seconds(NOW.seconds() + 1),
        action: Action::Monitor,
        ..RECORD
    };
    for (own, above) in [(lapsed, standing), (standing, lapsed)] {
        let entries = [(tag("pay.shop.example"), own), (tag("shop.example"), above)];
        let (descriptor, files) = release(&header(), &entries);
        let list = BlockList::load(&descriptor, files).unwrap();
        let found = ask(&list, "pay.shop.example");
        assert!(
            matches!(found, Membership::Listed { record, .. } if record == standing),
            "{found:?}"
        );
    }
    let (descriptor, files) = release(&header(), &[(tag("shop.example"), lapsed)]);
    let list = BlockList::load(&descriptor, files).unwrap();
    assert_eq!(ask(&list, "a.shop.example"), Membership::Lapsed(lapsed));
}

#[test]
fn a_lapsed_listing_in_a_stash_is_told_and_does_not_count() {
    let lapsed = Record {
        valid_until: NOW,
        ..RECORD
    };
    let changes = [
        (tag("shop.example"), Some(lapsed)),
        (tag("old.example"), Some(RECORD)),
    ];
    let (descriptor, files) = stashed(&listed(), &changes);
    let list = BlockList::load(&descriptor, files).unwrap();
    assert_eq!(ask(&list, "shop.example"), Membership::Lapsed(lapsed));
    assert!(is_listed(&list, "old.example"), "prolonged");
}

#[test]
fn a_removed_name_hides_neither_the_names_above_it_nor_those_below() {
    let entries = [
        (tag("shop.example"), RECORD),
        (tag("pay.shop.example"), RECORD),
    ];
    let (descriptor, files) = stashed(&entries, &[(tag("pay.shop.example"), None)]);
    let list = BlockList::load(&descriptor, files).unwrap();
    for name in ["shop.example", "pay.shop.example", "a.pay.shop.example"] {
        assert!(is_listed(&list, name), "{name}: by the name above");
    }
    let (descriptor, files) = stashed(&entries, &[(tag("shop.example"), None)]);
    let list = BlockList::load(&descriptor, files).unwrap();
    assert!(is_listed(&list, "pay.shop.example"));
    assert_eq!(ask(&list, "shop.example"), Membership::Absent);
    assert_eq!(ask(&list, "other.shop.example"), Membership::Absent);
}
