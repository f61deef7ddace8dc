use interdict_core::common::time::Time;
use interdict_core::list::Edition;
use rusqlite::params;

use super::database::{Change, Register};
use crate::error::{PublisherError, Result};

/// Which edition a member's gateways take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberEdition {
    /// Every entry, with its record.
    Member,
    /// For gateways with little memory: what a person should look at, as a filter alone.
    Compact,
}

/// A member of the coalition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name with the coalition.
    pub name: String,
    /// Which edition its enrolment names.
    pub edition: MemberEdition,
    /// Where it finds the repository.
    pub repository: String,
    /// Whom its keys are sealed to, `age1…`; `None` for keys handed over by hand.
    pub recipient: Option<String>,
    /// The newest epoch it was given the key of by hand, 0 for none.
    pub epoch: u32,
}

impl MemberEdition {
    /// The edition as releases and enrolments name it.
    #[must_use]
    pub const fn edition(self) -> Edition {
        match self {
            Self::Member => Edition::Member,
            Self::Compact => Edition::Compact,
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let mut all = [Self::Member, Self::Compact].into_iter();
        all.find(|one| one.edition().name() == name)
    }
}

impl Register {
    /// The members, sorted by name.
    pub(crate) fn members(&self) -> Result<Vec<Member>> {
        let query = "SELECT name, repository, recipient, epoch, edition FROM member ORDER BY name";
        let mut statement = self.0.prepare(query)?;
        let mut rows = statement.query([])?;
        let mut members = Vec::new();
        while let Some(row) = rows.next()? {
            let edition = MemberEdition::from_name(&row.get::<_, String>(4)?);
            members.push(Member {
                name: row.get(0)?,
                edition: edition.ok_or(PublisherError::RegisterContent)?,
                repository: row.get(1)?,
                recipient: row.get(2)?,
                epoch: row.get(3)?,
            });
        }
        Ok(members)
    }
}

impl Change<'_> {
    /// Records a member, new or known.
    pub(crate) fn put_member(&self, member: &Member, now: Time) -> Result<()> {
        let Member {
            name,
            edition,
            repository,
            recipient,
            epoch,
        } = member;
        let edition = edition.edition().name();
        self.0.execute(
            "INSERT INTO member (name, repository, since, epoch, recipient, edition)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT DO UPDATE SET repository = ?2, epoch = ?4, recipient = ?5, edition = ?6",
            params![name, repository, now.seconds(), epoch, recipient, edition],
        )?;
        Ok(())
    }

    pub(crate) fn delete_member(&self, name: &str) -> Result<()> {
        self.0
            .execute("DELETE FROM member WHERE name = ?1", [name])?;
        Ok(())
    }
}
