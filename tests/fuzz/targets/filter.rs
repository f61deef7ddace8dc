//! A filter file of a list without records: what is accepted can be asked, and nothing may follow it.
#![no_main]

use interdict_core::list::{Files, Part};
use interdict_fuzz::release::RELEASE;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let load = |filter| {
        RELEASE.load(Files {
            filter,
            records: None,
        })
    };
    let file = RELEASE.file(Part::Filter, input);
    if let Some(list) = load(file.clone()) {
        RELEASE.ask(&list);
        assert!(
            load([&file[..], &[0]].concat()).is_none(),
            "a trailing byte is accepted"
        );
    }
});
