use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::error::Error;

/// The clock of the machine, or one that was set for a test or a replay and goes on from there.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's.
    Machine,
    /// One that had this time at that moment.
    From(u32, Instant),
}

impl Clock {
    /// One that starts from this time, or the machine's.
    #[must_use]
    pub fn of(now: Option<u32>) -> Self {
        now.map_or(Self::Machine, |now| Self::From(now, Instant::now()))
    }

    /// Seconds since 1970; `None` before that and after 2106.
    #[must_use]
    pub fn seconds(self) -> Option<u32> {
        match self {
            Self::Machine => {
                let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
                u32::try_from(elapsed.as_secs()).ok()
            }
            Self::From(start, began) => {
                start.checked_add(u32::try_from(began.elapsed().as_secs()).ok()?)
            }
        }
    }

    /// Why nothing starts on a machine whose clock says nothing.
    pub(crate) fn off() -> Error {
        Error::Service("this machine's clock is off; set it".to_owned())
    }
}
