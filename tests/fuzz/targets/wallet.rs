//! A text as a wallet: what is accepted parses back to itself, and is asked for with its bare account at most.
#![no_main]

use interdict_core::identifier::{Identifier, Kind, Relation};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(wallet) = Identifier::parse(Kind::Wallet, text) else {
        return;
    };
    let again = Identifier::parse(Kind::Wallet, wallet.text());
    assert_eq!(again.as_ref(), Ok(&wallet), "{text}");
    let bare: Vec<_> = wallet.look_ups().skip(1).collect();
    assert_eq!(
        bare.len(),
        usize::from(wallet.text().contains('/')),
        "{text}"
    );
    for account in bare {
        assert_eq!(account.relation, Relation::Parent, "{text}");
        assert!(wallet.canonical().starts_with(account.canonical), "{text}");
    }
});
