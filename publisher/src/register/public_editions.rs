use interdict_core::common::time::Time;
use interdict_core::list::ListId;
use rusqlite::OptionalExtension as _;

use super::database::{Change, Register};
use crate::dictionary::PublicSettings;
use crate::error::{PublisherError, Result};

/// Names of settings.
const DICTIONARY: &str = "public_dictionary";
const SHARE: &str = "public_share";

/// A year of one list's public edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicEpoch {
    /// The list.
    pub list: ListId,
    /// Counted from 1, apart from member epochs.
    pub number: u32,
    /// When it began.
    pub since: Time,
    /// `t` of the filter's false-positive rate 2^-t.
    pub rate: u8,
    /// Entries of the filter, decoys included.
    pub capacity: u32,
}

/// A public release as the register keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicRelease {
    pub(crate) epoch: u32,
    /// The listed names in clear, sorted.
    pub(crate) names: Vec<String>,
    /// The file.
    pub(crate) filter: Vec<u8>,
}

impl Register {
    /// A list's newest public epoch.
    pub(crate) fn public_epoch(&self, list: &ListId) -> Result<Option<PublicEpoch>> {
        let query = "SELECT number, since, rate, capacity FROM public_epoch WHERE list = ?1
             ORDER BY number DESC LIMIT 1";
        let epoch = self.0.query_row(query, [list.as_str()], |row| {
            Ok(PublicEpoch {
                list: list.clone(),
                number: row.get(0)?,
                since: Time::from_seconds(row.get(1)?),
                rate: row.get(2)?,
                capacity: row.get(3)?,
            })
        });
        Ok(epoch.optional()?)
    }

    /// Every public filter of a list that differs from the one before, oldest first.
    pub(crate) fn public_releases(&self, list: &ListId) -> Result<Vec<PublicRelease>> {
        let query =
            "SELECT epoch, names, filter FROM public_release WHERE list = ?1 ORDER BY sequence";
        let mut statement = self.0.prepare(query)?;
        let rows = statement.query_map([list.as_str()], |row| {
            let names = row.get_ref(1)?.as_str()?;
            Ok(PublicRelease {
                epoch: row.get(0)?,
                names: names.lines().map(str::to_owned).collect(),
                filter: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// What a dictionary may tell of the public lists.
    pub(crate) fn public_settings(&self) -> Result<PublicSettings> {
        let setting = |name| -> Result<Option<u32>> {
            let value = self.setting(name)?.map(|value| value.parse());
            value
                .transpose()
                .map_err(|_| PublisherError::RegisterContent)
        };
        let default = PublicSettings::default();
        let share = setting(SHARE)?.map(u16::try_from).transpose();
        let share = share.map_err(|_| PublisherError::RegisterContent)?;
        Ok(PublicSettings {
            dictionary: setting(DICTIONARY)?.unwrap_or(default.dictionary),
            share: share.unwrap_or(default.share),
        })
    }
}

impl Change<'_> {
    pub(crate) fn put_public_settings(&self, settings: PublicSettings) -> Result<()> {
        self.put_setting(DICTIONARY, &settings.dictionary.to_string())?;
        self.put_setting(SHARE, &settings.share.to_string())
    }

    pub(crate) fn put_public_epoch(&self, epoch: &PublicEpoch) -> Result<()> {
        self.0.execute(
            "INSERT INTO public_epoch VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                epoch.list.as_str(),
                epoch.number,
                epoch.since.seconds(),
                epoch.rate,
                epoch.capacity,
            ),
        )?;
        Ok(())
    }

    /// Keeps a filter that is about to be published: with it goes what it tells.
    pub(crate) fn put_public_release(
        &self,
        list: &ListId,
        sequence: u64,
        release: &PublicRelease,
    ) -> Result<()> {
        let sequence = i64::try_from(sequence).map_err(|_| PublisherError::Exhausted)?;
        self.0.execute(
            "INSERT INTO public_release VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                list.as_str(),
                sequence,
                release.epoch,
                release.names.join("\n"),
                &release.filter,
            ),
        )?;
        Ok(())
    }
}
