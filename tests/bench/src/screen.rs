//! What running inside the module costs: one request of three identifiers against two coalitions, in
//! the committed module in wasmtime and in the same core natively, in turn, in one run.

use std::cell::RefCell;

use anyhow::{Context as _, Result, bail, ensure};
use interdict_core::common::time::Time;
use interdict_tests::coalition::{Coalition, Publication};
use interdict_tests::subject::Subject;
use interdict_tests::subjects::{InModule, Native};
use serde_json::{Value, json};

use crate::rounds::{Contender, in_turn};
use crate::walk::{call, configure, give_keys, update};

const ROUNDS: u32 = 61;
const CALLS: u32 = 2_000;

/// Requests in one batch.
const BATCH: u32 = 100;

pub(crate) fn run() -> Result<()> {
    let subjects = Subjects::loaded()?;
    println!(
        "one request, three identifiers, two coalitions; {ROUNDS} rounds of {CALLS} calls each, in turn\n"
    );
    println!("{:28} {:>12} {:>12} {:>8}", "", "native", "module", "ratio");
    let (listed, unlisted) = (request(true).to_string(), request(false).to_string());
    subjects.compare("no identifier listed", "screen", unlisted.as_bytes(), 1)?;
    subjects.compare("one identifier listed", "screen", listed.as_bytes(), 1)?;
    let batch = format!("{unlisted}\n").repeat(usize::try_from(BATCH)?);
    subjects.compare(
        "a line of a batch of 100",
        "screen_batch",
        batch.as_bytes(),
        BATCH,
    )?;
    println!("\nper request; medians of the rounds, the ratio as the median of each round's own");
    Ok(())
}

/// The same engine natively and in the module, with two coalitions loaded.
pub(crate) struct Subjects {
    native: RefCell<Native>,
    module: RefCell<InModule>,
}

/// Nanoseconds of one request, and the median of each round's own ratio.
pub(crate) struct Times {
    pub(crate) native: f64,
    pub(crate) module: f64,
    pub(crate) ratio: f64,
}

impl Subjects {
    pub(crate) fn loaded() -> Result<Self> {
        let mut native = Native::default();
        let mut module = InModule::new()?;
        load(&mut native)?;
        load(&mut module)?;
        Ok(Self {
            native: RefCell::new(native),
            module: RefCell::new(module),
        })
    }

    /// Times a message of this many requests in both, by turns, after both have given one answer.
    pub(crate) fn times(
        &self,
        operation: &str,
        message: &[u8],
        requests: u32,
        rounds: u32,
        calls: u32,
    ) -> Result<Times> {
        let native = call(&mut *self.native.borrow_mut(), operation, message)?;
        let module = call(&mut *self.module.borrow_mut(), operation, message)?;
        ensure!(native == module, "the two answer differently");
        let calls = calls / requests;
        let mut contenders = [
            repeated(&self.native, operation, message, calls),
            repeated(&self.module, operation, message, calls),
        ];
        let series = in_turn(rounds, calls * requests, &mut contenders)?;
        let [native, module] = series.as_slice() else {
            bail!("two contenders have two series");
        };
        Ok(Times {
            native: native.median(),
            module: module.median(),
            ratio: module.ratio(native),
        })
    }

    fn compare(&self, name: &str, operation: &str, message: &[u8], requests: u32) -> Result<()> {
        let times = self.times(operation, message, requests, ROUNDS, CALLS)?;
        println!(
            "{name:28} {:9.2} us {:9.2} us {:8.2}",
            times.native / 1e3,
            times.module / 1e3,
            times.ratio
        );
        Ok(())
    }
}

pub(crate) fn repeated<'a>(
    subject: &'a RefCell<impl Subject>,
    operation: &'a str,
    message: &'a [u8],
    calls: u32,
) -> Contender<'a> {
    Box::new(move || {
        for _ in 0..calls {
            call(&mut *subject.borrow_mut(), operation, message)?;
        }
        Ok(calls)
    })
}

pub(crate) fn request(listed: bool) -> Value {
    let domain = if listed {
        "pay.shop.example"
    } else {
        "pay.flowers.example"
    };
    json!({
        "flow": "authorisation",
        "identifiers": [
            {"kind": "domain", "value": domain},
            {"kind": "card_acceptor", "value": "412345/FLOWERS01"},
            {"kind": "iban", "value": "GB82WEST12345698765432"},
        ],
    })
}

/// Loads two coalitions, each with a list of its own and its key.
pub(crate) fn load(subject: &mut impl Subject) -> Result<()> {
    let coalition = Coalition::default();
    let far = Time::parse("2027-11-22T00:00:00Z").context("a time")?;
    let root = coalition.root(far);
    let coalitions = [("se", root.as_slice()), ("nl", root.as_slice())];
    configure(subject, &coalitions)?;
    for (name, list) in [("se", "se/merchants"), ("nl", "nl/merchants")] {
        let publication = Publication {
            list,
            ..Publication::new(1, far)
        };
        let files = coalition.publish(&publication);
        update(subject, name, |path| files.get(path).cloned())?;
    }
    give_keys(subject, &coalitions)
}
