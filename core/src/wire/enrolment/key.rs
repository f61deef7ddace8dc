use alloc::borrow::ToOwned as _;
use alloc::string::String;
use core::fmt;

use crate::common::schema::{Field, SchemaError};
use crate::token::{KeyId, ListKey};

/// The list key of one epoch.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentKey {
    epoch: u32,
    hex: String,
    key: ListKey,
}

impl EnrolmentKey {
    /// Makes the key of an epoch, from 1. `hex` is 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn new(epoch: u32, hex: &str) -> Option<Self> {
        let key = ListKey::from_hex(hex).filter(|_| epoch > 0)?;
        let hex = hex.to_owned();
        Some(Self { epoch, hex, key })
    }

    /// The epoch whose lists the key reads.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The secret in hexadecimal digits, as `configure` takes it.
    #[must_use]
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// The ListKey, ready to compute tags with.
    #[must_use]
    pub const fn list_key(&self) -> &ListKey {
        &self.key
    }

    /// The id that list headers name the key by.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.key.id()
    }

    pub(super) fn read(item: &Field<'_, '_>) -> Result<Self, SchemaError> {
        let mut fields = item.fields()?;
        let epoch = fields.required("epoch")?.number(1, u32::MAX)?;
        let key = fields.required("key")?;
        fields.end()?;
        key.form(|hex| Self::new(epoch, hex))
    }
}

impl fmt::Debug for EnrolmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrolmentKey")
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}
