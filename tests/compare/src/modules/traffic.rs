//! Random traffic over loaded engines: requests, batches, questions and settings.

use anyhow::Result;
use serde_json::{Value, json};

use super::clearing::clear;
use super::configurations::{Configurations, Enrolled, policies};
use super::damage::Damage;
use super::engines::{Driver, RECEIPT_KEY};
use super::log::SharedLog;
use super::material::Material;
use super::pair::Modules;
use super::repositories::{Repository, choices, public};
use super::requests::Requests;
use super::spoil::{Object, spoiled_bytes};
use interdict_tests::seeded::Stream;
use interdict_tests::subject::Subject as _;

const MAX_LINES: u32 = 40;

/// One engine in both modules, with its lists loaded.
struct Engine {
    about: String,
    pair: Modules,
    clocks: [u32; 8],
    enrolled: Enrolled,
}

/// One coalition of an engine.
struct Member<'m> {
    name: &'static str,
    repository: &'m Repository,
    members: Value,
    /// Whether it is ever updated.
    loaded: bool,
}

type NewPair<'a> = dyn Fn() -> Result<Modules> + 'a;

pub(super) fn run(
    new_pair: &NewPair<'_>,
    material: &Material,
    (count, seed): (u32, u64),
    log: &SharedLog,
) -> Result<()> {
    log.borrow_mut().at("random traffic: loading");
    let mut engines = engines(new_pair, material, log)?;
    let configurations = Configurations {
        material,
        policies: policies(material),
    };
    let mut requests = Requests {
        material,
        stream: Stream::new(&format!("compare: requests {seed}")),
    };
    let mut stream = Stream::new(&format!("compare: traffic {seed}"));
    let mut scratch = new_pair()?;
    let mut asked = 0;
    while asked < count {
        let place = stream.index(engines.len());
        let Some(engine) = engines.get_mut(place) else {
            continue;
        };
        let clock = if stream.chance(60) {
            0
        } else {
            stream.index(engine.clocks.len())
        };
        let now = engine.clocks[clock];
        let about = format!("{}, seed {seed}, request {asked}, at {now}", engine.about);
        log.borrow_mut().at(about);
        asked += match stream.below(1_000) {
            960..965 if engine.enrolled.receipts => {
                clear(&mut engine.pair, &engine.enrolled, &requests.screen(), now)?
            }
            965..980 => {
                anything(&mut scratch, material, &mut stream, now)?;
                0
            }
            chosen => one_call(
                engine,
                chosen,
                (&mut requests, &configurations),
                &mut stream,
                now,
            )?,
        };
    }
    Ok(())
}

/// Makes one call to an engine: which, by a number below 1,000. Returns how many requests it held.
fn one_call(
    engine: &mut Engine,
    chosen: u32,
    (requests, configurations): (&mut Requests<'_>, &Configurations<'_>),
    stream: &mut Stream,
    now: u32,
) -> Result<u32> {
    let (operation, message, asked) = match chosen {
        0..880 => ("screen", requests.screen(), 1),
        880..910 => {
            let (message, lines) = batch(requests, stream);
            ("screen_batch", message, lines)
        }
        910..940 => ("describe", requests.describe(), 0),
        940..945 => ("state", b"{}".to_vec(), 0),
        945..965 => {
            let message = configurations.broken(&engine.enrolled, stream);
            ("configure", message, 0)
        }
        _ => {
            let message = configurations.good(&engine.enrolled, stream);
            ("configure", message.into_bytes(), 0)
        }
    };
    engine.pair.call(operation, &message, None, now)?.ok();
    Ok(asked)
}

/// A batch and its number of lines. Some lines are no requests, some are empty.
fn batch(requests: &mut Requests<'_>, stream: &mut Stream) -> (Vec<u8>, u32) {
    let lines = 1 + stream.below(MAX_LINES);
    let mut message = Vec::new();
    for line in 0..lines {
        if line > 0 {
            message.push(b'\n');
        }
        if !stream.chance(1) {
            // A line feed in a message makes two lines of it, which is worth comparing too.
            message.extend_from_slice(&requests.screen());
        }
    }
    if stream.chance(30) {
        message.push(b'\n');
    }
    (message, lines)
}

/// Calls any operation with a message that may be meant for another, whatever state the engine is in.
fn anything(pair: &mut Modules, material: &Material, stream: &mut Stream, now: u32) -> Result<()> {
    if stream.chance(10) {
        pair.renew()?;
    }
    let repository = stream.pick(&material.repositories);
    let coalition = *stream.pick(&["se", "se", "se", "nl", "", "\u{fc}"]);
    let operation = *stream.pick(&["configure", "poll", "poll", "supply", "supply", "state"]);
    let (mut message, file) = match operation {
        "configure" => (enrolled(coalition, repository, stream), None),
        "poll" => (poll(coalition, repository, stream), None),
        "supply" => supply(coalition, repository, stream),
        _ => (Object::default(), None),
    };
    if stream.chance(10) {
        message.spoil(stream);
    }
    let text = message.text(stream);
    let bytes = if stream.chance(5) {
        spoiled_bytes(&text, stream)
    } else {
        text.into_bytes()
    };
    pair.call(operation, &bytes, file, now)?.ok();
    Ok(())
}

/// A `configure` message with one coalition.
fn enrolled(coalition: &str, repository: &Repository, stream: &mut Stream) -> Object {
    let mut enrolled = Object::default();
    enrolled.string("name", coalition);
    let whole = super::repositories::enrolled(coalition, &repository.root, &json!({}));
    enrolled.set("enrolment", whole["enrolment"].to_string());
    enrolled.string("history", "none");
    for (name, value) in [
        ("lists", "[\"se/merchants\"]"),
        ("at_least", "{\"root\":1,\"lists\":{\"se/merchants\":2}}"),
    ] {
        if stream.chance(20) {
            enrolled.set(name, value);
        }
    }
    if stream.chance(15) {
        enrolled.spoil(stream);
    }
    let mut message = Object::default();
    message.set("coalitions", format!("[{}]", enrolled.text(stream)));
    message
}

/// A `poll` message, which may begin a walk of any kind.
fn poll(coalition: &str, repository: &Repository, stream: &mut Stream) -> Object {
    let mut message = Object::default();
    message.string("coalition", coalition);
    if stream.chance(70) {
        let begin = *stream.pick(&["store", "repository", "store", "x"]);
        message.string("begin", begin);
    }
    if stream.chance(20) {
        let target = stream.pick(&repository.targets).as_str();
        message.string("target", target);
    }
    message
}

/// A `supply` message with its file, mostly the named one.
fn supply(
    coalition: &str,
    repository: &Repository,
    stream: &mut Stream,
) -> (Object, Option<Vec<u8>>) {
    let mut message = Object::default();
    message.string("coalition", coalition);
    let names = [
        "2.root.json",
        "timestamp.json",
        "snapshot.json",
        "targets.json",
        "x",
    ];
    let name = *stream.pick(&names);
    message.string("name", name);
    let outcomes = ["bytes", "bytes", "not_found", "failed", "maybe"];
    let outcome = *stream.pick(&outcomes);
    message.string("outcome", outcome);
    if outcome != "bytes" && !stream.chance(10) {
        return (message, None);
    }
    let files: Vec<_> = repository.served.values().collect();
    let named = repository.served.get(&format!("metadata/{name}"));
    let other = *stream.pick(&files);
    let file = named.filter(|_| stream.chance(70)).unwrap_or(other).clone();
    (message, Some(file))
}

fn engines(new_pair: &NewPair<'_>, material: &Material, log: &SharedLog) -> Result<Vec<Engine>> {
    let mut sets = Vec::new();
    for repository in &material.repositories {
        for choice in choices(repository) {
            let about = format!("{} {}", repository.name, choice.about);
            sets.push((about, vec![member("se", repository, choice.members)]));
        }
    }
    sets.extend(pairs(material)?);
    sets.extend(others(material)?);
    let mut engines = Vec::new();
    for (about, members) in sets {
        let receipts = engines.len() % 12 != 11;
        engines.push(engine(new_pair()?, log, &about, &members, receipts)?);
    }
    for name in ["sample", "typologies", "changed"] {
        engines.push(revoked(new_pair()?, material, log, name)?);
    }
    Ok(engines)
}

/// The coalitions of an engine, with its name in reports.
type Set<'m> = (String, Vec<Member<'m>>);

fn named<'m>(material: &'m Material, name: &str) -> Result<&'m Repository> {
    let mut all = material.repositories.iter();
    all.find(|repository| repository.name == name)
        .ok_or_else(|| anyhow::anyhow!("no repository {name}"))
}

/// Two coalitions each.
fn pairs(material: &Material) -> Result<Vec<Set<'_>>> {
    let mut sets = Vec::new();
    for (about, first, second) in [
        ("sample, changed", "sample", "changed"),
        ("typologies, epochs", "typologies", "epochs"),
        ("public, sample-1", "public", "sample-1"),
        ("rotated, typologies", "rotated", "typologies"),
        ("renewed, sample", "renewed", "sample"),
        ("typologies, changed", "typologies", "changed"),
        ("large, umbrella", "large", "umbrella"),
    ] {
        let (first, second) = (named(material, first)?, named(material, second)?);
        let both = [("se", first), ("nl", second)];
        let both = both.map(|(name, repository)| member(name, repository, json!({})));
        sets.push((about.to_owned(), both.into()));
    }
    Ok(sets)
}

/// Three coalitions, public and compact editions, and coalitions that nothing was loaded from.
fn others(material: &Material) -> Result<Vec<Set<'_>>> {
    let (sample, typologies) = (named(material, "sample")?, named(material, "typologies")?);
    let of = |name, repository| member(name, repository, json!({}));
    let never = |name, repository| Member {
        loaded: false,
        ..of(name, repository)
    };
    let mut sets = Vec::new();
    for _ in 0..4 {
        let three = vec![of("se", typologies), of("nl", sample), of("fi", sample)];
        sets.push(("three coalitions".to_owned(), three));
    }
    let disclosed = named(material, "public")?;
    let disclosed = member("nl", disclosed, public(disclosed).unwrap_or_default());
    let compact = member(
        "nl",
        named(material, "compact")?,
        json!({"edition": "compact"}),
    );
    for (about, members) in [
        ("sample, compact edition", vec![of("se", sample), compact]),
        (
            "typologies, public edition",
            vec![of("se", typologies), disclosed],
        ),
        (
            "one never heard of",
            vec![of("se", sample), never("nl", typologies)],
        ),
        ("nothing in place", vec![never("se", sample)]),
        ("no coalition", Vec::new()),
    ] {
        sets.push((about.to_owned(), members));
    }
    Ok(sets)
}

/// An engine that has taken a root which revokes the signers of its list.
fn revoked(pair: Modules, material: &Material, log: &SharedLog, name: &str) -> Result<Engine> {
    let mut engine = engine(
        pair,
        log,
        &format!("{name}, its signers revoked"),
        &[member("se", named(material, name)?, json!({}))],
        true,
    )?;
    // The new root is taken, and then the repository fails.
    let rotated = &named(material, "rotated")?.served;
    let begin = json!({"coalition": "se", "begin": "repository"});
    let mut driver = Driver {
        pair: &mut engine.pair,
        log,
    };
    let now = engine.clocks[0];
    for step in [1, 2] {
        driver.walk(&begin, rotated, Some((step, Damage::Failed)), now)?;
    }
    Ok(engine)
}

const fn member<'m>(name: &'static str, repository: &'m Repository, members: Value) -> Member<'m> {
    Member {
        name,
        repository,
        members,
        loaded: true,
    }
}

fn engine(
    mut pair: Modules,
    log: &SharedLog,
    about: &str,
    members: &[Member<'_>],
    receipts: bool,
) -> Result<Engine> {
    // All are loaded while the last one is fresh; the others may be late by then.
    let newest = members
        .iter()
        .max_by_key(|member| member.repository.expires);
    let clocks = newest.map_or([1_795_309_323; 8], |member| member.repository.clocks());
    let oldest = members.iter().map(|member| member.repository.fresh).min();
    let now = clocks[0].min(oldest.unwrap_or(u32::MAX));
    let enrolled = members.iter().map(|member| {
        super::repositories::enrolled(member.name, &member.repository.root, &member.members)
    });
    let enrolled: Vec<Value> = enrolled.collect();
    let mut driver = Driver {
        pair: &mut pair,
        log,
    };
    driver.renew(&enrolled, now)?;
    for member in members.iter().filter(|member| member.loaded) {
        let begin = json!({"coalition": member.name, "begin": "store"});
        driver.walk(&begin, &member.repository.served, None, now)?;
    }
    let keys = members.iter().flat_map(|member| {
        let repository = member.repository;
        let keys = repository.keys.iter().chain(&repository.public_key);
        keys.map(|key| json!({"coalition": member.name, "key": key}))
    });
    let keys: Value = keys.collect::<Vec<_>>().into();
    let mut message = json!({"keys": keys});
    if receipts {
        message["receipt_key"] = RECEIPT_KEY.into();
    }
    driver.call("configure", &message, now)?.ok();
    Ok(Engine {
        about: about.to_owned(),
        pair,
        clocks,
        enrolled: Enrolled {
            coalitions: enrolled,
            keys,
            receipts,
        },
    })
}
