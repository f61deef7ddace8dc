//! A stash on a valid base: what is accepted has one spelling, and every change in it is answered.
#![no_main]

use std::sync::LazyLock;

use interdict_core::list::{
    BlockList, Descriptor, Files, ListError, Part, PartDigest, encode_stash, read_records,
    read_stash,
};
use interdict_fuzz::layout::stash_is_plain;
use interdict_fuzz::model::{Model, ascending};
use interdict_fuzz::release::{LOAD, RELEASE};
use libfuzzer_sys::fuzz_target;

static LIST: LazyLock<BlockList> = LazyLock::new(|| {
    let mut files = RELEASE.files.clone();
    files.stash = None;
    BlockList::load(&RELEASE.base, files).expect("a valid base")
});
static BASE: LazyLock<Model> = LazyLock::new(|| {
    let records = read_records(&RELEASE.base.header, RELEASE.records().to_vec());
    Model::new(&records.expect("valid records"))
});

fuzz_target!(|input: &[u8]| {
    let (choice, file) = RELEASE.file(Part::Stash, input);
    let header = &RELEASE.stashed.header;
    let descriptor = Descriptor {
        stash: PartDigest::of(&file).ok(),
        ..RELEASE.stashed.clone()
    };
    let read = read_stash(header, file.clone());
    let updated = LIST.update(&descriptor, Some(file.clone()));
    match (&updated, &read) {
        (Ok(list), Ok(changes)) => {
            let model = BASE.clone().changed(changes);
            assert_eq!(list.change_count(), changes.changes.len());
            model.ask(list);
        }
        (Err(ListError::StashBase), Ok(changes)) => {
            assert_ne!(changes.base, RELEASE.base.base_digest());
        }
        // Two rules broken at once are found in another order.
        (Err(_), Err(_)) => {}
        (updated, read) => panic!("{updated:?} and {read:?}"),
    }
    if choice & LOAD != 0 {
        let files = Files {
            stash: Some(file.clone()),
            ..RELEASE.files.clone()
        };
        let loaded = BlockList::load(&descriptor, files);
        assert_eq!(loaded.as_ref().err(), updated.as_ref().err());
        if let (Ok(list), Ok(changes)) = (loaded, &read) {
            let model = BASE.clone().changed(changes);
            model.ask(&list);
        }
    }
    let Ok(read) = read else { return };
    assert!(ascending(&read.changes), "changes out of order");
    let written = encode_stash(header, &read.base, &read.sources, &read.changes);
    let written = written.expect("what was read can be written");
    if stash_is_plain(&file) {
        assert_eq!(written, file, "a second spelling is accepted");
    }
    assert_eq!(read_stash(header, written).as_ref(), Ok(&read));
    let longer = [&file[..], &[0]].concat();
    let loaded = read_stash(header, longer);
    assert!(loaded.is_err(), "a trailing byte is accepted");
});
