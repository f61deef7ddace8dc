//! Runs the corpus against subjects and compares their answers byte for byte.
//!
//! `corpus NAME=COMMAND …`: each command is started once and answers the protocol of
//! `fixtures/README.md`; the words of a command are separated by spaces.

use anyhow::{Context as _, Result, bail};
use interdict_tests::corpus::{cases, run};
use interdict_tests::process::Process;
use serde_json::Value;

fn main() -> Result<()> {
    let fixtures = interdict_tests::fixtures();
    let cases = cases(&fixtures)?;
    let mut failed = 0_usize;
    let mut reference: Option<(String, Vec<Option<Vec<Value>>>)> = None;
    for argument in std::env::args().skip(1) {
        let (name, command) = argument.split_once('=').context("NAME=COMMAND")?;
        let mut subject = Process::start(command)?;
        let mut answers = Vec::new();
        let (mut steps, mut unsupported, mut wrong) = (0, 0, 0);
        for (index, case) in cases.iter().enumerate() {
            let outcome = run(case, &mut subject, &fixtures);
            let found = match outcome {
                Ok(found) => found,
                Err(error) if format!("{error:#}").contains("unsupported") => {
                    unsupported += 1;
                    answers.push(None);
                    continue;
                }
                Err(error) => {
                    println!("FAILED {name}: {error:#}");
                    wrong += 1;
                    answers.push(None);
                    continue;
                }
            };
            steps += found.len();
            let same = reference
                .as_ref()
                .and_then(|(_, all)| all.get(index)?.as_ref());
            if same.is_some_and(|same| *same != found) {
                println!(
                    "FAILED {name}: {}: other bytes than the first subject's",
                    case.name
                );
                wrong += 1;
            }
            answers.push(Some(found));
        }
        let ran = cases.len() - unsupported;
        println!(
            "{name}: {ran} cases, {steps} answers, {wrong} wrong, {unsupported} not for this subject"
        );
        failed += wrong;
        reference.get_or_insert((name.to_owned(), answers));
    }
    if failed > 0 {
        bail!("{failed} cases failed");
    }
    Ok(())
}
