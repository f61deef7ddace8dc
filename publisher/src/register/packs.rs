use interdict_core::list::ListId;
use rusqlite::{OptionalExtension as _, params};

use super::database::{Change, Register};
use crate::error::{PublisherError, Result};

/// A pack of red flags as it was made for publishing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublishedPack {
    pub(crate) version: u32,
    pub(crate) bytes: Vec<u8>,
}

impl Register {
    /// The pack of red flags that a list's next release publishes.
    pub(crate) fn typologies(&self, list: &ListId) -> Result<Option<Vec<u8>>> {
        let query = "SELECT bytes FROM typologies WHERE list = ?1";
        let bytes = self.0.query_row(query, [list.as_str()], |row| row.get(0));
        Ok(bytes.optional()?)
    }

    /// The newest pack of a list that was made for publishing.
    pub(crate) fn typologies_published(&self, list: &ListId) -> Result<Option<PublishedPack>> {
        let query = "SELECT version, bytes FROM typologies_release WHERE list = ?1
             ORDER BY version DESC LIMIT 1";
        let pack = self.0.query_row(query, [list.as_str()], |row| {
            Ok(PublishedPack {
                version: row.get(0)?,
                bytes: row.get(1)?,
            })
        });
        Ok(pack.optional()?)
    }
}

impl Change<'_> {
    /// Keeps a pack of red flags for the next release.
    pub(crate) fn put_typologies(&self, list: &ListId, bytes: &[u8]) -> Result<()> {
        self.0.execute(
            "INSERT INTO typologies VALUES (?1, ?2) ON CONFLICT DO UPDATE SET bytes = ?2",
            params![list.as_str(), bytes],
        )?;
        Ok(())
    }

    pub(crate) fn remove_typologies(&self, list: &ListId) -> Result<()> {
        let removed = self
            .0
            .execute("DELETE FROM typologies WHERE list = ?1", [list.as_str()])?;
        match removed {
            0 => Err(PublisherError::NoTypologies(list.clone())),
            _ => Ok(()),
        }
    }

    /// Remembers a pack that is about to be published; its version never gets another content.
    pub(crate) fn put_typologies_release(&self, list: &ListId, pack: &PublishedPack) -> Result<()> {
        self.0.execute(
            "INSERT INTO typologies_release VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![list.as_str(), pack.version, pack.bytes],
        )?;
        Ok(())
    }
}
