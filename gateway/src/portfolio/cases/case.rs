use rusqlite::{OptionalExtension as _, Row};

use crate::error::Error;
use crate::portfolio::database::Portfolio;
use crate::portfolio::merchant::MerchantId;

/// A case in short; [`Portfolio::case_history`] has everything about it, [`Portfolio::status`] the verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerchantCase {
    /// The number by which people call it.
    pub number: u32,
    /// The gateway's own id of the merchant.
    pub merchant: MerchantId,
    /// Whether a person still has to decide.
    pub is_open: bool,
    /// When the merchant was first at `review` or above, in seconds since 1970.
    pub opened: u32,
    /// When it was closed, if it is.
    pub closed: Option<u32>,
    /// Who looks into it.
    pub assignee: Option<String>,
}

/// Which cases are meant; `None` is any.
#[derive(Debug, Clone, Default)]
pub struct CaseFilter {
    /// Whether they are open.
    pub is_open: Option<bool>,
    /// Who looks into them.
    pub assignee: Option<String>,
    /// The merchant's id.
    pub merchant: Option<String>,
}

const COLUMNS: &str = "SELECT number, merchant, is_open, opened, closed, assignee FROM cases";

impl Portfolio {
    /// A case.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn case(&self, number: u32) -> Result<Option<MerchantCase>, Error> {
        let mut find = self
            .0
            .prepare_cached(&format!("{COLUMNS} WHERE number = ?1"))?;
        Ok(find.query_row([number], read).optional()?)
    }

    /// The case of a merchant.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn case_of(&self, merchant: &MerchantId) -> Result<Option<MerchantCase>, Error> {
        let mut find = self
            .0
            .prepare_cached(&format!("{COLUMNS} WHERE merchant = ?1"))?;
        Ok(find.query_row([merchant.as_str()], read).optional()?)
    }

    /// At most so many open cases after this number, oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn open_cases_after(&self, after: u32, most: u32) -> Result<Vec<MerchantCase>, Error> {
        let open = CaseFilter {
            is_open: Some(true),
            ..CaseFilter::default()
        };
        self.find_cases(&open, after, most)
    }

    /// At most so many cases after this number, open and closed, oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn cases_after(&self, after: u32, most: u32) -> Result<Vec<MerchantCase>, Error> {
        self.find_cases(&CaseFilter::default(), after, most)
    }

    /// At most so many of these cases after this number, oldest first.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn find_cases(
        &self,
        filter: &CaseFilter,
        after: u32,
        most: u32,
    ) -> Result<Vec<MerchantCase>, Error> {
        let mut find = self.0.prepare_cached(&format!(
            "{COLUMNS} WHERE number > ?1 AND (?3 IS NULL OR is_open = ?3) AND (?4 IS NULL OR assignee = ?4)
             AND (?5 IS NULL OR merchant = ?5) ORDER BY number LIMIT ?2"
        ))?;
        let (assignee, merchant) = (&filter.assignee, &filter.merchant);
        let rows = find.query_map((after, most, filter.is_open, assignee, merchant), read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<MerchantCase> {
    Ok(MerchantCase {
        number: row.get(0)?,
        merchant: MerchantId::stored(row.get(1)?),
        is_open: row.get(2)?,
        opened: row.get(3)?,
        closed: row.get(4)?,
        assignee: row.get(5)?,
    })
}
