use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::wire::{FreshMiss, OnNoGateway, PageChoices};
use interdict_publisher::{Chance, PublicSettings, Publisher, write_public};

use super::clock::Today;
use super::directory::{file_address, open_directory, open_to_sign, warn_about_address};
use super::output::Output;

#[derive(Debug, Subcommand)]
pub(super) enum Public {
    /// Start a list's next public epoch: a new key and a filter of another size
    #[command(after_help = "\
The first one starts by itself with the first name that `disclose` marks and `release` publishes. A
public epoch lasts a year at least: what hits the filters of two epochs is mostly what is listed.
Hand browsers a new enrolment file (`public enrolment`) with the next release.

Example:
  interdict-publish public start se")]
    Start {
        /// The coalition's directory
        directory: PathBuf,
        /// The list, if the coalition has several
        #[arg(long, value_name = "NAME/LIST")]
        list: Option<String>,
        /// False hits of the filter are one in 2^N: 2, 4 or 6 [default: as before, or 6]
        #[arg(long, value_name = "N")]
        rate: Option<u8>,
        #[command(flatten)]
        today: Today,
    },
    /// Show or set how much a dictionary may tell of the public lists
    #[command(after_help = "\
`release` refuses a public edition with which somebody who tries a dictionary of so many names, and
has kept every public release so far, would find more than this share of listed names among his hits.

Example:
  interdict-publish public settings se --dictionary 1000000 --share 50")]
    Settings {
        /// The coalition's directory
        directory: PathBuf,
        /// Names in the dictionary, the listed ones among them
        #[arg(long, value_name = "NAMES")]
        dictionary: Option<u32>,
        /// Per mille of the hits that may be listed names
        #[arg(long, value_name = "PER-MILLE")]
        share: Option<u16>,
    },
    /// Write the file browsers enrol with; it is no secret
    #[command(after_help = "\
The file also says what checkout pages do. A name that a fresh public list does not hit may still be on the
members' list: with --fresh-miss ask-gateway (the default) a page asks its gateway about every name, with
proceed only about hits. Where it has to ask and no gateway answers, it refuses the payment
(--on-no-gateway refuse, the default) or proceeds. The command says how many payments each choice affects.

Examples:
  interdict-publish public enrolment se --repository https://lists.example/se
  interdict-publish public enrolment se --repository https://lists.example/se --fresh-miss proceed")]
    Enrolment(PublicEnrolmentFile),
}

#[derive(Debug, Args)]
pub(super) struct PublicEnrolmentFile {
    /// The coalition's directory
    directory: PathBuf,
    /// Where browsers find the repository [default: the file: address of DIR/repository]
    #[arg(long, value_name = "URL")]
    repository: Option<String>,
    /// What a page does with a name that a fresh public list does not hit
    #[arg(long, value_enum, default_value = "ask-gateway")]
    fresh_miss: MissChoice,
    /// What a page does where no gateway answers
    #[arg(long, value_enum, default_value = "refuse")]
    on_no_gateway: NoGatewayChoice,
    /// The file to write
    #[arg(
        long = "out",
        value_name = "FILE",
        default_value = "public.enrolment.json"
    )]
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MissChoice {
    AskGateway,
    Proceed,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum NoGatewayChoice {
    Refuse,
    Proceed,
}

/// A host as shops have it, and one below more names than a question looks up.
const USUAL: &str = "www.shop.example";
const LONGEST: &str = "a.b.c.d.e.f.g.shop.example";

impl Public {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::Start {
                directory,
                list,
                rate,
                today,
            } => {
                let mut publisher = open_to_sign(directory, now, today)?;
                let epoch = publisher.public_start(list.as_deref(), *rate, now)?;
                Ok(writeln!(
                    out,
                    "{} public epoch {} since {}, not to change before {}: filter for {} entries, \
                     one false hit in 2^{}",
                    epoch.list.as_str(),
                    epoch.number,
                    epoch.since,
                    epoch.until(),
                    epoch.capacity,
                    epoch.rate
                )?)
            }
            Self::Settings {
                directory,
                dictionary,
                share,
            } => {
                let mut publisher = open_directory(directory)?;
                let before = publisher.public_settings()?;
                let settings = PublicSettings {
                    dictionary: dictionary.unwrap_or(before.dictionary),
                    share: share.unwrap_or(before.share),
                };
                if settings != before {
                    publisher.set_public_settings(settings, now)?;
                }
                let PublicSettings { dictionary, share } = settings;
                Ok(writeln!(
                    out,
                    "of the hits of a dictionary of {dictionary} names, {share} per mille may be \
                     listed"
                )?)
            }
            Self::Enrolment(arguments) => arguments.run(out),
        }
    }
}

impl PublicEnrolmentFile {
    fn run(&self, out: &mut Output<'_>) -> Result<()> {
        let publisher = open_directory(&self.directory)?;
        let repository = match &self.repository {
            Some(repository) => repository.clone(),
            None => file_address(&publisher.directory().repository())?,
        };
        let page = self.page();
        let enrolment = publisher.public_enrolment(&repository)?.with_page(page);
        let usual = chance(&publisher, USUAL)?;
        let longest = chance(&publisher, LONGEST)?;
        write_public(&self.file, &enrolment.to_bytes())?;
        warn_about_address(&repository);
        let what = "for browsers; it is no secret";
        writeln!(out, "{}: {what}", self.file.display())?;
        let hits = format!("{usual} or, with the most parents that are looked up, {longest}");
        let miss = match page.fresh_miss {
            FreshMiss::AskGateway => {
                format!("pages ask the gateway about every name; with `proceed`, about {hits}")
            }
            FreshMiss::Proceed => format!(
                "of names that nobody listed, pages ask the gateway about {hits}; names that only members' \
                 lists have proceed unasked"
            ),
        };
        writeln!(out, "fresh-miss {}: {miss}", word(page.fresh_miss.name()))?;
        let share = match page.fresh_miss {
            FreshMiss::AskGateway => "every payment".to_owned(),
            FreshMiss::Proceed => format!("hits alone, by chance {usual} or {longest}"),
        };
        let end = match page.on_no_gateway {
            OnNoGateway::Refuse => "is refused",
            OnNoGateway::Proceed => "proceeds unchecked, to listed names too",
        };
        let choice = word(page.on_no_gateway.name());
        Ok(writeln!(
            out,
            "on-no-gateway {choice}: while no gateway answers, what has to ask it {end}: {share}"
        )?)
    }

    const fn page(&self) -> PageChoices {
        PageChoices {
            fresh_miss: match self.fresh_miss {
                MissChoice::AskGateway => FreshMiss::AskGateway,
                MissChoice::Proceed => FreshMiss::Proceed,
            },
            on_no_gateway: match self.on_no_gateway {
                NoGatewayChoice::Refuse => OnNoGateway::Refuse,
                NoGatewayChoice::Proceed => OnNoGateway::Proceed,
            },
        }
    }
}

/// A word of the file as an option has it.
fn word(name: &str) -> String {
    name.replace('_', "-")
}

/// The share of hosts like this one that are hit by chance.
fn chance(publisher: &Publisher, host: &str) -> Result<String> {
    let host = Identifier::parse(Kind::Domain, host)?;
    let Chance { names, share } = publisher.public_chance(&host)?;
    let percent = share * 100.0;
    Ok(format!("{percent:.1} % ({names} look-ups)"))
}
