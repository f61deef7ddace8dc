//! Any sequence of calls with valid, damaged and foreign files: what is live never gets older, is
//! fresher only by a completed update, and an honest update completes after all of it.
#![no_main]

use interdict_fuzz::calls::Calls;
use interdict_fuzz::offer::recover;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut calls = Calls::default();
    let mut rest = input;
    while let Some(left) = calls.make(rest) {
        rest = left;
    }
    recover(calls.client);
});
