//! How many minutes each part of the automatic run took, against `xtask/budget.toml`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use toml::Table;

/// A CI job gets an hour.
const MOST: Duration = Duration::from_secs(60 * 60);

/// A part of the automatic run that has minutes of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Rust,
    Hosts,
    Service,
    Npm,
    Packaging,
}

impl Part {
    const ALL: [Self; 5] = [
        Self::Rust,
        Self::Hosts,
        Self::Service,
        Self::Npm,
        Self::Packaging,
    ];

    /// Its key in the file.
    const fn key(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Hosts => "hosts",
            Self::Service => "service",
            Self::Npm => "npm",
            Self::Packaging => "packaging",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Rust => "Rust, module and documents",
            Self::Hosts => "hosts",
            Self::Service => "service and doors",
            Self::Npm => "npm and Chromium",
            Self::Packaging => "packaging",
        }
    }
}

/// The most that each part may take.
pub(crate) struct Budget {
    parts: BTreeMap<Part, Duration>,
    reserve: Duration,
}

impl Budget {
    /// Reads the file's text. It must name every part and no other, and the minutes must add up to less than
    /// an hour.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let table: Table = text.parse().context("xtask/budget.toml")?;
        let minutes = table.get("minutes").and_then(toml::Value::as_table);
        let mut minutes = minutes
            .context("xtask/budget.toml lacks [minutes]")?
            .clone();
        let mut take = |key: &str| {
            let value = minutes.remove(key);
            let value = value.as_ref().and_then(toml::Value::as_integer);
            let minutes = value.and_then(|value| u64::try_from(value).ok());
            minutes
                .map(|minutes| Duration::from_secs(minutes.saturating_mul(60)))
                .with_context(|| format!("xtask/budget.toml lacks the minutes of {key}"))
        };
        let parts = Part::ALL.map(|part| Ok((part, take(part.key())?)));
        let parts: BTreeMap<_, _> = parts.into_iter().collect::<Result<_>>()?;
        let reserve = take("reserve")?;
        if let Some(unknown) = minutes.keys().next() {
            bail!("xtask/budget.toml: no part is called {unknown}");
        }
        let whole = parts.values().sum::<Duration>().saturating_add(reserve);
        if whole >= MOST {
            bail!("xtask/budget.toml allows {}, an hour or more", shown(whole));
        }
        Ok(Self { parts, reserve })
    }

    fn of(&self, part: Part) -> Duration {
        self.parts.get(&part).copied().unwrap_or_default()
    }
}

/// The time that a run took so far.
#[derive(Default)]
pub(crate) struct Spent {
    parts: BTreeMap<Part, Duration>,
    /// Time before the first part and between parts. It counts against the reserve.
    pub(crate) rest: Duration,
}

impl Spent {
    /// Adds to the time of a part.
    pub(crate) fn add(&mut self, part: Part, time: Duration) {
        let spent = self.parts.entry(part).or_default();
        *spent = spent.saturating_add(time);
    }

    /// The time of all parts together.
    pub(crate) fn of_parts(&self) -> Duration {
        self.parts.values().sum()
    }

    /// A line for each part, with what the budget allows.
    pub(crate) fn table(&self, budget: &Budget) -> Vec<String> {
        let line = |name: &str, spent: String, allowed| {
            format!("{name:<28}{spent:>16} of {:>4}", shown(allowed))
        };
        let mut lines: Vec<_> = Part::ALL
            .into_iter()
            .map(|part| {
                let spent = self.parts.get(&part);
                let spent = spent.map_or("nothing to run".to_owned(), |spent| shown(*spent));
                line(part.title(), spent, budget.of(part))
            })
            .collect();
        lines.push(line("reserve", shown(self.rest), budget.reserve));
        let allowed = budget.parts.values().sum::<Duration>();
        lines.push(line(
            "whole run",
            shown(self.of_parts().saturating_add(self.rest)),
            allowed.saturating_add(budget.reserve),
        ));
        lines
    }

    /// A sentence for each part that took longer than it may.
    pub(crate) fn over(&self, budget: &Budget) -> Vec<String> {
        let parts = self.parts.iter();
        let parts = parts.map(|(part, spent)| (part.title(), *spent, budget.of(*part)));
        parts
            .chain([("reserve", self.rest, budget.reserve)])
            .filter(|(_, spent, allowed)| spent > allowed)
            .map(|(name, spent, allowed)| {
                format!("{name} took {} of {} minutes", shown(spent), shown(allowed))
            })
            .collect()
    }
}

/// Minutes with one decimal, rounded up, so that a part above its budget never looks as if it met it.
fn shown(time: Duration) -> String {
    let tenths = time.as_millis().div_ceil(6_000);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Budget, Part, Spent};

    const FILE: &str = include_str!("../budget.toml");
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_part_above_its_budget_is_reported_and_no_other() {
        let budget = Budget::parse(FILE).unwrap();
        let mut spent = Spent::default();
        for part in [Part::Rust, Part::Hosts] {
            spent.add(part, budget.of(part));
        }
        assert_eq!(spent.over(&budget), Vec::<String>::new());
        spent.add(Part::Hosts, Duration::from_secs(1));
        assert_eq!(spent.over(&budget), ["hosts took 11.1 of 11.0 minutes"]);
    }

    #[test]
    fn what_no_part_accounts_for_is_held_against_the_reserve() {
        let budget = Budget::parse(FILE).unwrap();
        let spent = Spent {
            rest: MINUTE * 4,
            ..Spent::default()
        };
        assert_eq!(spent.over(&budget), ["reserve took 4.0 of 3.0 minutes"]);
    }

    #[test]
    fn a_part_that_ran_nothing_says_so() {
        let budget = Budget::parse(FILE).unwrap();
        let mut spent = Spent::default();
        spent.add(Part::Npm, MINUTE);
        let table = spent.table(&budget).join("\n");
        assert!(
            table.contains("packaging                     nothing to run of  6.0"),
            "{table}"
        );
        assert!(
            table.contains("npm and Chromium                         1.0 of  7.0"),
            "{table}"
        );
    }

    #[test]
    fn the_file_names_every_part_and_stays_below_an_hour() {
        for (text, wrong) in [
            (FILE.replace("hosts = 11\n", ""), "minutes of hosts"),
            (FILE.replace("hosts", "guests"), "minutes of hosts"),
            (
                FILE.replace("[minutes]\n", "[minutes]\nguests = 1\n"),
                "no part is called guests",
            ),
            (FILE.replace("rust = 29", "rust = 30"), "an hour or more"),
        ] {
            let error = Budget::parse(&text).err().unwrap().to_string();
            assert!(error.contains(wrong), "{error}");
        }
    }
}
