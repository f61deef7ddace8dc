//! Time in seconds since 1970, always an argument, and the one date format of TUF metadata.

use core::fmt;

const DAY: i64 = 86_400;

/// Seconds since 1970-01-01T00:00:00Z. Dates outside `u32` saturate (TUF 1.0.34 §4.2.3 sets no range).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u32);

impl Time {
    /// 2024-01-01T00:00:00Z. A host clock before this is wrong.
    pub const EARLIEST: Self = Self(1_704_067_200);
    /// 2100-01-01T00:00:00Z. A host clock at or after this is wrong.
    pub const LATEST: Self = Self(4_102_444_800);

    /// Any number of seconds since 1970.
    #[must_use]
    pub const fn from_seconds(seconds: u32) -> Self {
        Self(seconds)
    }

    /// A host's clock reading, or `None` outside 2024 to 2100.
    #[must_use]
    pub fn from_clock(seconds: u32) -> Option<Self> {
        let time = Self(seconds);
        (Self::EARLIEST..Self::LATEST)
            .contains(&time)
            .then_some(time)
    }

    /// Seconds since 1970.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.0
    }

    /// Seconds from `earlier` to `self`, zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }

    /// `self` moved forward, saturating.
    #[must_use]
    pub const fn plus(self, seconds: u32) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// Whether a day begins, in UTC: a date alone is written so.
    #[must_use]
    pub const fn is_midnight(self) -> bool {
        self.0.is_multiple_of(86_400)
    }

    /// Reads exactly `YYYY-MM-DDTHH:MM:SSZ` (TUF 1.0.34 §4.2.3); anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
        let [
            y0,
            y1,
            y2,
            y3,
            b'-',
            m0,
            m1,
            b'-',
            d0,
            d1,
            b'T',
            h0,
            h1,
            b':',
            n0,
            n1,
            b':',
            s0,
            s1,
            b'Z',
        ] = *bytes
        else {
            return None;
        };
        let year = number(&[y0, y1, y2, y3])?;
        let (month, day) = (number(&[m0, m1])?, number(&[d0, d1])?);
        let (hour, minute, second) = (number(&[h0, h1])?, number(&[n0, n1])?, number(&[s0, s1])?);
        if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let clock = hour
            .checked_mul(3600)?
            .checked_add(minute.checked_mul(60)?)?;
        let seconds = days_from_civil(year, month, day)?
            .checked_mul(DAY)?
            .checked_add(clock)?
            .checked_add(second)?;
        Some(Self(u32::try_from(seconds.max(0)).unwrap_or(u32::MAX)))
    }
}

impl fmt::Display for Time {
    /// `YYYY-MM-DDTHH:MM:SSZ`, the form [`Time::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = i64::from(self.0);
        let (year, month, day) = civil_from_days(seconds.div_euclid(DAY));
        let clock = seconds.rem_euclid(DAY);
        let (hour, minute, second) = (
            clock.div_euclid(3600),
            clock.div_euclid(60).rem_euclid(60),
            clock.rem_euclid(60),
        );
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |sum, &digit| {
        let value = digit
            .is_ascii_digit()
            .then(|| i64::from(digit.wrapping_sub(b'0')))?;
        sum.checked_mul(10)?.checked_add(value)
    })
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, by counting from 1 March of year 0
/// so that the leap day is the last of its year.
fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i64> {
    let shifted = if month <= 2 {
        year.checked_sub(1)?
    } else {
        year
    };
    let month_from_march = month.checked_add(9)?.rem_euclid(12);
    let day_of_year = month_from_march
        .checked_mul(153)?
        .checked_add(2)?
        .div_euclid(5);
    shifted
        .checked_mul(365)?
        .checked_add(shifted.div_euclid(4))?
        .checked_sub(shifted.div_euclid(100))?
        .checked_add(shifted.div_euclid(400))?
        .checked_add(day_of_year)?
        .checked_add(day)?
        // 719,469 is day 1 of month 0 counted from 1 March of year 0, at 1970-01-01.
        .checked_sub(719_469)
}

#[expect(
    clippy::arithmetic_side_effects,
    reason = "the input is at most 49,710 days, the days of a u32 of seconds"
)]
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2).rem_euclid(12) + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates_are_read_and_written() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T23:59:59Z", 951_868_799),
            ("2024-01-01T00:00:00Z", 1_704_067_200),
            ("2026-11-22T01:02:03Z", 1_795_309_323),
            ("2100-01-01T00:00:00Z", 4_102_444_800),
        ] {
            assert_eq!(Time::parse(text), Some(Time(seconds)));
            assert_eq!(Time(seconds).to_string(), text);
        }
    }

    #[test]
    fn every_day_of_the_range_round_trips() {
        for day in 0..49_710_u32 {
            let time = Time(day * 86_400 + day % 86_400);
            assert_eq!(Time::parse(&time.to_string()), Some(time));
        }
    }

    #[test]
    fn dates_beyond_the_range_saturate() {
        assert_eq!(Time::parse("1969-12-31T23:59:59Z"), Some(Time(0)));
        assert_eq!(Time::parse("9999-12-31T23:59:59Z"), Some(Time(u32::MAX)));
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "2026-11-22T01:02:03",
            "2026-11-22 01:02:03Z",
            "2026-11-22T01:02:03z",
            "2026-11-22T01:02:03+00:00",
            "2026-11-22T01:02:03.0Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:60Z",
            "+026-01-01T00:00:00Z",
            "",
        ] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }
}
