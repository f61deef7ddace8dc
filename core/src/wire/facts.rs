//! What a host that reads no JSON may ask about an answer: a number for a verdict, and the facts of a
//! walk one by one.

use alloc::string::{String, ToString as _};

use crate::engine::{Engine, Verdict, WalkProgress};
use crate::list::Action;

use super::numbered::numbered;

/// The number that says there is no verdict. Any number that [`verdict_number`] does not give says the
/// same.
pub const NO_VERDICT: i32 = 60;

/// What an operation leaves for a host that reads no JSON.
#[derive(Debug)]
pub enum Facts {
    /// Nothing.
    None,
    /// The number of a verdict, as [`verdict_number`] gives it.
    Verdict(i32),
    /// How a walk goes on.
    Walk(WalkFacts),
}

/// How a walk goes on, as the last answer to `poll` or `supply` says it.
#[derive(Debug)]
pub struct WalkFacts {
    progress: WalkProgress,
    history: String,
    files: String,
}

/// The answer to a question about a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fact<'w> {
    /// A number, at least 0; 1 is yes and 0 is no.
    Number(i32),
    /// A text; empty if there is nothing to say.
    Text(&'w str),
}

numbered! {
    /// A question of `interdict_walk` and the number that a host gives for it; `docs/abi.md` has the same
    /// table.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Question;

    /// Text: the name in the host's store of the file to fetch next; empty if the walk has ended.
    Name = 1 "name",
    /// Text: the path of that file below the repository's base.
    Path = 2 "path",
    /// Number: the most bytes of that file.
    MaxSize = 3 "max_size",
    /// Number: 1 if the file just supplied must be saved.
    Keep = 4 "keep",
    /// Number: 1 if the walk has ended with everything verified.
    Completed = 5 "completed",
    /// Text: what to save as the coalition's history when the walk has ended.
    History = 6 "history",
    /// Text: after a completed update, the names of all files that make up the state, one a line.
    Files = 7 "files",
}

impl WalkFacts {
    pub(super) fn of(engine: &Engine, progress: WalkProgress) -> Self {
        let history = engine.history(&progress.coalition);
        Self {
            history: history.map_or_else(String::new, |history| history.to_string()),
            files: progress.files.join("\n"),
            progress,
        }
    }

    /// The fact that a question asks for.
    #[must_use]
    pub fn fact(&self, question: Question) -> Fact<'_> {
        let fetch = self.progress.fetch.as_ref();
        match question {
            Question::Name => Fact::Text(fetch.map_or("", |fetch| &fetch.name)),
            Question::Path => Fact::Text(fetch.map_or("", |fetch| &fetch.path)),
            Question::MaxSize => {
                let size = fetch.map_or(0, |fetch| fetch.max_size);
                Fact::Number(i32::try_from(size).unwrap_or(i32::MAX))
            }
            Question::Keep => Fact::Number(i32::from(self.progress.keep == Some(true))),
            Question::Completed => Fact::Number(i32::from(self.progress.completed)),
            Question::History => Fact::Text(&self.history),
            Question::Files => Fact::Text(&self.files),
        }
    }
}

impl Question {
    /// The question of this number.
    #[must_use]
    pub fn of(number: i32) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|question| question.number() == number)
    }

    /// The answer when no walk has anything to say: before the first, and after a refusal.
    #[must_use]
    pub const fn nothing(self) -> Fact<'static> {
        match self {
            Self::Name | Self::Path | Self::History | Self::Files => Fact::Text(""),
            Self::MaxSize | Self::Keep | Self::Completed => Fact::Number(0),
        }
    }
}

/// The number of an action in a verdict that is not degraded.
#[must_use]
pub const fn action_number(action: Action) -> i32 {
    match action {
        Action::Allow => 10,
        Action::Monitor => 20,
        Action::Review => 30,
        Action::HoldPayout => 40,
        Action::Block => 50,
    }
}

/// The number of a verdict: that of its action, one more if it is degraded. A degraded `allow` has
/// none and answers [`NO_VERDICT`]: nobody who reads only the number may take it for a pass.
#[must_use]
pub const fn verdict_number(verdict: &Verdict<'_>) -> i32 {
    match (verdict.action, verdict.degraded) {
        (Action::Allow, true) => NO_VERDICT,
        (action, true) => action_number(action).saturating_add(1),
        (action, false) => action_number(action),
    }
}
