use std::fmt;
use std::path::PathBuf;

use crate::decision_refusal::DecisionRefusal;

/// Why the journal could not be opened, or did not take a line.
#[derive(Debug)]
pub enum JournalError {
    /// Another process, or another journal of this one, writes in the directory.
    Busy(PathBuf),
    /// There is no journal here.
    Missing(PathBuf),
    /// A file cannot be read as what it should be. A person must look into it: a new directory begins a new chain.
    Damaged(PathBuf),
    /// A line more would exceed the bound on disk use, both in bytes.
    Full {
        /// What the journal holds.
        used: u64,
        /// What it may hold.
        bound: u64,
    },
    /// An earlier line could neither be written nor taken back, or the disk refused to sync. Open the journal again.
    Broken,
    /// A word has characters that it may not have, or is too long.
    Word,
    /// The content is no JSON object on one line, or too long.
    Content,
    /// A person's decision may not become a line.
    Decision(DecisionRefusal),
    /// No journal has a line of this id.
    NoSuchLine,
    /// A setting is out of range; which, and what it may be.
    Setting(&'static str),
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy(path) => write!(
                f,
                "{}: another process writes in this journal",
                path.display()
            ),
            Self::Missing(path) => write!(f, "{}: there is no journal here", path.display()),
            Self::Damaged(path) => write!(
                f,
                "{}: damaged; keep the journal's directory as it is and name a new one, which begins a new chain",
                path.display()
            ),
            Self::Full { used, bound } => write!(
                f,
                "the journal is full: it holds {used} of {bound} bytes; raise max_megabytes, or keep lines for fewer days"
            ),
            Self::Broken => f.write_str(
                "the disk failed the journal, and what it holds is not known; start again to check it",
            ),
            Self::Word => f.write_str(
                "a word in a line of the journal has 1 to 64 characters of a-z 0-9 _ / : -, and no long number",
            ),
            Self::Content => f.write_str("the content of a line must be one JSON object on one line"),
            Self::Decision(refusal) => write!(f, "the decision is not recorded: {refusal}"),
            Self::NoSuchLine => f.write_str("no journal has a line of this id"),
            Self::Setting(what) => write!(f, "[journal]: {what}"),
        }
    }
}
