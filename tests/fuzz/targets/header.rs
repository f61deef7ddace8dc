//! The header of a part: what is accepted is written and read again alike, and has one spelling.
#![no_main]

use interdict_core::list::{Header, Part};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    for part in Part::ALL {
        if let Ok((header, size)) = Header::decode(part, input) {
            let written = header.encode(part);
            assert_eq!(Header::decode(part, &written), Ok((header, written.len())));
            // The ignorable flags (bytes 16 to 19) are not kept; an extension needs one.
            if input[16..20] == [0; 4] {
                assert_eq!(input[..size], written, "a second spelling is accepted");
            }
        }
    }
});
