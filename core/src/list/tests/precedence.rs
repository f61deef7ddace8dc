//! Which of several matches counts, and what a list says of a kind it does not cover.

use super::*;
use crate::identifier::{Identifier, Kind, Relation};
use crate::list::testing::{FIRST, header, padding, release, source};
use crate::token::Names;

/// A list that covers these kinds only, with one record each of two names and of a label.
fn covering(kinds: &[Kind]) -> BlockList {
    let header = Header {
        kinds: Kinds::of(kinds.iter().copied()),
        ..header()
    };
    let label = Identifier::parse(Kind::Label, "brandshop").unwrap();
    let label = key().tag(Kind::Label, label.canonical());
    let (descriptor, files) = release(&header, &[(label, RECORD), (tag("shop.example"), RECORD)]);
    BlockList::load(&descriptor, files).unwrap()
}

#[test]
fn a_label_leads_to_review_whatever_its_record_asks_for() {
    let list = covering(&[Kind::Domain, Kind::Label]);
    for name in ["brandshop.example", "pay.brandshop.test"] {
        let listed = Membership::Listed {
            record: Record {
                action: Action::Review,
                ..RECORD
            },
            source: &source("test-source"),
            relation: Relation::Label,
        };
        assert_eq!(ask(&list, name), listed, "{name}");
    }
    assert!(
        matches!(ask(&list, "a.shop.example"), Membership::Listed { record, .. } if record == RECORD)
    );
}

#[test]
fn a_kind_that_a_list_does_not_cover_is_its_own_answer_with_and_without_its_key() {
    let labels = covering(&[Kind::Label]);
    assert_eq!(ask(&labels, "clean-shop.example"), Membership::NotCovered);
    assert!(matches!(
        ask(&labels, "brandshop.example"),
        Membership::Listed { .. }
    ));
    let domains = covering(&[Kind::Domain]);
    assert_eq!(ask(&domains, "brandshop.example"), Membership::Absent);
    let acceptor = Identifier::card_acceptor("412345", "SHOP0001").unwrap();
    for key in [None, Some(&key())] {
        let asked = domains.ask(&Names::new(&acceptor), key, NOW, |_| {
            panic!("nothing was asked")
        });
        assert_eq!(asked, LookUpOutcome::NotCovered);
        assert_eq!(
            domains.membership(&acceptor, key, NOW),
            Membership::NotCovered
        );
    }
    let shop = domain("a.shop.example");
    let asked = domains.ask(&Names::new(&shop), Some(&key()), NOW, |_| {});
    assert_eq!(asked, LookUpOutcome::Answered);
}

#[test]
fn of_two_records_alike_the_longer_name_counts() {
    let records = [
        (tag("pay.shop.example"), RECORD),
        (tag("shop.example"), RECORD),
    ];
    let (descriptor, files) = release(&header(), &records);
    let list = BlockList::load(&descriptor, files).unwrap();
    let relation = |name| match ask(&list, name) {
        Membership::Listed { relation, .. } => relation,
        other => panic!("{other:?}"),
    };
    assert_eq!(relation("pay.shop.example"), Relation::Itself);
    assert_eq!(relation("a.pay.shop.example"), Relation::Parent);
}

#[test]
fn of_two_records_for_one_action_the_surer_one_counts() {
    let with = |confidence| Record {
        confidence,
        ..RECORD
    };
    for (own, above) in [(990, 900), (900, 990)] {
        let records = [
            (tag("pay.shop.example"), with(own)),
            (tag("shop.example"), with(above)),
        ];
        let (descriptor, files) = release(&header(), &records);
        let list = BlockList::load(&descriptor, files).unwrap();
        let found = ask(&list, "pay.shop.example");
        assert!(matches!(found, Membership::Listed { record, .. } if record == with(990)));
    }
}

#[test]
fn a_record_for_the_name_alone_says_nothing_of_names_below_it_though_it_lapsed() {
    let host = Record {
        scope: Scope::Host,
        valid_until: NOW,
        ..RECORD
    };
    let (descriptor, files) = release(&header(), &[(tag("host.test"), host)]);
    let list = BlockList::load(&descriptor, files).unwrap();
    assert_eq!(ask(&list, "host.test"), Membership::Lapsed(host));
    assert_eq!(ask(&list, "www.host.test"), Membership::Absent);
}

/// The decoys that fill a filter up have no records.
#[test]
fn a_hit_without_a_record_is_absent_where_all_records_are_loaded() {
    let mut tags = vec![tag("decoy.example"), tag("shop.example")];
    tags.extend(padding(MIN_ENTRIES - 2));
    let (_, files) = release(&header(), &[(tag("shop.example"), RECORD)]);
    let files = Files {
        filter: encode_filter(&header(), &tags).unwrap(),
        ..files
    };
    let descriptor = Descriptor::of(&header(), FIRST, &files).unwrap();
    let list = BlockList::load(&descriptor, files).unwrap();
    assert_eq!(ask(&list, "decoy.example"), Membership::Absent);
    assert!(is_listed(&list, "shop.example"));
}

/// What the descriptor says of itself is checked before any file is read.
#[test]
fn a_descriptor_out_of_range_is_refused_though_its_files_agree_with_it() {
    let (mut descriptor, files) = release(&header(), &[]);
    descriptor.header.sequence = 0;
    let filter = [
        &descriptor.header.encode(Part::Filter),
        &files.filter[BODY..],
    ]
    .concat();
    let records = files.records.unwrap();
    let records = [&descriptor.header.encode(Part::Records), &records[BODY..]].concat();
    descriptor.records = PartDigest::of(&records).ok();
    let found = load(&descriptor, filter, Some(records));
    assert_eq!(found, Some(ListError::Descriptor));
    assert_eq!(
        encode_filter(&descriptor.header, &padding(MIN_ENTRIES)),
        Err(ListError::Descriptor)
    );
}
