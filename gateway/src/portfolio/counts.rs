use super::database::Portfolio;
use crate::error::Error;

/// How much there is of what somebody should look at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PortfolioCounts {
    /// Merchants.
    pub merchants: u64,
    /// Open cases.
    pub cases: u64,
    /// Alerts that nobody has taken yet.
    pub alerts: u64,
    /// Those of them that were offered and not taken.
    pub refused: u64,
}

impl Portfolio {
    /// How much there is.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn counts(&self) -> Result<PortfolioCounts, Error> {
        let find = "SELECT (SELECT count(*) FROM merchants), (SELECT count(*) FROM cases WHERE is_open = 1),
                count(*), count(*) FILTER (WHERE attempts > 0)
            FROM outbox WHERE delivered IS NULL";
        let counted = self.0.query_row(find, [], |row| {
            Ok(PortfolioCounts {
                merchants: row.get(0)?,
                cases: row.get(1)?,
                alerts: row.get(2)?,
                refused: row.get(3)?,
            })
        });
        Ok(counted?)
    }
}
