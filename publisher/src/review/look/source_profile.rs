use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::list::{Handling, ListId};

use super::sources::{SourceCounts, of_origin};
use crate::error::Result;
use crate::publisher::Publisher;
use crate::register::RegisteredSource;

/// How long before a source's review date `status` names it, in seconds: 30 days, to find the time for it.
const NOTICE: u32 = 30 * 86_400;

/// A source, and what each list has from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceProfile {
    /// The source.
    pub source: RegisteredSource,
    /// The lists that have entries or waiting statements of it, sorted.
    pub lists: Vec<(ListId, SourceCounts)>,
}

/// A source that somebody has to look at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceReview {
    /// Which.
    pub source: String,
    /// By when.
    pub due: Time,
    /// Whether that is over.
    pub over: bool,
}

impl Publisher {
    /// Everything about one source.
    ///
    /// # Errors
    /// [`PublisherError::Source`](crate::PublisherError::Source) for a source that is not registered, or a
    /// register that cannot be read.
    pub fn source(&self, id: &str, now: Time) -> Result<SourceProfile> {
        let source = self.registered_source(id)?;
        let lists = self.sources(now)?.into_iter();
        let lists = lists.filter_map(|mut one| Some((one.list, one.sources.remove(id)?)));
        Ok(SourceProfile {
            source,
            lists: lists.collect(),
        })
    }

    /// The sources whose review date is over or less than 30 days away, sorted by id.
    pub(crate) fn reviews(&self, now: Time) -> Result<Vec<SourceReview>> {
        let sources = self.registered_sources()?.into_iter();
        let due = sources.filter_map(|source| {
            let due = source.review.filter(|due| *due < now.plus(NOTICE))?;
            Some(SourceReview {
                source: source.id,
                due,
                over: now >= due,
            })
        });
        Ok(due.collect())
    }
}

impl fmt::Display for SourceReview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, due, over } = self;
        let what = match over {
            true => "was to be reviewed by",
            false => "is to be reviewed by",
        };
        writeln!(
            f,
            "source {source} {what} {due}; set the next date with `interdict-publish source change --review`"
        )
    }
}

impl fmt::Display for RegisteredSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}",
            of_origin(&self.id, &self.origin),
            self.class.name(),
        )?;
        write!(
            f,
            ", asks for {} at most, with a confidence of {} at most, quarantine {}",
            self.highest_action.name(),
            self.highest_confidence,
            self.quarantine.name()
        )?;
        match self.review {
            Some(due) => writeln!(f, ", review by {due}"),
            None => writeln!(f),
        }
    }
}

impl fmt::Display for SourceProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = &self.source;
        let none = || "none".to_owned();
        let number = |number: Option<u32>| number.map_or_else(none, |number| number.to_string());
        let text = |text: &Option<String>| text.clone().unwrap_or_else(none);
        let life = source.life.map(u32::from);
        let since = match source.since.seconds() {
            0 => "before sources were registered".to_owned(),
            _ => source.since.to_string(),
        };
        for (name, value) in [
            ("source", source.id.clone()),
            ("origin", source.origin.clone()),
            ("class", source.class.name().to_owned()),
            ("highest action", source.highest_action.name().to_owned()),
            ("confidence", source.confidence.to_string()),
            ("highest confidence", source.highest_confidence.to_string()),
            ("new entries a file", number(source.max_new)),
            ("contact", text(&source.contact)),
            ("terms", text(&source.terms)),
            (
                "handling",
                source.handling.map_or("none", Handling::name).to_owned(),
            ),
            (
                "review",
                source.review.map_or_else(none, |due| due.to_string()),
            ),
            ("entry life in days", number(life)),
            ("quarantine", source.quarantine.name().to_owned()),
            ("since", since),
        ] {
            writeln!(f, "{name}: {value}")?;
        }
        let mut lists = self.lists.iter();
        lists.try_for_each(|(list, counts)| writeln!(f, "{}: {counts}", list.as_str()))
    }
}
