//! What each kind of identifier adds to the module, and what a request of one costs in it and natively.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use interdict_core::identifier::Kind;
use interdict_tests::workspace;
use serde_json::{Value, json};

use crate::module::gzipped;
use crate::screen::Subjects;
use crate::table::{count, print};

/// Shorter than in `screen`: there are many.
const ROUNDS: u32 = 21;
const CALLS: u32 = 2_000;

/// A value of a usual length for some kinds. For the others, the first accepted value of the corpus is
/// taken.
const VALUES: [(&str, &str); 13] = [
    ("domain", "pay.flowers.example"),
    ("iban", "GB82WEST12345698765432"),
    ("lei", "506700GE1G29325QX363"),
    ("card_acceptor", "412345/FLOWERS01"),
    ("sub_merchant", "214365/FLOWERS01"),
    (
        "wallet",
        "bitcoin:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    ),
    ("handle", "cash_app:$flowers"),
    ("prepaid_program", "60460012"),
    ("phone", "+46 8 465 004 04"),
    ("short_code", "SE/72456"),
    ("registration", "SE/123456-7897"),
    ("label", "flowers"),
    ("other", "platform.example:seller 7"),
];

/// `folder` has a module without each kind, as `cargo xtask bench kinds` builds them.
pub(crate) fn run(folder: Option<OsString>) -> Result<()> {
    if let Some(folder) = folder {
        sizes(&PathBuf::from(folder))?;
    }
    times()
}

fn sizes(folder: &std::path::Path) -> Result<()> {
    let measured = |name: &str| -> Result<[usize; 2]> {
        let file = folder.join(format!("{name}.wasm"));
        let wasm = fs::read(&file).with_context(|| file.display().to_string())?;
        Ok([wasm.len(), gzipped(&wasm)?])
    };
    let whole = measured("nothing")?;
    let mut rows = Vec::new();
    let names = Kind::ALL.iter().map(|kind| kind.name());
    for name in names.chain(["domain and label", "all"]) {
        let without = measured(name)?;
        let saved = |place: usize| -> Result<String> {
            let saved = whole[place].saturating_sub(without[place]);
            Ok(count(u64::try_from(saved)?))
        };
        rows.push([name.to_owned(), saved(0)?, saved(1)?]);
    }
    println!(
        "the whole module: {} bytes, {} gzipped; what leaving out a kind saves\n",
        whole[0], whole[1]
    );
    print(["kind", "bytes", "gzipped"], rows);
    Ok(())
}

fn times() -> Result<()> {
    let subjects = Subjects::loaded()?;
    println!(
        "one request of one identifier, two coalitions; {ROUNDS} rounds of {CALLS} calls each, in turn\n"
    );
    let cases = fs::read(workspace().join("fixtures/cases/identifier.json"))?;
    let cases: Vec<Value> = serde_json::from_slice(&cases)?;
    let mut rows = Vec::new();
    for kind in Kind::ALL {
        let name = kind.name();
        let usual = VALUES.iter().find(|(other, _)| *other == name);
        let usual = usual.map(|(_, value)| *value);
        let mut accepted = cases.iter();
        let accepted = accepted.find(|case| case["kind"] == name && case["text"].is_string());
        let accepted = accepted.and_then(|case| case["value"].as_str());
        let value = usual.or(accepted);
        let value = value.with_context(|| format!("the corpus has no {name}; add a case"))?;
        let identifiers = json!([{"kind": name, "value": value}]);
        let request = json!({"flow": "authorisation", "identifiers": identifiers}).to_string();
        let times = subjects.times("screen", request.as_bytes(), 1, ROUNDS, CALLS)?;
        ensure!(times.ratio > 0.0, "no time at all");
        rows.push([
            name.to_owned(),
            format!("{:.2} us", times.native / 1e3),
            format!("{:.2} us", times.module / 1e3),
            format!("{:.2}", times.ratio),
        ]);
    }
    print(["kind", "native", "module", "ratio"], rows);
    Ok(())
}
