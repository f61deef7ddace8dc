use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use interdict_core::common::time::Time;
use interdict_publisher::{
    DelistOptions, Delisted, Disclosure, Effect, Format, ImportMode, ImportOptions, State, WwwNames,
};

use super::directory::open_directory;
use super::exit::{Ended, Exit};
use super::lines::{Named, Reading, any_taken, open};
use super::next::{next, next_with};
use super::output::Output;
use super::reading::{Bar, Recognition};

// What takes entries in, out or to the public. (A doc comment would become the whole command's.)
#[derive(Debug, Subcommand)]
pub(super) enum Listings {
    /// Take a source's file of listings into the register: CSV, JSON lines, hosts, web addresses, STIX, MISP
    Import(Import),
    /// Take a file of identifiers that must never be blocked
    Protect(Protect),
    /// Take entries off a list, for good
    Delist(Delist),
    /// Mark listed domains as public: they may go into the public edition
    Disclose(Disclose),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  interdict-publish import se listings.csv --source hotline-se
  interdict-publish import se listings.csv --source hotline-se --dry-run
  interdict-publish import se export.csv --source bank-se --map map.toml
  interdict-publish import se partner.hosts --source bank-se
  interdict-publish import se links.txt --source bank-se
  interdict-publish import se bundle.json --source bank-se       (STIX 2.1 or MISP)
  interdict-publish import se config.json --source open-se --member blacklist

listings.csv, with all that a row can say:
  kind,value,action,category,confidence,valid_until,group,scope,flags,handling
  domain,shop.example,block,csae,990,2027-01-31,,domain,mandatory,amber
  iban,SE45 5000 0000 0583 9825 7466,review,other,,,,,,

Fields: what they are if a row does not say so; what else they may be:
  kind         needed; `kinds` shows those that the list declares, and url is a web address
  value        needed
  action       review; monitor, review (300), hold_payout (800) or block (900): the least confidence
  category     other; csae, trafficking or other
  confidence   that of the source; 1 to 999 per mille, or percent or a fraction in the whole file
  valid_until  the life of the source, or no end; a day like 2027-01-31
  group        none; names what belongs to one seller
  scope        domain: the names below it too; host: this name alone
  flags        none; mandatory, silent (goes with monitor alone), possibly_victim_controlled
  handling     that of the source, or none (members take it for amber); who may be told, by the Traffic
               Light Protocol: clear, green, amber, amber+strict or red; only clear is ever public

map.toml, for other columns (--map). It also states what every row of a hosts file or bundle says:
  value = \"URL\"
  valid_until = \"Giltig till\"
  ignore = [\"Note\"]
  [constants]
  kind = \"url\"
  action = \"block\"
  category = \"csae\"

A file is of one source (`source add`), whose limits hold for every row. A column source may be there;
a row that names another source is refused, rule `source_other`. Rows of a source in quarantine wait for
`accept`. With --mode sync the file is all that the source says: what it leaves out is proposed for
removal (`dropped`). If that is more than one in ten, the feed is taken for cut short and nothing is
changed, unless --confirm-drop states how many. What `delist` took off is refused, rule `delisted`.

How a file is written is recognised and reported: form, delimiter, encoding, decimal comma, order of dates
(31-12-2027), scale of confidence. What could be read in two ways is refused, with the option that settles
it. Of a web address the host is kept; hxxps://shop[.]example is read too. Of STIX, indicators with = and OR
are read, of MISP what has to_ids. A column of card numbers refuses the file.

www.shop.example is listed as shop.example, for both lead to one shop; with scope host both names are.
A gateway asks for a name and for the names above it of 2 to 6 labels, so scope domain is refused for
a name of 7 or more. Of a wallet with a tag the account without it is watched too (monitor). An id that may
be a card number, of 13 digits or more, is refused unless --numeric names who gives such ids out. In CSV, an
apostrophe before what a spreadsheet would take for a formula is left out, as `export` writes it.

Exit code: 1 if every line was refused, 7 if some were.")]
pub(super) struct Import {
    /// The coalition's directory
    directory: PathBuf,
    /// The file: .csv, .tsv, .jsonl, .hosts, .txt (names, web addresses or hosts), .json (STIX, MISP or an
    /// array); any other, and - for standard input, with --format
    file: PathBuf,
    /// Try everything and report it, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// The list it goes to, if the coalition has several
    #[arg(long, value_name = "NAME/LIST")]
    list: Option<String>,
    /// The source that the file is from
    #[arg(long, value_name = "ID")]
    source: String,
    /// add: the file adds and changes; sync: it is all that the source says
    #[arg(long, value_enum, default_value = "add")]
    mode: ModeName,
    /// With --mode sync: how many entries the file leaves out, although that is more than one in ten
    #[arg(long, value_name = "N")]
    confirm_drop: Option<usize>,
    /// List names that begin with www. as they are written
    #[arg(long)]
    keep_www: bool,
    /// Schemes of other and handle, and facilitators of sub_merchant, whose ids are long numbers (any:
    /// every facilitator)
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    numeric: Vec<String>,
    /// List again what was taken off before; this lifts its tombstones, also those for all sources.
    /// `show` still says why they were laid
    #[arg(long)]
    relist: bool,
    #[command(flatten)]
    recognition: Recognition,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ModeName {
    Add,
    Sync,
}

#[derive(Debug, Args)]
#[command(after_help = "\
The file has one domain a line (.txt), rows with kind,value (.csv, .jsonl), or is a JSON array (.json).
A protected domain stands for itself alone: the names below it are not protected, and can be listed.

Examples:
  interdict-publish protect se never-block.txt
  interdict-publish protect se --kind domain --value bank.example

Exit code: 1 if every line was refused, 7 if some were.")]
pub(super) struct Protect {
    /// The coalition's directory
    directory: PathBuf,
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A file has the fields kind,value and may have source. Of each identifier the statement of that source
is taken off the list, or without one every statement; and so that it does not come back with the
next feed, `import` refuses it from then on, also if it was not listed. The next release takes it back
at the gateways.

Examples:
  interdict-publish delist se cleared.csv --reason \"appeal 2026-118\"
  interdict-publish delist se --kind domain --value - --reason \"appeal 2026-118\"

Exit code: 1 if every line was refused, or the one --value was not listed; 7 if some lines were refused.")]
pub(super) struct Delist {
    /// The coalition's directory
    directory: PathBuf,
    #[command(flatten)]
    named: Named,
    /// The list, if the coalition has several
    #[arg(long, value_name = "NAME/LIST")]
    list: Option<String>,
    /// Take back only what this source says, in lines that name none
    #[arg(long, value_name = "ID")]
    source: Option<String>,
    /// Why, in a few words, for the register
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Args)]
#[command(after_help = "\
A file has the fields kind,value. Only listed domains can be public, and none with a statement to
monitor or to hold a payout, with a flag silent or possibly_victim_controlled, or with a handling
other than clear. A name goes in once every release of 30 days has asked gateways to block it: its
owner may ask for it too. Every release judges them anew. Who kept an older public release still has
what is taken back.

Examples:
  interdict-publish disclose se public.csv
  interdict-publish disclose se --undo --kind domain --value shop.example

Exit code: 1 if every line was refused, 7 if some were.")]
pub(super) struct Disclose {
    /// The coalition's directory
    directory: PathBuf,
    #[command(flatten)]
    named: Named,
    /// The list, if the coalition has several
    #[arg(long, value_name = "NAME/LIST")]
    list: Option<String>,
    /// Take the marks back
    #[arg(long)]
    undo: bool,
    #[command(flatten)]
    reading: Reading,
}

impl Listings {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::Import(arguments) => arguments.run(now, out),
            Self::Protect(arguments) => arguments.run(now, out),
            Self::Delist(arguments) => arguments.run(now, out),
            Self::Disclose(arguments) => arguments.run(now, out),
        }
    }
}

impl Import {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        self.reading.check_report()?;
        let format = match self.recognition.has_member() {
            true => Format::Json,
            false => self.reading.format_of_listings(&self.file)?,
        };
        let list = self.list.clone();
        let delisted = if self.relist {
            Delisted::Relist
        } else {
            Delisted::Refuse
        };
        let options = ImportOptions {
            format,
            read: self.recognition.options()?,
            effect: if self.dry_run {
                Effect::DryRun
            } else {
                Effect::Commit
            },
            list,
            source: self.source.clone(),
            file_name: file_name(&self.file),
            mode: self.mode()?,
            delisted,
            www: if self.keep_www {
                WwwNames::AsWritten
            } else {
                WwwNames::AsBareNames
            },
            numeric: self.numeric.clone(),
        };
        let file = open(&self.file)?;
        // The register is closed before anything is reported.
        let report =
            open_directory(&self.directory)?.import_with(file, &options, now, &mut Bar::new())?;
        out.report(&report)?;
        self.reading.show_in(
            format.unit(),
            &report.refused,
            &report.conflicts,
            &report.json_lines(),
            out,
        )?;
        let changed = report.accepted.saturating_add(report.updated);
        if !self.dry_run && changed > report.quarantined {
            out.line(&next(&self.directory, "plan", "shows what goes out"))?;
        }
        if !self.dry_run && report.quarantined > 0 {
            out.line(&next(&self.directory, "quarantine", "shows what waits"))?;
        }
        let taken = report.accepted.max(report.updated).max(report.unchanged);
        any_taken(&report.refused, taken)
    }
}

impl Import {
    fn mode(&self) -> Result<ImportMode> {
        match self.mode {
            ModeName::Add if self.confirm_drop.is_some() => {
                bail!("--confirm-drop is for --mode sync; a file that adds leaves nothing out")
            }
            ModeName::Add => Ok(ImportMode::Add),
            ModeName::Sync => Ok(ImportMode::Sync {
                confirmed: self.confirm_drop,
            }),
        }
    }
}

impl Protect {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let mut publisher = open_directory(&self.directory)?;
        let report = self.named.with(&self.reading, |names| {
            Ok(publisher.protect_names(names, now)?)
        })?;
        out.report(&report)?;
        self.reading.show(
            &report.refused,
            &report.conflicts,
            &report.json_lines(),
            out,
        )?;
        for state in [State::Withheld, State::Narrowed] {
            if report.conflicts.iter().any(|line| line.state == state) {
                let arguments = format!("--state {}", state.name());
                let line = next_with(&self.directory, "list", &arguments, "names them");
                out.line(&line)?;
            }
        }
        any_taken(&report.refused, report.added.max(report.unchanged))
    }
}

impl Delist {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let options = DelistOptions {
            list: self.list.clone(),
            source: self.source.clone(),
            reason: self.reason.clone(),
        };
        let mut publisher = open_directory(&self.directory)?;
        let report = self.named.with(&self.reading, |names| {
            Ok(publisher.delist(names, &options, now)?)
        })?;
        out.report(&report)?;
        self.reading
            .show(&report.refused, &[], &report.json_lines(), out)?;
        if report.not_listed > 0 {
            out.line(
                "what was not listed cannot be from now on; if it is misspelt, `interdict-publish search` finds \
                 a name by a part of it",
            )?;
        }
        if report.delisted > 0 {
            out.line(&next(
                &self.directory,
                "release",
                "takes it back at the gateways",
            ))?;
        }
        if let Some((kind, value)) = self.named.one()
            && report.not_listed > report.delisted_before
        {
            let near = publisher.nearest(&report.list, kind, value)?;
            return Ended::with(Exit::Refused, not_listed(&near));
        }
        any_taken(&report.refused, report.delisted.max(report.not_listed))
    }
}

/// What is said of one name that was not listed and not taken off before.
fn not_listed(near: &[String]) -> String {
    match near {
        [] => "it was not listed, and from now on it cannot be".to_owned(),
        near => format!(
            "it was not listed, and from now on it cannot be; spelt almost so and listed: {}",
            near.join(", ")
        ),
    }
}

impl Disclose {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let disclosure = if self.undo {
            Disclosure::Undo
        } else {
            Disclosure::Mark
        };
        let mut publisher = open_directory(&self.directory)?;
        let report = self.named.with(&self.reading, |names| {
            Ok(publisher.disclose(names, self.list.as_deref(), disclosure, now)?)
        })?;
        out.report(&report)?;
        self.reading
            .show(&report.refused, &[], &report.json_lines(), out)?;
        any_taken(&report.refused, report.changed.max(report.unchanged))
    }
}

/// What the history calls a file.
fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
