//! Who can open a backup.

use std::fmt;
use std::io::{BufRead, Read, Write};

use age::secrecy::{ExposeSecret as _, SecretString};
use age::x25519::{Identity, Recipient};
use age::{DecryptError, Decryptor, Encryptor, IdentityFile, scrypt};

use crate::error::{BackupError, PublisherError, Result};
use crate::keys::check_recipient;

/// Few enough to be guessed would be a file that everybody can open who finds it.
const LEAST_PASSPHRASE: usize = 20;

/// A second for whoever opens a backup, and for every guess: 2^18 rounds, the default of the age tool.
const WORK_FACTOR: u8 = 18;

/// Who can open a backup: the holders of age identities, or of a passphrase.
pub struct BackupRecipients(Vec<Box<dyn age::Recipient>>);

/// What opens a backup.
pub struct BackupIdentity(Vec<Box<dyn age::Identity>>);

/// Makes a key pair for backups: the text of an identity file, and the recipient to back up to.
#[must_use]
pub fn new_backup_key() -> (String, String) {
    let identity = Identity::generate();
    let recipient = identity.to_public().to_string();
    let secret = identity.to_string();
    let text = format!("# public key: {recipient}\n{}\n", secret.expose_secret());
    (text, recipient)
}

impl BackupRecipients {
    /// The holders of these recipients' identities, each alone.
    ///
    /// # Errors
    /// [`BackupError::NoRecipient`], [`BackupError::Recipient`].
    pub fn of_keys<'r>(recipients: impl IntoIterator<Item = &'r str>) -> Result<Self> {
        let recipients = recipients.into_iter().map(|text| {
            check_recipient(text).map_err(|_| BackupError::Recipient)?;
            let recipient = text.parse::<Recipient>();
            let recipient = recipient.map_err(|_| BackupError::Recipient)?;
            Ok(Box::new(recipient) as Box<dyn age::Recipient>)
        });
        let recipients = recipients.collect::<Result<Vec<_>, BackupError>>()?;
        if recipients.is_empty() {
            return Err(BackupError::NoRecipient.into());
        }
        Ok(Self(recipients))
    }

    /// Whoever knows the passphrase: the text's first line.
    ///
    /// # Errors
    /// [`BackupError::Passphrase`] if it has fewer than 20 characters.
    pub fn of_passphrase(text: &str) -> Result<Self> {
        let mut recipient = scrypt::Recipient::new(passphrase(text)?);
        recipient.set_work_factor(WORK_FACTOR);
        Ok(Self(vec![Box::new(recipient)]))
    }

    /// Encrypts what is written.
    pub(super) fn seal<W: Write>(
        &self,
        out: W,
    ) -> std::io::Result<Option<age::stream::StreamWriter<W>>> {
        let recipients = self.0.iter().map(|one| &**one);
        match Encryptor::with_recipients(recipients) {
            Ok(encryptor) => encryptor.wrap_output(out).map(Some),
            Err(_) => Ok(None),
        }
    }
}

impl BackupIdentity {
    /// Reads an identity file, as `age-keygen` writes it.
    ///
    /// # Errors
    /// [`BackupError::Identity`].
    pub fn of_file(text: &str) -> Result<Self> {
        let file = IdentityFile::from_buffer(text.as_bytes());
        let identities = file.ok().and_then(|file| file.into_identities().ok());
        let identities = identities.filter(|identities| !identities.is_empty());
        Ok(Self(identities.ok_or(BackupError::Identity)?))
    }

    /// A passphrase: the text's first line.
    ///
    /// # Errors
    /// [`BackupError::Passphrase`] if it has fewer than 20 characters.
    pub fn of_passphrase(text: &str) -> Result<Self> {
        let mut identity = scrypt::Identity::new(passphrase(text)?);
        // Whoever made the file chose the work; more than four times ours would only keep us waiting.
        identity.set_max_work_factor(WORK_FACTOR.saturating_add(2));
        Ok(Self(vec![Box::new(identity)]))
    }

    /// Decrypts what is read.
    pub(super) fn open<R: BufRead>(&self, file: R) -> Result<impl Read> {
        let decryptor = Decryptor::new_buffered(file).map_err(|_| BackupError::Damaged)?;
        let identities = self.0.iter().map(|one| &**one);
        let reader = decryptor.decrypt(identities);
        reader.map_err(|error| {
            PublisherError::from(match error {
                DecryptError::NoMatchingKeys
                | DecryptError::KeyDecryptionFailed
                | DecryptError::DecryptionFailed => BackupError::OtherIdentity,
                _ => BackupError::Damaged,
            })
        })
    }
}

fn passphrase(text: &str) -> Result<SecretString, BackupError> {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() < LEAST_PASSPHRASE {
        return Err(BackupError::Passphrase);
    }
    Ok(SecretString::from(line.to_owned()))
}

impl fmt::Debug for BackupRecipients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackupRecipients({})", self.0.len())
    }
}

impl fmt::Debug for BackupIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BackupIdentity(secret)")
    }
}
