use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use interdict_core::common::time::Time;
use interdict_publisher::{
    BackupIdentity, BackupKeys, BackupOptions, BackupRecipients, Publisher, RecoverOptions,
    new_backup_key, write_secret,
};

use super::directory::open_with_warning;

const BACKUP: &str = "\
The file holds the register and its history, and with --with-keys the files of keys/. It is encrypted with
age (age-encryption.org): only the named recipients, or whoever has the passphrase, can open it. Inside is a
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

const RECOVER: &str = "\
After a restore: REPOSITORY is a copy of what is served now. Copy it to DIR/repository first, and gateways fetch
only what changed. The next release then has higher versions than any gateway has seen.

A list holds no names. Published records that the register does not know stay published as they are. Import
again what the sources sent since the backup: records that get a name by it are no longer unknown.
--give-up-unknown lets the next release take the rest back. A new epoch does not have them, so decide before
`epoch start`. Entries that were taken off a list since the backup stay off it: --show-withdrawn prints them as a
file for `delist`, --list-again lets them go out again.

Members and settings that came after the backup are not in a repository: add them again.

Examples:
  interdict-publish recover se --from served
  interdict-publish recover se --show-withdrawn";

// What a dead machine must not take with it. (A doc comment would become the whole command's.)
#[derive(Debug, Subcommand)]
pub(super) enum Backups {
    /// Write register, history and by choice keys to one encrypted file
    #[command(after_help = BACKUP)]
    Backup(Backup),
    /// Make a key pair that opens backups
    BackupKey {
        /// The identity file to write: it opens every backup made to the recipient that is printed
        file: PathBuf,
    },
    /// Bring a backup back to a directory that is empty or not there
    #[command(after_help = RESTORE)]
    Restore(Restore),
    /// Let a restored register follow what was published since its backup
    #[command(after_help = RECOVER)]
    Recover(Recover),
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

#[derive(Debug, Args)]
pub(super) struct Recover {
    /// The coalition's directory
    directory: PathBuf,
    /// The repository as it is served, with its folders metadata and targets
    #[arg(long = "from", value_name = "REPOSITORY", group = "what")]
    repository: Option<PathBuf>,
    /// No repository is left: raise versions by a wide margin and forget what was published since
    #[arg(long, group = "what")]
    nothing_left: bool,
    /// Print the entries that were taken off the lists since the backup, as a file for `delist`
    #[arg(long, group = "what")]
    show_withdrawn: bool,
    /// Let them go out again
    #[arg(long, group = "what")]
    list_again: bool,
    /// Let the next release take back the published records that have no name in the register
    #[arg(long, group = "what")]
    give_up_unknown: bool,
    /// An epoch whose list key is gone for good: it ends with the next release; may be repeated
    #[arg(long = "lost-key", value_name = "EPOCH")]
    lost_keys: Vec<u32>,
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
            Self::Recover(arguments) => arguments.run(now, out),
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
        let mut publisher = open_with_warning(&self.directory)?;
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

impl Recover {
    fn run(&self, now: Time, out: &mut impl Write) -> Result<()> {
        let mut publisher = open_with_warning(&self.directory)?;
        if self.show_withdrawn {
            return show_withdrawn(&publisher, out);
        }
        if self.list_again {
            let count = publisher.list_withdrawn_again()?;
            return Ok(writeln!(
                out,
                "{count} entries go out again with the next release"
            )?);
        }
        if self.give_up_unknown {
            let count = publisher.give_up_unknown()?;
            return Ok(writeln!(
                out,
                "the next release takes {count} records back"
            )?);
        }
        if self.repository.is_none() && !self.nothing_left {
            bail!("name the repository with --from; --help says what else there is");
        }
        let options = RecoverOptions {
            repository: self.repository.clone(),
            lost_keys: self.lost_keys.clone(),
        };
        write!(out, "{}", publisher.recover(&options, now)?)?;
        Ok(writeln!(
            out,
            "next: `interdict-publish release --dry-run`, then `release`"
        )?)
    }
}

/// As CSV, which `delist` reads.
fn show_withdrawn(publisher: &Publisher, out: &mut impl Write) -> Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(["kind", "value"])?;
    for (_, identifier) in publisher.withdrawn()? {
        rows.write_record([identifier.kind().name(), identifier.text()])?;
    }
    Ok(rows.flush()?)
}

fn text(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| path_of(file))
}

fn path_of(file: &Path) -> String {
    file.display().to_string()
}
