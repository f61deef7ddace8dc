//! Records loaded page by page are refused, and answer, exactly like the whole file. The input is such a
//! file, or one page of a valid one.
#![no_main]

use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{BlockList, Membership, Part, RecordsDigest, read_records};
use interdict_fuzz::layout::{reseal, with_page};
use interdict_fuzz::model::Model;
use interdict_fuzz::release::{ASKED, NOW, PAGE, RELEASE, RESEAL};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| match input {
    [choice, index, page @ ..] if choice & PAGE != 0 => {
        let file = with_page(RELEASE.records(), *index, page, choice & RESEAL != 0);
        if let Ok(mut list) = RELEASE.load_head(file.clone()) {
            let index = u32::from(*index);
            let length = list.page(index).map(|page| page.length as usize);
            if list.supply_page(index, page.to_vec()).is_ok() {
                assert_eq!(length, Some(page.len()));
                let loaded: Vec<_> = list.loaded_pages().map(|page| page.index).collect();
                assert_eq!(loaded, [index]);
            }
            ask(&list);
        }
        compare(&file);
    }
    _ => {
        let (choice, mut file) = RELEASE.file(Part::Records, input);
        if choice & RESEAL != 0 {
            reseal(&mut file);
        }
        compare(&file);
    }
});

/// Loads the file whole and by pages.
fn compare(file: &[u8]) {
    let header = &RELEASE.base.header;
    let filter = RELEASE.files.filter.clone();
    let whole = RELEASE.load(filter, Some(file.to_vec()));
    let (Ok(mut fresh), Ok(digest)) = (
        RELEASE.load_head(file.to_vec()),
        RecordsDigest::of(file, header),
    ) else {
        assert!(whole.is_err(), "accepted whole, and its head is not");
        return;
    };
    let mut list = fresh.clone();
    let mut end = digest.head.length as usize;
    let mut accepted = true;
    for index in 0.. {
        let Some(page) = list.page(index) else { break };
        let (start, length) = (page.offset as usize, page.length as usize);
        assert_eq!(start, end, "a gap between two pages");
        end += length;
        let bytes = file.get(start..end).map(<[u8]>::to_vec);
        accepted &= bytes.is_some_and(|bytes| list.supply_page(index, bytes).is_ok());
    }
    assert_eq!(whole.is_ok(), accepted && end == file.len());
    ask(&list);
    if let Ok(mut whole) = whole {
        let read = read_records(header, file.to_vec()).expect("accepted records");
        let model = Model::new(&read);
        model.ask(&mut whole, file);
        model.ask(&mut fresh, file);
    }
}

/// Whatever is loaded, an answer is final or names the page that is missing.
fn ask(list: &BlockList) {
    for name in ASKED {
        let identifier = Identifier::parse(Kind::Domain, name).expect("a domain");
        let key = Some(&RELEASE.key);
        match list.page_needed(&identifier, key) {
            Some(index) => assert!(list.page(index).is_some(), "a page that there is not"),
            None => assert!(
                !matches!(
                    list.membership(&identifier, key, NOW),
                    Membership::Candidate { .. }
                ),
                "a candidate for ever"
            ),
        }
    }
}
