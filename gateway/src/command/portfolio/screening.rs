use std::io::Write;

use anyhow::Result;
use clap::Args;
use interdict::{Delivered, Which};

use super::room::Room;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Screen every merchant with what is loaded, keep what changed, and send alerts about it
///
/// Nothing is screened if nothing is new: no list, no policy and no merchant, within a day.
#[derive(Args)]
pub(super) struct Rescreen {
    /// Screen all, even if nothing is new.
    #[arg(long)]
    all: bool,
}

/// Compare the verdicts that are kept with what is loaded now, and change nothing
#[derive(Args)]
pub(super) struct Preview {}

impl Rescreen {
    pub(super) fn run(self, mut room: Room, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let gateway = common.gateway()?;
        let warnings = gateway.warnings();
        text::warn(&warnings);
        let host = gateway.host();
        let done = match self.all {
            true => room.portfolio.rescreen(host, Which::All, room.now)?,
            false => room.portfolio.catch_up(host, room.now)?,
        };
        writeln!(out, "{} screened", text::plural(done.screened, "merchant"))?;
        if done.refused > 0 {
            writeln!(
                out,
                "{} NOT screened",
                text::plural(done.refused, "merchant")
            )?;
        }
        for (kind, count) in &done.changes {
            writeln!(out, "  {:<22} {count}", kind.name())?;
        }
        let exit = Exit::of_warnings(&warnings).max(deliver(&mut room, out)?);
        room.portfolio
            .forget(room.settings.forgotten_before(room.now))?;
        if done.was_overtaken {
            eprintln!("warning: another release went live meanwhile; run this again");
        }
        let is_doubtful = done.refused > 0 || done.was_overtaken;
        Ok(match (is_doubtful, done.changes.is_empty()) {
            (true, _) => Exit::Doubt,
            (false, false) => exit.max(Exit::Found),
            (false, true) => exit,
        })
    }
}

/// Sends alerts until none waits or one is not taken.
fn deliver(room: &mut Room, out: &mut dyn Write) -> Result<Exit> {
    let Some(delivery) = room.settings.delivery(room.config.directory())? else {
        let waiting = room.portfolio.waiting_alerts()?;
        if waiting > 0 {
            let waiting = text::plural(waiting, "alert");
            text::notice(
                [format!(
                    "{waiting} wait: gateway.toml names nobody to send them to"
                )]
                .into_iter(),
            );
        }
        return Ok(Exit::Done);
    };
    let mut sent = 0;
    let exit = loop {
        match room.portfolio.deliver_next(&delivery, room.now)? {
            Delivered::Taken { .. } => sent += 1,
            Delivered::Nothing => break Exit::Done,
            Delivered::RetryAt { time, why } => {
                let why = why.unwrap_or_else(|| "it was not taken before".to_owned());
                eprintln!(
                    "warning: an alert waits until {}: {}",
                    text::date(time),
                    text::plain(&why)
                );
                break Exit::Doubt;
            }
        }
    };
    if sent > 0 {
        writeln!(out, "{} sent", text::plural(sent, "alert"))?;
    }
    Ok(exit)
}

impl Preview {
    pub(super) fn run(self, room: &Room, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let gateway = common.gateway()?;
        let warnings = gateway.warnings();
        text::warn(&warnings);
        let preview = room.portfolio.preview(gateway.host(), room.now)?;
        writeln!(out, "{}", text::plural(preview.merchants, "merchant"))?;
        if preview.refused > 0 {
            writeln!(
                out,
                "{} NOT screened",
                text::plural(preview.refused, "merchant")
            )?;
        }
        for ((before, after), count) in &preview.actions {
            writeln!(out, "  {} to {}: {count}", before.name(), after.name())?;
        }
        for (reason, (got, lost)) in &preview.reasons {
            let parts = [&reason.code, &reason.coalition, &reason.list, &reason.rule];
            let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            let parts = parts
                .iter()
                .map(|part| text::plain(part))
                .collect::<Vec<_>>();
            writeln!(out, "  {}: {got} more, {lost} fewer", parts.join(" "))?;
        }
        let share = preview.stopped_per_million();
        writeln!(
            out,
            "newly held or refused: {}, {}.{:04} % of the portfolio",
            preview.stopped,
            share / 10_000,
            share % 10_000
        )?;
        Ok(match (preview.refused > 0, preview.changes.is_empty()) {
            (true, _) => Exit::Doubt,
            (false, false) => Exit::of_warnings(&warnings).max(Exit::Found),
            (false, true) => Exit::of_warnings(&warnings),
        })
    }
}
