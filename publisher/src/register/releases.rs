use interdict_core::common::time::Time;
use interdict_core::list::ListId;
use interdict_core::trust::RoleName;
use rusqlite::{OptionalExtension as _, params};

use super::database::{Change, Register};
use crate::error::{PublisherError, Result};

/// A metadata file as it was made for publishing.
#[derive(Debug, Clone)]
pub(crate) struct MetadataFile {
    pub(crate) version: u32,
    pub(crate) bytes: Vec<u8>,
}

impl Register {
    /// The sequence of a list's newest release, 0 before the first.
    pub(crate) fn sequence(&self, list: &ListId) -> Result<u64> {
        let query = "SELECT coalesce(max(sequence), 0) FROM release WHERE list = ?1";
        let sequence = self
            .0
            .query_row(query, [list.as_str()], |row| row.get::<_, i64>(0))?;
        u64::try_from(sequence).map_err(|_| PublisherError::RegisterContent)
    }

    /// When the newest release of any list was built.
    pub(crate) fn newest_issue(&self) -> Result<Option<Time>> {
        let newest = self
            .0
            .query_row("SELECT max(issued) FROM release", [], |row| {
                row.get::<_, Option<u32>>(0)
            })
            .optional()?;
        Ok(newest.flatten().map(Time::from_seconds))
    }

    /// The newest metadata of a role that was made for publishing.
    pub(crate) fn newest(&self, role: RoleName) -> Result<Option<MetadataFile>> {
        Ok(self.roots_or_newest(role)?.pop())
    }

    /// Every root, oldest first.
    pub(crate) fn roots(&self) -> Result<Vec<MetadataFile>> {
        self.roots_or_newest(RoleName::Root)
    }

    fn roots_or_newest(&self, role: RoleName) -> Result<Vec<MetadataFile>> {
        let query = "SELECT version, bytes FROM metadata WHERE role = ?1 ORDER BY version";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([role.as_str()], |row| {
            Ok(MetadataFile {
                version: row.get(0)?,
                bytes: row.get(1)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Change<'_> {
    #[cfg(test)]
    pub(crate) fn forget_releases(&self) -> Result<()> {
        self.0.execute("DELETE FROM release", [])?;
        Ok(())
    }

    /// Keeps a metadata file that is about to be published, and with it its version number, which
    /// is never used again even if publishing is cut off. Of roots all are kept.
    pub(crate) fn put_metadata(&self, role: RoleName, version: u32, bytes: &[u8]) -> Result<()> {
        if role != RoleName::Root {
            self.0
                .execute("DELETE FROM metadata WHERE role = ?1", [role.as_str()])?;
        }
        self.0.execute(
            "INSERT INTO metadata VALUES (?1, ?2, ?3)",
            params![role.as_str(), version, bytes],
        )?;
        Ok(())
    }

    pub(crate) fn put_release(
        &self,
        list: &ListId,
        sequence: u64,
        issued: Time,
        records: usize,
        filter: &str,
    ) -> Result<()> {
        let sequence = i64::try_from(sequence).map_err(|_| PublisherError::Exhausted)?;
        let records = i64::try_from(records).map_err(|_| PublisherError::Exhausted)?;
        self.0.execute(
            "INSERT INTO release VALUES (?1, ?2, ?3, ?4, ?5)",
            params![list.as_str(), sequence, issued.seconds(), records, filter],
        )?;
        Ok(())
    }
}
