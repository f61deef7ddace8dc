use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use interdict_core::common::time::Time;
use interdict_publisher::{PublicSettings, write_public};

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
Example:
  interdict-publish public enrolment se --repository https://lists.example/se")]
    Enrolment(PublicEnrolmentFile),
}

#[derive(Debug, Args)]
pub(super) struct PublicEnrolmentFile {
    /// The coalition's directory
    directory: PathBuf,
    /// Where browsers find the repository [default: the file: address of DIR/repository]
    #[arg(long, value_name = "URL")]
    repository: Option<String>,
    /// The file to write
    #[arg(
        long = "out",
        value_name = "FILE",
        default_value = "public.enrolment.json"
    )]
    file: PathBuf,
}

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
        let enrolment = publisher.public_enrolment(&repository)?;
        write_public(&self.file, &enrolment.to_bytes())?;
        warn_about_address(&repository);
        let what = "for browsers; it is no secret";
        Ok(writeln!(out, "{}: {what}", self.file.display())?)
    }
}
