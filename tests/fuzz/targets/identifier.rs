//! A kind byte and a text: what is accepted parses back to itself, and no name that anybody may choose holds a
//! card number.
#![no_main]

use interdict_core::identifier::{Identifier, Kind, holds_card_number};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&choice, text)) = input.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let parsed = match Kind::from_code(choice) {
        Some(kind) => Identifier::parse(kind, text),
        None => Identifier::from_url(text),
    };
    if let Ok(identifier) = parsed {
        let (kind, text) = (identifier.kind(), identifier.text());
        assert_eq!(
            Identifier::parse(kind, text).as_ref(),
            Ok(&identifier),
            "{text}"
        );
        // Names that anybody may choose. Of a `upi` name the bank after it says that it is no card.
        let is_chosen = matches!(kind, Kind::Other | Kind::Handle) && !text.starts_with("upi:");
        assert!(!is_chosen || !holds_card_number(text), "{text}");
        for look_up in identifier.look_ups() {
            let named = Identifier::parse(look_up.kind, look_up.text);
            let canonical = named.as_ref().map(Identifier::canonical);
            assert_eq!(canonical, Ok(look_up.canonical), "{text}");
        }
        assert!((1..=8).contains(&identifier.look_ups().count()), "{text}");
    }
});
