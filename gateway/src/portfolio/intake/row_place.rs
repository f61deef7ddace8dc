use std::fmt;

use crate::portfolio::merchant::MerchantId;

/// Where in a file something is wrong. It holds no value but a merchant's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowPlace {
    /// The line that the row begins in, from 1.
    pub line: u64,
    /// The column or member, as the file names it, if it is one.
    pub column: Option<String>,
    /// Whose row it is, if it has an id of the right form.
    pub merchant: Option<MerchantId>,
}

impl fmt::Display for RowPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        if let Some(merchant) = &self.merchant {
            write!(f, ", merchant {merchant}")?;
        }
        Ok(())
    }
}
