use rusqlite::{OptionalExtension as _, Row};

use super::database::Portfolio;
use super::merchant::MerchantId;
use super::standing::Standing;
use crate::error::Error;
use crate::portfolio_problem::PortfolioError;

/// What is known of a merchant, without what it is screened by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerchantStatus {
    /// Its id.
    pub id: MerchantId,
    /// The last verdict that lists could answer for; `None` before the first.
    pub standing: Option<Standing>,
    /// Since when.
    pub since: Option<u32>,
    /// The mac of the receipt, of a verdict above `allow`.
    pub receipt: Option<String>,
    /// The code of the refusal, while the module refuses to screen it.
    pub refusal: Option<String>,
    /// Whether it is still to be screened.
    pub is_due: bool,
}

const COLUMNS: &str = "SELECT id, standing, since, receipt, refusal, is_due FROM merchants";

/// Id, standing, since, receipt, refusal, and whether it is due.
type Stored = (
    String,
    Option<String>,
    Option<u32>,
    Option<String>,
    Option<String>,
    bool,
);

impl Portfolio {
    /// What is known of a merchant.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn status(&self, id: &MerchantId) -> Result<Option<MerchantStatus>, Error> {
        let mut find = self.0.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
        let found = find.query_row([id.as_str()], stored).optional()?;
        found.map(status).transpose()
    }

    /// What is known of at most so many merchants, by id, after this one.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn statuses_after(
        &self,
        after: Option<&MerchantId>,
        most: u32,
    ) -> Result<Vec<MerchantStatus>, Error> {
        let mut find = self
            .0
            .prepare_cached(&format!("{COLUMNS} WHERE id > ?1 ORDER BY id LIMIT ?2"))?;
        let after = after.map_or("", MerchantId::as_str);
        let rows = find.query_map((after, most), stored)?;
        rows.map(|row| status(row?)).collect()
    }
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
    ))
}

fn status(
    (id, standing, since, receipt, refusal, is_due): Stored,
) -> Result<MerchantStatus, Error> {
    let standing = standing.as_deref().map(serde_json::from_str);
    Ok(MerchantStatus {
        id: MerchantId::stored(id),
        standing: standing.transpose().map_err(|_| PortfolioError::Damaged)?,
        since,
        receipt,
        refusal,
        is_due,
    })
}
