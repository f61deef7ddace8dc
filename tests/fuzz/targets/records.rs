//! A records file: what is accepted has one spelling and is answered from; nothing may follow it.
#![no_main]

use interdict_core::list::{ListError, Part, encode_records, read_records};
use interdict_fuzz::layout::records_are_plain;
use interdict_fuzz::model::{Model, ascending};
use interdict_fuzz::release::{LOAD, RELEASE};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let (choice, file) = RELEASE.file(Part::Records, input);
    let header = &RELEASE.base.header;
    let read = read_records(header, file.clone());
    if choice & LOAD != 0 {
        let filter = RELEASE.files.filter.clone();
        match (RELEASE.load(filter, Some(file.clone())), &read) {
            (Ok(list), Ok(read)) => Model::new(read).ask(&list),
            (Err(ListError::RecordNotInFilter), Ok(_)) => {}
            (list, read) => assert_eq!(list.err().as_ref(), read.as_ref().err()),
        }
    }
    let Ok(read) = read else { return };
    assert!(ascending(&read.records), "records out of order");
    let written =
        encode_records(header, &read.sources, &read.records).expect("what was read can be written");
    if records_are_plain(&file) {
        assert_eq!(written, file, "a second spelling is accepted");
    }
    assert_eq!(read_records(header, written).as_ref(), Ok(&read));
    let longer = [&file[..], &[0]].concat();
    let loaded = read_records(header, longer);
    assert!(loaded.is_err(), "a trailing byte is accepted");
});
