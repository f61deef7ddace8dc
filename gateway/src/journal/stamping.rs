use super::stamps::{self, Stamping};
use super::writer::Journal;
use crate::error::Error;
use crate::time_stamp::Authority;

/// Seconds from one time stamp to the next within a file.
const HOUR: u32 = 3_600;

/// Seconds from a failure to the next try.
const AGAIN: u32 = 300;

impl Journal {
    /// Has the newest head stamped by an authority, if an hour is over or a new file was begun since the last one. A
    /// failure is kept for [`warnings`](Self::warnings) and tried again after five minutes; nothing waits for it.
    ///
    /// # Errors
    /// What the disk refuses, or why there is no time stamp.
    pub fn stamp_if_due(&self, authority: &Authority, now: u32) -> Result<Option<u64>, Error> {
        let Some((number, sha256, file)) = self.newest_head() else {
            return Ok(None);
        };
        let before = self.stamping();
        let is_new_file = before.last < file && before.failure.is_none();
        if before.last >= number || now < before.due && !is_new_file {
            return Ok(None);
        }
        let stamped = authority
            .stamp(&sha256)
            .and_then(|token| stamps::keep(self.directory(), number, &token));
        let after = match &stamped {
            Ok(()) => Stamping {
                last: number,
                due: now.saturating_add(HOUR),
                failure: None,
            },
            Err(error) => Stamping {
                due: now.saturating_add(AGAIN),
                failure: Some(error.to_string()),
                ..before
            },
        };
        self.note_stamping(after);
        stamps::forget_before(self.directory(), self.first_kept())?;
        stamped.map(|()| Some(number))
    }
}
