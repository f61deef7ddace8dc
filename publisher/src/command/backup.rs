use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use interdict_core::common::time::Time;
use interdict_publisher::{
    BackupIdentity, BackupKeys, BackupOptions, BackupRecipients, Publisher, new_backup_key,
    write_secret,
};

use super::directory::open_with_warning;

const BACKUP: &str = "\
The file holds the register, its history and what the last release said, and with --with-keys the files of
keys/. It is encrypted with age (age-encryption.org): only the named recipients, or whoever has the passphrase, can open it. Inside is a
tar archive, so `age -d -i KEYFILE FILE | tar x` opens it without this program.

With the keys, one file is enough to sign and to read every list: keep it in a safe. Without them, keep the
keys elsewhere. Note the sha256 that is printed: age proves that a backup is whole, not who made it.

Examples:
  interdict-publish backup-key backup-key.txt
  interdict-publish backup se se-2026-11-22.age --recipient age1…
  interdict-publish backup se se-2026-11-22.age --passphrase-file words.txt --with-keys";

const RESTORE: &str = "\
Everything in the file is checked before DIR gets any of it. What is restored does not know what was published
since the backup, so it signs nothing until `recover` has run. An interrupted restore leaves DIR.restoring,
which the next one empties.

Example:
  interdict-publish restore se-2026-11-22.age se --identity backup-key.txt";

// What a dead machine must not take with it. (A doc comment would become the whole command's.)
#[derive(Debug, Subcommand)]
pub(super) enum Backups {
    /// Write register, history and by choice keys to one encrypted file
    #[command(after_help = BACKUP)]
    Backup(Backup),
    /// Make a key pair that opens backups
    #[command(after_help = "\
Example:
  interdict-publish backup-key backup-key.txt > recipient.txt")]
    BackupKey {
        /// The identity file to write: it opens every backup made to the recipient that is printed
        file: PathBuf,
    },
    /// Bring a backup back to a directory that is empty or not there
    #[command(after_help = RESTORE)]
    Restore(Restore),
}

#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The coalition's directory
    directory: PathBuf,
    /// The file to write; it must not exist
    file: PathBuf,
    /// Who can open it: the age1… line that `backup-key` or `age-keygen` printed; may be repeated
    #[arg(long = "recipient", value_name = "AGE1")]
    recipients: Vec<String>,
    /// A file whose first line is the passphrase that opens it instead
    #[arg(long, value_name = "FILE", conflicts_with = "recipients")]
    passphrase_file: Option<PathBuf>,
    /// Put the files of keys/ into it too
    #[arg(long)]
    with_keys: bool,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The backup
    file: PathBuf,
    /// A directory that is empty or not there
    directory: PathBuf,
    /// The identity file of a recipient
    #[arg(
        long,
        value_name = "KEYFILE",
        required_unless_present = "passphrase_file"
    )]
    identity: Option<PathBuf>,
    /// A file whose first line is the passphrase
    #[arg(long, value_name = "FILE", conflicts_with = "identity")]
    passphrase_file: Option<PathBuf>,
}

impl Backups {
    pub(super) fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        match self {
            Self::Backup(arguments) => arguments.run(now, out),
            Self::BackupKey { file } => {
                let (identity, recipient) = new_backup_key();
                write_secret(file, identity.as_bytes()).with_context(|| path_of(file))?;
                writeln!(out, "{recipient}")?;
                Ok(writeln!(
                    out,
                    "{}: keep it where the backups are not; without it they are lost",
                    file.display()
                )?)
            }
            Self::Restore(arguments) => arguments.run(now, out),
        }
    }
}

impl Backup {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let recipients = match &self.passphrase_file {
            Some(file) => BackupRecipients::of_passphrase(&text(file)?)?,
            None => BackupRecipients::of_keys(self.recipients.iter().map(String::as_str))?,
        };
        let options = BackupOptions {
            recipients: &recipients,
            keys: match self.with_keys {
                true => BackupKeys::With,
                false => BackupKeys::Without,
            },
        };
        let publisher = open_with_warning(&self.directory)?;
        let report = publisher.backup(&self.file, &options, now)?;
        Ok(write!(out, "{}: {report}", self.file.display())?)
    }
}

impl Restore {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let identity = match (&self.identity, &self.passphrase_file) {
            (Some(file), _) => BackupIdentity::of_file(&text(file)?)?,
            (None, Some(file)) => BackupIdentity::of_passphrase(&text(file)?)?,
            (None, None) => bail!("name an identity file or a passphrase file"),
        };
        let report = Publisher::restore(&self.file, &self.directory, &identity, now)?;
        Ok(write!(out, "{}: {report}", self.directory.display())?)
    }
}

fn text(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| path_of(file))
}

fn path_of(file: &Path) -> String {
    file.display().to_string()
}
