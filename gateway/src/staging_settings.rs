use serde::{Deserialize, Deserializer};

use serde::de::Error as _;

const MINUTE: u32 = 60;
const HOUR: u32 = 3_600;
/// A share is counted in millionths, so it has at most so many digits behind the point.
const DIGITS: usize = 4;

/// The table `[staging]` of `gateway.toml`: how long a newer release waits before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StagingConfig {
    /// Seconds, written as hours (`6h`) or minutes (`90m`).
    #[serde(deserialize_with = "duration")]
    pub hold: u32,
    /// It goes live at once if it newly stops at most this part of the portfolio, in millionths; written as `0.5 %`.
    #[serde(default, deserialize_with = "share")]
    pub at_once_if_stops_at_most: Option<u64>,
}

impl StagingConfig {
    /// What is wrong in the table, beside a policy that lets a list count as polled for so many hours.
    pub(crate) const fn problem(
        &self,
        poll_max_age_hours: u32,
        has_portfolio: bool,
    ) -> Option<&'static str> {
        if self.hold >= poll_max_age_hours.saturating_mul(HOUR) {
            return Some("hold must be shorter than poll_max_age_hours of the policy");
        }
        if self.at_once_if_stops_at_most.is_some() && !has_portfolio {
            return Some("at_once_if_stops_at_most needs a table [portfolio]");
        }
        None
    }
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let text = String::deserialize(deserializer)?;
    seconds(&text).ok_or_else(|| D::Error::custom("a time is written as 6h or 90m, at least 1m"))
}

fn seconds(text: &str) -> Option<u32> {
    let (number, unit) = match (text.strip_suffix('h'), text.strip_suffix('m')) {
        (Some(number), _) => (number, HOUR),
        (None, number) => (number?, MINUTE),
    };
    let number: u32 = number.trim_end().parse().ok()?;
    number.checked_mul(unit).filter(|seconds| *seconds > 0)
}

fn share<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let told = "a share is written as \"0.5 %\", with at most four digits behind the point";
    millionths(&text)
        .map(Some)
        .ok_or_else(|| D::Error::custom(told))
}

fn millionths(text: &str) -> Option<u64> {
    let number = text.strip_suffix('%')?.trim_end();
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let are_digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || !are_digits(part) || part.len() > DIGITS {
        return None;
    }
    let millionths: u64 = format!("{whole}{part:0<DIGITS$}").parse().ok()?;
    Some(millionths).filter(|millionths| *millionths <= 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_shares_are_read_as_people_write_them() {
        for (text, expected) in [
            ("6h", Some(21_600)),
            ("90m", Some(5_400)),
            ("0h", None),
            ("6", None),
            ("-1h", None),
            ("h", None),
            ("99999999h", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
        for (text, expected) in [
            ("0.5 %", Some(5_000)),
            ("0%", Some(0)),
            ("100 %", Some(1_000_000)),
            ("0.0001 %", Some(1)),
            ("0.00001 %", None),
            ("100.1 %", None),
            ("0.5", None),
            (".5 %", None),
            ("-1 %", None),
        ] {
            assert_eq!(millionths(text), expected, "{text}");
        }
    }
}
