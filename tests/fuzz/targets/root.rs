//! A root, as it is or signed by the right keys: pinned, it is trusted or refused; after the pinned
//! one, nothing live is older or fresher by it, and after a refusal an honest update completes.
#![no_main]

use interdict_core::trust::Client;
use interdict_fuzz::offer::offer;
use interdict_fuzz::repository::{ROOT, SIGN, sign};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    offer("metadata/2.root.json", &ROOT, input);
    let Some((&choice, file)) = input.split_first() else {
        return;
    };
    let signed = (choice & SIGN != 0).then(|| sign(file, &ROOT)).flatten();
    if let Ok(client) = Client::new(signed.as_deref().unwrap_or(file)) {
        assert!(client.versions().root > 0);
        assert_eq!(client.live_targets().count(), 0);
    }
});
