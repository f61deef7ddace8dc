use std::fmt;
use std::path::PathBuf;

use interdict_core::trust::RoleName;

/// Why there is no backup, or nothing was restored or recovered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackupError {
    /// Nobody was named who could open the backup.
    NoRecipient,
    /// Not the public half of an age X25519 key pair, or one that everybody could open.
    Recipient,
    /// A file without an age identity of ours.
    Identity,
    /// A passphrase that a machine could guess.
    Passphrase,
    /// The backup is sealed to somebody else.
    OtherIdentity,
    /// The file is cut off, changed or no backup.
    Damaged,
    /// A backup in a form that this program does not know.
    Form,
    /// The file to write is there already.
    Exists(PathBuf),
    /// A directory that a restore works in holds something else.
    Leftover(PathBuf),
    /// The register came out of a backup, and nobody knows yet what was published since.
    Restored,
    /// The repository has metadata that the register never signed.
    RepositoryNewer {
        /// Of which role.
        role: RoleName,
        /// The version in the repository.
        published: u32,
        /// The newest that the register knows.
        known: u32,
    },
    /// Register and repository have two roots of one version.
    OtherRoot(u32),
    /// An epoch is published whose key is not in `keys/`.
    KeyMissing {
        /// The file that holds it.
        file: String,
        /// The epoch.
        epoch: u32,
    },
    /// A public edition is published whose key is not in `keys/`.
    PublicKeyMissing {
        /// The file that holds it.
        file: String,
    },
}

impl fmt::Display for BackupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecipient => f.write_str(
                "name who can open the backup, with --recipient age1… or --passphrase-file; \
                 `interdict-publish backup-key` makes a key pair",
            ),
            Self::Recipient => f.write_str(
                "a recipient is the age1… line that `interdict-publish backup-key` or `age-keygen` prints",
            ),
            Self::Identity => f.write_str(
                "the identity file holds no age identity; it is the file that `interdict-publish \
                 backup-key` or `age-keygen` wrote, with a line AGE-SECRET-KEY-1…",
            ),
            Self::Passphrase => {
                f.write_str("a passphrase has 20 characters or more; make it of several words")
            }
            Self::OtherIdentity => f.write_str(
                "this identity does not open the backup; use the one whose recipient it was made for",
            ),
            Self::Damaged => f.write_str(
                "the backup is cut off, changed or no backup of this program; nothing was restored, use another copy",
            ),
            Self::Form => f.write_str(
                "the backup was made by a newer program; restore it with that, nothing was restored",
            ),
            Self::Exists(path) => write!(
                f,
                "{} exists; a backup never overwrites a file, name another",
                path.display()
            ),
            Self::Leftover(path) => write!(
                f,
                "{} is in the way and not left by a restore; move it, nothing was restored",
                path.display()
            ),
            Self::Restored => f.write_str(
                "this register was restored from a backup and does not know what was published since; \
                 run `interdict-publish recover DIR --from REPOSITORY` first, nothing was published",
            ),
            Self::RepositoryNewer {
                role,
                published,
                known,
            } => write!(
                f,
                "the repository has {} {published} and the register knows {known}: the register is older \
                 than what gateways have; run `interdict-publish recover DIR --from REPOSITORY` first, \
                 nothing was published",
                role.as_str()
            ),
            Self::OtherRoot(version) => write!(
                f,
                "register and repository have different roots {version}; restore the backup again into a \
                 new directory and recover before anything else, nothing was changed"
            ),
            Self::KeyMissing { file, epoch } => write!(
                f,
                "the repository has lists of epoch {epoch} and its key is not keys/{file}; put it there. If it \
                 is lost, pass --lost-key {epoch}: the epoch then ends with the next release. Nothing was \
                 changed"
            ),
            Self::PublicKeyMissing { file } => write!(
                f,
                "the published public edition was made with another key than keys/{file}; put that there. A \
                 public key is no secret: the enrolment file of any browser has it. Nothing was changed"
            ),
        }
    }
}

impl std::error::Error for BackupError {}
