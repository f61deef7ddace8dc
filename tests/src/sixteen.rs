//! The case that scoring is timed with: three identifiers, two coalitions, the sixteen published
//! rules and every signal.

use interdict_core::list::Record;
use interdict_core::rules::{Signal, SignalForm};
use interdict_publisher::STANDARD_TYPOLOGIES;
use serde_json::{Map, Value, json};

use crate::coalition::{Publication, RECORD};
use crate::subject::Subject;
use crate::world::{Enrolled, World, list};

/// The loaded gateway, with `members` configured.
pub fn world<S: Subject>(subject: S, members: &Value) -> World<S> {
    let lists = [("se", "se/merchants", "a"), ("nl", "nl/merchants", "b")];
    let enrolled = lists.map(|(name, id, source)| {
        let record = Record {
            confidence: 900,
            ..RECORD
        };
        let publication = Publication {
            listed: vec!["shop.example"],
            records: [("shop.example", record)].into(),
            rate: 14,
            pack: (name == "se").then(|| STANDARD_TYPOLOGIES.to_vec()),
            ..list(id, source)
        };
        Enrolled {
            name,
            lists: vec![publication],
        }
    });
    World::new(subject, &enrolled, members)
}

/// Asks about a merchant that both coalitions list, or neither.
#[must_use]
pub fn request(domain: &str) -> String {
    let given = Signal::ALL.iter().filter(|signal| !signal.is_derived());
    let signals: Map<String, Value> = given
        .map(|signal| {
            let value = match signal.form() {
                SignalForm::Truth => true.into(),
                SignalForm::Count { high, .. } => high.min(500).into(),
                SignalForm::Category => "5967".into(),
                SignalForm::Country => "SE".into(),
            };
            (signal.name().to_owned(), value)
        })
        .collect();
    let request = json!({
        "flow": "authorisation",
        "identifiers": [
            {"kind": "domain", "value": domain},
            {"kind": "card_acceptor", "value": "412345/FLOWERS01"},
            {"kind": "iban", "value": "GB82WEST12345698765432"},
        ],
        "signals": signals,
    });
    request.to_string()
}
