//! What an update costs between two bases: 100 changes at a time on a list of a million entries, until
//! the stash holds 5,000 of them and the publisher makes a new base.

use std::cell::Cell;

use anyhow::{Context as _, Result};
use interdict_core::list::Record;
use interdict_core::token::Tag;
use interdict_tests::subjects::{InModule, Native};

use crate::release::{RECORD, Release, filter, member, records};
use crate::repository::Repository;
use crate::table::{count, print, wide};
use crate::walk::{configure, update};
use interdict_tests::seeded::Stream;

const ENTRIES: u32 = 1_000_000;
const RATE: u8 = 14;

/// Changes that come with each update, and updates until the next base.
const CHANGES: usize = 100;
const UPDATES: u32 = 50;

/// What one update took.
struct Update {
    stash: u64,
    metadata: u64,
    native: f64,
    module: f64,
}

pub(crate) fn run() -> Result<()> {
    println!(
        "{} entries at 2^-{RATE}; {UPDATES} updates of {CHANGES} changes: 60 new, 20 changed, 20 removed\n",
        count(ENTRIES)
    );
    let listed = Stream::new("listed").tags(ENTRIES);
    let header = member(ENTRIES, RATE)?;
    let base = Release::of(
        &header,
        filter(&header, &listed)?,
        Some(records(&header, &listed)?),
    )?;
    let (mut native, mut module) = (Native::default(), InModule::new()?);
    let first = Repository::of(&base, 1)?;
    let enrolled = [("se", first.root.as_slice())];
    configure(&mut native, &enrolled)?;
    configure(&mut module, &enrolled)?;
    update(&mut native, "se", |path| first.get(path))?;
    update(&mut module, "se", |path| first.get(path))?;
    let new = Stream::new("new").tags(UPDATES * 60);
    let mut updates = Vec::new();
    for number in 1..=UPDATES {
        let changes = changes(&listed, &new, usize::try_from(number)?)?;
        let release = base.changed(u64::from(number) + 1, &changes)?;
        let repository = Repository::of(&release, number + 1)?;
        let fetched = Cell::new(0_u64);
        let serve = |path: &str| {
            let file = repository.get(path)?;
            fetched.set(fetched.get() + u64::try_from(file.len()).unwrap_or(u64::MAX));
            Some(file)
        };
        let module = update(&mut module, "se", serve)?.as_secs_f64();
        let native = update(&mut native, "se", |path| repository.get(path))?.as_secs_f64();
        let stash = release.files.stash.as_ref().context("a stash")?;
        let stash = u64::try_from(stash.len())?;
        updates.push(Update {
            stash,
            metadata: fetched.get() - stash,
            native,
            module,
        });
    }
    report(&base, &updates)
}

/// All changes up to this update, since the stash accumulates additions and removals.
fn changes(listed: &[Tag], new: &[Tag], updates: usize) -> Result<Vec<(Tag, Option<Record>)>> {
    let changed = Record {
        confidence: 500,
        ..RECORD
    };
    let part = |tags: &[Tag], from: usize, length: usize, record: Option<Record>| {
        let part = tags.get(from..from + length).context("too few tags")?;
        anyhow::Ok(
            part.iter()
                .map(move |tag| (*tag, record))
                .collect::<Vec<_>>(),
        )
    };
    let apart = listed.len() / 2;
    Ok([
        part(new, 0, updates * 60, Some(RECORD))?,
        part(listed, 0, updates * 20, Some(changed))?,
        part(listed, apart, updates * 20, None)?,
    ]
    .concat())
}

fn report(base: &Release, updates: &[Update]) -> Result<()> {
    let number = u32::try_from(updates.len())?;
    let mean =
        |figure: fn(&Update) -> f64| updates.iter().map(figure).sum::<f64>() / f64::from(number);
    let line = |name: &str, changes: &str, stash: f64, metadata: f64, native: f64, module: f64| {
        [
            name.to_owned(),
            changes.to_owned(),
            format!("{stash:.0}"),
            format!("{metadata:.0}"),
            format!("{:.2} ms", native * 1e3),
            format!("{:.2} ms", module * 1e3),
            format!("{:.2}", module / native),
        ]
    };
    let (first, last) = updates.first().zip(updates.last()).context("no updates")?;
    let one = |name: &str, changes: usize, update: &Update| {
        let (stash, metadata) = (wide(update.stash), wide(update.metadata));
        line(
            name,
            &changes.to_string(),
            stash,
            metadata,
            update.native,
            update.module,
        )
    };
    let rows = vec![
        one("first", CHANGES, first),
        one("last", CHANGES * updates.len(), last),
        line(
            "mean",
            "",
            mean(|update| wide(update.stash)),
            mean(|update| wide(update.metadata)),
            mean(|update| update.native),
            mean(|update| update.module),
        ),
    ];
    print(
        [
            "update",
            "changes",
            "stash, bytes",
            "metadata, bytes",
            "native",
            "module",
            "ratio",
        ],
        rows,
    );
    let bytes: usize = base.parts().map(|(_, bytes)| bytes.len()).sum();
    println!(
        "a base is {} bytes; times are for verifying and putting in place, metadata signed by one key",
        count(u64::try_from(bytes)?)
    );
    Ok(())
}
