use super::super::line::WwwNames;
use super::super::read::{Format, ReadOptions};

/// How to read a file of listings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportOptions {
    /// How it is written.
    pub format: Format,
    /// What else is known of how it is written.
    pub read: ReadOptions,
    /// Whether the register changes.
    pub effect: Effect,
    /// The list it goes to; none for the coalition's only list.
    pub list: Option<String>,
    /// The registered source that the file is from. Rows that name another are refused.
    pub source: String,
    /// The file's name, for the history; empty if it has none.
    pub file_name: String,
    /// What becomes of entries of the source that the file does not name.
    pub mode: ImportMode,
    /// What to do with lines that were taken off the list before.
    pub delisted: Delisted,
    /// What to do with names that begin with `www.`.
    pub www: WwwNames,
    /// Schemes of `other` and `handle`, and facilitators, whose ids may be as long as a card number;
    /// `any` stands for every facilitator.
    pub numeric: Vec<String>,
}

/// What an import does with lines a tombstone covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delisted {
    /// Refuses them: a feed must not bring back what was cleared.
    Refuse,
    /// Lifts the tombstone, also one that holds for all sources, and lists them again. The register keeps
    /// what the tombstone said.
    Relist,
}

/// Whether an import changes the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It does.
    Commit,
    /// Everything is tried and reported, and then undone.
    DryRun,
}

/// What becomes of entries of the source that the file does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportMode {
    /// They stay: the file adds and changes.
    Add,
    /// The file is all that the source says. What it does not name is proposed for removal; a file that
    /// leaves out more than one in ten of what is in force is refused as a failed feed.
    Sync {
        /// How many it leaves out, if a person says that this is right.
        confirmed: Option<usize>,
    },
}

impl ImportOptions {
    /// Of this source, into the only list, nothing that was taken off it, `www.` left out.
    #[must_use]
    pub fn new(format: Format, source: &str) -> Self {
        Self {
            format,
            read: ReadOptions::default(),
            effect: Effect::Commit,
            list: None,
            source: source.to_owned(),
            file_name: String::new(),
            mode: ImportMode::Add,
            delisted: Delisted::Refuse,
            www: WwwNames::AsBareNames,
            numeric: Vec::new(),
        }
    }
}
