use super::clients::Client;
use super::problem::{Cause, Problem};
use super::state::Service;
use crate::error::Error;
use crate::journal::{Entry, Journal, SignedDecision, Word};
use crate::portfolio::{CaseText, Portfolio, Step};
use crate::portfolio_problem::PortfolioError;

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
    /// Writes the line of the journal, before anything is done. Nobody's key is here, so that nobody signs it: the line
    /// names who brought it.
    ///
    /// # Errors
    /// There is no such open case, or the file cannot be read. The problem: it cannot be recorded.
    pub(crate) fn record(
        &self,
        service: &Service,
        portfolio: &Portfolio,
        now: u32,
    ) -> Result<Result<(), Problem>, Error> {
        let found = portfolio.case(self.case)?;
        let found = found.filter(|found| found.is_open || self.step != Step::Closed);
        found.ok_or(PortfolioError::NoCase(self.case))?;
        let Some(journal) = &service.journal else {
            return Ok(Ok(()));
        };
        let Err(error) = self.write(journal, now) else {
            return Ok(Ok(()));
        };
        service.metrics.audit_failed();
        tracing::error!(%error, "the journal");
        Ok(match service.is_journal_required {
            true => Err(Cause::NotRecorded.problem("nothing was done")),
            false => Ok(()),
        })
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
