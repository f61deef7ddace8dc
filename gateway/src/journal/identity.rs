use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use ed25519_dalek::SigningKey;
use interdict_core::common::hex;
use interdict_host::{StoreError, files};
use serde::{Deserialize, Serialize};

use super::files as journal_files;
use crate::error::Error;
use crate::journal_error::JournalError;

const CHAIN: &str = "chain.json";
const SIGNING_KEY: &str = "signing.key";
const REFERENCE_KEY: &str = "reference.key";

/// A key file holds 64 digits and a line end.
const MAX_KEY: u64 = 128;
const MAX_CHAIN: u64 = 4_096;

/// What a directory keeps for as long as its chain lasts.
pub(super) struct Identity {
    /// The name of the chain, 32 random digits.
    pub(super) chain: String,
    pub(super) signing: SigningKey,
    pub(super) reference: ReferenceKey,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({}, secrets)", self.chain)
    }
}

/// The key of the digests of references.
pub(super) struct ReferenceKey([u8; 32]);

impl ReferenceKey {
    pub(super) fn read(directory: &Path) -> Result<Self, Error> {
        Ok(Self(read_key(&directory.join(REFERENCE_KEY))?))
    }

    /// The digest that lines have instead of a reference.
    pub(super) fn digest(&self, reference: &str) -> String {
        hex::text(blake3::keyed_hash(&self.0, reference.as_bytes()).as_bytes())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chain {
    format: u32,
    chain: String,
    key: String,
}

impl Identity {
    /// That of a directory, made if there is no journal yet. `chain.json` is written last, so that what an
    /// interrupted process left is made again.
    pub(super) fn open(directory: &Path) -> Result<Self, Error> {
        if read_chain(directory)?.is_none() {
            let (lines, _) = journal_files::list(directory)?;
            if !lines.is_empty() {
                return Err(JournalError::Damaged(directory.join(CHAIN)).into());
            }
            Self::make(directory)?;
        }
        let path = directory.join(CHAIN);
        let chain = read_chain(directory)?.ok_or_else(|| JournalError::Missing(path.clone()))?;
        let signing = SigningKey::from_bytes(&read_key(&directory.join(SIGNING_KEY))?);
        if hex::text(signing.verifying_key().as_bytes()) != chain.key {
            return Err(JournalError::Damaged(directory.join(SIGNING_KEY)).into());
        }
        Ok(Self {
            chain: chain.chain,
            signing,
            reference: ReferenceKey::read(directory)?,
        })
    }

    fn make(directory: &Path) -> Result<(), Error> {
        let signing = SigningKey::from_bytes(&random::<32>()?);
        write_key(directory, SIGNING_KEY, &signing.to_bytes())?;
        write_key(directory, REFERENCE_KEY, &random::<32>()?)?;
        let chain = Chain {
            format: 1,
            chain: hex::text(&random::<16>()?),
            key: hex::text(signing.verifying_key().as_bytes()),
        };
        let text = serde_json::to_vec(&chain).map_err(|_| Error::ANSWER)?;
        Ok(files::write(directory, CHAIN, &text)?)
    }
}

/// The public key of the journal in a directory, with which its heads are verified.
///
/// # Errors
/// There is no journal, or it cannot be read.
pub fn journal_key(directory: &Path) -> Result<String, Error> {
    let chain = read_chain(directory)?;
    let chain = chain.ok_or_else(|| JournalError::Missing(directory.to_owned()))?;
    Ok(chain.key)
}

fn read_chain(directory: &Path) -> Result<Option<Chain>, Error> {
    let path = directory.join(CHAIN);
    let Some(bytes) = files::read(&path, MAX_CHAIN)? else {
        return Ok(None);
    };
    let chain = serde_json::from_slice::<Chain>(&bytes).ok().filter(|one| {
        one.format == 1
            && hex::array::<16>(&one.chain).is_some()
            && hex::array::<32>(&one.key).is_some()
    });
    Ok(Some(chain.ok_or(JournalError::Damaged(path))?))
}

fn read_key(path: &Path) -> Result<[u8; 32], Error> {
    let missing = || StoreError::at(path)(ErrorKind::NotFound.into());
    let bytes = files::read(path, MAX_KEY)?.ok_or_else(missing)?;
    let text = String::from_utf8(bytes).unwrap_or_default();
    let key = hex::array(text.trim_end());
    Ok(key.ok_or_else(|| JournalError::Damaged(path.to_owned()))?)
}

fn write_key(directory: &Path, name: &str, key: &[u8; 32]) -> Result<(), Error> {
    let text = format!("{}\n", hex::text(key));
    Ok(files::write(directory, name, text.as_bytes())?)
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Randomness)?;
    Ok(bytes)
}
