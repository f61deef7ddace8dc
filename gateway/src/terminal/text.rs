//! Verdicts, ages and sizes as text for a person.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write};

use interdict::{Config, Gateway};
pub(crate) use interdict::{age, plural};
use interdict_core::common::time::Time;
use interdict_core::engine::Language;
use interdict_host::{CoalitionState, ListState, ListUsed, Reason, Receipts, Warning};

/// "640 KB".
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => plural(bytes, "byte"),
        10_000..10_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// `2026-11-22T00:00:00Z`.
pub(crate) fn date(seconds: u32) -> String {
    Time::from_seconds(seconds).to_string()
}

/// Text from elsewhere, without control characters: on a terminal they could rewrite other lines.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) {
        Cow::Owned(text.chars().filter(|c| !c.is_control()).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Prints warnings to standard error, apart from the answers.
pub(crate) fn warn(warnings: &[Warning]) {
    for warning in warnings {
        eprintln!("warning: {}", plain(&warning.to_string()));
    }
}

/// Prints what needs doing some day, to standard error and apart from warnings.
pub(crate) fn notice(texts: impl Iterator<Item = String>) {
    for text in texts {
        eprintln!("notice: {text}");
    }
}

/// Names the columns of a table for a person at a terminal. Programs that read the output get lines alone.
pub(crate) fn columns(names: &[&str], out: &mut dyn Write) -> io::Result<()> {
    match io::stdout().is_terminal() {
        true => writeln!(out, "{}", names.join("\t").to_uppercase()),
        false => Ok(()),
    }
}

/// Says which overrides and clearances wait for a signature, to whoever works on them.
pub(crate) fn tell_unsigned(gateway: &Gateway, now: u32) {
    let told = gateway.unsigned(now).into_iter();
    notice(told.map(|text| plain(&text).into_owned()));
}

/// Says so if not every answer of the gateway has a receipt, to whoever keeps or reads receipts.
pub(crate) fn notice_of_receipts(config: &Config) {
    let told = match config.receipts_in_force() {
        Receipts::Always => None,
        Receipts::Findings => {
            Some("gateway.toml says receipts = \"findings\": a verdict allow leaves no receipt")
        }
        Receipts::Never => {
            Some("gateway.toml says receipts = \"never\": no answer leaves a receipt")
        }
    };
    notice(told.into_iter().map(str::to_owned));
}

/// What to do about a list that has moved on to another key; `None` for any other list.
pub(crate) fn outdated(list: &ListState) -> Option<String> {
    let newest = list.newest_epoch?;
    let name = plain(&list.list);
    Some(format!(
        "{name} has gone on to epoch {newest}, whose key is missing: refresh, or enrol with a newer file"
    ))
}

/// How far a clock may be behind before it is spoken of, as for the doubt `clock_behind`.
const TOLERANCE: u32 = 600;

/// What to do if a coalition was verified later than the clock says.
pub(crate) fn clock_behind(state: &CoalitionState, now: u32) -> Option<String> {
    let newest = state.newest_time?;
    (newest > now.saturating_add(TOLERANCE)).then(|| {
        let newest = date(newest);
        format!(
            "it was verified at {newest}, which is later than this machine's clock: set the clock; if the clock is \
             right, interdict clock reset"
        )
    })
}

/// How long before its end the format of a list is spoken of.
const NOTICE: u32 = 90 * 86_400;

/// What to do about a list whose format ends within [`NOTICE`] or has ended; `None` for any other list.
pub(crate) fn ending(list: &ListState, now: u32) -> Option<String> {
    let ends = list.ends?;
    let name = plain(&list.list);
    let time = date(ends);
    let day = time.get(..10).unwrap_or(&time);
    match ends.saturating_sub(now) {
        0 => Some(format!(
            "{name} comes in a newer format alone since {day}: update interdict"
        )),
        left @ 1..=NOTICE => Some(format!(
            "{name} comes in a newer format alone from {day} on, in {}: update interdict before then",
            age(left)
        )),
        _ => None,
    }
}

/// One reason as a sentence, with what to do about it.
pub(crate) fn reason(reason: &Reason) -> String {
    let Some(sentence) = reason.sentence(Language::En) else {
        return format!(
            "{} (this command is older than the module)",
            plain(&reason.code)
        );
    };
    let sentence = plain(&sentence);
    match advice(&reason.code) {
        Some(advice) => format!("{sentence} {advice}"),
        None => sentence.into_owned(),
    }
}

/// What a person can do about a reason, with this command.
fn advice(code: &str) -> Option<&'static str> {
    match code {
        "no_list" => Some("Run interdict refresh."),
        "list_expired" | "list_stale" => {
            Some("Run interdict refresh; if that does not help, tell the coalition.")
        }
        "no_key" | "key_outdated" => Some("Run interdict refresh, or enrol with a newer file."),
        "clock_behind" => Some("Set this machine's clock."),
        "typology" => Some("See interdict explain-rules."),
        _ => None,
    }
}

/// "se/merchants: member edition, epoch 2, release 41, fresh, built 2 hours ago".
pub(crate) fn list(list: &ListUsed) -> String {
    format!(
        "{}: {} edition, epoch {}, release {}, {}, built {} ago",
        plain(&list.list),
        plain(&list.edition),
        list.epoch,
        list.sequence,
        plain(&list.freshness),
        age(list.age_s)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_sizes_read_like_english() {
        assert_eq!(age(1), "1 second");
        assert_eq!(age(7_300), "2 hours");
        assert_eq!(age(86_400), "1 day");
        assert_eq!(plural(2, "key"), "2 keys");
        assert_eq!(plural(2, "entry"), "2 entries");
        assert_eq!(size(640_000), "640 KB");
    }

    #[test]
    fn the_end_of_a_format_is_told_from_ninety_days_before_it() {
        let day = 1_811_808_000;
        let told = |ends: u32, now: u32| {
            let list = format!(
                r#"{{"list":"se/a","edition":"member","epoch":1,"sequence":1,"issued":0,"entries":1,"records":0,
                "ends":{ends},"kinds":[],"freshness":"fresh","age_s":0,"key":true}}"#
            );
            ending(&serde_json::from_str(&list).unwrap(), now)
        };
        assert_eq!(told(day, day - 90 * 86_400 - 1), None);
        let from = "se/a comes in a newer format alone from 2027-06-01 on";
        for (left, age) in [(90 * 86_400, "90 days"), (86_400, "1 day"), (1, "1 second")] {
            let expected = format!("{from}, in {age}: update interdict before then");
            assert_eq!(told(day, day - left), Some(expected));
        }
        for now in [day, day + 1, u32::MAX] {
            let expected = "se/a comes in a newer format alone since 2027-06-01: update interdict";
            assert_eq!(told(day, now).as_deref(), Some(expected));
        }
        let unannounced = r#"{"list":"se/a","edition":"member","epoch":1,"sequence":1,"issued":0,"entries":1,
            "records":0,"kinds":[],"freshness":"fresh","age_s":0,"key":true}"#;
        assert_eq!(
            ending(&serde_json::from_str(unannounced).unwrap(), day),
            None
        );
    }

    #[test]
    fn control_characters_reach_no_terminal() {
        assert_eq!(plain("a\u{1b}[2Kb"), "a[2Kb");
    }

    #[test]
    fn a_reason_is_the_cores_sentence_and_what_to_do() {
        let told = |text: &str| reason(&serde_json::from_str(text).unwrap());
        assert_eq!(
            told(r#"{"code":"no_key","coalition":"se","list":"se/a","weight":0}"#),
            "se/a could not be checked: its key is missing. \
             Run interdict refresh, or enrol with a newer file."
        );
        assert_eq!(
            told(r#"{"code":"no_finding","weight":-47}"#),
            "Fresh lists answered, and none of them lists the merchant."
        );
        assert_eq!(
            told(r#"{"code":"la\u001bter","weight":0}"#),
            "later (this command is older than the module)"
        );
    }
}
