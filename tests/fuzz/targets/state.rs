//! A replay of the host's own files, which are cut out of the input: it ends in an error, early, or
//! with a set that verified, and an honest update completes after it.
#![no_main]

use interdict_core::trust::{Outcome, Source, Step, Wanted};
use interdict_fuzz::offer::{View, recover};
use interdict_fuzz::repository::{NOW, client};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut client = client();
    // JSON contains no zero byte, so it separates the files. An empty file counts as missing.
    let mut files = input.split(|byte| *byte == 0);
    client.begin(Source::Store, NOW, Wanted::All);
    let before = View::of(&client);
    while let Step::Fetch(_) = client.step() {
        let outcome = match files.next() {
            None | Some([]) => Outcome::NotFound,
            Some(file) => Outcome::Bytes(file),
        };
        if client.supply(outcome).is_err() {
            assert_eq!(client.step(), Step::Idle, "an error ends the replay");
        }
    }
    before.has_not_improved(&View::of(&client));
    client.complete();
    let after = View::of(&client);
    assert_eq!(after.time, None, "a replay moves the time");
    if client.metadata().len() > 1 {
        assert!(after.versions.targets.is_some() && after.versions.timestamp.is_some());
    }
    // The fuzzer has none of the keys, so only honest files can verify.
    recover(client);
});
