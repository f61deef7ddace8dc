//! What `interdict audit` reads in journals.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use interdict::{
    Config, DirectoryReport, Extent, Fault, Flaw, StampReport, TrustedAuthorities, examine,
    find_reference, journal_key, verify_journals, verify_stamps,
};
use interdict_core::common::hex;

use super::public_key::public_key;
use crate::terminal::common::{Common, time};
use crate::terminal::exit::Exit;
use crate::terminal::text;

#[derive(Args)]
pub(super) struct Directories {
    /// Journals; the one of gateway.toml if none is given.
    #[arg(value_name = "DIR")]
    directories: Vec<PathBuf>,
}

#[derive(Args)]
pub(super) struct Verify {
    #[command(flatten)]
    journals: Directories,
    /// The public key of a journal, as interdict audit journal-key prints it, or a file that holds it. Once for each
    /// journal; without it each journal's own file is believed.
    #[arg(long = "key", value_name = "PUBLIC")]
    keys: Vec<String>,
    /// It is a part of a journal, as evidence has: nothing is missing because it begins late.
    #[arg(long)]
    part: bool,
    /// Verify time stamps with these certificates in PEM; those of gateway.toml if not given.
    #[arg(long, value_name = "PEM")]
    time_stamp_roots: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct Find {
    #[command(flatten)]
    journals: Directories,
    /// The reference that the caller gave with the request.
    #[arg(long, value_name = "TEXT")]
    reference: String,
}

#[derive(Args)]
pub(super) struct Questions {
    #[command(flatten)]
    journals: Directories,
    /// From this time on, such as 2026-05-01T00:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: u32,
    /// Before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    to: u32,
}

impl Directories {
    fn named(self, common: &Common) -> Result<Vec<PathBuf>> {
        if !self.directories.is_empty() {
            return Ok(self.directories);
        }
        match Config::read(&common.config)?.journal() {
            Some(settings) => Ok(vec![settings.directory]),
            None => bail!("gateway.toml has no table [journal]; name a directory"),
        }
    }
}

impl Verify {
    pub(super) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let trust = self.trust(common)?;
        let directories = self.journals.named(common)?;
        let mut keys = Vec::new();
        for key in &self.keys {
            keys.push(public_key(key)?);
        }
        if keys.is_empty() {
            for directory in &directories {
                keys.push(journal_key(directory)?);
            }
            text::notice(
                [
                    "no --key: whoever can replace a journal can replace its own key too"
                        .to_owned(),
                ]
                .into_iter(),
            );
        }
        let extent = match self.part {
            true => Extent::Part,
            false => Extent::Whole,
        };
        let report = verify_journals(&directories, &keys, extent)?;
        for one in &report.directories {
            print(one, out)?;
        }
        for fork in &report.forks {
            let [one, other] = &fork.directories;
            writeln!(
                out,
                "FORK: {} and {} are one chain with different lines from number {} on: a machine was cloned",
                one.display(),
                other.display(),
                fork.number
            )?;
        }
        let is_stamped = trust.map(|trust| stamps(&directories, &trust, out));
        let is_stamped = is_stamped.transpose()?.unwrap_or(true);
        Ok(if report.is_whole() && is_stamped {
            Exit::Done
        } else {
            Exit::Doubt
        })
    }
}

impl Verify {
    /// Who is believed about the time, if anybody.
    fn trust(&self, common: &Common) -> Result<Option<TrustedAuthorities>> {
        let own = Config::read(&common.config).ok();
        let own = own.and_then(|config| config.journal()?.time_stamp_roots);
        let roots = self.time_stamp_roots.clone().or(own);
        let trust = roots.map(|path| TrustedAuthorities::read(&path));
        Ok(trust.transpose()?)
    }
}

/// Prints what the time stamps prove; whether all are good.
fn stamps(
    directories: &[PathBuf],
    trust: &TrustedAuthorities,
    out: &mut dyn Write,
) -> Result<bool> {
    let mut all_good = true;
    for directory in directories {
        let StampReport { good, last, wrong } = verify_stamps(directory, trust)?;
        if let Some((number, time)) = last {
            let (good, time) = (text::plural(good, "time stamp"), text::date(time));
            let directory = directory.display();
            writeln!(
                out,
                "{directory}: {good}; lines up to {number} were there at {time}"
            )?;
        }
        for (number, why) in wrong {
            writeln!(out, "  WRONG: time stamp of line {number}: {why}")?;
            all_good = false;
        }
    }
    Ok(all_good)
}

impl Find {
    pub(super) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let found = find_reference(&self.journals.named(common)?, &self.reference)?;
        for line in &found {
            let directory = line.directory.display();
            let (time, what) = (text::date(line.time), line.what);
            let words = [
                ("client", &line.client),
                ("door", &line.door),
                ("trace", &line.trace),
            ];
            let words = words
                .iter()
                .filter_map(|(name, word)| word.as_ref().map(|word| format!(", {name} {word}")));
            writeln!(
                out,
                "{}: {time} {what}{}, line {} of {directory}/{}",
                line.id,
                words.collect::<String>(),
                line.number,
                line.file
            )?;
        }
        let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
        eprintln!("{}", text::plural(count, "line"));
        Ok(Exit::Done)
    }
}

impl Questions {
    pub(super) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        if self.from >= self.to {
            bail!("--from is not before --to");
        }
        let directories = self.journals.named(common)?;
        let keys: Result<Vec<String>, _> = directories.iter().map(|one| journal_key(one)).collect();
        let report = verify_journals(&directories, &keys?, Extent::Whole)?;
        for one in &report.directories {
            let directory = one.directory.display();
            if let Some(told) = deleted(one) {
                writeln!(out, "{directory}: {told}\n")?;
            }
        }
        if !report.is_whole() {
            writeln!(
                out,
                "NOT WHOLE: lines were changed, taken away or doubled, and the answers below lack them. \
                 interdict audit verify says where.\n"
            )?;
        }
        let told = examine(&directories, self.from, self.to)?;
        write!(out, "{}", shown(&told.to_string()))?;
        Ok(match report.is_whole() && told.unreadable == 0 {
            true => Exit::Done,
            false => Exit::Doubt,
        })
    }
}

/// Prints the public key of a journal.
pub(super) fn print_key(
    journals: Directories,
    common: &Common,
    out: &mut dyn Write,
) -> Result<Exit> {
    for directory in journals.named(common)? {
        writeln!(out, "{}", journal_key(&directory)?)?;
    }
    Ok(Exit::Done)
}

/// A report, line by line without control characters.
fn shown(report: &str) -> String {
    let lines = report
        .lines()
        .map(|line| format!("{}\n", text::plain(line)));
    lines.collect()
}

/// What a journal no longer has, if its signed lines say so.
fn deleted(one: &DirectoryReport) -> Option<String> {
    let is_declared = |fault: &Fault| !matches!(fault.what, Flaw::Undeclared { .. });
    let has_less = one.first > 1 && one.faults.iter().all(is_declared);
    has_less.then(|| {
        let before = numbers(1, one.first.saturating_sub(1));
        format!("{before} deleted after retention_days, as a signed line says")
    })
}

fn print(one: &DirectoryReport, out: &mut dyn Write) -> Result<()> {
    let directory = one.directory.display();
    let files = text::plural(u64::try_from(one.files).unwrap_or(u64::MAX), "file");
    let lines = text::plural(one.lines, "line");
    let (chain, first, last) = (&one.chain, one.first, one.last);
    writeln!(
        out,
        "{directory}: chain {chain}, {lines} in {files}, from {first} to {last}"
    )?;
    if let Some(told) = deleted(one) {
        writeln!(out, "  {told}")?;
    }
    match &one.signed {
        Some(signed) => writeln!(
            out,
            "  signed up to line {} with SHA-256 {} at {}; {} after it",
            signed.number,
            hex::text(&signed.sha256),
            text::date(signed.time),
            text::plural(one.unsigned, "line")
        )?,
        None => writeln!(out, "  no line is signed with a key that was given")?,
    }
    if one.cuts > 0 {
        let cuts = text::plural(one.cuts, "interrupted line");
        writeln!(out, "  {cuts}, which no answer was given for")?;
    }
    for ((name, public), count) in &one.people {
        let decisions = text::plural(*count, "decision");
        writeln!(
            out,
            "  {decisions} signed by {}, key {public}",
            text::plain(name)
        )?;
    }
    if one.unsigned_decisions > 0 {
        let decisions = text::plural(one.unsigned_decisions, "decision");
        writeln!(out, "  {decisions} that nobody signed")?;
    }
    if one.waiting_decisions > 0 {
        writeln!(out, "  {} handed in and no line yet", one.waiting_decisions)?;
    }
    if one.refused_decisions > 0 {
        let count = one.refused_decisions;
        writeln!(
            out,
            "  REFUSED: {count} handed in that no person of the policy signed, *.refused in the inbox"
        )?;
    }
    for fault in &one.faults {
        let place = match fault.line {
            0 => text::plain(&fault.file).into_owned(),
            line => format!("{}, line {line}", text::plain(&fault.file)),
        };
        writeln!(out, "  WRONG: {place}: {}", flaw(fault.what))?;
    }
    if one.more_faults > 0 {
        writeln!(out, "  WRONG: {} further faults", one.more_faults)?;
    }
    Ok(())
}

fn flaw(flaw: Flaw) -> String {
    match flaw {
        Flaw::Changed => "changed, or no line of a journal".to_owned(),
        Flaw::Cut => "cut, and no later line says so".to_owned(),
        Flaw::OtherCut => "its end is not what the next file says of it".to_owned(),
        Flaw::Spoiled => "whole lines from here to the end of the file are spoiled".to_owned(),
        Flaw::Gap { from, to } => format!("{} missing before it", numbers(from, to)),
        Flaw::Undeclared { from, to } => {
            format!(
                "{} missing, and no line says that they were deleted",
                numbers(from, to)
            )
        }
        Flaw::Fork { number } => {
            format!("a second number {number} of the chain: a machine was cloned")
        }
        Flaw::Unlinked { number } => format!(
            "number {number} of the chain does not continue the one before: one of them was replaced"
        ),
        Flaw::OtherChain => "a line of another chain".to_owned(),
        Flaw::Signature { number } => {
            format!("the signature of number {number} of the chain is wrong")
        }
        Flaw::OtherKey { number } => {
            format!("number {number} of the chain is signed with a key that was not given")
        }
        Flaw::Decision { number } => format!(
            "number {number} of the chain is no decision that the person it names has signed"
        ),
        Flaw::Repeated { number } => {
            format!("the decision in number {number} of the chain was a line before")
        }
        Flaw::Beginning => "it does not begin with the signed line that its name says".to_owned(),
        Flaw::Stranger => "no file that a journal writes".to_owned(),
        Flaw::Empty => "no line at all".to_owned(),
    }
}

/// Numbers that lines have in the chain, which are not those of lines in a file.
fn numbers(from: u64, to: u64) -> String {
    match from == to {
        true => format!("number {from} of the chain is"),
        false => format!("numbers {from} to {to} of the chain are"),
    }
}
