use super::database::Portfolio;
use crate::error::Error;

impl Portfolio {
    /// Forgets alerts that were taken and cases that were closed before this time. Returns how many.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn forget(&mut self, before: u32) -> Result<u64, Error> {
        let change = self.change()?;
        let alerts = change.execute("DELETE FROM outbox WHERE delivered < ?1", [before])?;
        change.execute(
            "DELETE FROM case_steps WHERE case_number IN (SELECT number FROM cases WHERE is_open = 0 AND closed < ?1)",
            [before],
        )?;
        let cases = change.execute(
            "DELETE FROM cases WHERE is_open = 0 AND closed < ?1",
            [before],
        )?;
        change.commit()?;
        Ok(u64::try_from(alerts.saturating_add(cases)).unwrap_or(u64::MAX))
    }
}
