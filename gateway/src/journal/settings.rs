use std::path::PathBuf;

use serde::Deserialize;

use crate::error::Error;
use crate::journal_error::JournalError;
use crate::time_stamp::{Authority, TrustedAuthorities};

/// What `gateway.toml` says about the journal, in the table `[journal]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JournalSettings {
    /// Its directory.
    pub directory: PathBuf,
    /// What happens to a verdict whose line cannot be written.
    pub audit: Audit,
    /// When lines are synced to the disk.
    pub sync: SyncPolicy,
    /// The most disk space that its files may take. No line is written beyond it.
    pub max_megabytes: u32,
    /// A file is followed by another at this size, and at the first line of each day.
    pub rotate_megabytes: u32,
    /// How long lines are kept. Files are deleted whole, as soon as all their lines are older.
    pub retention_days: u32,
    /// Where an authority gives time stamps (RFC 3161) for heads.
    pub time_stamp_url: Option<String>,
    /// The file of certificates in PEM that vouch for that authority.
    pub time_stamp_roots: Option<PathBuf>,
}

/// What happens to a verdict whose line cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audit {
    /// It is not given.
    #[default]
    Required,
    /// It is given all the same.
    BestEffort,
}

/// When lines are synced. A line survives the end of the process under each of them; this is about the end of
/// the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SyncPolicy {
    /// Before `append` returns. Threads that append at once share one sync.
    Every,
    /// Once a second by `tick`, and by `append` if that is more than two seconds late.
    #[default]
    Second,
    /// When the system likes.
    Never,
}

const MEGABYTE: u64 = 1_000_000;

impl Default for JournalSettings {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("journal"),
            audit: Audit::default(),
            sync: SyncPolicy::default(),
            max_megabytes: 10_000,
            rotate_megabytes: 64,
            retention_days: 1_826,
            time_stamp_url: None,
            time_stamp_roots: None,
        }
    }
}

impl JournalSettings {
    pub(super) fn check(&self) -> Result<(), JournalError> {
        if !(1..=1_024).contains(&self.rotate_megabytes) {
            return Err(JournalError::Setting("rotate_megabytes is 1 to 1024"));
        }
        if self.max_megabytes < self.rotate_megabytes.saturating_mul(2) {
            return Err(JournalError::Setting(
                "max_megabytes is at least twice rotate_megabytes",
            ));
        }
        if self.retention_days == 0 {
            return Err(JournalError::Setting("retention_days is at least 1"));
        }
        if self.time_stamp_url.is_some() != self.time_stamp_roots.is_some() {
            return Err(JournalError::Setting(
                "time_stamp_url and time_stamp_roots go together",
            ));
        }
        Ok(())
    }

    /// Who gives time stamps, if anybody.
    ///
    /// # Errors
    /// The file of certificates cannot be read.
    pub fn authority(&self) -> Result<Option<Authority>, Error> {
        match (&self.time_stamp_url, &self.time_stamp_roots) {
            (Some(url), Some(roots)) => {
                let trust = TrustedAuthorities::read(roots);
                let trust = trust.map_err(Error::of_setting("time_stamp_roots"))?;
                Ok(Some(Authority::new(url, trust)))
            }
            _ => Ok(None),
        }
    }

    pub(super) fn bound(&self) -> u64 {
        u64::from(self.max_megabytes).saturating_mul(MEGABYTE)
    }

    pub(super) fn file_bound(&self) -> u64 {
        u64::from(self.rotate_megabytes).saturating_mul(MEGABYTE)
    }

    /// Lines before this time may go.
    pub(super) const fn cutoff(&self, now: u32) -> u32 {
        now.saturating_sub(self.retention_days.saturating_mul(86_400))
    }
}
