//! Which lists a policy requires, and what its digest covers besides.

use super::{accepted, key, refused, with};
use crate::common::schema::Fault;
use crate::list::ListId;
use crate::policy::{Choices, Policy, RequiredLists};

#[test]
fn a_list_is_required_of_its_own_coalition_and_no_other_list_with_it() {
    let list = |id: &str| ListId::parse(id).unwrap();
    let required = RequiredLists::Lists(vec![
        ("se".to_owned(), vec![list("se/merchants")]),
        ("nl".to_owned(), vec![list("nl/a"), list("nl/b")]),
    ]);
    for (coalition, id, is_required) in [
        ("se", "se/merchants", true),
        ("se", "se/others", false),
        ("nl", "nl/a", true),
        ("nl", "nl/b", true),
        // A gateway may know another coalition's list under its own name.
        ("nl", "se/merchants", false),
        ("fi", "se/merchants", false),
    ] {
        let found = required.requires(coalition, &list(id));
        assert_eq!(found, is_required, "{coalition} {id}");
    }
    for none in [RequiredLists::WithoutLists, RequiredLists::Unnamed] {
        assert!(!none.requires("se", &list("se/merchants")));
    }
}

#[test]
fn the_digest_covers_the_required_lists_and_who_may_clear_and_which_ids_are_numbers() {
    let required = |coalition: &str, ids: &[&str]| {
        let lists = ids.iter().map(|id| ListId::parse(id).unwrap()).collect();
        with(|c| c.required = RequiredLists::Lists(vec![(coalition.to_owned(), lists)]))
    };
    let clearing = |name| {
        with(|c| {
            let [name, keytype, scheme, public] = key(name, 0);
            let added = c.clearance_keys.add(&name, &keytype, &scheme, &public);
            assert_eq!(added, Some(()));
        })
    };
    let numeric = |schemes: &[&str], facilitators: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        with(|c| {
            (c.numeric_schemes, c.numeric_sub_merchants) = (owned(schemes), owned(facilitators));
        })
    };
    let all = [
        Choices::default(),
        with(|c| c.required = RequiredLists::WithoutLists),
        required("se", &["se/merchants"]),
        required("nl", &["se/merchants"]),
        required("se", &["se/others"]),
        required("se", &["se/merchants", "se/others"]),
        clearing("analyst"),
        clearing("lead"),
        numeric(&["shop_id"], &[]),
        numeric(&["seller"], &[]),
        numeric(&[], &["412345"]),
        numeric(&["shop_id"], &["412345"]),
    ];
    let digests = all.map(|choices| Policy::new(choices).unwrap().digest().to_owned());
    for (index, one) in digests.iter().enumerate() {
        for (other, digest) in digests.iter().enumerate() {
            assert_eq!(one == digest, index == other, "{index} {other}");
        }
    }
}

#[test]
fn schemes_and_facilitators_with_numeric_ids_are_named_once_in_their_form() {
    let owned =
        |texts: &[&str]| -> Vec<String> { texts.iter().map(|text| (*text).to_owned()).collect() };
    accepted(|c| c.numeric_schemes = owned(&["shop_id", "seller"]));
    accepted(|c| c.numeric_sub_merchants = owned(&["any", "412345"]));
    for (texts, at) in [
        (owned(&["shop_id", "Shop"]), "numeric_schemes[1]"),
        (owned(&["any "]), "numeric_schemes[0]"),
        (
            owned(&["shop_id", "seller", "shop_id"]),
            "numeric_schemes[2]",
        ),
    ] {
        let found = refused(|c| c.numeric_schemes = texts);
        assert_eq!(found, (Fault::OutOfRange, at.to_owned()));
    }
    for (texts, at) in [
        (owned(&["012345"]), "numeric_sub_merchants[0]"),
        (owned(&["any", "any"]), "numeric_sub_merchants[1]"),
    ] {
        let found = refused(|c| c.numeric_sub_merchants = texts);
        assert_eq!(found, (Fault::OutOfRange, at.to_owned()));
    }
    let many =
        |count: u8| -> Vec<String> { (0..count).map(|number| format!("s{number}")).collect() };
    accepted(|c| c.numeric_schemes = many(64));
    let found = refused(|c| c.numeric_schemes = many(65));
    assert_eq!(found, (Fault::TooMany, "numeric_schemes".to_owned()));
}
