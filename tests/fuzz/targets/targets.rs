//! Targets, or the role `se` it delegates to, in an update, as they are or signed by the right keys:
//! what is live is never older or fresher by it, and after a refusal an honest update completes.
#![no_main]

use interdict_fuzz::offer::offer;
use interdict_fuzz::repository::{DELEGATED, SE, TARGETS};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| match input {
    [choice, ..] if choice & DELEGATED != 0 => offer("metadata/2.se.json", &SE, input),
    _ => offer("metadata/2.targets.json", &TARGETS, input),
});
