//! What running inside the module costs: one request of three identifiers against two coalitions, in
//! the committed module in wasmtime and in the same core natively, in turn, in one run.

use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_core::time::Time;
use interdict_tests::coalition::{Coalition, Publication};
use interdict_tests::subject::Subject;
use interdict_tests::subjects::{InModule, Native};
use serde_json::{Value, json};

const NOW: u32 = 1_795_309_323;
const ROUNDS: usize = 61;
const CALLS: usize = 2_000;

fn main() -> Result<()> {
    let mut native = Native::default();
    let mut module = InModule::new()?;
    load(&mut native)?;
    load(&mut module)?;
    println!(
        "one request, three identifiers, two coalitions; {ROUNDS} rounds of {CALLS} calls each, in turn\n"
    );
    println!("{:28} {:>12} {:>12} {:>8}", "", "native", "module", "ratio");
    for (name, listed) in [
        ("no identifier listed", false),
        ("one identifier listed", true),
    ] {
        let request = request(listed).to_string();
        compare(
            name,
            &mut native,
            &mut module,
            request.as_bytes(),
            "screen",
            1,
        )?;
    }
    let line = format!("{}\n", request(false));
    let batch = line.repeat(100);
    compare(
        "a line of a batch of 100",
        &mut native,
        &mut module,
        batch.as_bytes(),
        "screen_batch",
        100,
    )?;
    println!("\nper request; medians of the rounds, the ratio as the median of each round's own");
    Ok(())
}

fn compare(
    name: &str,
    native: &mut Native,
    module: &mut InModule,
    request: &[u8],
    operation: &str,
    requests: usize,
) -> Result<()> {
    let (first, second) = (
        one(native, operation, request)?,
        one(module, operation, request)?,
    );
    ensure!(first == second, "the two answer differently");
    let calls = CALLS / requests;
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let native = time(native, operation, request, calls)?;
        let module = time(module, operation, request, calls)?;
        #[expect(clippy::cast_precision_loss, reason = "microseconds for people")]
        let per_request = |seconds: f64| seconds * 1e6 / (calls * requests) as f64;
        rounds.push((per_request(native), per_request(module)));
    }
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let native = median(rounds.iter().map(|(native, _)| *native).collect());
    let module = median(rounds.iter().map(|(_, module)| *module).collect());
    let ratio = median(
        rounds
            .iter()
            .map(|(native, module)| module / native)
            .collect(),
    );
    println!("{name:28} {native:9.2} us {module:9.2} us {ratio:8.2}");
    Ok(())
}

fn time(subject: &mut impl Subject, operation: &str, request: &[u8], calls: usize) -> Result<f64> {
    let started = Instant::now();
    for _ in 0..calls {
        one(subject, operation, request)?;
    }
    Ok(started.elapsed().as_secs_f64())
}

fn one(subject: &mut impl Subject, operation: &str, request: &[u8]) -> Result<String> {
    subject
        .call(operation, request, None, NOW)?
        .map_err(|(_, sentence)| anyhow::anyhow!(sentence))
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
    let root = BASE64.encode(coalition.root(far));
    let coalitions = json!([{"name": "se", "root": root}, {"name": "nl", "root": root}]);
    answer(
        subject,
        "configure",
        &json!({"coalitions": coalitions}),
        None,
    )?;
    for (name, list) in [("se", "se/merchants"), ("nl", "nl/merchants")] {
        let publication = Publication {
            list,
            path: list,
            ..Publication::new(1, far)
        };
        let files = coalition.publish(&publication);
        let mut progress = answer(
            subject,
            "poll",
            &json!({"coalition": name, "begin": "repository"}),
            None,
        )?;
        while let Some(path) = progress["fetch"]["path"].as_str() {
            let file = files.get(path).cloned();
            let outcome = if file.is_some() { "bytes" } else { "not_found" };
            let message =
                json!({"coalition": name, "name": progress["fetch"]["name"], "outcome": outcome});
            progress = answer(subject, "supply", &message, file)?;
        }
        ensure!(progress["completed"] == true, "the list is not in place");
    }
    let key = interdict_core::hex::text(&[8; 32]);
    let keys = json!([{"coalition": "se", "key": key}, {"coalition": "nl", "key": key}]);
    answer(subject, "configure", &json!({"keys": keys}), None)?;
    Ok(())
}

fn answer(
    subject: &mut impl Subject,
    operation: &str,
    message: &Value,
    file: Option<Vec<u8>>,
) -> Result<Value> {
    let answer = subject.call(operation, message.to_string().as_bytes(), file, NOW)?;
    let answer = answer.map_err(|(_, sentence)| anyhow::anyhow!("{operation}: {sentence}"))?;
    Ok(serde_json::from_str(&answer)?)
}
