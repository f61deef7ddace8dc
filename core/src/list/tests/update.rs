//! From one release of a base to the next.

use super::stash::good;
use super::*;
use crate::list::testing::{header, release};

#[test]
fn an_update_shares_the_base_and_goes_back_to_it() {
    let (base, files) = release(&header(), &listed());
    let (second, changed) = good();
    let list = BlockList::load(&base, files).unwrap();
    assert!(list.has_base_of(&second));
    let updated = list.update(&second, changed.stash.clone()).unwrap();
    let loaded = BlockList::load(&second, changed).unwrap();
    let names = [
        "shop.example",
        "host.test",
        "old.example",
        "new.example",
        "clean.example",
    ];
    for name in names {
        assert_eq!(ask(&updated, name), ask(&loaded, name), "{name}");
    }
    assert_eq!(updated.header(), &second.header);
    assert_eq!(
        (updated.record_count(), updated.change_count()),
        (Some(3), 3)
    );
    let back = updated.update(&base, None).unwrap();
    for name in names {
        assert_eq!(ask(&back, name), ask(&list, name), "{name}");
    }
    assert_eq!((back.header(), back.change_count()), (&base.header, 0));
}

#[test]
fn an_update_of_another_base_or_without_its_stash_is_refused() {
    let (base, files) = release(&header(), &listed());
    let list = BlockList::load(&base, files).unwrap();
    let (second, changed) = good();
    let (mut sequence, mut filter, mut records) = (second.clone(), second.clone(), second.clone());
    sequence.header.sequence = 3;
    sequence.provenance.base.as_mut().unwrap().sequence = 2;
    filter.filter.sha256[31] ^= 1;
    records.records.as_mut().unwrap().sha256[0] ^= 1;
    for (attack, other) in [
        ("sequence", sequence),
        ("filter", filter),
        ("records", records),
    ] {
        assert!(!list.has_base_of(&other), "{attack}");
        let found = list.update(&other, changed.stash.clone()).err();
        assert_eq!(found, Some(ListError::StashBase), "{attack}");
    }
    assert_eq!(
        list.update(&second, None).err(),
        Some(ListError::PartMissing)
    );
    let found = list.update(&base, changed.stash).err();
    assert_eq!(found, Some(ListError::PartMissing));
}
