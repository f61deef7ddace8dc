use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::ListId;
use rusqlite::params;

use super::database::Change;
use crate::error::Result;

impl Change<'_> {
    /// Marks an identifier of a list as public. Whether it was not before.
    pub(crate) fn mark_public(
        &self,
        list: &ListId,
        identifier: &Identifier,
        now: Time,
    ) -> Result<bool> {
        let (kind, text) = (identifier.kind().name(), identifier.text());
        let changed = self
            .0
            .prepare_cached("INSERT INTO disclosed VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
            .execute(params![list.as_str(), kind, text, now.seconds()])?;
        Ok(changed > 0)
    }

    /// Takes the mark back. Whether there was one.
    pub(crate) fn unmark_public(&self, list: &ListId, identifier: &Identifier) -> Result<bool> {
        let (kind, text) = (identifier.kind().name(), identifier.text());
        let changed = self
            .0
            .prepare_cached("DELETE FROM disclosed WHERE list = ?1 AND kind = ?2 AND text = ?3")?
            .execute([list.as_str(), kind, text])?;
        Ok(changed > 0)
    }
}
