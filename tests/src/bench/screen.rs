//! What running inside the module costs: one request of three identifiers against two coalitions, in
//! the committed module in wasmtime and in the same core natively, in turn, in one run.

use std::cell::RefCell;

use anyhow::{Context as _, Result, ensure};
use interdict_core::time::Time;
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
    let mut native = Native::default();
    let mut module = InModule::new()?;
    load(&mut native)?;
    load(&mut module)?;
    let subjects = Subjects {
        native: RefCell::new(native),
        module: RefCell::new(module),
    };
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

struct Subjects {
    native: RefCell<Native>,
    module: RefCell<InModule>,
}

impl Subjects {
    fn compare(&self, name: &str, operation: &str, message: &[u8], requests: u32) -> Result<()> {
        let native = call(&mut *self.native.borrow_mut(), operation, message)?;
        let module = call(&mut *self.module.borrow_mut(), operation, message)?;
        ensure!(native == module, "the two answer differently");
        let calls = CALLS / requests;
        let mut contenders = [
            repeated(&self.native, operation, message, calls),
            repeated(&self.module, operation, message, calls),
        ];
        let series = in_turn(ROUNDS, calls * requests, &mut contenders)?;
        let [native, module] = series.as_slice() else {
            return Ok(());
        };
        println!(
            "{name:28} {:9.2} us {:9.2} us {:8.2}",
            native.median() / 1e3,
            module.median() / 1e3,
            module.ratio(native)
        );
        Ok(())
    }
}

fn repeated<'a>(
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

fn request(listed: bool) -> Value {
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

/// Two coalitions, each with a list of its own, in place and with their keys.
fn load(subject: &mut impl Subject) -> Result<()> {
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
