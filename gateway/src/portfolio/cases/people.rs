use interdict_core::identifier::holds_card_number;
use rusqlite::OptionalExtension as _;

use super::case::MerchantCase;
use super::step::{CaseStep, Step, close};
use crate::error::Error;
use crate::portfolio::database::Portfolio;
use crate::portfolio_problem::PortfolioError;

/// The most bytes of what a person writes.
const MAX_TEXT: usize = 4_096;

/// A name or a note of a person: 1 to 4,096 bytes without control characters and without what may be a card number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseText(String);

impl CaseText {
    /// Reads a text.
    ///
    /// # Errors
    /// [`PortfolioError::Text`].
    pub fn parse(text: &str) -> Result<Self, PortfolioError> {
        let text = text.trim();
        let fits = (1..=MAX_TEXT).contains(&text.len());
        let is_plain = |c: char| !c.is_control() || c == '\n';
        match fits && text.chars().all(is_plain) && !holds_card_number(text) {
            true => Ok(Self(text.to_owned())),
            false => Err(PortfolioError::Text),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Portfolio {
    /// Assigns a case to somebody.
    ///
    /// # Errors
    /// [`PortfolioError::NoCase`], or the file cannot be written.
    pub fn assign_case(
        &mut self,
        case: u32,
        to: &CaseText,
        by: &CaseText,
        now: u32,
    ) -> Result<(), Error> {
        self.add_step(case, Step::Assigned, by, Some(to), now)
    }

    /// Adds a note to a case.
    ///
    /// # Errors
    /// [`PortfolioError::NoCase`], or the file cannot be written.
    pub fn note_on_case(
        &mut self,
        case: u32,
        note: &CaseText,
        by: &CaseText,
        now: u32,
    ) -> Result<(), Error> {
        self.add_step(case, Step::Noted, by, Some(note), now)
    }

    /// Notes that a person signed a clearance for a case.
    ///
    /// # Errors
    /// [`PortfolioError::NoCase`], or the file cannot be written.
    pub fn note_signature(
        &mut self,
        case: u32,
        document: &CaseText,
        by: &CaseText,
        now: u32,
    ) -> Result<(), Error> {
        self.add_step(case, Step::Signed, by, Some(document), now)
    }

    /// Closes a case with what a person decided. The verdict stays what it is.
    ///
    /// # Errors
    /// [`PortfolioError::NoCase`] if there is none or it is closed, or the file cannot be written.
    pub fn close_case(
        &mut self,
        case: u32,
        decision: &CaseText,
        by: &CaseText,
        now: u32,
    ) -> Result<(), Error> {
        self.add_step(case, Step::Closed, by, Some(decision), now)
    }

    /// A case as far as a person may take this step: a closed one is not closed again.
    ///
    /// # Errors
    /// [`PortfolioError::NoCase`], or the file cannot be read.
    pub fn case_for(&self, case: u32, step: Step) -> Result<MerchantCase, Error> {
        let found = self.case(case)?;
        let found = found.filter(|found| found.is_open || step != Step::Closed);
        Ok(found.ok_or(PortfolioError::NoCase(case))?)
    }

    /// Assigns a case, closes it or adds a note to it, as the step says.
    ///
    /// # Errors
    /// [`PortfolioError::NoCase`], or the file cannot be written.
    pub fn act_on_case(
        &mut self,
        case: u32,
        step: Step,
        text: &CaseText,
        by: &CaseText,
        now: u32,
    ) -> Result<(), Error> {
        match step {
            Step::Assigned => self.assign_case(case, text, by, now),
            Step::Closed => self.close_case(case, text, by, now),
            _ => self.note_on_case(case, text, by, now),
        }
    }

    fn add_step(
        &mut self,
        case: u32,
        step: Step,
        by: &CaseText,
        text: Option<&CaseText>,
        now: u32,
    ) -> Result<(), Error> {
        let change = self.change()?;
        let find = "SELECT is_open FROM cases WHERE number = ?1";
        let is_open: Option<bool> = change
            .query_row(find, [case], |row| row.get(0))
            .optional()?;
        match (is_open, step) {
            (None, _) | (Some(false), Step::Closed) => {
                return Err(PortfolioError::NoCase(case).into());
            }
            (Some(_), Step::Closed) => close(&change, case, now)?,
            (Some(_), Step::Assigned) => {
                let assign = "UPDATE cases SET assignee = ?2 WHERE number = ?1";
                change.execute(assign, (case, text.map(|text| &text.0)))?;
            }
            (Some(_), _) => {}
        }
        let line = CaseStep {
            person: Some(by.0.clone()),
            text: text.map(|text| text.0.clone()),
            ..CaseStep::new(step, now)
        };
        line.add(&change, case)?;
        Ok(change.commit()?)
    }
}
