//! Runs the corpus against subjects and compares their answers byte for byte.
//!
//! `corpus NAME=COMMAND …`: each command is started once and answers the protocol of
//! `fixtures/README.md`; the words of a command are separated by spaces. A subject that answers
//! `not_in_this_build` is the build for pages: it must answer every case that is marked for it, and its
//! refusals are compared without their sentences, which it does not have.

use anyhow::{Context as _, Result, bail};
use interdict_core::wire::Code;
use interdict_tests::corpus::{Lines, cases, run, without_sentences};
use interdict_tests::process::Process;
use serde_json::Value;

fn main() -> Result<()> {
    let fixtures = interdict_tests::fixtures();
    let cases = cases(&fixtures)?;
    let mut failed = 0_usize;
    let mut reference: Option<(String, Vec<Option<Vec<Value>>>)> = None;
    for argument in std::env::args().skip(1) {
        let (name, command) = argument.split_once('=').context("NAME=COMMAND")?;
        let mut subject = Noting {
            inner: Process::start(command)?,
            lacks: false,
            is_edge: false,
        };
        let mut answers = Vec::new();
        let (mut steps, mut unsupported, mut wrong) = (0, 0, 0);
        for (index, case) in cases.iter().enumerate() {
            subject.lacks = false;
            let outcome = run(case, &mut subject, &fixtures);
            let found = match outcome {
                Ok(found) => found,
                Err(error)
                    if !(case.edge && subject.lacks)
                        && format!("{error:#}").contains("unsupported") =>
                {
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
            let differs = |same: &Vec<Value>| match subject.is_edge {
                true => without_sentences(same) != without_sentences(&found),
                false => *same != found,
            };
            if same.is_some_and(differs) {
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

/// A subject, and what its build lacks.
struct Noting {
    inner: Process,
    /// Whether it lacks something that the case needs.
    lacks: bool,
    /// Whether it ever lacked something.
    is_edge: bool,
}

impl Lines for Noting {
    fn ask(&mut self, step: &Value) -> Result<Value> {
        let answer = self.inner.ask(step)?;
        self.lacks |= answer["code"] == Code::NotInThisBuild.number();
        self.is_edge |= self.lacks;
        Ok(answer)
    }
}
