//! Random traffic over loaded engines: requests, batches, questions and settings.

use anyhow::Result;
use serde_json::{Value, json};

use super::configurations::{Configurations, policies};
use super::damage::Damage;
use super::engines::{Driver, RECEIPT_KEY};
use super::log::SharedLog;
use super::material::Material;
use super::pair::Modules;
use super::repositories::{Repository, choices};
use super::requests::Requests;
use super::spoil::{Object, spoiled_bytes};
use interdict_tests::seeded::Stream;
use interdict_tests::subject::Subject as _;

const MAX_LINES: u32 = 40;

/// One engine, twice, with lists in place.
struct Engine {
    about: String,
    pair: Modules,
    clocks: [u32; 8],
    keys: Value,
    receipts: bool,
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
        let pair = &mut engine.pair;
        match stream.below(1_000) {
            0..880 => {
                let message = requests.screen();
                pair.call("screen", &message, None, now)?.ok();
                asked += 1;
            }
            880..910 => {
                let (message, lines) = batch(&mut requests, &mut stream);
                pair.call("screen_batch", &message, None, now)?.ok();
                asked += lines;
            }
            910..940 => {
                let message = requests.describe();
                pair.call("describe", &message, None, now)?.ok();
            }
            940..945 => {
                pair.call("state", b"{}", None, now)?.ok();
            }
            945..965 => {
                let message = configurations.broken(&engine.keys, &mut stream);
                pair.call("configure", &message, None, now)?.ok();
            }
            965..980 => anything(&mut scratch, material, &mut stream, now)?,
            _ => {
                let keys = &engine.keys;
                let message = configurations.good(keys, engine.receipts, &mut stream);
                pair.call("configure", message.as_bytes(), None, now)?.ok();
            }
        }
    }
    Ok(())
}

/// A batch and its number of lines; some are no requests, some are empty.
fn batch(requests: &mut Requests<'_>, stream: &mut Stream) -> (Vec<u8>, u32) {
    let lines = 1 + stream.below(MAX_LINES);
    let mut message = Vec::new();
    for line in 0..lines {
        if line > 0 {
            message.push(b'\n');
        }
        if !stream.chance(1) {
            // A line feed in a message would make it two lines; that is a case as well.
            message.extend_from_slice(&requests.screen());
        }
    }
    if stream.chance(30) {
        message.push(b'\n');
    }
    (message, lines)
}

/// Any operation with a message that may be of another, on an engine in whatever state that leaves.
fn anything(pair: &mut Modules, material: &Material, stream: &mut Stream, now: u32) -> Result<()> {
    if stream.chance(10) {
        pair.renew()?;
    }
    let repository = stream.pick(&material.repositories);
    let mut message = Object::default();
    let coalition = *stream.pick(&["se", "se", "se", "nl", "", "\u{fc}"]);
    let operation = *stream.pick(&["configure", "poll", "poll", "supply", "supply", "state"]);
    let mut file = None;
    match operation {
        "configure" => {
            let mut enrolled = Object::default();
            enrolled.string("name", coalition);
            enrolled.string("root", &repository.root);
            for (name, value) in [
                ("lists", "[\"se/merchants\"]"),
                ("edition", "\"public\""),
                ("key_ids", "[\"8f99139970b79640\"]"),
                ("newest_time", "1793600000"),
            ] {
                if stream.chance(20) {
                    enrolled.set(name, value);
                }
            }
            if stream.chance(15) {
                enrolled.spoil(stream);
            }
            message.set("coalitions", format!("[{}]", enrolled.text(stream)));
        }
        "poll" => {
            message.string("coalition", coalition);
            if stream.chance(70) {
                let begin = *stream.pick(&["store", "repository", "store", "x"]);
                message.string("begin", begin);
            }
            if stream.chance(20) {
                let target = stream.pick(&repository.targets).as_str();
                message.string("target", target);
            }
        }
        "supply" => {
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
            if outcome == "bytes" || stream.chance(10) {
                let files: Vec<_> = repository.served.values().collect();
                let named = repository.served.get(&format!("metadata/{name}"));
                let other = *stream.pick(&files);
                file = Some(named.filter(|_| stream.chance(70)).unwrap_or(other).clone());
            }
        }
        _ => {}
    }
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

fn engines(new_pair: &NewPair<'_>, material: &Material, log: &SharedLog) -> Result<Vec<Engine>> {
    let mut engines = Vec::new();
    let mut add = |about: &str, members: &[Member<'_>]| -> Result<()> {
        let receipts = engines.len() % 12 != 11;
        engines.push(engine(new_pair()?, log, about, members, receipts)?);
        Ok(())
    };
    for repository in &material.repositories {
        for choice in choices(repository) {
            let about = format!("{} {}", repository.name, choice.about);
            add(&about, &[member("se", repository, choice.members)])?;
        }
    }
    let named = |name: &str| {
        let mut all = material.repositories.iter();
        all.find(|repository| repository.name == name)
            .ok_or_else(|| anyhow::anyhow!("no repository {name}"))
    };
    let never = |name, repository| Member {
        loaded: false,
        ..member(name, repository, json!({}))
    };
    let sets = [
        ("sample, changed", "sample", "changed"),
        ("typologies, epochs", "typologies", "epochs"),
        ("public, sample-1", "public", "sample-1"),
        ("rotated, typologies", "rotated", "typologies"),
        ("renewed, sample", "renewed", "sample"),
        ("typologies, changed", "typologies", "changed"),
        ("large, umbrella", "large", "umbrella"),
    ];
    for (about, first, second) in sets {
        let (first, second) = (named(first)?, named(second)?);
        let both = [
            member("se", first, json!({})),
            member("nl", second, json!({})),
        ];
        add(about, &both)?;
    }
    let (sample, typologies) = (named("sample")?, named("typologies")?);
    for _ in 0..4 {
        let three = [
            member("se", typologies, json!({})),
            member("nl", sample, json!({})),
            member("fi", sample, json!({})),
        ];
        add("three coalitions", &three)?;
    }
    let disclosed = member("nl", named("public")?, json!({"edition": "public"}));
    add(
        "typologies, public edition",
        &[member("se", typologies, json!({})), disclosed],
    )?;
    add(
        "one never heard of",
        &[member("se", sample, json!({})), never("nl", typologies)],
    )?;
    add("nothing in place", &[never("se", sample)])?;
    add("no coalition", &[])?;
    for name in ["sample", "typologies", "changed"] {
        let mut engine = engine(
            new_pair()?,
            log,
            &format!("{name}, its signers revoked"),
            &[member("se", named(name)?, json!({}))],
            true,
        )?;
        // The new root is taken, and then the repository fails.
        let rotated = &named("rotated")?.served;
        let begin = json!({"coalition": "se", "begin": "repository"});
        let mut driver = Driver {
            pair: &mut engine.pair,
            log,
        };
        let now = engine.clocks[0];
        for step in [1, 2] {
            driver.walk(&begin, rotated, Some((step, Damage::Failed)), now)?;
        }
        engines.push(engine);
    }
    Ok(engines)
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
        let mut coalition = member.members.clone();
        coalition["name"] = member.name.into();
        coalition["root"] = member.repository.root.clone().into();
        coalition
    });
    let enrolled: Vec<Value> = enrolled.collect();
    let mut driver = Driver {
        pair: &mut pair,
        log,
    };
    driver.renew(&enrolled.into(), now)?;
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
        keys,
        receipts,
    })
}
