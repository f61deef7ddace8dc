use interdict_core::common::time::Time;
use rusqlite::params;

use super::database::{Change, Register};
use crate::error::Result;

/// A member of the coalition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name with the coalition.
    pub name: String,
    /// Where it finds the repository.
    pub repository: String,
    /// Whom its keys are sealed to, `age1…`; `None` for keys handed over by hand.
    pub recipient: Option<String>,
    /// The newest epoch it was given the key of by hand, 0 for none.
    pub epoch: u32,
}

impl Register {
    /// The members, sorted by name.
    pub(crate) fn members(&self) -> Result<Vec<Member>> {
        let query = "SELECT name, repository, recipient, epoch FROM member ORDER BY name";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([], |row| {
            Ok(Member {
                name: row.get(0)?,
                repository: row.get(1)?,
                recipient: row.get(2)?,
                epoch: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Change<'_> {
    /// Records a member, new or known.
    pub(crate) fn put_member(&self, member: &Member, now: Time) -> Result<()> {
        let Member {
            name,
            repository,
            recipient,
            epoch,
        } = member;
        self.0.execute(
            "INSERT INTO member (name, repository, since, epoch, recipient)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET repository = ?2, epoch = ?4, recipient = ?5",
            params![name, repository, now.seconds(), epoch, recipient],
        )?;
        Ok(())
    }

    pub(crate) fn delete_member(&self, name: &str) -> Result<()> {
        self.0
            .execute("DELETE FROM member WHERE name = ?1", [name])?;
        Ok(())
    }
}
