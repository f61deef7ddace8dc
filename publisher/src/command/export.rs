use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use interdict_core::common::time::Time;
use interdict_publisher::{ExportFormat, PublisherError};

use super::directory::open_directory;
use super::out_file::write_out;
use super::output::Output;

/// Why a file of names to block may be empty although the list is not.
const ZONE: &str =
    "left out is what is no domain, and what is not to be blocked now, such as entries with review";

#[derive(Debug, Args)]
#[command(after_help = "\
csv and jsonl hold every entry of one list, and `import` reads them back to the same entries. Tombstones,
protected names, marks and notes are not entries: they stay. In csv an apostrophe stands before what a
spreadsheet would take for a formula, such as a phone number; `import` leaves it out.

stix is a bundle of STIX 2.1 indicators. It leaves out what is silent or protected, and says when an entry
ends. Kinds for which STIX has no observable have one of ours: x-interdict-iban and so on.

hosts and rpz hold the domains alone that a gateway is asked to block now: in force, not protected, not
silent, with block as the action that goes out, and not possibly_victim_controlled. They know no source,
no degree and no end: write them anew after every release. A hosts file covers no name below; rpz does
where the scope is domain. Addresses are left out.

The file is for its owner alone (mode 0600). It holds the identifiers in clear: it is as secret as the
register. --json goes with --out alone.

Examples:
  interdict-publish export se --out se.csv
  interdict-publish export se --out se.stix.json
  interdict-publish export se --hosts --out /etc/blocked.hosts
  interdict-publish export se --rpz --out se.rpz")]
pub(super) struct Export {
    /// The coalition's directory
    directory: PathBuf,
    /// The list, if the coalition has several
    #[arg(long, value_name = "NAME/LIST")]
    list: Option<String>,
    /// How to write it [default: by the extension of --out: .csv, .jsonl, .json (stix), .hosts, .rpz; csv on
    /// standard output]
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// The same as --format hosts
    #[arg(long, conflicts_with_all = ["format", "rpz"])]
    hosts: bool,
    /// The same as --format rpz
    #[arg(long, conflicts_with = "format")]
    rpz: bool,
    /// Write to this new file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormatName {
    Csv,
    Jsonl,
    Stix,
    Hosts,
    Rpz,
}

impl Export {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        if out.is_json() && self.out.is_none() {
            bail!(
                "standard output is the exported file, so --json has no place there; give --out FILE"
            );
        }
        let format = self.format()?;
        let publisher = open_directory(&self.directory)?;
        let write = |out: &mut dyn Write| {
            let report = publisher.export(self.list.as_deref(), format, now, out);
            report.map_err(|error| match error {
                // Who reads our output has seen enough.
                PublisherError::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe => {
                    source.into()
                }
                error => anyhow::Error::from(error),
            })
        };
        let zone = matches!(format, ExportFormat::Hosts | ExportFormat::Rpz);
        match &self.out {
            Some(path) => {
                let report = write_out(&publisher, path, write)?;
                out.report(&report)?;
                if zone && report.left_out > 0 {
                    out.line(ZONE)?;
                }
            }
            None => {
                let report = write(out)?;
                write!(io::stderr(), "{report}")?;
                if zone && report.left_out > 0 {
                    writeln!(io::stderr(), "{ZONE}")?;
                }
            }
        }
        Ok(())
    }

    fn format(&self) -> Result<ExportFormat> {
        if self.hosts {
            return Ok(ExportFormat::Hosts);
        }
        if self.rpz {
            return Ok(ExportFormat::Rpz);
        }
        Ok(match self.format {
            Some(FormatName::Csv) => ExportFormat::Csv,
            Some(FormatName::Jsonl) => ExportFormat::JsonLines,
            Some(FormatName::Stix) => ExportFormat::Stix,
            Some(FormatName::Hosts) => ExportFormat::Hosts,
            Some(FormatName::Rpz) => ExportFormat::Rpz,
            None => match self.out.as_deref() {
                Some(path) => by_extension(path)?,
                None => ExportFormat::Csv,
            },
        })
    }
}

/// A tool that expects one format must not be given another, with every entry in it.
fn by_extension(path: &Path) -> Result<ExportFormat> {
    match path.extension().and_then(|name| name.to_str()) {
        Some("csv") => Ok(ExportFormat::Csv),
        Some("jsonl" | "ndjson") => Ok(ExportFormat::JsonLines),
        Some("json") => Ok(ExportFormat::Stix),
        Some("hosts") => Ok(ExportFormat::Hosts),
        Some("rpz") => Ok(ExportFormat::Rpz),
        _ => bail!(
            "the file's name does not say how to write it (.csv, .jsonl, .json for STIX, .hosts, .rpz); name it \
             with --format. Nothing was written"
        ),
    }
}
