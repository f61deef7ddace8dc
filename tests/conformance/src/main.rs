//! The command line that the public TUF conformance suite expects of a client.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use clap::{Parser, Subcommand};
use interdict_conformance::{TufClient, TufRepository};
use interdict_core::common::time::Time;
use interdict_host::{Addresses, Module, Patience, Repository};

/// A plain TUF client of any repository, for the public conformance suite
///
/// This is the command line of github.com/theupdateframework/tuf-conformance. The module verifies
/// every file, as in an update of a gateway, and looks for no lists. docs/trust.md says how to run the
/// suite.
#[derive(Parser)]
#[command(
    version,
    after_help = "\
Examples:
  tuf-client --metadata-dir trusted init 1.root.json
  tuf-client --metadata-dir trusted --metadata-url https://lists.example/se/metadata refresh
  tuf-client --metadata-dir trusted --metadata-url https://lists.example/se/metadata \\
      --target-name docs/terms.pdf --target-dir files \\
      --target-base-url https://lists.example/se/targets download

Exit code: 0: success; 1: something failed, and standard error says what; the files that were verified
before are kept."
)]
struct Options {
    /// Where the trusted metadata is kept, each file as it was served.
    #[arg(long, value_name = "DIR")]
    metadata_dir: PathBuf,
    /// The repository's metadata: a URL, or a path.
    #[arg(long, value_name = "URL")]
    metadata_url: Option<String>,
    /// A target path to download; may be repeated. The first that fails ends the run.
    #[arg(long, value_name = "PATH")]
    target_name: Vec<String>,
    /// Where to: each target is one file, named by its percent-encoded path.
    #[arg(long, value_name = "DIR")]
    target_dir: Option<PathBuf>,
    /// The repository's targets: a URL, or a path.
    #[arg(long, value_name = "URL")]
    target_base_url: Option<String>,
    /// Take this for the time, as 2026-11-22T00:00:00Z; for tests.
    #[arg(long, value_name = "TIME", value_parser = time)]
    now: Option<u32>,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Start from a trusted root; nothing is fetched
    Init {
        /// The first root.json to trust.
        #[arg(value_name = "FILE")]
        trusted_root: PathBuf,
    },
    /// Update root, timestamp, snapshot and targets
    Refresh,
    /// Refresh, then download the targets that are missing
    Download,
}

fn main() -> ExitCode {
    match Options::parse().perform() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let text = format!("{error:#}");
            let text: String = text.chars().filter(|c| !c.is_control()).collect();
            eprintln!("tuf-client: {text}");
            ExitCode::FAILURE
        }
    }
}

impl Options {
    fn perform(&self) -> Result<()> {
        let now = self.now()?;
        let module = Module::built_in_for_once()?;
        if let Task::Init { trusted_root } = &self.task {
            return Ok(TufClient::init(
                &module,
                &self.metadata_dir,
                trusted_root,
                now,
            )?);
        }
        let metadata_url = self.metadata_url.as_deref();
        let metadata = open(metadata_url.context("--metadata-url is missing")?)?;
        let downloads = matches!(self.task, Task::Download);
        let (targets, directory) = match (&self.target_base_url, &self.target_dir) {
            (Some(url), Some(directory)) if downloads => (Some(open(url)?), directory),
            _ if downloads => bail!("--target-base-url or --target-dir is missing"),
            _ => (None, &self.metadata_dir),
        };
        if downloads && self.target_name.is_empty() {
            bail!("--target-name is missing");
        }
        let repository = TufRepository { metadata, targets };
        let mut client = TufClient::open(&module, &self.metadata_dir, now)?;
        client.refresh(&repository)?;
        for target in self.target_name.iter().filter(|_| downloads) {
            client
                .download(target, &repository, directory)
                .with_context(|| target.clone())?;
        }
        Ok(())
    }

    /// The time given, else the clock's.
    fn now(&self) -> Result<u32> {
        if let Some(now) = self.now {
            return Ok(now);
        }
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH)?;
        Ok(elapsed.as_secs().try_into()?)
    }
}

fn time(text: &str) -> Result<u32, &'static str> {
    let time = Time::parse(text).ok_or("not a time like 2026-11-22T00:00:00Z")?;
    Ok(time.seconds())
}

fn open(location: &str) -> Result<Repository> {
    Repository::open(
        location,
        Path::new(""),
        Patience::default(),
        Addresses::Private,
    )
    .with_context(|| Repository::shown(location))
}
