//! Whether the clock can be right. It is only as good as the computer's, so it is held against what was
//! published: a time before that is wrong, and one far after it is for a person to look at.

use interdict_core::common::time::Time;
use interdict_core::trust::{Client, Outcome, RoleName, Source, Wanted};

use super::root::ROOT_LIFE;
use super::signing::TIMESTAMP_LIFE;
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::tuf::{Head, metadata_path, signed_at};

const DAY: u32 = 86_400;

/// How far a clock may be ahead of what was published before a person has to look at a calendar: a machine
/// that was off over the holidays goes on by itself.
const UNCONFIRMED: u32 = 14 * DAY;

/// A day as a calendar on the wall has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(Time);

impl Day {
    /// Reads a day, such as `2026-11-22`.
    #[must_use]
    pub fn parse(day: &str) -> Option<Self> {
        Time::parse(&format!("{day}T00:00:00Z")).map(Self)
    }

    /// Whether it is this day anywhere on earth: time zones are up to 14 hours apart from UTC.
    #[must_use]
    pub const fn is_somewhere(self, now: Time) -> bool {
        let day = self.0.seconds().div_euclid(DAY);
        day.abs_diff(now.seconds().div_euclid(DAY)) <= 1
    }
}

impl Publisher {
    /// The newest time at which anything was published: a release, a timestamp or a root. `None` if nothing
    /// was.
    ///
    /// # Errors
    /// A register or repository that cannot be read.
    pub fn newest_published(&self) -> Result<Option<Time>> {
        let root = self.register().newest(RoleName::Root)?;
        let root = root.and_then(|root| Head::read(&root.bytes, RoleName::Root));
        let reset = self.register().clock_reset()?;
        let counts = reset.map_or((0, 0), |reset| (reset.root, reset.timestamp));
        let signed = |head: Head, life: u32, ignored: u32| {
            (head.version > ignored).then(|| signed_at(head.expires, life))
        };
        let timestamps = self.timestamps()?.into_iter();
        let timestamps = timestamps.filter_map(|one| signed(one, TIMESTAMP_LIFE, counts.1));
        let others = [
            root.and_then(|one| signed(one, ROOT_LIFE, counts.0)),
            self.register().newest_issue()?,
            reset.map(|reset| reset.confirmed),
        ];
        Ok(timestamps.chain(others.into_iter().flatten()).max())
    }

    /// Checks the computer's clock before a command signs anything with it. `today` is what a person states,
    /// if anybody does.
    ///
    /// # Errors
    /// [`PublisherError::ClockBehind`] before what was published, [`PublisherError::OtherDay`] for a clock
    /// with another day than the one stated, [`PublisherError::ClockAhead`] more than 14 days after what was
    /// published if nobody states the day, [`PublisherError::ClockRange`].
    pub fn confirm_clock(&self, now: Time, today: Option<Day>) -> Result<()> {
        // A coalition that released nothing yet has nothing to lose by a wrong time.
        let released = self.register().newest(RoleName::Timestamp)?.is_some();
        match judge(now, self.newest_published()?, today) {
            Err(PublisherError::ClockAhead { .. }) if !released => Ok(()),
            judged => judged,
        }
    }

    /// A clock that runs behind would publish a list older than the last one.
    pub(crate) fn check_clock(&self, now: Time) -> Result<()> {
        check_not_behind(now, self.newest_published()?)
    }

    /// The newest timestamp that the register knows, and the one that is published. Another machine may have
    /// renewed that one.
    pub(super) fn timestamps(&self) -> Result<Vec<Head>> {
        let known = self.register().newest(RoleName::Timestamp)?;
        let known = known.and_then(|known| Head::read(&known.bytes, RoleName::Timestamp));
        let path = metadata_path(RoleName::Timestamp, 0);
        let published = self.directory().read(&path)?;
        let published = published.filter(|bytes| self.is_ours(bytes));
        let published = published.and_then(|bytes| Head::read(&bytes, RoleName::Timestamp));
        Ok([known, published].into_iter().flatten().collect())
    }

    fn is_ours(&self, timestamp: &[u8]) -> bool {
        let root = self.register().newest(RoleName::Root);
        root.is_ok_and(|root| root.is_some_and(|root| is_signed(timestamp, &root.bytes)))
    }
}

/// Whether a command may sign at this time, of which `newest` is the newest that was published.
pub(crate) fn judge(now: Time, newest: Option<Time>, today: Option<Day>) -> Result<()> {
    if today.is_some_and(|today| !today.is_somewhere(now)) {
        return Err(PublisherError::OtherDay { clock: now });
    }
    check_not_behind(now, newest)?;
    match newest {
        Some(newest) if today.is_none() && now > newest.plus(UNCONFIRMED) => {
            Err(PublisherError::ClockAhead { clock: now, newest })
        }
        _ => Ok(()),
    }
}

/// Whether a time is not before what was published.
pub(crate) fn check_not_behind(now: Time, newest: Option<Time>) -> Result<()> {
    Time::from_clock(now.seconds()).ok_or(PublisherError::ClockRange)?;
    match newest {
        Some(newest) if now < newest => Err(PublisherError::ClockBehind { clock: now, newest }),
        _ => Ok(()),
    }
}

/// Whether a timestamp is signed as a root demands: whoever else can write to the repository must not stop
/// the clock.
pub(crate) fn is_signed(timestamp: &[u8], root: &[u8]) -> bool {
    let Ok(mut client) = Client::new(root) else {
        return false;
    };
    // Expiry does not matter here, so the time is before any.
    client.begin(Source::Store, Time::EARLIEST, Wanted::All);
    client.supply(Outcome::NotFound).is_ok() && client.supply(Outcome::Bytes(timestamp)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_today_within_a_day_of_utc_and_at_no_other_time() {
        let day = Day::parse("2026-11-22").unwrap();
        for (time, today) in [
            ("2026-11-20T23:59:59Z", false),
            ("2026-11-21T00:00:00Z", true),
            ("2026-11-22T12:00:00Z", true),
            ("2026-11-23T23:59:59Z", true),
            ("2026-11-24T00:00:00Z", false),
            ("2027-11-22T12:00:00Z", false),
        ] {
            assert_eq!(
                day.is_somewhere(Time::parse(time).unwrap()),
                today,
                "{time}"
            );
        }
        for text in ["", "22.11.2026", "2026-11-31", "2026-11-22T00:00:00Z"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
