use interdict_host::{Action, Flow};
use serde::Deserialize;

use super::door::{Column, Door, VERDICT};
use crate::journal::Word;
use crate::journal_error::JournalError;

/// One row of the table of doors: the word that a door answers for each column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answers {
    door: &'static Door,
    words: [&'static str; 4],
}

/// `answers` of a door, as `gateway.toml` has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswersText {
    pass: String,
    hold: String,
    refuse: String,
    not_screened: String,
}

impl Answers {
    /// What a door answers if nobody chose: the first word of each column.
    pub(crate) fn usual(door: &'static Door) -> Self {
        let words = Column::ALL.map(|column| door.words(column).first().copied().unwrap_or("503"));
        Self { door, words }
    }

    /// Takes what the file says.
    ///
    /// # Errors
    /// A sentence: the words that there are instead of one that the door has not.
    pub(crate) fn read(door: &'static Door, text: Option<&AnswersText>) -> Result<Self, String> {
        let Some(text) = text else {
            return Ok(Self::usual(door));
        };
        let mut words = Self::usual(door).words;
        let written = [&text.pass, &text.hold, &text.refuse, &text.not_screened];
        for ((word, column), written) in words.iter_mut().zip(Column::ALL).zip(written) {
            let known = door.words(column);
            let found = known.iter().find(|known| *known == written);
            *word = found.copied().ok_or_else(|| {
                let known: Vec<String> = known.iter().map(|word| format!("{word:?}")).collect();
                let (name, column) = (door.name, column.name());
                format!(
                    "the door {name} cannot answer {written:?} for {column}: write {}",
                    known.join(" or ")
                )
            })?;
        }
        let read = Self { door, words };
        match read.contradiction() {
            Some(told) => Err(format!("the door {}: {told}", door.name)),
            None => Ok(read),
        }
    }

    /// Words that do not go together: half of a decision would be somebody else's.
    fn contradiction(&self) -> Option<&'static str> {
        let [pass, hold, refuse, _] = self.words;
        let verdicts = [pass, hold, refuse].map(|word| word == VERDICT);
        match verdicts {
            [true, true, true] | [false, false, false] => None,
            _ => Some("verdict stands for all of pass, hold and refuse, or for none"),
        }
    }

    /// The door.
    #[must_use]
    pub const fn door(&self) -> &'static Door {
        self.door
    }

    /// The word of a column.
    #[must_use]
    pub const fn word(&self, column: Column) -> &'static str {
        let [pass, hold, refuse, not_screened] = self.words;
        match column {
            Column::Pass => pass,
            Column::Hold => hold,
            Column::Refuse => refuse,
            Column::NotScreened => not_screened,
        }
    }

    /// The column of a verdict at this door. `because` is the verdict's.
    #[must_use]
    pub fn column(&self, action: Action, because: Option<&str>, flow: Flow) -> Column {
        Column::of(action, because, flow, self.word(Column::Hold))
    }

    /// Its name, as the audit has it.
    pub(crate) fn audit_word(&self) -> Result<Word, JournalError> {
        Word::new(self.door.name)
    }
}
