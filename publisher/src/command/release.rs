use std::io::Write;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;
use interdict_publisher::{EmptyLists, NewBase, Publisher, ReleaseOptions};

use super::warn_of_test_keys;

#[derive(Debug, Args)]
#[command(after_help = "\
A release is refused if the register's file is damaged. It is refused, too, if entries of the last
release are gone from the register or say less without having been delisted, protected or imported
again: restore a copy of the register. If the list is meant to be so, --entries states the number of
entries that goes out, as the refusal gives it.")]
pub(super) struct Release {
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
    /// Build filter and records anew, also where a stash of the changes would do
    #[arg(long)]
    base: bool,
    /// State how many entries go out, although entries of the last release were lost; must be exact
    #[arg(long, value_name = "N")]
    entries: Option<usize>,
    /// Do everything except publishing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct RotateRoot {
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

impl Release {
    pub(super) fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let empty = if self.allow_empty {
            EmptyLists::Allow
        } else {
            EmptyLists::Refuse
        };
        let options = ReleaseOptions {
            lists: self.lists.clone(),
            rate: self.rate,
            empty,
            base: if self.base {
                NewBase::Always
            } else {
                NewBase::WhenDue
            },
            entries: self.entries,
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
    pub(super) fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
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
