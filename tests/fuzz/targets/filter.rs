//! A filter file alone: what is accepted can be asked, and nothing may follow it.
#![no_main]

use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{Membership, Part};
use interdict_fuzz::release::{ASKED, NOW, RELEASE};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let (_, file) = RELEASE.file(Part::Filter, input);
    let Ok(list) = RELEASE.load(file.clone(), None) else {
        return;
    };
    for name in ASKED {
        let identifier = Identifier::parse(Kind::Domain, name).expect("a domain");
        match list.membership(&identifier, Some(&RELEASE.key), NOW) {
            Membership::Absent | Membership::Candidate => {}
            other => panic!("{other:?} of a filter alone"),
        }
    }
    let longer = [&file[..], &[0]].concat();
    let loaded = RELEASE.load(longer, None);
    assert!(loaded.is_err(), "a trailing byte is accepted");
});
