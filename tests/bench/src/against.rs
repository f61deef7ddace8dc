//! Compares two builds of the module by turns in one run, to show what a change of the module costs or
//! saves.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs;

use anyhow::{Context as _, Result, bail};
use interdict_host::Module;
use interdict_tests::sixteen;
use interdict_tests::subject::Subject as _;
use interdict_tests::subjects::InModule;
use serde_json::json;

use crate::module::gzipped;
use crate::rounds::{Contender, in_turn};
use crate::table::{count, print};
use crate::{screen, size, trust, walk};

const ROUNDS: u32 = 41;
const CALLS: u32 = 1_000;

/// Rounds of refreshes, which take a thousand times as long.
const REFRESHES: u32 = 21;

/// Rounds of loads.
const LOADS: u32 = 11;

/// Entries of the list that is loaded.
const ENTRIES: u32 = 100_000;

/// Requests in one batch.
const BATCH: u32 = 100;

/// A row: what was measured, the figures of the old and the new module, and the ratio of new to old.
type Row = [String; 4];

/// Compares the module in the file `old` with that in the file `new`, or with the committed one.
pub(crate) fn run(old: Option<OsString>, new: Option<OsString>) -> Result<()> {
    let old = old.context("the older module: `bench against OLD.wasm`")?;
    let read = |path: OsString| {
        Module::load(&fs::read(&path)?).with_context(|| path.display().to_string())
    };
    let old = read(old)?;
    let new = new.map_or_else(|| Ok(Module::built_in()?), read)?;
    println!(
        "the older module and the newer one; {ROUNDS} rounds of {CALLS} requests, {REFRESHES} of one refresh, \
         {LOADS} of a load of {ENTRIES} entries, in turn\n"
    );
    let both = Both { old, new };
    let mut rows = both.sizes()?;
    rows.extend(both.screens()?);
    rows.extend(both.rules()?);
    rows.extend(both.refreshes()?);
    rows.push(both.loads()?);
    print(["", "old", "new", "ratio"], rows);
    println!(
        "medians of the rounds, the ratio as the median of each round's own; below 1 the new one is less"
    );
    Ok(())
}

struct Both {
    old: Module,
    new: Module,
}

impl Both {
    /// The same of each.
    fn each<T>(&self, make: impl Fn(InModule) -> Result<T>) -> Result<[RefCell<T>; 2]> {
        let one = |module| Ok::<_, anyhow::Error>(RefCell::new(make(InModule::of(module)?)?));
        Ok([one(&self.old)?, one(&self.new)?])
    }

    fn sizes(&self) -> Result<Vec<Row>> {
        let (old, new) = (self.old.wasm(), self.new.wasm());
        let row = |name: &str, old: usize, new: usize| -> Result<Row> {
            let (old, new) = (u32::try_from(old)?, u32::try_from(new)?);
            let ratio = format!("{:.3}", f64::from(new) / f64::from(old));
            Ok([name.to_owned(), count(old), count(new), ratio])
        };
        Ok(vec![
            row("bytes", old.len(), new.len())?,
            row("bytes, gzipped", gzipped(old)?, gzipped(new)?)?,
        ])
    }

    /// Three identifiers, two coalitions.
    fn screens(&self) -> Result<Vec<Row>> {
        let subjects = self.each(|mut subject| {
            screen::load(&mut subject)?;
            Ok(subject)
        })?;
        let receipts = self.each(|mut subject| {
            screen::load(&mut subject)?;
            let message = json!({"receipt_key": "11".repeat(32)}).to_string();
            walk::call(&mut subject, "configure", message.as_bytes())?;
            Ok(subject)
        })?;
        let listed = screen::request(true).to_string();
        let unlisted = screen::request(false).to_string();
        let batch = format!("{unlisted}\n").repeat(usize::try_from(BATCH)?);
        Ok(vec![
            calls("nothing listed", &subjects, "screen", &unlisted, 1)?,
            calls("one listed", &subjects, "screen", &listed, 1)?,
            calls(
                "nothing listed, with receipt",
                &receipts,
                "screen",
                &unlisted,
                1,
            )?,
            calls("one listed, with receipt", &receipts, "screen", &listed, 1)?,
            calls(
                "a line of a batch of 100",
                &subjects,
                "screen_batch",
                &batch,
                BATCH,
            )?,
        ])
    }

    /// Sixteen rules and every signal besides.
    fn rules(&self) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for (name, members) in [
            ("sixteen rules, every signal", json!({})),
            (
                "the same with receipt",
                json!({"receipt_key": "11".repeat(32)}),
            ),
        ] {
            let subjects = self.each(|subject| Ok(sixteen::world(subject, &members).subject))?;
            let message = sixteen::request("pay.shop.example");
            rows.push(calls(name, &subjects, "screen", &message, 1)?);
        }
        Ok(rows)
    }

    /// A new root, timestamp, snapshot and targets, each signed by three of five keys.
    fn refreshes(&self) -> Result<Vec<Row>> {
        let subjects = self.each(Ok)?;
        let mut rows = Vec::new();
        for (name, scheme) in trust::SCHEMES {
            let (root, files) = trust::repository(scheme);
            let mut contenders = subjects
                .each_ref()
                .map(|subject| trust::refresh(subject, &root, &files));
            rows.push(timed(
                &format!("a refresh, {name}"),
                &mut contenders,
                (REFRESHES, 1),
            )?);
        }
        Ok(rows)
    }

    /// A list with a record for every entry, into a new instance.
    fn loads(&self) -> Result<Row> {
        let repository = size::repository(ENTRIES)?;
        let subjects = self.each(Ok)?;
        let mut contenders = subjects.each_ref().map(|subject| -> Contender<'_> {
            Box::new(|| {
                let subject = &mut *subject.borrow_mut();
                subject.renew()?;
                size::load(subject, &repository)?;
                Ok(1)
            })
        });
        timed("a load of 100,000 entries", &mut contenders, (LOADS, 1))
    }
}

fn calls(
    name: &str,
    subjects: &[RefCell<InModule>; 2],
    operation: &str,
    message: &str,
    requests: u32,
) -> Result<Row> {
    for subject in subjects {
        walk::call(&mut *subject.borrow_mut(), operation, message.as_bytes())?;
    }
    let calls = CALLS / requests;
    let mut contenders = subjects
        .each_ref()
        .map(|subject| screen::repeated(subject, operation, message.as_bytes(), calls));
    timed(name, &mut contenders, (ROUNDS, calls * requests))
}

fn timed(
    name: &str,
    contenders: &mut [Contender<'_>; 2],
    (rounds, units): (u32, u32),
) -> Result<Row> {
    let series = in_turn(rounds, units, contenders)?;
    let [old, new] = series.as_slice() else {
        bail!("two contenders have two series");
    };
    let time = |nanoseconds: f64| {
        if nanoseconds < 1e6 {
            format!("{:.2} us", nanoseconds / 1e3)
        } else {
            format!("{:.2} ms", nanoseconds / 1e6)
        }
    };
    let ratio = format!("{:.3}", new.ratio(old));
    Ok([
        name.to_owned(),
        time(old.median()),
        time(new.median()),
        ratio,
    ])
}
