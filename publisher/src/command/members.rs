//! What `member list` prints.

use std::fmt;

use anyhow::Result;
use interdict_publisher::{Member, Publisher};
use serde_json::{Value, json};

use super::output::{Output, Report};

/// A member as `member list` has it.
#[derive(Debug)]
struct Row<'m> {
    name: &'m str,
    edition: &'static str,
    repository: &'m str,
    /// Whom its keys are sealed to; none for keys by hand.
    recipient: Option<&'m str>,
    /// The newest epoch it was given the key of by hand.
    epoch: Option<u32>,
    /// Whether somebody has to hand it a newer key.
    lacks_newest_key: bool,
}

pub(super) fn list(publisher: &Publisher, out: &mut Output<'_>) -> Result<()> {
    let members = publisher.members()?;
    let lacking = publisher.members_without_newest_key()?;
    let rows: Vec<Row<'_>> = members
        .iter()
        .map(|member| Row::of(member, &lacking))
        .collect();
    if rows.is_empty() {
        out.line("no members yet; see `member add`")?;
    }
    Ok(out.reports("members", &rows)?)
}

impl Report for Row<'_> {
    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "edition": self.edition,
            "repository": self.repository,
            "recipient": self.recipient,
            "epoch": self.epoch,
            "lacks_newest_key": self.lacks_newest_key,
        })
    }
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} edition, ", self.name, self.edition)?;
        match (self.recipient, self.epoch) {
            (Some(recipient), _) => write!(f, "keys sealed to {recipient}")?,
            (None, epoch) => write!(f, "keys by hand up to epoch {}", epoch.unwrap_or(0))?,
        }
        if self.lacks_newest_key {
            write!(f, ", without the newest")?;
        }
        writeln!(f, "; {}", self.repository)
    }
}

impl<'m> Row<'m> {
    fn of(member: &'m Member, lacking: &[String]) -> Self {
        Self {
            name: &member.name,
            edition: member.edition.edition().name(),
            repository: &member.repository,
            recipient: member.recipient.as_deref(),
            epoch: member.recipient.is_none().then_some(member.epoch),
            lacks_newest_key: lacking.contains(&member.name),
        }
    }
}
