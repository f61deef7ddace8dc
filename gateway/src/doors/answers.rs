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
        column.of_row(self.words)
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

#[cfg(test)]
mod tests {
    use interdict_helpers::fixtures;
    use serde_json::Value;

    use super::*;
    use crate::doors::DOORS;

    fn text(words: [&str; 4]) -> AnswersText {
        let [pass, hold, refuse, not_screened] = words.map(str::to_owned);
        AnswersText {
            pass,
            hold,
            refuse,
            not_screened,
        }
    }

    fn door(name: &str) -> &'static Door {
        Door::named(name).unwrap()
    }

    /// `fixtures/doors.json` has every action, flow and cause, beside what a door does that can hold and one that cannot.
    #[test]
    fn every_door_has_the_column_of_every_action_cause_and_flow() {
        let bytes = std::fs::read(fixtures().join("doors.json")).unwrap();
        let cases: Vec<Value> = serde_json::from_slice(&bytes).unwrap();
        let mut checked = 0;
        for case in &cases {
            let word = |member: &str| case[member].as_str();
            let action = word("action").and_then(Action::from_name);
            let flow = word("flow").and_then(Flow::from_name);
            let (Some(action), Some(flow)) = (action, flow) else {
                continue;
            };
            for door in &DOORS {
                let answers = Answers::usual(door);
                let holds = answers.word(Column::Hold) != "refuse_if_named";
                if holds != case["holds"].as_bool().unwrap() {
                    continue;
                }
                let column = answers.column(action, word("because"), flow);
                assert_eq!(
                    Some(column.name()),
                    word("decision"),
                    "{}: {case}",
                    door.name
                );
                checked += 1;
            }
        }
        assert!(checked > 500, "{checked}");
    }

    #[test]
    fn no_door_refuses_for_anything_but_a_record_a_candidate_or_block() {
        let causes = [
            "degraded",
            "required",
            "score",
            "typology",
            "unavailable",
            "anything later",
        ];
        for door in &DOORS {
            let holds = door.words(Column::Hold).iter();
            for hold in holds.copied() {
                for action in [Action::Monitor, Action::Review, Action::HoldPayout] {
                    for flow in [
                        Flow::Onboarding,
                        Flow::Authorisation,
                        Flow::Checkout,
                        Flow::Payout,
                    ] {
                        for because in causes {
                            let column = Column::of(action, Some(because), flow, hold);
                            assert_ne!(column, Column::Refuse, "{} {hold} {because}", door.name);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn whoever_chose_not_screened_for_hold_refuses_for_block_alone() {
        let chosen = text(["200", "not_screened", "403", "503"]);
        let answers = Answers::read(door("subrequest"), Some(&chosen)).unwrap();
        let at = |action| answers.column(action, Some("record"), Flow::Payout);
        assert_eq!(at(Action::HoldPayout), Column::NotScreened);
        assert_eq!(at(Action::Block), Column::Refuse);
        assert_eq!(at(Action::Monitor), Column::Pass);
    }

    #[test]
    fn a_word_that_a_door_has_not_is_refused_with_those_it_has() {
        for (name, words, told) in [
            (
                "signifyd",
                ["ACCEPT", "CHALLENGE", "REJECT", "503"],
                "\"HOLD\"",
            ),
            (
                "signifyd",
                ["CREDIT", "HOLD", "REJECT", "503"],
                "\"ACCEPT\"",
            ),
            (
                "subrequest",
                ["200", "refuse_if_named", "403", "200"],
                "\"503\"",
            ),
            (
                "subrequest",
                ["200", "403", "403", "503"],
                "\"refuse_if_named\"",
            ),
            (
                "envoy",
                ["OK", "refuse_if_named", "OK", "UNAVAILABLE"],
                "\"PERMISSION_DENIED\"",
            ),
            (
                "stripe-issuing",
                ["verdict", "verdict", "decline", "503"],
                "for all of",
            ),
            (
                "stripe-issuing",
                ["503", "verdict", "decline", "503"],
                "for all of",
            ),
        ] {
            let error = Answers::read(door(name), Some(&text(words))).unwrap_err();
            assert!(error.contains(name) && error.contains(told), "{error}");
        }
        let alone = text(["503", "refuse_if_named", "decline", "503"]);
        let answers = Answers::read(door("lithic-asa"), Some(&alone)).unwrap();
        assert_eq!(answers.word(Column::Refuse), "decline");
    }
}
