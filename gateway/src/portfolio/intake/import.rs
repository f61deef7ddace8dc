use std::collections::BTreeSet;
use std::fmt;

use interdict_core::wire::owned::UnusedField;
use rusqlite::Connection;
use serde_json::Value;

use super::row_place::RowPlace;
use super::rows::{MerchantFile, SourceRow};
use crate::error::Error;
use crate::portfolio::database::Portfolio;
use crate::portfolio::merchant::{Merchant, MerchantId};
use crate::portfolio::merchants::{Put, count, put, remove};
use crate::portfolio::reader::MerchantReader;
use crate::portfolio_problem::PortfolioError;
use crate::portfolio_problem::RowProblem;

/// The most problems that are told apart; the others are counted.
const MOST_TOLD: usize = 1_000;

/// What happens to merchants that a file does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// They stay.
    Add,
    /// They are removed. More than a tenth of the portfolio only if exactly so many are confirmed.
    Replace {
        /// How many merchants the caller expects to be removed.
        confirmed: Option<u64>,
    },
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Merchants that are new.
    pub added: u64,
    /// Merchants with other content than before.
    pub replaced: u64,
    /// Merchants that were there just so.
    pub unchanged: u64,
    /// Merchants that were removed.
    pub removed: u64,
    /// Rows that were not taken.
    pub refused: u64,
    /// Rows that were taken with a field or signal that cannot be used.
    pub incomplete: u64,
    /// Whether nothing was removed because the ids of some rows could not be read.
    pub kept_all: bool,
    /// Of both, the first 1,000, by line.
    pub problems: Vec<LineProblem>,
}

/// What is wrong with a row. It holds no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineProblem {
    /// It was not taken.
    Refused {
        /// Where.
        place: RowPlace,
        /// Why.
        problem: RowProblem,
    },
    /// It was taken, and a field names nobody: every verdict on the merchant will say so.
    Unused {
        /// Where.
        place: RowPlace,
        /// Where in the request.
        path: String,
        /// The rule of `docs/identifiers.md`.
        rule: String,
    },
    /// It was taken without a signal whose cell is no value of it.
    LeftOut {
        /// Where.
        place: RowPlace,
        /// Which.
        problem: RowProblem,
    },
}

impl Portfolio {
    /// Takes every row of a file that can be read, all in one change.
    ///
    /// # Errors
    /// [`PortfolioError::Drop`] if more would be removed than is confirmed, or the file cannot be read, or the portfolio
    /// not be written. Nothing has changed.
    pub fn import(
        &mut self,
        file: &mut MerchantFile,
        reader: &mut MerchantReader,
        intent: Intent,
        now: u32,
    ) -> Result<Imported, Error> {
        let change = self.change()?;
        let mut import = Import {
            connection: &change,
            reader,
            now,
            seen: BTreeSet::new(),
            has_unknown: false,
            done: Imported::default(),
        };
        while let Some(row) = file.next()? {
            import.take(&row)?;
        }
        if let Intent::Replace { confirmed } = intent {
            import.remove_others(confirmed)?;
        }
        let done = import.done;
        change.commit()?;
        Ok(done)
    }
}

struct Import<'i> {
    connection: &'i Connection,
    reader: &'i mut MerchantReader,
    now: u32,
    /// The ids in the file, also of rows that were not taken.
    seen: BTreeSet<String>,
    /// Whether a row may be of any merchant.
    has_unknown: bool,
    done: Imported,
}

impl Import<'_> {
    fn take(&mut self, row: &SourceRow) -> Result<(), Error> {
        self.has_unknown |= row.id.is_none();
        let id = row.id.as_deref();
        let request = row.request.as_ref().map_err(Clone::clone);
        let read = request.and_then(|request| self.read(id, request));
        let place = |path: &str| RowPlace {
            line: row.line,
            column: row.column_of(path),
            merchant: id.and_then(|id| MerchantId::parse(id).ok()),
        };
        let (merchant, unused) = match read {
            Ok(read) => read,
            Err(problem) => {
                self.done.refused = self.done.refused.saturating_add(1);
                let place = place(&problem.path());
                self.tell(LineProblem::Refused { place, problem });
                return Ok(());
            }
        };
        let is_whole = unused.is_empty() && row.left_out.is_empty();
        let incomplete = self.done.incomplete.saturating_add(u64::from(!is_whole));
        self.done.incomplete = incomplete;
        for field in unused {
            let (path, rule) = (field.path, field.rule);
            let place = place(&path);
            self.tell(LineProblem::Unused { place, path, rule });
        }
        for problem in &row.left_out {
            let (place, problem) = (place(&problem.path()), problem.clone());
            self.tell(LineProblem::LeftOut { place, problem });
        }
        let done = &mut self.done;
        let count = match put(self.connection, &merchant, self.now)? {
            Put::Added => &mut done.added,
            Put::Replaced => &mut done.replaced,
            Put::Unchanged => &mut done.unchanged,
        };
        *count = count.saturating_add(1);
        Ok(())
    }

    fn read(
        &mut self,
        id: Option<&str>,
        request: &Value,
    ) -> Result<(Merchant, Vec<UnusedField>), RowProblem> {
        let id = id.ok_or(RowProblem::NoId)?;
        if !self.seen.insert(id.to_owned()) {
            return Err(RowProblem::Repeated);
        }
        self.reader.read_with_unused(id, request)
    }

    fn tell(&mut self, problem: LineProblem) {
        if self.done.problems.len() < MOST_TOLD {
            self.done.problems.push(problem);
        }
    }

    /// Removes the merchants that the file does not have. A row whose id could not be read may be of any of them.
    fn remove_others(&mut self, confirmed: Option<u64>) -> Result<(), Error> {
        let before = count(self.connection)?.saturating_sub(self.done.added);
        let mut find = self.connection.prepare("SELECT id FROM merchants")?;
        let ids = find.query_map([], |row| row.get::<_, String>(0))?;
        let ids: Vec<String> = ids.collect::<Result<_, _>>()?;
        let others = ids.into_iter().filter(|id| !self.seen.contains(id));
        let others: Vec<MerchantId> = others.map(MerchantId::stored).collect();
        if others.is_empty() {
            return Ok(());
        }
        if self.has_unknown {
            self.done.kept_all = true;
            return Ok(());
        }
        let removed = u64::try_from(others.len()).unwrap_or(u64::MAX);
        if removed.saturating_mul(10) > before && confirmed != Some(removed) {
            return Err(PortfolioError::Drop { removed, before }.into());
        }
        for id in &others {
            remove(self.connection, id, self.now)?;
        }
        self.done.removed = removed;
        Ok(())
    }
}

impl fmt::Display for LineProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { place, problem } => write!(f, "{place}: not taken: {problem}"),
            Self::Unused { place, path, rule } => {
                write!(f, "{place}: taken, but {path} cannot be used: {rule}")
            }
            Self::LeftOut { place, problem } => write!(f, "{place}: taken without {problem}"),
        }
    }
}
