//! Verdicts, ages and sizes as a person reads them.

use std::borrow::Cow;

use interdict_core::common::time::Time;
use interdict_host::{ListState, ListUsed, Reason, Warning};

/// "2 hours", "3 days".
pub(crate) fn age(seconds: u32) -> String {
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    plural(u64::from(count), unit)
}

/// "1 key", "2 keys", "3 entries".
pub(crate) fn plural(count: u64, unit: &str) -> String {
    match (count, unit.strip_suffix('y')) {
        (1, _) => format!("1 {unit}"),
        (_, Some(stem)) if unit.ends_with("ry") => format!("{count} {stem}ies"),
        _ => format!("{count} {unit}s"),
    }
}

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

/// Text from elsewhere on a terminal: its control characters could rewrite what stands there.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) {
        Cow::Owned(text.chars().filter(|c| !c.is_control()).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Warnings for the person at the terminal, beside the answers.
pub(crate) fn warn(warnings: &[Warning]) {
    for warning in warnings {
        eprintln!("warning: {}", plain(&warning.to_string()));
    }
}

/// What to do about a list that has gone on to another key; nothing if it has not.
pub(crate) fn outdated(list: &ListState) -> Option<String> {
    let newest = list.newest_epoch?;
    let name = plain(&list.list);
    Some(format!(
        "{name} has gone on to epoch {newest}: enrol with a newer file, which has its key, and refresh"
    ))
}

/// One reason as a sentence.
pub(crate) fn reason(reason: &Reason) -> String {
    let list = match (&reason.list, &reason.coalition) {
        (Some(list), _) => plain(list),
        (None, Some(coalition)) => Cow::Owned(format!("coalition {}", plain(coalition))),
        (None, None) => Cow::Borrowed("a list"),
    };
    match reason.code.as_str() {
        "listed" => {
            let what = match reason.relation.as_deref() {
                Some("parent") => "what it lies in is listed",
                Some("label") => "the brand in its name is listed",
                _ => "listed",
            };
            let source = reason
                .source
                .as_deref()
                .map_or(Cow::Borrowed("an unnamed source"), plain);
            format!(
                "{what} on {list} by {source}, for {}",
                category(reason.category.as_deref())
            )
        }
        "candidate" => {
            format!("probably on {list}: its filter has it, and there is no exact record at hand")
        }
        "typology" => {
            let rule = reason.rule.as_deref().map_or(Cow::Borrowed("?"), plain);
            let sign = if reason.weight < 0 {
                "speaks for it"
            } else {
                "a red flag"
            };
            format!("rule {rule} holds, {sign}; interdict explain-rules says what it is")
        }
        "overridden" => {
            format!("what {list} asks for was lowered to review by an override of this gateway")
        }
        "too_few_coalitions" => {
            "fewer coalitions ask for this than the policy requires, so a person should look"
                .to_owned()
        }
        "list_untrusted" => format!("{list} is signed by keys the coalition has since revoked"),
        "list_expired" => format!("{list} is too old to rely on"),
        "list_stale" => {
            format!("{list} may not be the newest: its repository was not heard of in time")
        }
        "no_key" => {
            format!("{list} could not be asked: its key is missing; enrol with a newer file")
        }
        "no_list" => format!("{list} has no list in place; run interdict refresh"),
        "clock_behind" => "this machine's clock is behind the last update; set it".to_owned(),
        "degraded" => {
            "no fresh list answered; the policy's choice for this flow was taken".to_owned()
        }
        "lowered_to_review" => format!(
            "what {list} asks for was lowered to review: the list is too old or revoked, or the account may be run by a victim"
        ),
        "listing_lapsed" => format!("was listed on {list}, and the listing is over"),
        "key_outdated" => {
            format!("{list} has gone on to a key that is not at hand; enrol with a newer file")
        }
        "not_usable" => "a field of the request could not be read, so nobody was asked".to_owned(),
        "not_covered" => "no list covers this kind of identifier".to_owned(),
        "no_finding" => "fresh lists answered, and it is on none of them".to_owned(),
        other => format!("{} (this command is older than the module)", plain(other)),
    }
}

/// "se/merchants: epoch 2, release 41, fresh, built 2 hours ago".
pub(crate) fn list(list: &ListUsed) -> String {
    format!(
        "{}: epoch {}, release {}, {}, built {} ago",
        plain(&list.list),
        list.epoch,
        list.sequence,
        plain(&list.freshness),
        age(list.age_s)
    )
}

fn category(name: Option<&str>) -> Cow<'_, str> {
    match name {
        Some("csae") => Cow::Borrowed("child sexual abuse or exploitation"),
        Some("trafficking") => Cow::Borrowed("trafficking in persons"),
        Some("other" | "unspecified") | None => {
            Cow::Borrowed("a reason the coalition does not state")
        }
        Some(other) => plain(other),
    }
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
    fn control_characters_reach_no_terminal() {
        assert_eq!(plain("a\u{1b}[2Kb"), "a[2Kb");
    }
}
