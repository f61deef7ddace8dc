use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Args, Subcommand};
use interdict_core::common::time::Time;
use interdict_publisher::{Publisher, UnnamedEntries};
use serde_json::{Value, json};

use super::clock::Today;
use super::directory::{has_register, open_online, open_online_to_sign};
use super::exit::{Ended, Exit};
use super::metrics::Metrics;
use super::next::next_with;
use super::output::Output;
use super::schedule::Schedule;

const RENEWING: &str = "\
Run it every 6 hours from a timer; `interdict-publish schedule` writes one. The timestamp lives 3 days;
after that every gateway takes the lists for stale, and its verdicts are degraded. It signs with the keys
of snapshot and timestamp alone, and reads neither register nor list keys: DIR may be on another machine,
with repository/ and the two keys in keys/. It renews what was published last, whatever a later release
left half done.

A clock before the newest time that was published stops it, and one more than 14 days after that, unless
--today states the day.

It does not replace `release`: a gateway's policy takes a list that was released 30 days ago for
expired, and what the holders of the targets keys signed ends after 90 days; `renew` is refused then.

Example:
  interdict-publish renew se";

const PUBLISHING: &str = "\
The machine of the targets keys signs with `release DIR --to FOLDER`. Carry the folder to the machine
that has the repository and the keys of snapshot and timestamp, and publish it there. Everything is
checked first: the clock, the signatures, each file, and whether gateways would take it. To publish a
folder twice does no harm.

If a machine signed with a clock that ran ahead, set it right, run `recover clock` on both machines, and then
`release --to` and `publish`.

Example:
  interdict-publish publish se-online staged";

const UPLOADING: &str = "\
Copies what is published, the timestamp last, so that whoever reads FOLDER meanwhile finds a complete
release. FOLDER may be a mounted object store. What is there already with the same bytes is skipped. Files
go when no release of the last 14 days named them; metadata never goes. An empty FOLDER to which something was
copied before is refused, for its file system is probably not mounted; delete it if its files are lost.

Example:
  interdict-publish upload se --to mirror";

const STATUS: &str = "\
Shows every end that the repository shows, with the days left, and with a register what it holds beyond
what is published. Without a register it says what it cannot see. The exit code is the worst of: 6 damaged,
4 expired, 3 expiring soon, 0 well. Soon is: timestamp and snapshot 2 days, list 7 days, targets and epoch
14 days, root and format 30 days.

Example:
  interdict-publish status se --json";

// What an unattended machine does. (A doc comment would become the whole command's.)
#[derive(Debug, Subcommand)]
pub(super) enum Unattended {
    /// Sign snapshot and timestamp again, so that the published lists stay fresh
    #[command(after_help = RENEWING)]
    Renew(Renew),
    /// Publish the folder that `release --to` wrote on another machine
    #[command(after_help = PUBLISHING)]
    Publish(Publish),
    /// Copy the repository to another folder, in the order that gateways need
    #[command(after_help = UPLOADING)]
    Upload(Upload),
    /// Say what is published, when it ends, and where the lists, epochs and members stand
    #[command(after_help = STATUS)]
    Status(StatusOf),
    /// Write systemd units that run `renew` every 6 hours, and print the line for cron
    Schedule(Schedule),
}

#[derive(Debug, Args)]
pub(super) struct Renew {
    /// The directory with repository/ and keys/
    directory: PathBuf,
    #[command(flatten)]
    today: Today,
    #[command(flatten)]
    metrics: Metrics,
}

#[derive(Debug, Args)]
pub(super) struct Publish {
    /// The directory with repository/ and keys/
    directory: PathBuf,
    /// The folder that was carried over
    staged: PathBuf,
    #[command(flatten)]
    today: Today,
    #[command(flatten)]
    metrics: Metrics,
}

#[derive(Debug, Args)]
pub(super) struct Upload {
    /// The directory with repository/
    directory: PathBuf,
    /// The folder to copy to
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct StatusOf {
    /// The directory with repository/, with or without a register
    directory: PathBuf,
    #[command(flatten)]
    metrics: Metrics,
}

impl Unattended {
    pub(super) fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        match self {
            Self::Renew(arguments) => arguments.run(now, out),
            Self::Publish(arguments) => arguments.run(now, out),
            Self::Upload(arguments) => {
                let online = open_online(&arguments.directory)?;
                Ok(out.report(&online.upload(&arguments.to, now)?)?)
            }
            Self::Status(arguments) => arguments.run(now, out),
            Self::Schedule(arguments) => arguments.run(out),
        }
    }
}

impl Renew {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let online = open_online_to_sign(&self.directory)?;
        online.confirm_clock(now, self.today.day())?;
        out.report(&online.renew(now)?)?;
        self.metrics.write("renew", &self.directory, now)
    }
}

impl Publish {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let online = open_online_to_sign(&self.directory)?;
        online.confirm_clock(now, self.today.day())?;
        out.report(&online.publish(&self.staged, now)?)?;
        self.metrics.write("publish", &self.directory, now)
    }
}

impl StatusOf {
    fn run(&self, now: Time, out: &mut Output<'_>) -> Result<()> {
        let online = open_online(&self.directory)?;
        let published = online.status(now)?;
        let seen = match has_register(&self.directory) {
            true => register(&self.directory, now, out),
            false => unseen(out),
        };
        let mut exit = Exit::Well;
        match &published {
            Some(published) => {
                out.group("published", published)?;
                exit = match published.damaged.is_empty() {
                    true => published.urgent().into(),
                    false => Exit::Damaged,
                };
            }
            None => {
                out.line("nothing is published yet")?;
                if has_register(&self.directory) {
                    let what = "publishes for the first time";
                    out.line(&next_with(&self.directory, "release", "--first", what))?;
                }
                out.field("published", Value::Null);
            }
        }
        self.metrics.write("status", &self.directory, now)?;
        // What is published is shown even if the register cannot be read.
        seen?;
        Ended::with(exit, exit.meaning())
    }
}

/// What the register says, and what it holds beyond what is published.
fn register(directory: &Path, now: Time, out: &mut Output<'_>) -> Result<()> {
    let seen = Publisher::open(directory)
        .and_then(|publisher| Ok((publisher.status(now)?, publisher.pending(now)?)));
    let (status, pending) = match seen {
        Ok(seen) => seen,
        Err(error) => {
            out.field("register", json!({"error": error.to_string()}));
            let error = anyhow::Error::from(error);
            return Ended::with(Exit::of(&error), error.to_string());
        }
    };
    out.group("register", &status)?;
    let mut beyond = Vec::new();
    for list in &pending {
        let removed = list.removed.len();
        let (added, changed) = (list.added.len(), list.changed.len());
        let name = list.list.as_str();
        out.line(&match (added, changed, removed) {
            (0, 0, 0) => format!("{name}: all that goes out is published"),
            _ => format!(
                "{name}: not published yet: {added} added, {changed} changed, {removed} removed; `plan` names them"
            ),
        })?;
        for UnnamedEntries { source, count, .. } in &list.unnamed {
            out.line(&format!(
                "{name}: {count} published entries from {source} have no name here and cannot move to another \
                 epoch: import their names again, or confirm at a release that they go"
            ))?;
        }
        beyond.push(json!({
            "list": name, "added": added, "changed": changed, "removed": removed,
            "unnamed": list.unnamed(),
        }));
    }
    out.field("pending", Value::Array(beyond));
    Ok(())
}

fn unseen(out: &mut Output<'_>) -> Result<()> {
    let unseen = "what waits to be released, what is held back, members, sources and list keys";
    out.line(&format!(
        "there is no register here, so this cannot be seen: {unseen}"
    ))?;
    out.field("register", Value::Null);
    out.field("unseen", json!(unseen.split(", ").collect::<Vec<_>>()));
    Ok(())
}
