use std::fs;

use uuid::Uuid;

use interdict_host::DocumentKind;

use super::about::{BY, DOCUMENT, POLICY, POLICY_CHANGED, signature_of};
use super::decision::{ReadDecision, SignedDecision};
use super::identity::ReferenceKey;
use super::inbox::Inbox;
use super::settings::JournalSettings;
use super::vetting;
use super::word::Word;
use super::writer::Journal;
use crate::error::Error;
use crate::journal_error::JournalError;
use crate::signed::{People, PersonKey};

/// Records what one person decides, before it is carried out.
#[derive(Debug)]
pub struct Recorder {
    settings: JournalSettings,
    people: People,
    by: Word,
    key: Option<PersonKey>,
}

/// A decision that was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The id of its line.
    pub id: Uuid,
    /// Whether it is a line already. If another process writes the journal, that process makes one of it within a
    /// second.
    pub is_line: bool,
}

impl Recorder {
    /// For what a person of this name decides, with the person's key if there is one.
    ///
    /// # Errors
    /// [`JournalError::Word`] for a name without any letter or digit.
    pub fn new(
        settings: JournalSettings,
        people: People,
        by: &str,
        key: Option<PersonKey>,
    ) -> Result<Self, Error> {
        Ok(Self {
            settings,
            people,
            by: Word::of_name(by)?,
            key,
        })
    }

    /// Records a decision about these things, each by its name and its word. It is on the disk when this returns,
    /// and becomes a line of the journal exactly once.
    ///
    /// # Errors
    /// [`JournalError::Decision`] if this person may not decide so, a text that is no word, or what the disk refuses.
    pub fn record(&self, what: &str, about: &[(&str, &str)], now: u32) -> Result<Recorded, Error> {
        let mut words = vec![(Word::new(BY)?, self.by.clone())];
        for (name, value) in about {
            words.push((Word::new(name)?, Word::new(value)?));
        }
        let mut decision = SignedDecision::new(&Word::new(what)?, &words, now)?;
        if let Some(key) = &self.key {
            decision = decision.sign(key)?;
        }
        let read = ReadDecision::read(decision.json()).ok_or(Error::ANSWER)?;
        vetting::check(&read, &self.people).map_err(JournalError::Decision)?;
        let id = decision.id();
        let journal = self.open(now)?;
        Inbox::of(&self.settings.directory).put(&decision)?;
        if let Some(journal) = &journal {
            journal.take_in(&self.people, now)?;
            journal.close(now)?;
        }
        Ok(Recorded {
            id,
            is_line: journal.is_some(),
        })
    }

    /// Records that this person signs a document of a kind, which is named by its digest.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_signature(
        &self,
        kind: DocumentKind,
        digest: &str,
        now: u32,
    ) -> Result<Recorded, Error> {
        self.record(&signature_of(kind), &[(DOCUMENT, digest)], now)
    }

    /// Records that this person changed to a policy, which is named by its digest.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub fn record_policy(&self, digest: &str, now: u32) -> Result<Recorded, Error> {
        self.record(POLICY_CHANGED, &[(POLICY, digest)], now)
    }

    /// The keyed digest that lines have instead of what a person wrote.
    ///
    /// # Errors
    /// The journal's keys cannot be read.
    pub fn digest(&self, text: &str, now: u32) -> Result<String, Error> {
        let directory = &self.settings.directory;
        if !fs::exists(directory).unwrap_or_default() {
            self.open(now)?;
        }
        Ok(ReferenceKey::read(directory)?.digest(text))
    }

    /// The journal, unless another process writes it.
    fn open(&self, now: u32) -> Result<Option<Journal>, Error> {
        match Journal::open(&self.settings, now) {
            Ok(journal) => Ok(Some(journal)),
            Err(Error::Journal(JournalError::Busy(_))) => Ok(None),
            Err(other) => Err(other),
        }
    }
}
