//! A timestamp in an update, as it is or signed by the right keys: what is live is never older or fresher by
//! it, and after a refusal an honest update completes.
#![no_main]

use interdict_fuzz::offer::offer;
use interdict_fuzz::repository::TIMESTAMP;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| offer("metadata/timestamp.json", &TIMESTAMP, input));
