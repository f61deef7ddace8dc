use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::suppress::{SMALLEST_SHOWN, Shown, suppressed};

/// What may leave the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgressReport {
    /// Lines that are not receipts. They say something about the files, not about merchants.
    pub unreadable: u64,
    /// Lines that repeat an earlier line.
    pub duplicates: u64,
    /// Verdicts.
    pub screenings: Shown,
    /// Breakdowns of counts.
    pub breakdowns: Vec<Breakdown>,
    /// Counts that are part of no sum.
    pub counts: Vec<(String, Shown)>,
    /// Lengths of time.
    pub spans: Vec<Span>,
}

/// One sum and its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakdown {
    /// What is counted, and by which property.
    pub title: String,
    /// The sum.
    pub total: Shown,
    /// The parts.
    pub cells: Vec<(String, Shown)>,
}

/// How long something took, if there are enough cases to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What took this time.
    pub title: String,
    /// How many cases there were.
    pub count: Shown,
    /// Half of the cases took at most this many hours, rounded up.
    pub median_hours: Option<u32>,
    /// Nine of ten cases took at most this many hours, rounded up.
    pub ninety_hours: Option<u32>,
}

impl Breakdown {
    pub(super) fn of(title: &str, counts: &BTreeMap<String, u64>) -> Self {
        let numbers: Vec<u64> = counts.values().copied().collect();
        let shown = suppressed(&numbers);
        let is_hidden = !shown.is_empty() && shown.iter().all(|cell| *cell == Shown::Hidden);
        Self {
            title: title.to_owned(),
            total: Shown::alone(numbers.iter().sum()),
            cells: if is_hidden {
                vec![("too few to tell apart".to_owned(), Shown::Hidden)]
            } else {
                counts.keys().cloned().zip(shown).collect()
            },
        }
    }

    /// The share of a cell, if both the cell and the sum are shown.
    fn share(&self, cell: Shown) -> String {
        match (cell, self.total) {
            (Shown::Count(count), Shown::Count(total)) if total > 0 => {
                let per_mille = u128::from(count) * 1000 / u128::from(total);
                format!("{}.{} %", per_mille / 10, per_mille % 10)
            }
            _ => String::new(),
        }
    }
}

impl Span {
    pub(super) fn of(title: &str, mut seconds: Vec<u32>) -> Self {
        seconds.sort_unstable();
        let most = seconds.len();
        // A time among few belongs to one merchant. Rounded to hours, it cannot be looked up.
        let enough = u64::try_from(most).unwrap_or(u64::MAX) >= SMALLEST_SHOWN.saturating_mul(2);
        let at = |per_cent: usize| {
            let place = most.saturating_mul(per_cent).div_ceil(100).max(1);
            let seconds = seconds.get(place.saturating_sub(1))?;
            enough.then(|| seconds.div_ceil(3_600))
        };
        Self {
            title: title.to_owned(),
            count: Shown::alone(u64::try_from(most).unwrap_or(u64::MAX)),
            median_hours: at(50),
            ninety_hours: at(90),
        }
    }
}

impl Shown {
    /// As a report shows it.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Count(count) => count.to_string(),
            Self::Few => format!("<{SMALLEST_SHOWN}"),
            Self::Hidden => "hidden".to_owned(),
        }
    }

    fn json(self) -> Value {
        match self {
            Self::Count(count) => count.into(),
            other => other.text().into(),
        }
    }
}

/// The explanation that every report begins with.
const NOTES: &str = "\
Counts of 1 to 4 are shown as <5, and others are hidden where such a count could be computed from \
them; a breakdown that cannot hide its cells is hidden whole. Pass on one report of a period: \
the difference of two that overlap can point at a merchant. Lines are taken as they are written: \
only a replay proves a receipt. Answers without one are not counted: with receipts = \"findings\" in \
gateway.toml, those are the verdicts allow.

The time from listing to first hit is a lower bound: it is measured from when the release that \
answered was built, and the listing may have stood in earlier releases.
";

impl ProgressReport {
    /// The report to read.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut text = String::from("# Progress\n\n");
        let _ = writeln!(text, "{} screenings.", self.screenings.text());
        let _ = writeln!(
            text,
            "Lines that are no receipts: {}; lines that were there before: {}.\n",
            self.unreadable, self.duplicates
        );
        text.push_str(NOTES);
        for breakdown in &self.breakdowns {
            let _ = writeln!(text, "\n## {}\n", breakdown.title);
            text.push_str("| | count | share |\n| --- | ---: | ---: |\n");
            for (name, shown) in &breakdown.cells {
                let share = breakdown.share(*shown);
                let _ = writeln!(text, "| {name} | {} | {share} |", shown.text());
            }
            let _ = writeln!(text, "| all | {} | |", breakdown.total.text());
        }
        text.push_str("\n## single counts\n\n| | count |\n| --- | ---: |\n");
        for (name, shown) in &self.counts {
            let _ = writeln!(text, "| {name} | {} |", shown.text());
        }
        text.push_str("\n## times\n\n| | count | median | 90 % |\n| --- | ---: | ---: | ---: |\n");
        for span in &self.spans {
            let hours = |hours: Option<u32>| {
                hours.map_or("too few".to_owned(), |hours| format!("{hours} h"))
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} |",
                span.title,
                span.count.text(),
                hours(span.median_hours),
                hours(span.ninety_hours)
            );
        }
        text
    }

    /// The report for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let cells = |cells: &[(String, Shown)]| -> Value {
            let cells = cells.iter();
            Value::Object(
                cells
                    .map(|(name, shown)| (name.clone(), shown.json()))
                    .collect(),
            )
        };
        let breakdowns = self.breakdowns.iter().map(|one| {
            json!({"title": one.title, "total": one.total.json(), "cells": cells(&one.cells)})
        });
        let spans = self.spans.iter().map(|span| {
            json!({
                "title": span.title, "count": span.count.json(),
                "median_hours": span.median_hours, "ninety_hours": span.ninety_hours,
            })
        });
        json!({
            "format": 1,
            "screenings": self.screenings.json(),
            "unreadable_lines": self.unreadable,
            "repeated_lines": self.duplicates,
            "breakdowns": breakdowns.collect::<Vec<_>>(),
            "counts": cells(&self.counts),
            "spans": spans.collect::<Vec<_>>(),
            "notes": NOTES,
        })
    }

    /// The report as bars; a suppressed count has none.
    #[must_use]
    pub fn svg(&self) -> String {
        let rows: usize = self.breakdowns.iter().map(|one| one.cells.len() + 2).sum();
        let height = rows.saturating_mul(20).saturating_add(20);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"720\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        );
        let mut y = 20_u64;
        for breakdown in &self.breakdowns {
            let counts = breakdown.cells.iter().map(|(_, shown)| match shown {
                Shown::Count(count) => *count,
                _ => 0,
            });
            let largest = counts.max().unwrap_or(0).max(1);
            let _ = writeln!(
                svg,
                "<text x=\"10\" y=\"{y}\" font-weight=\"bold\">{}</text>",
                breakdown.title
            );
            for (name, shown) in &breakdown.cells {
                y = y.saturating_add(20);
                let count = match shown {
                    Shown::Count(count) => *count,
                    _ => 0,
                };
                let width = u128::from(count) * 360 / u128::from(largest);
                let _ = writeln!(
                    svg,
                    "<text x=\"20\" y=\"{y}\">{name}</text><rect x=\"240\" y=\"{}\" width=\"{width}\" height=\"12\" fill=\"#36648b\"/><text x=\"{}\" y=\"{y}\">{}</text>",
                    y.saturating_sub(10),
                    246 + width,
                    shown.text().replace('<', "&lt;")
                );
            }
            y = y.saturating_add(40);
        }
        svg.push_str("</svg>\n");
        svg
    }
}
