use std::fmt::Display;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};
use interdict_core::time::Time;
use interdict_core::trust::RoleName;
use interdict_publisher::{
    Conflict, EmptyLists, Format, ImportOptions, InitOptions, Publisher, RefusedLine,
    ReleaseOptions, TestKeys, inspect,
};

/// Refused lines that are printed without --verbose.
const SHOWN: usize = 20;

const EXAMPLES: &str = "\
Examples:
  interdict-publish init se --coalition se
  interdict-publish import se listings.csv --report refused.jsonl
  interdict-publish protect se never-block.txt
  interdict-publish release se --dry-run
  interdict-publish release se
  interdict-publish renew se                       (every night, without people)
  interdict-publish member add se bank-a --repository https://lists.example/se --out bank-a.json
  interdict-publish inspect se/repository/metadata/timestamp.json

Only DIR/repository is to be served. DIR/keys and DIR/register.sqlite are secret.";

/// Publishes what a coalition knows as signed, keyed lists.
#[derive(Debug, Parser)]
#[command(name = "interdict-publish", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Take this for the current time, as 2026-11-22T00:00:00Z
    #[arg(long, global = true, value_name = "RFC3339", value_parser = time)]
    now: Option<Time>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a coalition: keys, register and the first root, in a new directory
    Init(Init),
    /// Take a CSV or JSON-lines file of listings into the register
    Import(Import),
    /// Take a file of identifiers that must never be blocked
    Protect(Protect),
    /// Build, sign, check and publish the lists
    Release(Release),
    /// Sign snapshot and timestamp again, so that the published lists stay fresh
    Renew {
        /// The coalition's directory
        directory: PathBuf,
    },
    /// Publish a new root, signed by the old keys and the new ones
    RotateRoot(RotateRoot),
    /// Members and their enrolment files
    #[command(subcommand)]
    Member(Member),
    /// Say what a file is; keys are never shown
    Inspect {
        /// A filter, records, metadata or enrolment file
        file: PathBuf,
    },
}

#[derive(Debug, Args)]
struct Init {
    /// A directory that is empty or not there
    directory: PathBuf,
    /// 1 to 32 lower-case letters, digits and inner hyphens
    #[arg(long, value_name = "NAME")]
    coalition: String,
    /// A list of the coalition; may be repeated [default: NAME/merchants]
    #[arg(long = "list", value_name = "NAME/LIST")]
    lists: Vec<String>,
    /// Derive all keys from published words: for demonstrations only
    #[arg(long)]
    test_keys: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Fields: kind,value,source are needed; action (review), category (other), confidence per mille (900),
valid_until (none), group (none), scope (domain) and flags (none) have the defaults in brackets.
Kinds are domain, iban and card_acceptor (ACQUIRER/ID).

Example:
  kind,value,source,action,category,confidence,valid_until
  domain,shop.example,hotline-se,block,csae,990,2027-01-31")]
struct Import {
    /// The coalition's directory
    directory: PathBuf,
    /// The file: .csv, .jsonl or .ndjson
    file: PathBuf,
    /// The list it goes to, if the coalition has several
    #[arg(long, value_name = "NAME/LIST")]
    list: Option<String>,
    /// The source of rows that name none
    #[arg(long, value_name = "ID")]
    source_default: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Args)]
struct Protect {
    /// The coalition's directory
    directory: PathBuf,
    /// One domain a line (.txt), rows with kind,value (.csv, .jsonl), or a JSON array (.json)
    file: PathBuf,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Args)]
struct Reading {
    /// How the file is written [default: by its extension]
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// Print every refused line
    #[arg(long)]
    verbose: bool,
    /// Write every refused line and conflict to this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatName {
    Csv,
    Jsonl,
    Json,
    Text,
}

#[derive(Debug, Args)]
struct Release {
    /// The coalition's directory
    directory: PathBuf,
    /// Build only this list; may be repeated
    #[arg(long = "list", value_name = "NAME/LIST")]
    lists: Vec<String>,
    /// False hits of the filter are one in 2^N; even
    #[arg(long, value_name = "N", default_value_t = ReleaseOptions::default().rate)]
    rate: u8,
    /// Release a list without entries, which takes back every listing
    #[arg(long)]
    allow_empty: bool,
    /// Do everything except publishing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
struct RotateRoot {
    /// The coalition's directory
    directory: PathBuf,
    /// Give targets new keys too: lists count as untrusted until the next release
    #[arg(long)]
    revoke_targets: bool,
    /// Give snapshot and timestamp new keys too: lists count as stale until the next release
    #[arg(long)]
    revoke_online: bool,
    /// Keep the root keys: only a new expiry
    #[arg(long)]
    keep_root_keys: bool,
}

#[derive(Debug, Subcommand)]
enum Member {
    /// Make the file a member enrols with; it is a secret
    Add(AddMember),
}

#[derive(Debug, Args)]
struct AddMember {
    /// The coalition's directory
    directory: PathBuf,
    /// 1 to 32 lower-case letters, digits and inner hyphens
    name: String,
    /// Where the member finds the repository [default: the file: address of DIR/repository]
    #[arg(long, value_name = "URL")]
    repository: Option<String>,
    /// The file to write [default: NAME.enrolment.json]
    #[arg(long = "out", value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Arguments {
    pub(crate) fn run(&self, out: &mut impl Write) -> Result<()> {
        let now = self.now.map_or_else(clock, Ok)?;
        match &self.command {
            Command::Init(arguments) => arguments.run(now, out),
            Command::Import(arguments) => arguments.run(now, out),
            Command::Protect(arguments) => arguments.run(now, out),
            Command::Release(arguments) => arguments.run(now, out),
            Command::Renew { directory } => {
                Ok(write!(out, "{}", Publisher::open(directory)?.renew(now)?)?)
            }
            Command::RotateRoot(arguments) => arguments.run(now, out),
            Command::Member(Member::Add(arguments)) => arguments.run(now, out),
            Command::Inspect { file } => {
                let bytes = fs::read(file).with_context(|| file.display().to_string())?;
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let facts = inspect(&bytes, &name, now);
                Ok(write!(
                    out,
                    "{}",
                    facts.with_context(|| file.display().to_string())?
                )?)
            }
        }
    }
}

impl Init {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let test_keys = if self.test_keys {
            TestKeys::Yes
        } else {
            TestKeys::No
        };
        let coalition = self.coalition.clone();
        let options = InitOptions {
            coalition,
            lists: self.lists.clone(),
            test_keys,
            now,
        };
        let publisher = Publisher::init(&self.directory, &options)?;
        warn_of_test_keys(&publisher);
        for list in publisher.lists()? {
            writeln!(out, "{}", list.as_str())?;
        }
        let keys = publisher.directory().keys();
        let what = "move the root keys to different people's safes";
        Ok(writeln!(
            out,
            "root 1 signed by 2 of 3; {what}: {}",
            keys.display()
        )?)
    }
}

impl Import {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let format = self.reading.format(&self.file)?;
        let list = self.list.clone();
        let options = ImportOptions {
            format,
            list,
            default_source: self.source_default.clone(),
        };
        let report = Publisher::open(&self.directory)?.import(open(&self.file)?, &options, now)?;
        write!(out, "{report}")?;
        self.reading.show(
            &report.refused,
            &report.conflicts,
            &report.json_lines(),
            out,
        )
    }
}

impl Protect {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let format = self.reading.format(&self.file)?;
        let report = Publisher::open(&self.directory)?.protect(open(&self.file)?, format, now)?;
        write!(out, "{report}")?;
        self.reading.show(
            &report.refused,
            &report.conflicts,
            &report.json_lines(),
            out,
        )
    }
}

impl Reading {
    fn format(&self, file: &Path) -> Result<Format> {
        Ok(match self.format {
            Some(FormatName::Csv) => Format::Csv,
            Some(FormatName::Jsonl) => Format::JsonLines,
            Some(FormatName::Json) => Format::Json,
            Some(FormatName::Text) => Format::Text,
            None => Format::of(file)?,
        })
    }

    fn show(
        &self,
        refused: &[RefusedLine],
        conflicts: &[Conflict],
        report: &str,
        out: &mut impl Write,
    ) -> Result<()> {
        if let Some(path) = &self.report {
            fs::write(path, report).with_context(|| path.display().to_string())?;
        }
        self.print(refused, out)?;
        Ok(self.print(conflicts, out)?)
    }

    fn print(&self, lines: &[impl Display], out: &mut impl Write) -> io::Result<()> {
        let shown = if self.verbose {
            lines.len()
        } else {
            SHOWN.min(lines.len())
        };
        for line in lines.iter().take(shown) {
            writeln!(out, "  {line}")?;
        }
        if shown < lines.len() {
            let more = lines.len().saturating_sub(shown);
            writeln!(out, "  and {more} more; --verbose prints all")?;
        }
        Ok(())
    }
}

impl Release {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let empty = if self.allow_empty {
            EmptyLists::Allow
        } else {
            EmptyLists::Refuse
        };
        let options = ReleaseOptions {
            lists: self.lists.clone(),
            rate: self.rate,
            empty,
        };
        let mut publisher = Publisher::open(&self.directory)?;
        warn_of_test_keys(&publisher);
        if self.dry_run {
            write!(out, "{}", publisher.plan(now, &options)?)?;
            writeln!(out, "nothing was published")?;
        } else {
            write!(out, "{}", publisher.release(now, &options)?)?;
        }
        Ok(())
    }
}

impl RotateRoot {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let replace: Vec<RoleName> = [
            (!self.keep_root_keys, RoleName::Root),
            (self.revoke_targets, RoleName::Targets),
            (self.revoke_online, RoleName::Snapshot),
            (self.revoke_online, RoleName::Timestamp),
        ]
        .into_iter()
        .filter_map(|(chosen, role)| chosen.then_some(role))
        .collect();
        let mut publisher = Publisher::open(&self.directory)?;
        write!(out, "{}", publisher.rotate_root(now, &replace)?)?;
        if self.revoke_targets || self.revoke_online {
            writeln!(
                out,
                "release now: until then gateways do not rely on the published lists"
            )?;
        }
        Ok(())
    }
}

impl AddMember {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let mut publisher = Publisher::open(&self.directory)?;
        let repository = match &self.repository {
            Some(repository) => repository.clone(),
            None => file_address(&publisher.directory().repository())?,
        };
        let enrolment = publisher.member_add(&self.name, &repository, now)?;
        let default = || PathBuf::from(format!("{}.enrolment.json", self.name));
        let file = self.file.clone().unwrap_or_else(default);
        write_secret(&file, &enrolment.to_bytes()).with_context(|| file.display().to_string())?;
        let what = "hand it over in person or encrypted; it holds the list key";
        Ok(writeln!(out, "{}: {what}", file.display())?)
    }
}

fn file_address(directory: &Path) -> Result<String> {
    let path = fs::canonicalize(directory).with_context(|| directory.display().to_string())?;
    let path = path
        .to_str()
        .context("the directory's path is not UTF-8; give --repository")?;
    Ok(format!("file://{path}"))
}

fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn open(path: &Path) -> Result<File> {
    File::open(path).with_context(|| path.display().to_string())
}

fn warn_of_test_keys(publisher: &Publisher) {
    if publisher.test_keys() == TestKeys::Yes {
        eprintln!("warning: TEST KEYS. Everybody can sign with them; they protect nothing");
    }
}

fn clock() -> Result<Time> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = since
        .ok()
        .and_then(|since| u32::try_from(since.as_secs()).ok());
    match seconds.and_then(Time::from_clock) {
        Some(time) => Ok(time),
        None => bail!("the computer's clock is outside 2024 to 2100; set it right"),
    }
}

fn time(text: &str) -> Result<Time> {
    Time::parse(text)
        .and_then(|time| Time::from_clock(time.seconds()))
        .ok_or_else(|| anyhow!("not a time like 2026-11-22T00:00:00Z from 2024 to 2099"))
}
