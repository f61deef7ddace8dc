use std::fmt;

/// Longest contact or terms, in bytes: an address, or a sentence and where the contract lies.
pub(crate) const MAX_TEXT: usize = 200;

/// Longest life of an entry in days: ten years.
pub(crate) const MAX_LIFE: u16 = 3_650;

/// Why a source was not registered or changed, or a file of its was refused whole. Ids of sources are no
/// merchant's values, and are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceError {
    /// No source of that id is registered.
    Unknown(String),
    /// A source of that id is registered already.
    Known(String),
    /// Not 1 to 40 lower-case letters, digits, dots and hyphens, or the source of the test entries.
    Id,
    /// A highest action that lists nothing: allow.
    Action,
    /// Not from 1 to 999, or the default above the highest.
    Confidence,
    /// No new entry in a file at all.
    NewEntries,
    /// A contact or terms that are empty, too long, or hold control characters or a card number.
    Text,
    /// Not from 1 day to 10 years.
    Life,
    /// A file has more new entries than its source may bring at once.
    TooManyNew {
        /// Whose file it is.
        source: String,
        /// New entries of the file.
        new: u64,
        /// The most the source may bring.
        most: u32,
    },
    /// A feed leaves out so much that it is more likely cut short.
    FeedFailed {
        /// Whose feed it is.
        source: String,
        /// Entries in force that the file does not name.
        dropped: usize,
        /// Entries of the source that were in force before.
        of: usize,
    },
    /// A feed leaves out another number of entries than was stated.
    DropCount {
        /// Whose feed it is.
        source: String,
        /// Entries in force that the file does not name.
        dropped: usize,
        /// How many were stated.
        stated: usize,
    },
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(id) => write!(
                f,
                "no source {id} is registered; `interdict-publish source list` names them, and \
                 `interdict-publish source add` registers one"
            ),
            Self::Known(id) => write!(
                f,
                "source {id} is registered already; use `interdict-publish source change`"
            ),
            Self::Id => f.write_str(
                "a source and its origin are each 1 to 40 lower-case letters, digits, dots and \
                 hyphens, and not `test`, which is for the test entries of every release",
            ),
            Self::Action => f.write_str(
                "the highest action of a source is monitor, review, hold_payout or block",
            ),
            Self::Confidence => f.write_str(
                "a confidence is 1 to 999, and the default of a source is not above its highest",
            ),
            Self::NewEntries => f.write_str("a source brings 1 new entry a file at least"),
            Self::Text => write!(
                f,
                "a contact, and terms, are 1 to {MAX_TEXT} bytes without control characters or a \
                 card number"
            ),
            Self::Life => write!(f, "entries last 1 to {MAX_LIFE} days"),
            Self::TooManyNew { source, new, most } => write!(
                f,
                "the file has {new} new entries and source {source} may bring {most} in one file; \
                 if it is right, raise the limit with `interdict-publish source change --max-new`. \
                 Nothing was changed"
            ),
            Self::FeedFailed {
                source,
                dropped,
                of,
            } => write!(
                f,
                "the file leaves out {dropped} of the {of} entries of {source} that are in force, \
                 more than one in ten; it may be cut short. If it is right, pass \
                 --confirm-drop {dropped}. Nothing was changed"
            ),
            Self::DropCount {
                source,
                dropped,
                stated,
            } => write!(
                f,
                "the file leaves out {dropped} entries of {source} and not the {stated} stated; \
                 nothing was changed"
            ),
        }
    }
}

impl std::error::Error for SourceError {}
