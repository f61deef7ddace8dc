//! Records that are loaded a page at a time.

use super::*;
use crate::identifier::{Identifier, Kind};
use crate::list::testing::{header, release, repage, reseal};

/// 5,000 listed names: three pages, the last one not full.
fn large() -> (Descriptor, Files) {
    let names = (0..5_000).map(|index| tag(&format!("listed-{index}.example")));
    let records: Vec<_> = names.map(|tag| (tag, RECORD)).collect();
    release(&header(), &records)
}

fn head_of(descriptor: &Descriptor) -> usize {
    usize::try_from(descriptor.records.unwrap().head.length).unwrap()
}

/// The list with the head of its records alone.
fn paged(descriptor: &Descriptor, files: &Files) -> Result<BlockList, ListError> {
    let records = files.records.as_ref().unwrap();
    let files = Files {
        records: Some(records[..head_of(descriptor)].to_vec()),
        ..files.clone()
    };
    BlockList::load(descriptor, files, PAGED)
}

fn page_bytes(list: &BlockList, files: &Files, index: u32) -> Vec<u8> {
    let page = list.page(index).unwrap();
    let start = usize::try_from(page.offset).unwrap();
    let end = start + usize::try_from(page.length).unwrap();
    files.records.as_ref().unwrap()[start..end].to_vec()
}

fn needed(list: &BlockList, name: &str) -> Option<u32> {
    list.page_needed(&domain(name), Some(&key()))
}

#[test]
fn paged_records_answer_as_whole_ones_do() {
    let (descriptor, files) = large();
    let mut paged = paged(&descriptor, &files).unwrap();
    let whole = BlockList::load(&descriptor, files.clone(), WHOLE).unwrap();
    assert_eq!(whole.page(0), None);
    assert_eq!(paged.page(3), None);
    assert_eq!(paged.record_count(), whole.record_count());
    for index in [2, 0, 1] {
        let page = page_bytes(&paged, &files, index);
        paged.supply_page(index, page).unwrap();
    }
    let loaded: Vec<u32> = paged.loaded_pages().map(|page| page.index).collect();
    assert_eq!(loaded, [2, 0, 1]);
    for index in 0..5_000 {
        let listed = format!("listed-{index}.example");
        assert!(is_listed(&paged, &listed), "{listed}");
        for name in [listed.clone(), format!("a.{listed}"), format!("un{listed}")] {
            assert_eq!(ask(&paged, &name), ask(&whole, &name), "{name}");
            assert_eq!(needed(&paged, &name), None, "{name}");
        }
    }
}

#[test]
fn without_its_page_a_name_is_a_candidate_and_the_page_is_named() {
    let (descriptor, files) = large();
    for name in ["listed-7.example", "listed-4711.example"] {
        let mut list = paged(&descriptor, &files).unwrap();
        assert_eq!(ask(&list, name), Membership::Candidate { keys: 1 });
        let page = needed(&list, name).unwrap();
        let below = format!("a.b.{name}");
        assert_eq!(needed(&list, &below), Some(page), "by the name above");
        assert_eq!(ask(&list, &below), Membership::Candidate { keys: 3 });
        list.supply_page(page, page_bytes(&list, &files, page))
            .unwrap();
        assert!(is_listed(&list, name) && is_listed(&list, &below));
        assert_eq!((needed(&list, name), needed(&list, &below)), (None, None));
    }
    let list = paged(&descriptor, &files).unwrap();
    let clean = (0..100).map(|index| format!("clean-{index}.test"));
    let needing = clean.filter(|name| needed(&list, name).is_some());
    assert_eq!(needing.count(), 0, "one in 2^14");
    // Without the key there is nothing to look for, and no page to ask for.
    let name = domain("listed-1.example");
    assert_eq!(list.page_needed(&name, None), None);
    let acceptor = Identifier::card_acceptor("412345", "SHOP0001").unwrap();
    assert!(!header().kinds.covers(Kind::CardAcceptor));
    assert_eq!(list.page_needed(&acceptor, Some(&key())), None);
}

#[test]
fn a_listed_name_still_asks_for_the_page_of_the_name_above_it() {
    let above = (0..2_500).map(|index| format!("listed-{index}.example"));
    let below = (0..2_500).map(|index| format!("pay.listed-{index}.example"));
    let names = above.chain(below).map(|name| (tag(&name), RECORD));
    let (descriptor, files) = release(&header(), &names.collect::<Vec<_>>());
    let mut list = paged(&descriptor, &files).unwrap();
    let on_two_pages = (0..2_500).find_map(|index| {
        let name = format!("pay.listed-{index}.example");
        let own = needed(&list, &name)?;
        let above = needed(&list, name.strip_prefix("pay.")?)?;
        (own != above).then_some((name, own, above))
    });
    let (name, own, above) = on_two_pages.unwrap();
    list.supply_page(own, page_bytes(&list, &files, own))
        .unwrap();
    assert!(is_listed(&list, &name));
    assert_eq!(needed(&list, &name), Some(above));
}

#[test]
fn a_page_that_is_not_the_one_asked_for_is_refused() {
    let (descriptor, files) = large();
    let mut list = paged(&descriptor, &files).unwrap();
    let good = page_bytes(&list, &files, 1);
    let (other, others) = release(&header(), &listed());
    let foreign = paged(&other, &others).unwrap();
    let mut changed = good.clone();
    changed[28 + 12] ^= 1;
    for (attack, page, bytes) in [
        ("another index", 1, page_bytes(&list, &files, 0)),
        ("another base", 1, page_bytes(&foreign, &others, 0)),
        ("a changed byte", 1, changed),
        ("cut", 1, good[..good.len() - 28].to_vec()),
        ("longer", 1, [&good[..], &good[..28]].concat()),
        ("nothing", 1, Vec::new()),
        ("beyond the last", 3, good.clone()),
        ("far beyond", u32::MAX, good.clone()),
    ] {
        let refused = list.supply_page(page, bytes);
        assert_eq!(refused, Err(ListError::RecordsPage), "{attack}");
        assert_eq!(list.loaded_pages().count(), 0, "{attack}");
    }
    list.supply_page(1, good).unwrap();
}

#[test]
fn a_page_with_a_record_that_misses_the_filter_is_refused() {
    let (descriptor, files) = release(&header(), &listed());
    let (other, others) = release(&header(), &[(tag("other.example"), RECORD)]);
    let mixed = Descriptor {
        records: other.records,
        ..descriptor
    };
    let files = Files {
        records: others.records,
        ..files
    };
    let mut list = paged(&mixed, &files).unwrap();
    let page = page_bytes(&list, &files, 0);
    assert_eq!(list.supply_page(0, page), Err(ListError::RecordNotInFilter));
    assert_eq!(list.loaded_pages().count(), 0);
}

#[test]
fn a_page_table_that_lies_is_refused_whole_and_by_the_page() {
    let (descriptor, files) = large();
    let table = head_of(&descriptor) - 3 * 44;
    let second = head_of(&descriptor) + 2_048 * 28;
    type Change = fn(&mut [u8], usize, usize);
    let wrong_first: Change = |file, table, _| file[table + 44 + 11] ^= 1;
    let wrong_digest: Change = |file, table, _| file[table + 44 + 12] ^= 1;
    // Page 1 of the file begins below the end of page 0.
    let overlap: Change = |file, _, second| {
        let (last, next) = (second - 28, second + 28);
        let tag = file[next..next + 12].to_vec();
        file[last..last + 12].copy_from_slice(&tag);
    };
    for (attack, change, reseals, page, error) in [
        ("first tag", wrong_first, false, 1, ListError::RecordsPage),
        ("digest", wrong_digest, false, 1, ListError::RecordsPage),
        ("overlap", overlap, true, 0, ListError::RecordOrder),
    ] {
        let mut changed = files.records.clone().unwrap();
        change(&mut changed, table, second);
        let resealed = if reseals {
            reseal(&descriptor, &mut changed)
        } else {
            Descriptor {
                records: RecordsDigest::of(&changed, &header()).ok(),
                ..descriptor.clone()
            }
        };
        let found = load(&resealed, files.filter.clone(), Some(changed.clone()));
        assert_eq!(found, Some(error), "{attack}");
        let files = Files {
            records: Some(changed),
            ..files.clone()
        };
        let mut list = paged(&resealed, &files).unwrap();
        let bytes = page_bytes(&list, &files, page);
        assert_eq!(list.supply_page(page, bytes), Err(error), "{attack}");
    }
}

#[test]
fn a_head_of_another_digest_order_or_length_is_refused() {
    let (descriptor, files) = large();
    let head = head_of(&descriptor);
    let mut unsorted = files.records.clone().unwrap();
    let (first, second) = unsorted[head - 3 * 44..].split_at_mut(44);
    first.swap_with_slice(&mut second[..44]);
    let unsigned = Files {
        records: Some(unsorted.clone()),
        ..files.clone()
    };
    assert_eq!(
        paged(&descriptor, &unsigned).err(),
        Some(ListError::RecordsHead)
    );
    let resealed = Descriptor {
        records: RecordsDigest::of(&unsorted, &header()).ok(),
        ..descriptor.clone()
    };
    assert_eq!(
        paged(&resealed, &unsigned).err(),
        Some(ListError::RecordOrder)
    );
    let layout = Some(ListError::Layout(Part::Records));
    let records = files.records.clone().unwrap();
    for length in [head - 1, head + 1, records.len()] {
        let files = Files {
            records: Some(records[..length].to_vec()),
            ..files.clone()
        };
        let found = BlockList::load(&descriptor, files, PAGED).err();
        assert_eq!(found, layout, "{length}");
    }
}

#[test]
fn of_more_pages_than_are_held_the_one_brought_first_gives_way() {
    let names: Vec<String> = (0..300)
        .map(|index| format!("listed-{index}.example"))
        .collect();
    let records: Vec<_> = names.iter().map(|name| (tag(name), RECORD)).collect();
    let (descriptor, mut files) = release(&header(), &records);
    let (descriptor, records) = repage(&descriptor, files.records.as_ref().unwrap(), 1);
    files.records = Some(records);
    let mut list = paged(&descriptor, &files).unwrap();
    let held = |list: &BlockList| names.iter().filter(|name| is_listed(list, name)).count();
    for page in 0..256 {
        list.supply_page(page, page_bytes(&list, &files, page))
            .unwrap();
    }
    assert_eq!(held(&list), 256);
    // The first one once more: now the second one is the oldest.
    for page in [0, 256] {
        list.supply_page(page, page_bytes(&list, &files, page))
            .unwrap();
        assert_eq!(held(&list), 256);
    }
    let given_way: Vec<u32> = names
        .iter()
        .filter_map(|name| needed(&list, name))
        .collect();
    assert!(given_way.contains(&1) && given_way.contains(&257));
    assert!(!given_way.contains(&0) && !given_way.contains(&2));
}

#[test]
fn a_head_that_promises_more_or_less_than_the_file_holds_is_refused_without_the_file() {
    let (descriptor, files) = large();
    let digests = descriptor.records.unwrap();
    let length = digests.whole.length;
    for other in [length - 28, length - 1, length + 1, length + 28] {
        let mut wrong = descriptor.clone();
        wrong.records.as_mut().unwrap().whole.length = other;
        let layout = Some(ListError::Layout(Part::Records));
        assert_eq!(paged(&wrong, &files).err(), layout, "{other} for {length}");
    }
    assert_eq!(paged(&descriptor, &files).err(), None);
}
