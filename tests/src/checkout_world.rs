//! A coalition with a public edition, for tests of pages: repositories as browsers may find them, fresh, older,
//! stale, after a new root and of a stranger, with names of which it is known what each edition says.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;
use interdict_core::wire::Code;
use interdict_publisher::{
    Confirm, Disclosure, Format, ImportOptions, InitOptions, Names, NewMember, NewSource,
    Publisher, Quarantine, ReleaseOptions, SourceClass, TestKeys,
};
use serde_json::{Value, json};

use crate::enrolment::requiring;
use crate::gateway::{codes, load};
use crate::subject::Subject as _;
use crate::subjects::Native;

const COALITION: &str = "market";
const LIST: &str = "market/merchants";
const ADDRESS: &str = "http://127.0.0.1:8460/lists";
const SOURCE: &str = "hotline.example";

const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;

/// Names of the public edition, in every release. The last two are found below and beside other names.
const PUBLIC: [&str; 4] = [
    "refused-shop.example",
    "hidden-shop.test",
    "market-listed.example",
    "shop.platform.example",
];

/// What a page may ask that lies below a public name.
const BELOW: [&str; 2] = ["sub.market-listed.example", "www.refused-shop.example"];

/// In the member edition alone, with action `review`.
const HELD: &str = "held-shop.example";

/// What an older release and a newer one say of `late-shop-N.example`, one of which gets public between them.
const LATE: usize = 8;

/// Writes everything below `out`, which may not exist yet. The member edition lists about so many `entries`.
///
/// # Errors
/// If the publisher or the core refuses anything, or a name is not said what it should be said to be.
pub fn write(out: &Path, entries: usize, now: Time) -> Result<()> {
    ensure!(!out.exists(), "{} exists already", out.display());
    fs::create_dir_all(out)?;
    let work = tempfile::tempdir()?;
    let directory = work.path().join(COALITION);
    let mut publisher = begun(&directory, entries, TestKeys::Yes, now)?;
    let member = NewMember::by_hand("checkout-gateway", ADDRESS);
    let member = publisher.member_add(&member, before(now, 40 * DAY))?;
    fs::write(out.join("member.json"), member.to_bytes())?;
    publisher.release(before(now, 40 * DAY), &first())?;

    // Its timestamp has been expired for five days.
    let day = before(now, 8 * DAY);
    disclose(&mut publisher, &PUBLIC, day)?;
    publisher.release(day, &ReleaseOptions::default())?;
    let public = publisher.public_enrolment(ADDRESS)?.to_bytes();
    fs::write(out.join("public.json"), &public)?;
    let public: Value = serde_json::from_slice(&public)?;
    let saved = |name: &str, time: Time| {
        copy(&directory.join("repository"), &out.join(name))?;
        Page::at(&public, &out.join(name), time)
    };
    // No core takes it any more, so it is asked when it was new.
    let mut stale = saved("stale", day)?;

    publisher.release(before(now, 2 * HOUR), &ReleaseOptions::default())?;
    let mut older = saved("older", now)?;

    let late = (0..LATE).map(|number| format!("late-shop-{number}.example"));
    let late = first_that(late, |name| Ok(!older.hits(name)? && !stale.hits(name)?))?;
    let hour = before(now, HOUR);
    disclose(&mut publisher, &[&late], hour)?;
    publisher.release(hour, &ReleaseOptions::default())?;
    let newest = saved("repository", now)?;

    let replaced = [
        RoleName::Root,
        RoleName::Targets,
        RoleName::Snapshot,
        RoleName::Timestamp,
    ];
    publisher.rotate_root(before(now, 600), &replaced)?;
    publisher.release(before(now, 300), &ReleaseOptions::default())?;
    let rotated = saved("rotated", now)?;

    other_root(&work.path().join("other"), &out.join("other-root"), now)?;

    let names = names([newest, rotated, older, stale], &late, entries)?;
    fs::write(out.join("names.json"), format!("{names:#}\n"))?;
    Ok(())
}

/// What each edition says of which names. Public names that a release does not have are not in it by chance.
fn names(mut pages: [Page; 4], late: &str, entries: usize) -> Result<Value> {
    for name in PUBLIC.iter().chain(&BELOW) {
        ensure!(
            every(&mut pages, name, true)?,
            "{name} is not in every release"
        );
    }
    let [newest, rotated, ..] = &mut pages;
    ensure!(
        newest.hits(late)? && rotated.hits(late)?,
        "{late} is missing"
    );
    ensure!(every(&mut pages, HELD, false)?, "{HELD} is hit by chance");
    let member = (0..entries).map(filler);
    let member = all_that(member, 4, |name| every(&mut pages, name, false))?;
    let clean = |number| format!("clean-{number}.example");
    let hit = all_that((0..100_000).map(clean), 2, |name| {
        every(&mut pages, name, true)
    })?;
    let missed = all_that((0..1_000).map(clean), 8, |name| {
        every(&mut pages, name, false)
    })?;
    Ok(json!({
        "public": PUBLIC,
        "below": BELOW,
        "late": [late],
        "member": member,
        "held": [HELD],
        "clean": missed,
        "chance": hit,
    }))
}

fn every(pages: &mut [Page], name: &str, hits: bool) -> Result<bool> {
    for page in pages {
        if page.hits(name)? != hits {
            return Ok(false);
        }
    }
    Ok(true)
}

fn all_that(
    names: impl Iterator<Item = String>,
    count: usize,
    mut is_right: impl FnMut(&str) -> Result<bool>,
) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for name in names {
        if found.len() == count {
            break;
        }
        if is_right(&name)? {
            found.push(name);
        }
    }
    ensure!(found.len() == count, "only {} names of a kind", found.len());
    Ok(found)
}

fn first_that(
    names: impl Iterator<Item = String>,
    is_right: impl FnMut(&str) -> Result<bool>,
) -> Result<String> {
    let found = all_that(names, 1, is_right)?;
    found.into_iter().next().context("a name")
}

fn filler(number: usize) -> String {
    format!("member-shop-{number}.example")
}

/// A publisher whose register has everything that any release lists. Nothing is released yet.
fn begun(directory: &Path, entries: usize, keys: TestKeys, now: Time) -> Result<Publisher> {
    let day = before(now, 41 * DAY);
    let mut publisher = Publisher::init(directory, &InitOptions::new(COALITION, keys, day))?;
    let mut new = NewSource::new(SOURCE, SourceClass::Hotline);
    new.change.quarantine = Some(Quarantine::Off);
    publisher.source_add(new, day)?;
    let late = (0..LATE).map(|number| format!("late-shop-{number}.example"));
    let blocked = PUBLIC.map(str::to_owned).into_iter().chain(late);
    let fillers = entries.saturating_sub(PUBLIC.len() + LATE + 1).max(8);
    let blocked = blocked.chain((0..fillers).map(filler));
    let rows: String = blocked
        .map(|name| format!("domain,{name},block,950\n"))
        .collect();
    let csv = format!("kind,value,action,confidence\n{rows}domain,{HELD},review,600\n");
    let options = ImportOptions::new(Format::Csv, SOURCE);
    let report = publisher.import(csv.as_bytes(), &options, day)?;
    ensure!(report.refused.is_empty(), "{:?}", report.refused);
    Ok(publisher)
}

/// Another coalition of the same name: its root and keys are its own.
fn other_root(directory: &Path, out: &Path, now: Time) -> Result<()> {
    let mut publisher = begun(directory, 0, TestKeys::No, now)?;
    publisher.release(before(now, 40 * DAY), &first())?;
    disclose(&mut publisher, &PUBLIC, before(now, HOUR))?;
    publisher.release(before(now, HOUR), &ReleaseOptions::default())?;
    copy(&directory.join("repository"), out)
}

fn first() -> ReleaseOptions {
    ReleaseOptions {
        confirm: Confirm::First,
        ..ReleaseOptions::default()
    }
}

fn disclose(publisher: &mut Publisher, names: &[&str], now: Time) -> Result<()> {
    for value in names {
        let name = Names::One {
            kind: "domain",
            value,
        };
        let report = publisher.disclose(name, None, Disclosure::Mark, now)?;
        ensure!(report.refused.is_empty(), "{:?}", report.refused);
    }
    Ok(())
}

fn before(now: Time, seconds: u32) -> Time {
    Time::from_seconds(now.seconds().saturating_sub(seconds))
}

/// The core, with the public edition of one repository.
struct Page {
    engine: Native,
    now: u32,
}

impl Page {
    fn at(enrolment: &Value, repository: &Path, now: Time) -> Result<Self> {
        let mut page = Self {
            engine: Native::default(),
            now: now.seconds(),
        };
        let coalition = json!({"enrolment": enrolment, "history": "none", "at_least": {"root": 1}});
        let policy = requiring(COALITION, &[LIST]);
        let message = json!({"coalitions": [coalition], "policy": policy});
        page.ask("configure", &message, None)?;
        let ask = |operation: &str, message: &Value, file: Option<Vec<u8>>| {
            page.ask(operation, message, file).expect("an answer")
        };
        let read = |path: &str| fs::read(repository.join(path)).ok();
        load((COALITION, "repository"), ask, read);
        Ok(page)
    }

    /// Whether the public filter is hit, by the name or what it lies in.
    fn hits(&mut self, name: &str) -> Result<bool> {
        let identifier = json!({"kind": "domain", "value": name});
        let question = json!({"flow": "checkout", "identifiers": [identifier]});
        let verdict = self.ask("screen", &question, None)?;
        Ok(codes(&verdict).contains(&"ask_gateway"))
    }

    fn ask(&mut self, operation: &str, message: &Value, file: Option<Vec<u8>>) -> Result<Value> {
        let message = message.to_string();
        let answer = self
            .engine
            .call(operation, message.as_bytes(), file, self.now)?;
        match answer {
            Ok(answer) => Ok(serde_json::from_str(&answer)?),
            Err((code, sentence)) => {
                let known = Code::ALL.iter().find(|known| known.number() == code);
                bail!(
                    "{operation}: {} {sentence}",
                    known.map_or("", |code| code.name())
                )
            }
        }
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
