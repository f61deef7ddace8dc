/// "2 hours", "3 days".
#[must_use]
pub fn age(seconds: u32) -> String {
    let (count, unit) = match seconds {
        0..60 => (seconds, "second"),
        60..3_600 => (seconds / 60, "minute"),
        3_600..86_400 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    plural(u64::from(count), unit)
}

/// "1 key", "2 keys", "3 entries".
#[must_use]
pub fn plural(count: u64, unit: &str) -> String {
    match (count, unit.strip_suffix('y')) {
        (1, _) => format!("1 {unit}"),
        (_, Some(stem)) if unit.ends_with("ry") => format!("{count} {stem}ies"),
        _ => format!("{count} {unit}s"),
    }
}
