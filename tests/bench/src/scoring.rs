//! What scoring costs with the sixteen published rules and every signal, in the module and natively,
//! with and without a receipt. `tests/tests/allocations.rs` counts its allocations.

use std::cell::RefCell;

use anyhow::{Result, bail, ensure};
use interdict_tests::sixteen::{request, world};
use interdict_tests::subject::Subject;
use interdict_tests::subjects::{InModule, Native};
use interdict_tests::world::World;
use serde_json::json;

use crate::rounds::{Contender, in_turn};
use crate::table;

const ROUNDS: u32 = 61;
const CALLS: u32 = 1_000;

pub(crate) fn run() -> Result<()> {
    println!(
        "three identifiers, two coalitions, sixteen rules, every signal; {ROUNDS} rounds of {CALLS} calls, in turn\n"
    );
    let mut rows = Vec::new();
    for (listed, domain) in [
        ("not listed", "pay.flowers.example"),
        ("listed by both", "pay.shop.example"),
    ] {
        for (proof, members) in [
            ("without receipt", json!({})),
            ("with receipt", json!({"receipt_key": "11".repeat(32)})),
        ] {
            let native = RefCell::new(world(Native::default(), &members));
            let module = RefCell::new(world(InModule::new()?, &members));
            let message = request(domain);
            ensure!(
                ask(&native, &message)? == ask(&module, &message)?,
                "the two answer differently"
            );
            let mut contenders = [repeated(&native, &message), repeated(&module, &message)];
            let series = in_turn(ROUNDS, CALLS, &mut contenders)?;
            let [native, module] = series.as_slice() else {
                bail!("two contenders have two series");
            };
            rows.push([
                format!("{listed}, {proof}"),
                format!("{:.1} us", native.median() / 1e3),
                format!("{:.1} us", module.median() / 1e3),
                format!("{:.2}", module.ratio(native)),
            ]);
        }
    }
    table::print(["", "native", "module", "ratio"], rows);
    Ok(())
}

fn ask<S: Subject>(world: &RefCell<World<S>>, message: &str) -> Result<String> {
    let answer = world.borrow_mut().bytes("screen", message);
    answer.map_err(|(_, sentence)| anyhow::anyhow!(sentence))
}

fn repeated<'a, S: Subject>(world: &'a RefCell<World<S>>, message: &'a str) -> Contender<'a> {
    Box::new(move || {
        for _ in 0..CALLS {
            ask(world, message)?;
        }
        Ok(CALLS)
    })
}
