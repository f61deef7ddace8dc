//! What tests configure a coalition with: an enrolment file's object, and the lists that must answer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_core::common::time::Time;
use interdict_core::engine::{History, Sequences};
use interdict_core::list::Edition;
use interdict_core::trust::Floor;
use serde_json::{Value, json};

/// Whom keys would be sealed to: a file without keys names somebody.
const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

/// An element of `coalitions`, without a history and without keys. The enrolment is of the coalition that
/// the lists belong to; `name` is its name in the gateway.
#[must_use]
pub fn enrolled(name: &str, root: &[u8], lists: &[&str]) -> Value {
    let owner = owner(lists);
    let own: Vec<_> = lists
        .iter()
        .filter(|list| owner_of(list) == owner)
        .collect();
    let mut coalition = json!({"enrolment": enrolment(root, lists), "history": "none"});
    if name != owner {
        coalition["name"] = name.into();
    }
    if own.len() != lists.len() || lists.is_empty() {
        coalition["lists"] = json!(lists);
    }
    coalition
}

/// The same for an edition; a public one has its own kind of file and is of `se`.
#[must_use]
pub fn enrolled_for(edition: Edition, name: &str, root: &[u8], lists: &[&str]) -> Value {
    let mut coalition = enrolled(name, root, lists);
    match edition {
        Edition::Public => return public_enrolled(root, lists),
        // A file without the word is of the member edition.
        Edition::Member => {}
        Edition::Compact => coalition["enrolment"]["edition"] = edition.name().into(),
    }
    coalition
}

fn public_enrolled(root: &[u8], lists: &[&str]) -> Value {
    let mut enrolment = enrolment(root, lists);
    enrolment["format"] = "interdict-public-enrolment-1".into();
    enrolment["edition"] = "public".into();
    // A public file has at least one key; this one reads nothing.
    enrolment["keys"] = json!([{"epoch": 1, "key": "5e".repeat(32)}]);
    if let Some(members) = enrolment.as_object_mut() {
        members.retain(|name, _| !["member", "recipient"].contains(&name.as_str()));
    }
    json!({"enrolment": enrolment, "history": "none"})
}

/// The history of a gateway that completed a poll at this time and saved nothing else.
///
/// # Panics
/// At a time before 2024.
#[must_use]
pub fn polled_at(coalition: &str, seconds: u32) -> Value {
    let history = History {
        coalition: coalition.to_owned(),
        verified: None,
        polled: Some(Time::from_clock(seconds).expect("a clock")),
        versions: Floor::default(),
        lists: Sequences::default(),
    };
    history.to_string().into()
}

/// A policy that requires these lists of one coalition.
#[must_use]
pub fn requiring(name: &str, lists: &[&str]) -> Value {
    json!({"required": {name: lists}})
}

fn enrolment(root: &[u8], lists: &[&str]) -> Value {
    let owner = owner(lists);
    let own: Vec<_> = lists
        .iter()
        .filter(|list| owner_of(list) == owner)
        .collect();
    // An enrolment names a list; the gateway may want none of them.
    let own = if own.is_empty() {
        vec![&"se/merchants"]
    } else {
        own
    };
    json!({"format": "interdict-enrolment-1", "coalition": owner, "member": "bank-a",
        "repository": "/", "root": BASE64.encode(root), "lists": own, "recipient": RECIPIENT, "keys": []})
}

fn owner<'l>(lists: &[&'l str]) -> &'l str {
    lists.first().map_or("se", |list| owner_of(list))
}

fn owner_of(list: &str) -> &str {
    list.split_once('/').map_or("se", |(owner, _)| owner)
}
