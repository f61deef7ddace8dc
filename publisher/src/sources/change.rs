use interdict_core::common::time::Time;
use interdict_core::identifier::holds_card_number;
use interdict_core::list::{Action, Handling, Reserved, is_source_name};

use crate::error::{MAX_LIFE, MAX_TEXT, Result, SourceError};
use crate::publisher::Publisher;
use crate::register::{Deed, Quarantine, RegisteredSource, SourceClass};

/// A source to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSource {
    /// 1 to 40 lower-case letters, digits, dots and hyphens.
    pub id: String,
    /// What kind of party it is. Hotlines and members start in quarantine.
    pub class: SourceClass,
    /// What is not as for every source of its class.
    pub change: SourceChange,
}

/// What to change about a source; the default changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SourceChange {
    /// Its one name in every coalition. A new source has its id as origin.
    pub origin: Option<String>,
    /// What kind of party it is. A new class changes no limit.
    pub class: Option<SourceClass>,
    /// The strongest action it may ask for. A new source may ask to block.
    pub highest_action: Option<Action>,
    /// How sure it is where it does not say so, per mille. 900 for a new source.
    pub confidence: Option<u16>,
    /// The highest confidence it may state, per mille. 999 for a new source.
    pub highest_confidence: Option<u16>,
    /// The most new entries in one file. A new source has no limit.
    pub max_new: Set<u32>,
    /// Whom to ask about its entries.
    pub contact: Set<String>,
    /// On which terms it gives them.
    pub terms: Set<String>,
    /// Who may be told of entries for which it does not say so.
    pub handling: Set<Handling>,
    /// When somebody has to look at the source again.
    pub review: Set<Time>,
    /// How many days an entry lasts for which it states no end.
    pub life: Set<u16>,
    /// Whether what it newly says waits for a person.
    pub quarantine: Option<Quarantine>,
}

/// What becomes of a value that a source may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Set<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It goes.
    Clear,
    /// It becomes this one.
    To(T),
}

impl<T> Set<T> {
    fn apply(self, value: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *value = None,
            Self::To(new) => *value = Some(new),
        }
    }
}

impl NewSource {
    /// One of this class, with the class's limits and defaults.
    #[must_use]
    pub fn new(id: &str, class: SourceClass) -> Self {
        Self {
            id: id.to_owned(),
            class,
            change: SourceChange::default(),
        }
    }

    /// The source as the register keeps it.
    ///
    /// # Errors
    /// [`SourceError`] for a value that no source may have.
    pub(super) fn registered(self, now: Time) -> Result<RegisteredSource, SourceError> {
        let source = RegisteredSource {
            origin: self.id.clone(),
            id: self.id,
            class: self.class,
            highest_action: Action::Block,
            confidence: 900,
            highest_confidence: 999,
            max_new: None,
            contact: None,
            terms: None,
            handling: None,
            review: None,
            life: None,
            quarantine: starts_in(self.class),
            since: now,
        };
        checked(self.change.apply(source))
    }
}

impl SourceChange {
    fn apply(self, mut source: RegisteredSource) -> RegisteredSource {
        let RegisteredSource {
            class,
            highest_action,
            confidence,
            highest_confidence,
            quarantine,
            ..
        } = source;
        source.origin = self.origin.unwrap_or(source.origin);
        source.class = self.class.unwrap_or(class);
        source.highest_action = self.highest_action.unwrap_or(highest_action);
        source.highest_confidence = self.highest_confidence.unwrap_or(highest_confidence);
        source.confidence = self.confidence.unwrap_or(confidence);
        source.quarantine = self.quarantine.unwrap_or(quarantine);
        self.max_new.apply(&mut source.max_new);
        self.contact.apply(&mut source.contact);
        self.terms.apply(&mut source.terms);
        self.handling.apply(&mut source.handling);
        self.review.apply(&mut source.review);
        self.life.apply(&mut source.life);
        source
    }
}

impl Publisher {
    /// Registers a source, so that files can be imported under it.
    ///
    /// # Errors
    /// [`PublisherError::Source`](crate::PublisherError::Source) for a value that no source may have or an
    /// id that is taken, or a register that cannot be written.
    pub fn source_add(&mut self, new: NewSource, now: Time) -> Result<RegisteredSource> {
        let source = new.registered(now)?;
        let _lock = self.directory().lock()?;
        let change = self.register_mut().change()?;
        if change.registered_source(&source.id)?.is_some() {
            return Err(SourceError::Known(source.id).into());
        }
        change.put_source(&source)?;
        change.commit(&Deed::new("source add", now))?;
        Ok(source)
    }

    /// Changes what a source may do and who it is. What was imported before stays as it is.
    ///
    /// # Errors
    /// [`PublisherError::Source`](crate::PublisherError::Source) for a value that no source may have or an
    /// id that is not registered, or a register that cannot be written.
    pub fn source_change(
        &mut self,
        id: &str,
        changes: SourceChange,
        now: Time,
    ) -> Result<RegisteredSource> {
        known_form(id)?;
        let _lock = self.directory().lock()?;
        let change = self.register_mut().change()?;
        let source = change
            .registered_source(id)?
            .ok_or_else(|| SourceError::Unknown(id.to_owned()))?;
        let source = checked(changes.apply(source))?;
        change.put_source(&source)?;
        change.commit(&Deed::new("source change", now))?;
        Ok(source)
    }

    /// Every source, sorted by id.
    ///
    /// # Errors
    /// A register that cannot be read.
    pub fn registered_sources(&self) -> Result<Vec<RegisteredSource>> {
        self.register().registered_sources()
    }

    /// The source of this id.
    pub(crate) fn registered_source(&self, id: &str) -> Result<RegisteredSource> {
        known_form(id)?;
        let source = self.register().registered_source(id)?;
        Ok(source.ok_or_else(|| SourceError::Unknown(id.to_owned()))?)
    }
}

/// Whether entries of a class wait for a person unless somebody says otherwise: what the public tips off,
/// and what a member comes across, nobody has looked into yet.
const fn starts_in(class: SourceClass) -> Quarantine {
    match class {
        SourceClass::Hotline | SourceClass::Member => Quarantine::On,
        SourceClass::Police
        | SourceClass::Bank
        | SourceClass::OpenData
        | SourceClass::TestPurchase => Quarantine::Off,
    }
}

/// A text that an error may name.
fn known_form(id: &str) -> Result<(), SourceError> {
    if is_source_name(id) {
        Ok(())
    } else {
        Err(SourceError::Id)
    }
}

fn checked(source: RegisteredSource) -> Result<RegisteredSource, SourceError> {
    known_form(&source.id)?;
    known_form(&source.origin)?;
    if source.id == Reserved::SOURCE {
        return Err(SourceError::Id);
    }
    if source.highest_action == Action::Allow {
        return Err(SourceError::Action);
    }
    let stated = 1..=999;
    if !stated.contains(&source.confidence)
        || !stated.contains(&source.highest_confidence)
        || source.confidence > source.highest_confidence
    {
        return Err(SourceError::Confidence);
    }
    if source.max_new == Some(0) {
        return Err(SourceError::NewEntries);
    }
    let mut texts = source.contact.iter().chain(&source.terms);
    if !texts.all(|text| is_text(text)) {
        return Err(SourceError::Text);
    }
    if source
        .life
        .is_some_and(|days| !(1..=MAX_LIFE).contains(&days))
    {
        return Err(SourceError::Life);
    }
    Ok(source)
}

fn is_text(text: &str) -> bool {
    let plain = !text.contains(char::is_control) && !holds_card_number(text);
    plain && !text.trim().is_empty() && text.len() <= MAX_TEXT
}
