use std::collections::BTreeMap;

use interdict_core::common::time::Time;
use interdict_core::list::{Action, Handling};
use rusqlite::{Connection, Row, params};

use super::database::{Change, Register};
use crate::error::{PublisherError, Result};

/// What kind of party a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceClass {
    /// A hotline, which passes on tips of the public.
    Hotline,
    /// Police or another authority.
    Police,
    /// A bank, card scheme or payment company that investigates by itself.
    Bank,
    /// A member of the coalition, with what it comes across.
    Member,
    /// A list that everybody can fetch.
    OpenData,
    /// Test purchases: somebody paid and saw who was paid.
    TestPurchase,
}

/// Whether what a source newly says waits for a person before it goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quarantine {
    /// It waits.
    On,
    /// It goes out with the next release.
    Off,
}

/// A source as the coalition knows it: who it is, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredSource {
    /// Its name in this coalition.
    pub id: String,
    /// Its one name in every coalition. Sources of one origin are one voice at a gateway.
    pub origin: String,
    /// What kind of party it is.
    pub class: SourceClass,
    /// The strongest action it may ask for.
    pub highest_action: Action,
    /// How sure it is where it does not say so, per mille.
    pub confidence: u16,
    /// The highest confidence it may state, per mille.
    pub highest_confidence: u16,
    /// The most new entries in one file; `None` for any number.
    pub max_new: Option<u32>,
    /// Whom to ask about its entries.
    pub contact: Option<String>,
    /// On which terms it gives them.
    pub terms: Option<String>,
    /// Who may be told of entries for which it does not say so; `None` if it says nothing.
    pub handling: Option<Handling>,
    /// When somebody has to look at the source again.
    pub review: Option<Time>,
    /// How many days an entry lasts for which it states no end; `None` for no end.
    pub life: Option<u16>,
    /// Whether what it newly says waits for a person.
    pub quarantine: Quarantine,
    /// When it was registered, or first seen in a register that knew no sources; 1970 if nobody knows.
    pub since: Time,
}

impl SourceClass {
    /// Every class.
    pub const ALL: [Self; 6] = [
        Self::Hotline,
        Self::Police,
        Self::Bank,
        Self::Member,
        Self::OpenData,
        Self::TestPurchase,
    ];

    /// The word in the register and in commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hotline => "hotline",
            Self::Police => "police",
            Self::Bank => "bank",
            Self::Member => "member",
            Self::OpenData => "open_data",
            Self::TestPurchase => "test_purchase",
        }
    }

    /// Reads [`SourceClass::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

impl Quarantine {
    /// The word in the register and in commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::On, Self::Off]
            .into_iter()
            .find(|quarantine| quarantine.name() == name)
    }
}

const COLUMNS: &str = "name, origin, class, highest_action, confidence, highest_confidence, max_new, \
     contact, terms, handling, review, life, quarantine, since FROM source";

impl Register {
    /// Every source, sorted by id.
    pub(crate) fn registered_sources(&self) -> Result<Vec<RegisteredSource>> {
        let query = format!("SELECT {COLUMNS} ORDER BY name");
        let mut statement = self.0.prepare(&query)?;
        let mut rows = statement.query([])?;
        let mut sources = Vec::new();
        while let Some(row) = rows.next()? {
            sources.push(source(row)?);
        }
        Ok(sources)
    }

    /// One source, if there is one of that id.
    pub(crate) fn registered_source(&self, id: &str) -> Result<Option<RegisteredSource>> {
        find(&self.0, id)
    }

    /// The one name of each source in every coalition.
    pub(crate) fn origins(&self) -> Result<BTreeMap<String, String>> {
        let mut statement = self.0.prepare("SELECT name, origin FROM source")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Change<'_> {
    /// One source, if there is one of that id.
    pub(crate) fn registered_source(&self, id: &str) -> Result<Option<RegisteredSource>> {
        find(&self.0, id)
    }

    /// Writes a source in the place of one of the same id.
    pub(crate) fn put_source(&self, source: &RegisteredSource) -> Result<()> {
        self.0.execute(
            "INSERT INTO source (name, origin, class, highest_action, confidence,
             highest_confidence, max_new, contact, terms, handling, review, life, quarantine, since)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
             ON CONFLICT DO UPDATE SET origin = ?2, class = ?3, highest_action = ?4,
             confidence = ?5, highest_confidence = ?6, max_new = ?7, contact = ?8, terms = ?9,
             handling = ?10, review = ?11, life = ?12, quarantine = ?13, since = ?14",
            params![
                source.id,
                source.origin,
                source.class.name(),
                source.highest_action.name(),
                source.confidence,
                source.highest_confidence,
                source.max_new,
                source.contact,
                source.terms,
                source.handling.map(Handling::name),
                source.review.map(Time::seconds),
                source.life,
                source.quarantine.name(),
                source.since.seconds(),
            ],
        )?;
        Ok(())
    }
}

fn find(connection: &Connection, id: &str) -> Result<Option<RegisteredSource>> {
    let query = format!("SELECT {COLUMNS} WHERE name = ?1");
    let mut statement = connection.prepare_cached(&query)?;
    let mut rows = statement.query([id])?;
    rows.next()?.map(source).transpose()
}

fn source(row: &Row<'_>) -> Result<RegisteredSource> {
    let word = |index: usize| row.get::<_, String>(index);
    let class = SourceClass::from_name(&word(2)?);
    let action = Action::from_name(&word(3)?);
    let quarantine = Quarantine::from_name(&word(12)?);
    let (Some(class), Some(highest_action), Some(quarantine)) = (class, action, quarantine) else {
        return Err(PublisherError::RegisterContent);
    };
    let handling = row.get::<_, Option<String>>(9)?;
    let handling =
        handling.map(|name| Handling::from_name(&name).ok_or(PublisherError::RegisterContent));
    Ok(RegisteredSource {
        id: row.get(0)?,
        origin: row.get(1)?,
        class,
        highest_action,
        confidence: row.get(4)?,
        highest_confidence: row.get(5)?,
        max_new: row.get(6)?,
        contact: row.get(7)?,
        terms: row.get(8)?,
        handling: handling.transpose()?,
        review: row.get::<_, Option<u32>>(10)?.map(Time::from_seconds),
        life: row.get(11)?,
        quarantine,
        since: Time::from_seconds(row.get(13)?),
    })
}
