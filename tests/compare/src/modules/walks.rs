//! Every walk over every sample repository: loading, updating and single files, whole and with
//! something wrong at each step, at several times and with several keys.

use anyhow::Result;
use serde_json::{Value, json};

use super::damage::Damage;
use super::engines::{COALITION, Driver};
use super::log::SharedLog;
use super::material::Material;
use super::pair::Modules;
use super::repositories::{Choice, Repository, choices};

const SOURCES: [&str; 2] = ["store", "repository"];

pub(super) fn run(pair: &mut Modules, material: &Material, log: &SharedLog) -> Result<()> {
    let mut driver = Driver { pair, log };
    for repository in &material.repositories {
        for choice in choices(repository) {
            for source in SOURCES {
                loaded(&mut driver, material, repository, &choice, source)?;
                // Choosing all lists asks for the same files as choosing none.
                if choice.members["lists"].is_null() {
                    damaged(&mut driver, repository, &choice, source)?;
                }
            }
        }
        targets(&mut driver, repository)?;
    }
    for before in &material.repositories {
        for after in &material.repositories {
            updated(&mut driver, material, before, after)?;
        }
    }
    Ok(())
}

fn enrolled(repository: &Repository, choice: &Choice) -> [Value; 1] {
    let root = &repository.root;
    [super::repositories::enrolled(
        COALITION,
        root,
        &choice.members,
    )]
}

fn begin(source: &str) -> Value {
    json!({"coalition": COALITION, "begin": source})
}

/// Loads at each of the clocks, and asks without a key, with each key and with a wrong one. After the first
/// loading it asks at each of the clocks, after the others at the clock of the loading.
fn loaded(
    driver: &mut Driver<'_>,
    material: &Material,
    repository: &Repository,
    choice: &Choice,
    source: &str,
) -> Result<()> {
    for (number, now) in repository.clocks().into_iter().enumerate() {
        let place = format!(
            "walk: {} {}, {source} at {now}",
            repository.name, choice.about
        );
        driver.log.borrow_mut().at(place);
        driver.renew(&enrolled(repository, choice), now)?;
        let end = driver.walk(&begin(source), &repository.served, None, now)?;
        if !end.completed && number > 0 {
            continue;
        }
        let all = repository.clocks();
        let clocks = if number == 0 { &all[..] } else { &[now] };
        ask(driver, material, clocks)?;
        let wrong = "f".repeat(64);
        let keys = repository.keys.iter().chain(&repository.public_key);
        for key in keys.chain([&wrong]) {
            driver.keys([(COALITION, key.as_str())], now)?;
            ask(driver, material, clocks)?;
        }
        if repository.keys.len() > 1 {
            let all = repository.keys.iter();
            driver.keys(all.map(|key| (COALITION, key.as_str())), now)?;
            ask(driver, material, clocks)?;
        }
    }
    Ok(())
}

/// Asks for the state, for descriptions of some names, and for verdicts.
fn ask(driver: &mut Driver<'_>, material: &Material, clocks: &[u32]) -> Result<()> {
    for now in clocks.iter().copied() {
        driver.text("state", "{}", now)?.ok();
        for question in &material.questions {
            driver.text("screen", question, now)?.ok();
        }
    }
    let now = clocks.first().copied().unwrap_or(0);
    for question in &material.descriptions {
        driver.text("describe", question, now)?.ok();
    }
    Ok(())
}

/// Tries every fault at each step of the walk, then the walk without a fault.
fn damaged(
    driver: &mut Driver<'_>,
    repository: &Repository,
    choice: &Choice,
    source: &str,
) -> Result<()> {
    let now = repository.fresh;
    // Each fault verifies every signature again, so not all are tried everywhere.
    let all = source == "repository" && ["whole", "compact"].contains(&choice.about);
    let damages = if all { &Damage::ALL[..] } else { &Damage::FEW };
    let (enrolled, begin) = (enrolled(repository, choice), begin(source));
    for step in 0.. {
        for damage in damages.iter().copied() {
            let (name, about) = (&repository.name, choice.about);
            let place = format!("walk: {name} {about}, {source}, {damage:?} at step {step}");
            driver.log.borrow_mut().at(place);
            driver.renew(&enrolled, now)?;
            let end = driver.walk(&begin, &repository.served, Some((step, damage)), now)?;
            if end.steps <= step {
                return Ok(());
            }
            driver
                .call("poll", &json!({"coalition": COALITION}), now)?
                .ok();
            driver.text("state", "{}", now)?.ok();
            if matches!(damage, Damage::FlipMiddle | Damage::NotFound) {
                driver.walk(&begin, &repository.served, None, now)?;
                driver.text("state", "{}", now)?.ok();
            }
        }
    }
    Ok(())
}

/// Asks for every signed file, for some that do not exist, and for texts that are no paths.
fn targets(driver: &mut Driver<'_>, repository: &Repository) -> Result<()> {
    let now = repository.fresh;
    driver
        .log
        .borrow_mut()
        .at(format!("targets: {}", repository.name));
    let choice = Choice {
        about: "whole",
        members: json!({}),
    };
    let odd = [
        "se/merchants.member-9.filter",
        "docs/terms.pdf",
        "",
        "/",
        "../x",
        "a//b",
        "a/./b",
        "se/",
        "b\u{fc}cher/\u{1f600}.json",
    ];
    let paths = repository.targets.iter().map(String::as_str);
    let begins = paths.chain(odd).flat_map(|path| {
        SOURCES.map(|source| json!({"coalition": COALITION, "begin": source, "target": path}))
    });
    let begins: Vec<_> = begins.collect();
    driver.renew(&enrolled(repository, &choice), now)?;
    for begin in &begins {
        // Nothing is loaded yet.
        driver.walk(begin, &repository.served, None, now)?;
    }
    driver.walk(&begin("repository"), &repository.served, None, now)?;
    for begin in &begins {
        driver.walk(begin, &repository.served, None, now)?;
        for damage in Damage::ALL {
            driver.walk(begin, &repository.served, Some((0, damage)), now)?;
        }
        driver.text("state", "{}", now)?.ok();
    }
    Ok(())
}

/// Updates from one repository and then from another, forwards and backwards: rollbacks, bases that are
/// loaded already, rotated roots. The second update may also stop after the roots.
fn updated(
    driver: &mut Driver<'_>,
    material: &Material,
    before: &Repository,
    after: &Repository,
) -> Result<()> {
    let choice = Choice {
        about: "whole",
        members: json!({}),
    };
    let stop = (1, Damage::Failed);
    for (source, stop) in [
        ("repository", None),
        ("store", None),
        ("repository", Some(stop)),
    ] {
        let (from, to) = (&before.name, &after.name);
        let place = format!("update: {from} to {to}, {source}, {stop:?}");
        driver.log.borrow_mut().at(place);
        driver.renew(&enrolled(before, &choice), before.fresh)?;
        driver.walk(&begin("store"), &before.served, None, before.fresh)?;
        let keys = before.keys.iter().chain(&after.keys);
        driver.keys(keys.map(|key| (COALITION, key.as_str())), before.fresh)?;
        driver.walk(&begin(source), &after.served, stop, after.fresh)?;
        ask(driver, material, &after.clocks())?;
    }
    Ok(())
}
