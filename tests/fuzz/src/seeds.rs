//! The first inputs of every target: valid files, and the texts of the corpus in `fixtures/cases`.

use std::collections::BTreeMap;
use std::fs;

use interdict_core::common::json::{Value, parse};
use interdict_core::common::schema::LIMITS as MESSAGE;
use interdict_core::identifier::Kind;
use interdict_core::list::{Descriptor, Edition, Part, encode_records, encode_stash, read_records};
use interdict_core::rules::Pack;
use interdict_core::token::Tag;
use interdict_core::wire::Operation;
use interdict_helpers::{fixtures, workspace};

use crate::gateway::{CONFIGURE, Call, LIMITS, text};
use crate::layout::relaid;
use crate::release::{FRONT, LOAD, RELEASE};
use crate::trusted;

/// Inputs by target and file name.
pub type Seeds = BTreeMap<(&'static str, String), Vec<u8>>;

/// Every seed. The same source gives the same bytes.
#[must_use]
pub fn all() -> Seeds {
    let mut seeds = Seeds::new();
    descriptors(&mut seeds);
    files(&mut seeds);
    identifiers(&mut seeds);
    wallets(&mut seeds);
    typologies(&mut seeds);
    values(&mut seeds);
    questions(&mut seeds);
    messages(&mut seeds);
    updates(&mut seeds);
    trusted::add(&mut seeds);
    seeds
}

/// Values that are written to JSON.
fn values(seeds: &mut Seeds) {
    for (name, text) in [
        (
            "numbers",
            "[0,-1,9223372036854775807,18446744073709551615,-9223372036854775808,1.5]",
        ),
        (
            "escapes",
            "{\"\\u0000\\u001f\\\"\\\\/\":\"12345678\u{e5}12345678\\n\"}",
        ),
        (
            "nested",
            "{\"a\":[],\"b\":{},\"c\":[null,true,false,{\"d\":[[]]}]}",
        ),
        ("text", "no JSON, \u{7f} and \u{10ffff}"),
    ] {
        seeds.insert(("json", name.to_owned()), text.as_bytes().to_vec());
    }
}

fn descriptors(seeds: &mut Seeds) {
    let mut add = |name: &str, descriptor: &Descriptor| {
        let bytes = descriptor.to_custom().canonical();
        assert!(parse(&bytes, MESSAGE).is_ok());
        seeds.insert(("descriptor", name.to_owned()), bytes);
    };
    add("stash", &RELEASE.stashed);
    add("records", &RELEASE.base);
    let mut filter = RELEASE.base.clone();
    filter.records = None;
    filter.header.edition = Edition::Public;
    filter.public_suffixes = Some([7; 32]);
    add("public", &filter);
}

/// Each file as it is, and its body alone, in front of which the target puts the header.
fn files(seeds: &mut Seeds) {
    let records = RELEASE.records();
    let stash = RELEASE.files.stash.as_deref().expect("a stash");
    let mut add = |target, name: &str, choice, bytes: &[u8]| {
        seeds.insert((target, name.to_owned()), [&[choice], bytes].concat());
    };
    for (target, part, file) in [
        ("filter", Part::Filter, &RELEASE.files.filter[..]),
        ("records", Part::Records, records),
        ("stash", Part::Stash, stash),
    ] {
        add(target, "file", 0, file);
        let front = RELEASE.front(part);
        add(target, "body", FRONT, &file[front.len()..]);
    }
    let front = RELEASE.front(Part::Records).len();
    add("records", "load", FRONT | LOAD, &records[front..]);
    let wide = relaid(records, 30);
    add("records", "wide", FRONT | LOAD, &wide[front..]);
    let body = &stash[RELEASE.front(Part::Stash).len()..];
    add("stash", "load", FRONT | LOAD, body);
    let nothing = [&17_u16.to_le_bytes()[..], &[0; 8]].concat();
    add("stash", "nothing", FRONT | LOAD, &nothing);
    let (records, stash) = neighbours();
    add("records", "neighbours", FRONT, &records[front..]);
    let body = &stash[RELEASE.front(Part::Stash).len()..];
    add("stash", "neighbours", FRONT, body);
    headers(seeds);
}

/// Tags in which one changed byte makes two of them equal or changes their order.
fn neighbours() -> (Vec<u8>, Vec<u8>) {
    let valid = read_records(&RELEASE.base.header, RELEASE.records().to_vec());
    let valid = valid.expect("the valid release");
    let near: Vec<_> = (1..)
        .zip(valid.records)
        .map(|(last, (_, record))| (Tag([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]), record))
        .collect();
    let changes: Vec<_> = near
        .iter()
        .map(|(tag, record)| (*tag, Some(*record)))
        .collect();
    let records = encode_records(&RELEASE.base.header, &valid.sources, &near);
    let base = RELEASE.base.base_digest();
    let stash = encode_stash(&RELEASE.stashed.header, &base, &valid.sources, &changes);
    (
        records.expect("valid records"),
        stash.expect("a valid stash"),
    )
}

fn headers(seeds: &mut Seeds) {
    for part in Part::ALL {
        let header = RELEASE.stashed.part_header(part).encode(part);
        // Bytes 16 to 19 are the ignorable flags, 20 to 23 the header's size.
        let mut extended = header.clone();
        extended[16] = 1;
        extended[20] += 4;
        extended.extend_from_slice(&[7; 4]);
        let name = part.name();
        seeds.insert(("header", format!("{name}-extended")), extended);
        seeds.insert(("header", name.to_owned()), header);
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

/// The standard pack, and each of its conditions.
fn typologies(seeds: &mut Seeds) {
    let path = workspace().join("publisher/typologies/standard.json");
    let pack = fs::read(path).expect("the standard pack");
    let mut add = |name: &str, choice: u8, bytes: &[u8]| {
        let seed = [&[choice], &[7; 8][..], bytes].concat();
        seeds.insert(("typology", name.to_owned()), seed);
    };
    for rule in Pack::parse(&pack).expect("a pack").rules {
        add(&rule.id, 0, rule.when.as_bytes());
    }
    add("standard", 1, &pack);
}

/// The first value of each verdict, from every source of wallets.
fn wallets(seeds: &mut Seeds) {
    let folder = fixtures().join("vectors");
    for entry in fs::read_dir(folder).expect("the vectors") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let Some(source) = name.and_then(|name| name.strip_prefix("wallet-")) else {
            continue;
        };
        let bytes = fs::read(&path).expect("vectors");
        let vectors = parse(&bytes, LIMITS).expect("JSON");
        let vectors = vectors.as_object().expect("an object");
        let cases = vectors.get("cases").and_then(Value::as_array);
        for case in cases.expect("cases").iter().rev() {
            let verdict = text(case, "error").unwrap_or("accepted");
            let value = text(case, "value").expect("a value");
            let seed = value.as_bytes().to_vec();
            seeds.insert(("wallet", format!("{source}-{verdict}")), seed);
        }
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

/// Every step of an update up to the targets role, each with the requested file.
fn updates(seeds: &mut Seeds) {
    add(seeds, "poll", Operation::Poll, 1, br#"{"coalition":"se"}"#);
    let begin = br#"{"coalition":"se","begin":"repository"}"#;
    add(seeds, "begin", Operation::Poll, 0, begin);
    let folder = fixtures();
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
    let path = fixtures().join(format!("cases/{name}.json"));
    let bytes = fs::read(path).expect("the corpus");
    let cases = parse(&bytes, LIMITS).expect("JSON").into_owned();
    cases.as_array().expect("an array").to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use interdict_core::list::{Header, read_stash};

    fn seed(target: &'static str, name: &str) -> Vec<u8> {
        all().remove(&(target, name.to_owned())).expect("a seed")
    }

    #[test]
    fn seeds_of_files_are_accepted() {
        let header = &RELEASE.base.header;
        for ((target, name), bytes) in all() {
            let accepted = match target {
                "descriptor" => {
                    let custom = parse(&bytes, MESSAGE).expect("JSON");
                    matches!(Descriptor::from_custom(&custom), Some(Ok(_)))
                }
                "header" => {
                    let accepts = |part| Header::decode(part, &bytes).is_ok();
                    Part::ALL.into_iter().any(accepts)
                }
                "filter" => {
                    let (_, file) = RELEASE.file(Part::Filter, &bytes);
                    RELEASE.load(file, None).is_ok()
                }
                "records" => {
                    let (_, file) = RELEASE.file(Part::Records, &bytes);
                    read_records(header, file).is_ok()
                }
                "stash" => {
                    let (_, file) = RELEASE.file(Part::Stash, &bytes);
                    read_stash(&RELEASE.stashed.header, file).is_ok()
                }
                _ => continue,
            };
            assert!(accepted, "{target}/{name}");
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
            assert!(answer.is_ok(), "{name}");
        }
    }
}
