use std::fmt;
use std::io::Read as _;

use age::secrecy::ExposeSecret as _;
use age::x25519::Identity;
use age::{DecryptError, Decryptor};
use interdict_core::list::KeyTarget;
use interdict_core::wire::{EnrolmentKey, SealedKey};

/// More bytes than any sealed key holds once it is opened.
const MAX_OPENED: u64 = 1024;

/// A gateway's own age X25519 key pair. The coalition seals its ListKeys to the public half, so that they
/// change without anybody's help.
#[derive(Clone)]
pub struct MemberKey(Identity);

/// Why a sealed key was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenError {
    /// It is sealed to others and not to this gateway.
    NotARecipient,
    /// It is no age file, or damaged.
    Damaged,
    /// What is sealed is no ListKey of this version.
    Form,
    /// What is sealed is the key of another coalition or epoch than the file's name says.
    OtherKey,
}

impl MemberKey {
    /// Makes a key pair.
    pub(crate) fn generate() -> Self {
        Self(Identity::generate())
    }

    /// Reads the secret half: one line `AGE-SECRET-KEY-1…`, as age's own tools write it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let identity = text.trim_ascii_end().parse::<Identity>();
        identity.ok().map(Self)
    }

    /// The secret half, as [`MemberKey::read`] reads it.
    pub(crate) fn secret(&self) -> String {
        format!("{}\n", self.0.to_string().expose_secret())
    }

    /// The public half, `age1…`: it goes into the application for membership.
    #[must_use]
    pub fn recipient(&self) -> String {
        self.0.to_public().to_string()
    }

    /// Opens the file of a sealed key.
    ///
    /// # Errors
    /// An [`OpenError`].
    pub fn open(&self, target: &KeyTarget, file: &[u8]) -> Result<EnrolmentKey, OpenError> {
        let decryptor = Decryptor::new_buffered(file).map_err(|_| OpenError::Damaged)?;
        let identities = std::iter::once(&self.0 as &dyn age::Identity);
        let reader = decryptor.decrypt(identities).map_err(|error| match error {
            DecryptError::NoMatchingKeys => OpenError::NotARecipient,
            _ => OpenError::Damaged,
        })?;
        let mut plain = Vec::new();
        let read = reader.take(MAX_OPENED).read_to_end(&mut plain);
        read.map_err(|_| OpenError::Damaged)?;
        let sealed = SealedKey::read(&plain).map_err(|_| OpenError::Form)?;
        if sealed.target() != target {
            return Err(OpenError::OtherKey);
        }
        Ok(sealed.key().clone())
    }
}

impl fmt::Debug for MemberKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemberKey(secret)")
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotARecipient => "it is not sealed to this gateway",
            Self::Damaged => "it is no age file, or damaged",
            Self::Form => "what is sealed is no list key that this version knows",
            Self::OtherKey => "what is sealed is the key of another coalition or epoch",
        })
    }
}

impl std::error::Error for OpenError {}
