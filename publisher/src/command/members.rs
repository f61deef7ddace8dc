//! What `member list` prints.

use std::io::Write;

use anyhow::Result;
use interdict_publisher::{Member, Publisher};
use serde::Serialize;

/// A member as `member list --json` has it.
#[derive(Debug, Serialize)]
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

pub(super) fn list(publisher: &Publisher, json: Form, out: &mut impl Write) -> Result<()> {
    let members = publisher.members()?;
    let lacking = publisher.members_without_newest_key()?;
    let rows = members.iter().map(|member| Row::of(member, &lacking));
    if json == Form::Json {
        let rows: Vec<Row<'_>> = rows.collect();
        return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?);
    }
    if members.is_empty() {
        return Ok(writeln!(out, "no members yet; see `member add`")?);
    }
    for row in rows {
        write!(out, "{}: {} edition, ", row.name, row.edition)?;
        match (row.recipient, row.epoch) {
            (Some(recipient), _) => write!(out, "keys sealed to {recipient}")?,
            (None, epoch) => write!(out, "keys by hand up to epoch {}", epoch.unwrap_or(0))?,
        }
        if row.lacks_newest_key {
            write!(out, ", without the newest")?;
        }
        writeln!(out, "; {}", row.repository)?;
    }
    Ok(())
}

/// For people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Json,
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
