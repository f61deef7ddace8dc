//! Several coalitions in one engine, to test scoring with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_core::common::time::Time;
use interdict_core::engine::ReceiptKey;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::Edition;
use interdict_core::wire::Code;
use interdict_forge::{Signer, signed_as};
use serde_json::{Value, json};

use crate::coalition::{Coalition, Publication};
use crate::enrolment::enrolled_for;
use crate::gateway::{NOW, far};
use crate::subject::Subject;

/// A coalition that a gateway is enrolled with.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// Its name in the gateway.
    pub name: &'static str,
    /// What it publishes. If empty, the gateway has never reached its repository.
    pub lists: Vec<Publication>,
}

impl Enrolled {
    /// The lists that it is enrolled for, in the order of their names.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.lists.iter().map(|one| one.list).collect();
        names.sort_unstable();
        names.dedup();
        match names.is_empty() {
            true => vec!["se/merchants"],
            false => names,
        }
    }
}

/// One configured gateway with every list loaded.
#[derive(Debug)]
pub struct World<S> {
    /// The engine.
    pub subject: S,
    /// Its clock.
    pub now: u32,
    /// The lists that a policy requires if it says nothing itself.
    pub required: Value,
}

impl<S: Subject> World<S> {
    /// Loads the coalitions, then configures `members`: `policy`, `overrides` and so on.
    ///
    /// # Panics
    /// If anything is refused.
    pub fn new(subject: S, coalitions: &[Enrolled], members: &Value) -> Self {
        let mut required = json!({});
        for one in coalitions {
            required[one.name] = json!(one.names());
        }
        let mut world = Self {
            subject,
            now: NOW,
            required,
        };
        let coalition = Coalition::quick();
        let root = coalition.root(far());
        let enrolled = |one: &Enrolled| {
            let first = one.lists.first();
            let edition = first.map_or(Edition::Member, |list| list.edition);
            let mut enrolled = enrolled_for(edition, one.name, &root, &one.names());
            // A floor, so that a gateway that comes without a history does not say so in each verdict.
            enrolled["at_least"] = json!({"root": 1});
            enrolled
        };
        let enrolled: Vec<_> = coalitions.iter().map(enrolled).collect();
        let key = Coalition::list_key_text(1);
        let keyed = |one: &Enrolled| json!({"coalition": one.name, "key": key});
        let keys: Vec<_> = coalitions.iter().map(keyed).collect();
        world.ok("configure", &json!({"coalitions": enrolled, "keys": keys}));
        for one in coalitions {
            if let Some((first, others)) = one.lists.split_first() {
                let served = coalition.publish_beside(first, others);
                let end = world.update(one.name, &served);
                assert_eq!(end, Ok(()), "{}", one.name);
            }
        }
        world.ok("configure", &json!({"policy": {}}));
        world.ok("configure", members);
        world
    }

    /// Updates one coalition.
    ///
    /// # Errors
    /// The error code and the sentence.
    ///
    /// # Panics
    /// If the update neither completes nor fails.
    pub fn update(
        &mut self,
        coalition: &str,
        served: &crate::coalition::Files,
    ) -> Result<(), (&'static str, String)> {
        let begin = json!({"coalition": coalition, "begin": "repository"});
        let mut progress = self.call("poll", &begin, None)?;
        while let Some(path) = progress["fetch"]["path"].as_str() {
            let file = served.get(path).cloned();
            let outcome = if file.is_some() { "bytes" } else { "not_found" };
            let name = &progress["fetch"]["name"];
            let message = json!({"coalition": coalition, "name": name, "outcome": outcome});
            progress = self.call("supply", &message, file)?;
        }
        assert_eq!(progress["completed"], true);
        Ok(())
    }

    /// The bytes of an answer.
    ///
    /// # Errors
    /// The error code and the sentence.
    ///
    /// # Panics
    /// If the engine gives no answer.
    pub fn bytes(&mut self, operation: &str, message: &str) -> Result<String, (i32, String)> {
        let answer = self
            .subject
            .call(operation, message.as_bytes(), None, self.now);
        answer.unwrap()
    }

    /// An answer.
    ///
    /// # Errors
    /// The name of the error code, and the sentence.
    ///
    /// # Panics
    /// If the engine gives no answer.
    pub fn call(
        &mut self,
        operation: &str,
        message: &Value,
        file: Option<Vec<u8>>,
    ) -> Result<Value, (&'static str, String)> {
        let message = self.requiring(operation, message).to_string();
        let answer = self
            .subject
            .call(operation, message.as_bytes(), file, self.now);
        match answer.unwrap() {
            Ok(answer) => Ok(serde_json::from_str(&answer).unwrap()),
            Err((number, sentence)) => {
                let mut codes = Code::ALL.iter();
                let code = codes.find(|code| code.number() == number).unwrap();
                Err((code.name(), sentence))
            }
        }
    }

    /// A policy that says nothing about it requires every list of this world.
    fn requiring(&self, operation: &str, message: &Value) -> Value {
        let mut message = message.clone();
        for policy in ["policy", "shadow"] {
            if let Some(policy) = message.get_mut(policy).and_then(Value::as_object_mut)
                && operation == "configure"
                && !policy.contains_key("without_lists")
            {
                policy.entry("required").or_insert(self.required.clone());
            }
        }
        message
    }

    /// The answer to a call that must succeed.
    ///
    /// # Panics
    /// On a refusal.
    pub fn ok(&mut self, operation: &str, message: &Value) -> Value {
        self.call(operation, message, None).unwrap()
    }
}

/// An empty list of one source; tests add the entries.
#[must_use]
pub fn list(id: &'static str, source: &'static str) -> Publication {
    Publication {
        list: id,
        listed: Vec::new(),
        source,
        rate: 2,
        ..Publication::new(1, far())
    }
}

/// A person who may sign overrides.
#[derive(Debug)]
pub struct Person {
    /// The name of the key in the policy.
    pub name: &'static str,
    signer: Signer,
}

impl Person {
    /// A person with the key of this seed.
    #[must_use]
    pub const fn new(name: &'static str, seed: u8) -> Self {
        let signer = Signer::ed25519(seed);
        Self { name, signer }
    }

    /// The key, as a policy names it.
    #[must_use]
    pub fn key(&self) -> Value {
        let public = self.signer.public();
        json!({"name": self.name, "keytype": "ed25519", "scheme": "ed25519", "public": public})
    }
}

/// An override as `configure` takes it.
#[must_use]
pub fn override_of(signed: &Value, people: &[&Person]) -> Value {
    let people: Vec<_> = people.iter().map(|one| (one.name, one.signer)).collect();
    BASE64.encode(signed_as(signed, &people)).into()
}

/// A clearance for every reason of a verdict that can be cleared, as `docs/scoring.md` says. The
/// verdict is that of the analyst's view, with a receipt.
///
/// # Panics
/// If it is no such verdict.
#[must_use]
pub fn drafted(verdict: &Value) -> Vec<Value> {
    let asked = verdict["receipt"]["asked"].as_array().expect("a receipt");
    let mut drafted = Vec::new();
    for reason in verdict["reasons"].as_array().expect("reasons") {
        let (code, digest) = (&reason["code"], &reason["digest"]);
        if digest.is_null() && code != "candidate" {
            continue;
        }
        let about = asked.iter().enumerate().filter(|(index, _)| {
            reason["identifier"].is_null() || reason["identifier"] == json!(index)
        });
        for identifier in about.filter_map(|(_, slot)| slot["digest"].as_str()) {
            let mut clearance = json!({"identifier": identifier, "code": code,
                "coalition": reason["coalition"], "list": reason["list"]});
            if !digest.is_null() {
                clearance["digest"] = digest.clone();
            }
            drafted.push(clearance);
        }
    }
    drafted
}

/// The part of an override that is signed, for one entry of a list, under the ReceiptKey of 32 bytes 0x11.
#[must_use]
pub fn signed_override(
    (coalition, list): (&str, &str),
    (kind, value): (Kind, &str),
    expires: Time,
) -> Value {
    let identifier = Identifier::parse(kind, value).expect("an identifier");
    let digest = ReceiptKey([0x11; 32]).of_identifier(&identifier);
    json!({"_type": "interdict-override", "coalition": coalition, "list": list, "identifier": digest,
        "expires": expires.to_string()})
}
