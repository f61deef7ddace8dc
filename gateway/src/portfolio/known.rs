use interdict_core::policy::{Decision, Flow};
use interdict_host::Action;
use rusqlite::{Connection, OptionalExtension as _, Row};

use super::event::{Brief, MerchantChange, ReleaseUsed};
use super::merchant::MerchantId;
use super::standing::Standing;
use super::verdicts::{BATCH, Found, Question};
use crate::error::Error;
use crate::portfolio_problem::PortfolioError;

const COLUMNS: &str = "SELECT id, flow, fields, standing, since, refusal, is_due FROM merchants";

/// Which merchants to screen.
#[derive(Debug, Clone, Copy)]
pub enum Which<'w> {
    /// All.
    All,
    /// Those that are new or changed.
    Due,
    /// These, as far as the portfolio has them.
    Ids(&'w [MerchantId]),
}

/// A merchant with what is known of it.
pub(super) struct Known {
    pub(super) id: String,
    pub(super) question: Question,
    pub(super) standing: Option<String>,
    pub(super) since: Option<u32>,
    pub(super) refusal: Option<String>,
    pub(super) is_due: bool,
}

/// The merchants that are to be screened, [`BATCH`] at once.
pub(super) struct Batches<'b> {
    connection: &'b Connection,
    which: Which<'b>,
    after: String,
    /// Of the ids given, how many were looked up.
    done: usize,
}

impl<'b> Batches<'b> {
    pub(super) const fn of(connection: &'b Connection, which: Which<'b>) -> Self {
        Self {
            connection,
            which,
            after: String::new(),
            done: 0,
        }
    }

    /// Fewer than [`BATCH`] at the end, and then none.
    pub(super) fn next(&mut self) -> Result<Vec<Known>, Error> {
        let due = match self.which {
            Which::All => "",
            Which::Due => " AND is_due = 1",
            Which::Ids(ids) => return self.next_of(ids),
        };
        let find = format!("{COLUMNS} WHERE id > ?1{due} ORDER BY id LIMIT ?2");
        let mut find = self.connection.prepare_cached(&find)?;
        let most = i64::try_from(BATCH).unwrap_or(i64::MAX);
        let rows = find.query_map((&self.after, most), Known::read)?;
        let batch: Vec<Known> = rows.map(|row| row?).collect::<Result<_, Error>>()?;
        if let Some(last) = batch.last() {
            self.after.clone_from(&last.id);
        }
        Ok(batch)
    }

    fn next_of(&mut self, ids: &[MerchantId]) -> Result<Vec<Known>, Error> {
        let mut find = self
            .connection
            .prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
        let mut batch = Vec::new();
        while let Some(id) = ids.get(self.done).filter(|_| batch.len() < BATCH) {
            self.done = self.done.saturating_add(1);
            let found = find.query_row([id.as_str()], Known::read).optional()?;
            batch.extend(found.transpose()?);
        }
        Ok(batch)
    }
}

impl Known {
    pub(super) fn standing(&self) -> Result<Option<Standing>, Error> {
        let standing = self.standing.as_deref().map(serde_json::from_str);
        Ok(standing.transpose().map_err(|_| PortfolioError::Damaged)?)
    }

    /// Whether a verdict holds the merchant in its flow.
    pub(super) const fn is_held(&self, action: Action) -> bool {
        matches!(Decision::of(action, self.question.flow), Decision::Hold)
    }

    /// An alert that says nothing yet but what was.
    pub(super) fn change(&self) -> Result<MerchantChange, Error> {
        let before = self.standing()?.zip(self.since);
        Ok(MerchantChange {
            merchant: self.id.clone(),
            flow: self.question.flow.name(),
            before: before.map(|(standing, since)| Brief::of(&standing, since)),
            after: None,
            reasons: Vec::new(),
            refusal: None,
            receipt: None,
            lists: Vec::new(),
        })
    }

    pub(super) fn change_to(
        &self,
        after: &Standing,
        found: &Found,
        since: u32,
    ) -> Result<MerchantChange, Error> {
        let lists = found.lists.iter().map(|list| ReleaseUsed {
            coalition: list.coalition.clone(),
            list: list.list.clone(),
            epoch: list.epoch,
            sequence: list.sequence,
        });
        Ok(MerchantChange {
            after: Some(Brief::of(after, since)),
            reasons: after.reasons.clone(),
            receipt: found.receipt.clone(),
            lists: lists.collect(),
            ..self.change()?
        })
    }

    /// A row, and whether it is what this program writes.
    fn read(row: &Row<'_>) -> rusqlite::Result<Result<Self, Error>> {
        let flow: String = row.get(1)?;
        let Some(flow) = Flow::from_name(&flow) else {
            return Ok(Err(PortfolioError::Damaged.into()));
        };
        let fields = row.get(2)?;
        Ok(Ok(Self {
            id: row.get(0)?,
            question: Question { flow, fields },
            standing: row.get(3)?,
            since: row.get(4)?,
            refusal: row.get(5)?,
            is_due: row.get(6)?,
        }))
    }
}
