use interdict_host::Action;
use rusqlite::{Connection, OptionalExtension as _};

use crate::error::Error;
use crate::portfolio::database::Portfolio;
use crate::portfolio::standing::Standing;
use crate::portfolio_problem::PortfolioError;

/// What happened to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The merchant came to `review` or above for the first time.
    Opened,
    /// The verdict on it changed while the case was open.
    Changed,
    /// The verdict on it changed after the case was closed.
    Reopened,
    /// The merchant is below `review` again.
    Settled,
    /// The merchant was removed from the portfolio.
    Removed,
    /// A person took it over.
    Assigned,
    /// A person wrote something.
    Noted,
    /// A person signed a clearance.
    Signed,
    /// A person closed it.
    Closed,
}

/// One line of a case's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseStep {
    /// When, in seconds since 1970.
    pub time: u32,
    /// What.
    pub step: Step,
    /// Who, if it was a person.
    pub person: Option<String>,
    /// What the person wrote, or to whom it was assigned.
    pub text: Option<String>,
    /// The verdict from then on, if it is about one.
    pub standing: Option<Standing>,
    /// The mac of its receipt.
    pub receipt: Option<String>,
}

impl Step {
    const ALL: [Self; 9] = [
        Self::Opened,
        Self::Changed,
        Self::Reopened,
        Self::Settled,
        Self::Removed,
        Self::Assigned,
        Self::Noted,
        Self::Signed,
        Self::Closed,
    ];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Changed => "changed",
            Self::Reopened => "reopened",
            Self::Settled => "settled",
            Self::Removed => "removed",
            Self::Assigned => "assigned",
            Self::Noted => "noted",
            Self::Signed => "signed",
            Self::Closed => "closed",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }
}

impl CaseStep {
    pub(super) const fn new(step: Step, time: u32) -> Self {
        Self {
            time,
            step,
            person: None,
            text: None,
            standing: None,
            receipt: None,
        }
    }

    /// Adds it to the history of a case.
    pub(super) fn add(&self, connection: &Connection, case: u32) -> Result<(), Error> {
        let standing = self.standing.as_ref().map(serde_json::to_string);
        let standing = standing.transpose().map_err(|_| PortfolioError::Damaged)?;
        let mut insert = connection.prepare_cached(
            "INSERT INTO case_steps (case_number, time, step, person, text, standing, receipt)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        insert.execute((
            case,
            self.time,
            self.step.name(),
            &self.person,
            &self.text,
            standing,
            &self.receipt,
        ))?;
        Ok(())
    }
}

impl Portfolio {
    /// The history of a case, oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn case_history(&self, case: u32) -> Result<Vec<CaseStep>, Error> {
        let mut find = self.0.prepare_cached(
            "SELECT time, step, person, text, standing, receipt FROM case_steps WHERE case_number = ?1 ORDER BY number",
        )?;
        let rows = find.query_map([case], |row| {
            let step: String = row.get(1)?;
            let standing: Option<String> = row.get(4)?;
            let blank = CaseStep::new(Step::Noted, row.get(0)?);
            let read = CaseStep {
                person: row.get(2)?,
                text: row.get(3)?,
                receipt: row.get(5)?,
                ..blank
            };
            Ok((read, step, standing))
        })?;
        rows.map(|row| {
            let (read, step, standing) = row?;
            let step = Step::from_name(&step).ok_or(PortfolioError::Damaged)?;
            let standing = standing.as_deref().map(serde_json::from_str);
            let standing = standing.transpose().map_err(|_| PortfolioError::Damaged)?;
            Ok(CaseStep {
                step,
                standing,
                ..read
            })
        })
        .collect()
    }
}

/// Opens, changes or closes a merchant's case, as a part of the change of its verdict.
pub(in crate::portfolio) fn note_standing(
    connection: &Connection,
    merchant: &str,
    standing: &Standing,
    receipt: Option<&String>,
    now: u32,
) -> Result<(), Error> {
    let step = |step| CaseStep {
        standing: Some(standing.clone()),
        receipt: receipt.cloned(),
        ..CaseStep::new(step, now)
    };
    let is_case = standing.action >= Action::Review;
    let (case, step) = match (case_of(connection, merchant)?, is_case) {
        (None, false) | (Some((_, false)), false) => return Ok(()),
        (None, true) => {
            let insert = "INSERT INTO cases (merchant, is_open, opened) VALUES (?1, 1, ?2)";
            connection
                .prepare_cached(insert)?
                .execute((merchant, now))?;
            let case = u32::try_from(connection.last_insert_rowid());
            (
                case.map_err(|_| PortfolioError::Damaged)?,
                step(Step::Opened),
            )
        }
        (Some((case, true)), true) => (case, step(Step::Changed)),
        (Some((case, true)), false) => {
            close(connection, case, now)?;
            (case, step(Step::Settled))
        }
        (Some((case, false)), true) => {
            let reopen = "UPDATE cases SET is_open = 1, closed = NULL WHERE number = ?1";
            connection.prepare_cached(reopen)?.execute([case])?;
            (case, step(Step::Reopened))
        }
    };
    step.add(connection, case)
}

/// Closes the case of a merchant that is removed.
pub(in crate::portfolio) fn note_removal(
    connection: &Connection,
    merchant: &str,
    now: u32,
) -> Result<(), Error> {
    match case_of(connection, merchant)? {
        Some((case, true)) => {
            close(connection, case, now)?;
            CaseStep::new(Step::Removed, now).add(connection, case)
        }
        _ => Ok(()),
    }
}

pub(super) fn close(connection: &Connection, case: u32, now: u32) -> Result<(), Error> {
    let text = "UPDATE cases SET is_open = 0, closed = ?2 WHERE number = ?1";
    connection.prepare_cached(text)?.execute((case, now))?;
    Ok(())
}

/// The number of a merchant's case, and whether it is open.
fn case_of(connection: &Connection, merchant: &str) -> Result<Option<(u32, bool)>, Error> {
    let find = "SELECT number, is_open FROM cases WHERE merchant = ?1";
    let mut find = connection.prepare_cached(find)?;
    let found = find.query_row([merchant], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional()?)
}
