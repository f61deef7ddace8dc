//! What a dead machine must not take with it: a backup, its way back, and what a register needs that is
//! older than what gateways have seen.
//!
//! A backup is one file, encrypted with age (age-encryption.org/v1). Inside is a tar archive: `manifest.json`,
//! `register.sqlite`, `history.jsonl` as far as the register notes it, in `published/` what the last release said
//! of entries, and by choice the files of `keys/`. The manifest comes first and names every other member with its
//! length and SHA-256, so `age -d` and `tar` alone read a backup.
//!
//! age proves that a file is whole. It does not prove who made it: everybody who knows a recipient can make one.
//! A restored register says so of itself, and signs nothing until `recover` has compared it with what is
//! published: the versions, epochs and entries of a release that came after the backup.

mod archive;
mod comparison;
mod epochs;
mod manifest;
mod missing_keys;
mod published;
mod recover;
mod report;
mod restore;
mod save;
mod secret;

pub use missing_keys::{MissingKeys, SignersMissing};
pub use recover::RecoverOptions;
pub use report::{ListRecovery, RecoverReport};
pub use restore::RestoreReport;
pub use save::{BackupKeys, BackupOptions, BackupReport};
pub use secret::{BackupIdentity, BackupRecipients, new_backup_key};
