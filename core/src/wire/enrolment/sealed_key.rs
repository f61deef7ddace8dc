use alloc::borrow::ToOwned as _;
use alloc::vec::Vec;
use core::fmt;

use serde::Serialize;

use crate::common::schema::{Fields, Path, read};
use crate::list::KeyTarget;

use super::error::EnrolmentError;
use super::grant::name;
use super::key::EnrolmentKey;

/// The most bytes of what is sealed: three times what is written today.
const MAX_SEALED: usize = 512;

const FORMAT: &str = "interdict-key-1";

/// What a sealed key holds once it is opened: one ListKey, and which lists it reads.
///
/// ```json
/// {"format":"interdict-key-1","coalition":"se","epoch":2,"key":"<64 hexadecimal digits>"}
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SealedKey {
    target: KeyTarget,
    key: EnrolmentKey,
}

impl SealedKey {
    /// What to seal for the members of a coalition.
    #[must_use]
    pub fn new(coalition: &str, key: &EnrolmentKey) -> Self {
        Self {
            target: KeyTarget {
                coalition: coalition.to_owned(),
                epoch: key.epoch(),
            },
            key: key.clone(),
        }
    }

    /// Reads what was sealed. Members that this version does not know are ignored.
    ///
    /// # Errors
    /// An [`EnrolmentError`].
    pub fn read(bytes: &[u8]) -> Result<Self, EnrolmentError> {
        let message = read(bytes, MAX_SEALED)?;
        let mut fields = Fields::of(&message, Path::default())?;
        if fields.required("format")?.text()? != FORMAT {
            return Err(EnrolmentError::Format);
        }
        let coalition = fields.required("coalition")?.form(name)?;
        let epoch = fields.required("epoch")?.number(1, u32::MAX)?;
        let key = fields.required("key")?;
        let key = key.form(|hex| EnrolmentKey::new(epoch, hex))?;
        let target = KeyTarget { coalition, epoch };
        Ok(Self { target, key })
    }

    /// The bytes to seal.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let file = File {
            format: FORMAT,
            coalition: &self.target.coalition,
            epoch: self.target.epoch,
            key: self.key.hex(),
        };
        // Strings and numbers can always be written.
        serde_json::to_vec(&file).unwrap_or_default()
    }

    /// The one target that may hold these bytes. A key in another target's file is another epoch's or
    /// coalition's.
    #[must_use]
    pub const fn target(&self) -> &KeyTarget {
        &self.target
    }

    /// The ListKey and its epoch.
    #[must_use]
    pub const fn key(&self) -> &EnrolmentKey {
        &self.key
    }
}

#[derive(Serialize)]
struct File<'a> {
    format: &'a str,
    coalition: &'a str,
    epoch: u32,
    key: &'a str,
}

impl fmt::Debug for SealedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedKey")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}
