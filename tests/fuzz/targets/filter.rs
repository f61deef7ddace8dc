//! A filter file alone: what is accepted can be asked and answers as `bloomfilter` does, and nothing may follow it.
#![no_main]

use std::hash::{Hash, Hasher};

use bloomfilter::Bloom;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{Header, Membership, Part};
use interdict_core::token::Tag;
use interdict_fuzz::release::{ASKED, NOW, RELEASE};
use libfuzzer_sys::fuzz_target;

/// How many names that nobody listed are asked.
const OTHERS: u32 = 64;

/// A tag as the filters hash it.
struct Plain(Tag);

impl Hash for Plain {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(&self.0.0);
    }
}

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
    let (_, start) = Header::decode(Part::Filter, &file).expect("it was accepted");
    let (first, second) = file[start..].split_at((file.len() - start) / 2);
    let blooms = [first, second].map(|half| Bloom::from_slice(half).expect("it was accepted"));
    for number in 0..OTHERS {
        let name = format!("{number}-{}.example", input.len());
        let identifier = Identifier::parse(Kind::Domain, &name).expect("a domain");
        let tag = RELEASE.key.tag(Kind::Domain, name.as_bytes());
        let hit = blooms.iter().all(|bloom| bloom.check(&Plain(tag)));
        let found = list.membership(&identifier, Some(&RELEASE.key), NOW);
        assert_eq!(found == Membership::Candidate, hit, "{name}");
    }
    let longer = [&file[..], &[0]].concat();
    let loaded = RELEASE.load(longer, None);
    assert!(loaded.is_err(), "a trailing byte is accepted");
});
