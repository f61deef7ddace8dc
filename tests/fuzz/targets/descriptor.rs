//! JSON bytes as the `custom` member of a target: what is accepted is written and read again alike,
//! and its path names it.
#![no_main]

use interdict_core::common::json::parse;
use interdict_core::common::schema::LIMITS;
use interdict_core::list::{Descriptor, ListId, Part};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let read = |bytes: &[u8]| Descriptor::from_custom(&parse(bytes, LIMITS).ok()?)?.ok();
    if let Some(descriptor) = read(input) {
        let header = &descriptor.header;
        let path = header.part_path(Part::Filter);
        let named = (header.list.clone(), header.edition, header.epoch);
        assert_eq!(ListId::of_filter_path(&path), Some(named));
        let written = descriptor.to_custom().canonical();
        assert_eq!(read(&written), Some(descriptor));
    }
});
