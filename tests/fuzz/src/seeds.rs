//! The first inputs of every target: valid files, and the texts of the corpus in `fixtures/cases`.

use std::collections::BTreeMap;
use std::fs;

use interdict_core::engine::Operation;
use interdict_core::identifier::Kind;
use interdict_core::json::{Value, parse};
use interdict_core::list::{Edition, Part};
use interdict_core::message::LIMITS as MESSAGE;

use crate::gateway::{CONFIGURE, Call, LIMITS, text};
use crate::release::RELEASE;
use crate::workspace;

/// Inputs by target and file name.
pub type Seeds = BTreeMap<(&'static str, String), Vec<u8>>;

/// Every seed. The same source gives the same bytes.
#[must_use]
pub fn all() -> Seeds {
    let mut seeds = Seeds::new();
    descriptors(&mut seeds);
    files(&mut seeds);
    identifiers(&mut seeds);
    questions(&mut seeds);
    messages(&mut seeds);
    updates(&mut seeds);
    seeds
}

fn descriptors(seeds: &mut Seeds) {
    let mut add = |name: &str, custom: &Value<'_>| {
        let bytes = custom.canonical();
        assert!(parse(&bytes, MESSAGE).is_ok());
        seeds.insert(("descriptor", name.to_owned()), bytes);
    };
    add("records", &RELEASE.descriptor(true).to_custom());
    let mut filter = RELEASE.descriptor(false);
    add("filter", &filter.to_custom());
    filter.header.edition = Edition::Public;
    add("public", &filter.to_custom());
}

/// Each file as it is, and its body alone, in front of which the target puts the header.
fn files(seeds: &mut Seeds) {
    for (target, part, file) in [
        ("filter", Part::Filter, &RELEASE.filter),
        ("records", Part::Records, &RELEASE.records),
    ] {
        let header = RELEASE.header.encode(part);
        let body = file.strip_prefix(&header[..]).expect("the header in front");
        seeds.insert((target, "file".to_owned()), [&[0], &file[..]].concat());
        seeds.insert((target, "body".to_owned()), [&[1], body].concat());
        // Bytes 16 to 19 are the ignorable flags, 20 to 23 the header's size.
        let mut extended = header.clone();
        extended[16] = 1;
        extended[20] += 4;
        extended.extend_from_slice(&[7; 4]);
        seeds.insert(("header", format!("{target}-extended")), extended);
        seeds.insert(("header", target.to_owned()), header);
    }
}

fn identifiers(seeds: &mut Seeds) {
    for (index, case) in cases("identifier").iter().enumerate() {
        if let (Some(kind), Some(value)) = (text(case, "kind"), text(case, "value")) {
            let code = Kind::from_name(kind).map_or(0, Kind::code);
            let seed = [&[code], value.as_bytes()].concat();
            seeds.insert(("identifier", format!("case-{index:03}")), seed);
        }
    }
    for (name, url) in [
        ("url", "https://Pay.Shop.example:8443/c/1?x=y#z"),
        ("url-ip", "http://[2001:db8::1]/"),
    ] {
        let seed = [&[0], url.as_bytes()].concat();
        seeds.insert(("identifier", name.to_owned()), seed);
    }
}

/// The requests of the verdict cases, alone and as one batch, and the policies they are asked under.
fn questions(seeds: &mut Seeds) {
    let mut batch = Vec::new();
    for (index, case) in cases("verdict").iter().enumerate() {
        let object = case.as_object().expect("an object");
        let request = object.get("request").expect("a request").canonical();
        if index % 8 == 0 {
            batch.extend_from_slice(&request);
            batch.push(b'\n');
        }
        add(
            seeds,
            &format!("verdict-{index:03}"),
            Operation::Screen,
            0,
            &request,
        );
        if let Some(policy) = object.get("policy") {
            let message = [br#"{"policy":"#, &policy.canonical()[..], b"}"].concat();
            add(
                seeds,
                &format!("policy-{index:03}"),
                Operation::Configure,
                0,
                &message,
            );
        }
    }
    add(seeds, "batch", Operation::ScreenBatch, 0, &batch);
}

/// The message cases, without those that are about size.
fn messages(seeds: &mut Seeds) {
    for (index, case) in cases("message").iter().enumerate() {
        let repeated = case
            .as_object()
            .is_some_and(|case| case.get("repeat").is_some());
        let operation = Operation::ALL
            .into_iter()
            .find(|operation| Some(operation.name()) == text(case, "op"))
            .expect("an operation");
        if let Some(message) = text(case, "text").filter(|_| !repeated) {
            let name = format!("message-{index:03}");
            add(seeds, &name, operation, 0, message.as_bytes());
        }
    }
    let described = br#"{"identifiers":[{"kind":"domain","value":"pay.shop.example"}]}"#;
    add(seeds, "describe", Operation::Describe, 0, described);
    add(seeds, "state", Operation::State, 0, b"{}");
    let configure = CONFIGURE.as_bytes();
    add(seeds, "configure", Operation::Configure, 0, configure);
}

/// Every step of an update up to the targets role, each with the file that is due.
fn updates(seeds: &mut Seeds) {
    add(seeds, "poll", Operation::Poll, 1, br#"{"coalition":"se"}"#);
    let begin = br#"{"coalition":"se","begin":"repository"}"#;
    add(seeds, "begin", Operation::Poll, 0, begin);
    let folder = workspace().join("fixtures");
    for (stage, name, path) in [
        (
            0,
            "2.root.json",
            "repositories/rotated/metadata/2.root.json",
        ),
        (1, "timestamp.json", "generation/files/timestamp.json"),
        (2, "snapshot.json", "generation/files/snapshot.json"),
        (3, "targets.json", "generation/files/targets.json"),
    ] {
        let file = fs::read(folder.join(path)).expect("the fixtures");
        let message = format!(r#"{{"coalition":"se","name":"{name}","outcome":"bytes"}}"#);
        let call = [message.as_bytes(), &[0], &file].concat();
        add(
            seeds,
            &format!("supply-{stage}"),
            Operation::Supply,
            stage,
            &call,
        );
    }
}

fn add(seeds: &mut Seeds, name: &str, operation: Operation, stage: u8, rest: &[u8]) {
    let choice = Call::choice(operation, stage).expect("an operation");
    let seed = [&[choice], rest].concat();
    seeds.insert(("message", name.to_owned()), seed);
}

fn cases(name: &str) -> Vec<Value<'static>> {
    let path = workspace().join(format!("fixtures/cases/{name}.json"));
    let bytes = fs::read(path).expect("the corpus");
    let cases = parse(&bytes, LIMITS).expect("JSON").into_owned();
    cases.as_array().expect("an array").to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use interdict_core::list::{Descriptor, Files, Header};

    fn seed(target: &'static str, name: &str) -> Vec<u8> {
        all().remove(&(target, name.to_owned())).expect("a seed")
    }

    #[test]
    fn seeds_of_files_are_accepted() {
        for name in ["file", "body"] {
            let filter = RELEASE.file(Part::Filter, &seed("filter", name));
            let records = RELEASE.file(Part::Records, &seed("records", name));
            let list = RELEASE.load(Files {
                filter,
                records: Some(records),
            });
            RELEASE.ask(&list.expect("an accepted release"));
        }
        for ((target, name), bytes) in all() {
            match target {
                "descriptor" => {
                    let custom = parse(&bytes, MESSAGE).expect("JSON");
                    assert!(
                        matches!(Descriptor::from_custom(&custom), Some(Ok(_))),
                        "{name}"
                    );
                }
                "header" => {
                    let accepts = |part| Header::decode(part, &bytes).is_ok();
                    assert!(Part::ALL.into_iter().any(accepts), "{name}");
                }
                _ => {}
            }
        }
    }

    #[test]
    fn seeds_of_calls_get_answers() {
        for name in [
            "batch",
            "configure",
            "begin",
            "poll",
            "describe",
            "state",
            "verdict-000",
        ]
        .into_iter()
        .chain(["supply-1", "supply-2", "supply-3"])
        {
            let seed = seed("message", name);
            let answer = Call::read(&seed).expect("a call").make();
            assert!(answer.is_ok(), "{name}: {answer:?}");
        }
    }
}
