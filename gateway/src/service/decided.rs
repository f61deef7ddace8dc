use super::clients::Client;
use super::problem::{Cause, Problem};
use super::state::Service;
use crate::error::Error;
use crate::journal::{Entry, Journal, SignedDecision, Word};
use crate::portfolio::{CaseText, Portfolio, Step};

/// What somebody does to a case, by the page or over HTTP.
pub(crate) struct Deed<'d> {
    pub(crate) case: u32,
    pub(crate) step: Step,
    pub(crate) text: &'d CaseText,
    /// In whose name.
    pub(crate) by: &'d CaseText,
    /// Who brings it.
    pub(crate) client: &'d Client,
    pub(crate) door: &'d Word,
}

impl Deed<'_> {
    /// Writes the line of the journal, and then does it. Nobody's key is here, so that nobody signs it: the line names who
    /// brought it.
    ///
    /// # Errors
    /// There is no such open case, or the file cannot be used. The problem: it cannot be recorded, and nothing was done.
    pub(crate) fn carry_out(
        &self,
        service: &Service,
        portfolio: &mut Portfolio,
        now: u32,
    ) -> Result<Result<(), Problem>, Error> {
        portfolio.case_for(self.case, self.step)?;
        if let Some(journal) = &service.journal
            && service.recorded(self.write(journal, now)).is_err()
        {
            return Ok(Err(Cause::NotRecorded.problem("nothing was done")));
        }
        let (text, by) = (self.text, self.by);
        portfolio.act_on_case(self.case, self.step, text, by, now)?;
        Ok(Ok(()))
    }

    fn write(&self, journal: &Journal, now: u32) -> Result<(), Error> {
        let about = [
            (Word::new("by")?, Word::of_name(self.by.as_str())?),
            (
                Word::new("case")?,
                Word::new(&format!("case_{}", self.case))?,
            ),
            (
                Word::new("text")?,
                Word::new(&journal.reference_digest(self.text.as_str()))?,
            ),
        ];
        let what = Word::new(&format!("case_{}", self.step.name()))?;
        let decision = SignedDecision::new(&what, &about, now)?;
        let entry = Entry {
            client: Some(self.client.word()),
            door: Some(self.door),
            ..Entry::of(decision.content())
        };
        journal.append(&entry, now)?;
        Ok(())
    }
}
