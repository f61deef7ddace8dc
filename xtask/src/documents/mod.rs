//! Runs the command lines of the documents as printed, so that a reader can trust them.
//!
//! Each document gets a scratch clone of this tree. Its lines run there one after the other, as a reader
//! would type them at the top of a clone. `interdict` and `interdict-publish` are the built programs. In
//! all documents the coalition's server is `lists.example`. A proxy on loopback answers for that host
//! alone, with the repository that the publisher's commands made in the clone. Only TLS is left out,
//! because the command trusts no certificate that could be made here: once a gateway is enrolled, its
//! `gateway.toml` gets the mirror `http://lists.example/se`.
//!
//! `exceptions.rs` lists the lines that are not run. A command in running text is not run either, but
//! the program it names must know it.

mod exceptions;
mod figures;
mod help;
mod lists;
mod mention;
mod output;
mod places;
pub(crate) mod read;
mod scratch;

use std::fs;

use anyhow::{Context as _, Result, anyhow, bail};

use self::exceptions::{EXCEPTIONS, Why};
use self::lists::Lists;
use self::read::{Commands, Line};
use self::scratch::Scratch;
use crate::demo::build_programs;
use crate::shell::root;
use crate::tally::Form;

/// Documents outside `docs`.
const OTHERS: [&str; 5] = [
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "fixtures/README.md",
    "wasm/js/package/README.md",
];

/// Documents that continue where the first one ends, in the same clone. It runs before them.
const AFTER: (&str, &[&str]) = (
    "docs/first-hour.md",
    &["docs/commands.md", "docs/doors.md", "docs/scoring.md"],
);

/// Calls [`run`] and prints how many lines ran.
pub(crate) fn run_alone(form: Form) -> Result<()> {
    println!("{} passed, 0 failed", run(form)?);
    Ok(())
}

/// Runs every line that is no exception, and the examples that `--help` prints. Returns how many ran. A
/// line that fails ends its document.
pub(crate) fn run(form: Form) -> Result<u64> {
    build_programs()?;
    let mut run = Run {
        lists: Lists::start()?,
        ran: 0,
        failures: 0,
    };
    for (name, commands) in all(&mut Vec::new())? {
        for (number, mention) in &commands.mentions {
            run.note(&format!("{name}:{number}"), mention::check_program(mention));
        }
        let lines = commands.lines.iter();
        let mut lines = lines.filter(|line| runs(line.command(), form)).peekable();
        if lines.peek().is_none() {
            continue;
        }
        let scratch = if AFTER.1.contains(&name.as_str()) {
            Scratch::left_by(AFTER.0)
        } else {
            Scratch::new(&name)?
        };
        run.lines(&scratch, &name, lines, &[]);
    }
    let scratch = Scratch::new("help")?;
    for (program, given) in help::PROGRAMS {
        let examples = help::examples(&Scratch::help(program, &[])?);
        run.lines(
            &scratch,
            &format!("{program} --help"),
            examples.iter(),
            given,
        );
        for (example, _) in given {
            if !examples.iter().any(|line| line.text == *example) {
                run.note(program, Err(anyhow!("its help has no example {example:?}")));
            }
        }
    }
    run.close()
}

/// The commands that ran so far.
struct Run {
    lists: Lists,
    ran: u64,
    failures: u32,
}

impl Run {
    /// Runs lines one after the other. `given` has the shell lines to run before some of them.
    fn lines<'a>(
        &mut self,
        scratch: &Scratch,
        document: &str,
        lines: impl Iterator<Item = &'a Line>,
        given: &[(&str, &str)],
    ) {
        for line in lines {
            println!("{document}:{}: {}", line.number, line.command());
            let before = given.iter().filter(|(example, _)| *example == line.text);
            let before = before.map(|(_, script)| *script);
            if let Err(error) = self.line(scratch, before, line) {
                return self.note(document, Err(error));
            }
            self.ran = self.ran.saturating_add(1);
        }
    }

    fn line<'a>(
        &self,
        scratch: &Scratch,
        mut before: impl Iterator<Item = &'a str>,
        line: &Line,
    ) -> Result<()> {
        before.try_for_each(|script| scratch.run(script, None, &self.lists).map(drop))?;
        self.lists.serve(scratch.repository());
        let printed = scratch.run(&line.text, line.exit_code(), &self.lists)?;
        output::compare(&line.output, &printed)?;
        scratch.use_mirror()
    }

    fn note(&mut self, place: &str, outcome: Result<()>) {
        if let Err(error) = outcome {
            println!("FAILED: {place}: {error:#}");
            self.failures = self.failures.saturating_add(1);
        }
    }

    fn close(mut self) -> Result<u64> {
        for stranger in self.lists.strangers() {
            self.note(&stranger, Err(anyhow!("a command asked for this host")));
        }
        if self.lists.answered() == 0 {
            bail!("no command fetched anything from {}", lists::HOST);
        }
        if self.failures > 0 {
            bail!("{} commands do not work as printed", self.failures);
        }
        Ok(self.ran)
    }
}

/// Whether this form runs a command.
fn runs(command: &str, form: Form) -> bool {
    let exception = EXCEPTIONS.iter().find(|(text, ..)| *text == command);
    exception.is_none_or(|(_, why, _)| *why == Why::Minutes && form == Form::Long)
}

/// Findings of `tidy` in the documents: commands that are neither run nor exceptions, exceptions that no
/// document prints, mentioned commands and places that do not exist, and wrong sizes.
pub(crate) fn check(program: &clap::Command, findings: &mut Vec<String>) -> Result<()> {
    let documents = all(findings)?;
    check_exceptions(EXCEPTIONS, &documents, findings);
    let readme = fs::read_to_string(root().join("README.md"))?;
    let module = fs::read(root().join("wasm/dist/interdict.wasm"))?;
    figures::check(&readme, module.len(), findings);
    for (name, commands) in &documents {
        let text = fs::read_to_string(root().join(name))?;
        places::check(&root(), name, &text, findings);
        let lines = commands.lines.iter();
        let lines = lines.map(|line| (line.number, line.command()));
        let mentions = commands.mentions.iter();
        let mentions = mentions.map(|(number, text)| (*number, text.as_str()));
        for (number, command) in lines.chain(mentions) {
            if let Err(error) = mention::check_xtask(program, command) {
                findings.push(format!("{name}:{number}: {error:#}"));
            }
        }
    }
    Ok(())
}

fn check_exceptions(
    exceptions: &[(&str, Why, &str)],
    documents: &[(String, Commands)],
    findings: &mut Vec<String>,
) {
    let lines = documents.iter().flat_map(|(_, commands)| &commands.lines);
    let printed: Vec<_> = lines.map(Line::command).collect();
    for (text, _, reason) in exceptions {
        if !printed.contains(text) {
            findings.push(format!(
                "no document prints {text:?}, which is not to be run ({reason}); take it out of the exceptions"
            ));
        }
    }
}

/// Every document with its commands.
fn all(findings: &mut Vec<String>) -> Result<Vec<(String, Commands)>> {
    let mut names: Vec<_> = OTHERS.map(str::to_owned).into();
    for entry in fs::read_dir(root().join("docs"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".md") {
            names.push(format!("docs/{name}"));
        }
    }
    names.sort_by_key(|name| (name.starts_with("docs/"), name != AFTER.0, name.clone()));
    let read = |name: String| {
        let text = fs::read_to_string(root().join(&name)).with_context(|| name.clone())?;
        let commands = read::read(&name, &text, findings);
        Ok((name, commands))
    };
    names.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::exceptions::Why;
    use super::{check_exceptions, read};

    #[test]
    fn an_exception_that_no_document_prints_is_a_finding() {
        let exceptions = [
            ("cargo xtask ci", Why::ThisRun, "it is this run"),
            ("cargo xtask gone", Why::Minutes, "slow"),
        ];
        let text = "```sh\ncargo xtask ci   # all of it\n```\n";
        let mut findings = Vec::new();
        let documents = [("x.md".to_owned(), read::read("x.md", text, &mut findings))];
        check_exceptions(&exceptions, &documents, &mut findings);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].contains("\"cargo xtask gone\""), "{findings:?}");
    }
}
