use std::io::Write;

use anyhow::Result;
use clap::Args;
use interdict::{
    Alarm, ChangeKind, Decisions, Delivered, Error, Journal, JournalError, Preview as Previewed,
    Record, Rescreened, Which,
};
use interdict_host::{Gateway, WaitingRelease};

use super::room::Room;
use crate::command::author::Author;
use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Alerts in a row that are not taken before the others are left for the next run.
const MOST_FAILURES: u32 = 3;

/// Screen every merchant with what is loaded, keep what changed, and send alerts about it
///
/// Nothing is screened if nothing is new: no list, no policy and no merchant, within a day.
#[derive(Args)]
pub(super) struct Rescreen {
    /// Screen all, even if nothing is new.
    #[arg(long)]
    all: bool,
}

/// Compare the verdicts that are kept with the release that waits, or else with what is loaded now, and change nothing
#[derive(Args)]
pub(super) struct Preview {}

/// Let a release that waits answer now
///
/// gateway.toml says under [staging] how long releases wait. Run rescreen after it. The decision is recorded before it
/// is carried out: in the audit file or decisions.ndjson, and with [journal] in the journal.
#[derive(Args)]
pub(super) struct Activate {
    /// Whose release; without it every one that waits.
    coalitions: Vec<String>,
    #[command(flatten)]
    author: Author,
}

impl Rescreen {
    pub(super) fn run(self, mut room: Room, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let gateway = common.gateway()?;
        let warnings = gateway.warnings();
        text::warn(&warnings);
        let host = gateway.host();
        let (journal, now) = (journal(&room)?, room.now);
        let record: &mut Record<'_> = &mut |merchant, receipt| match &journal {
            Some(journal) => journal.append_portfolio(merchant, receipt, now).map(drop),
            None => Ok(()),
        };
        let done = match self.all {
            true => room.portfolio.rescreen(host, Which::All, now, record)?,
            false => room.portfolio.catch_up(host, now, record)?,
        };
        print(&done, out)?;
        for held in room.portfolio.held()? {
            writeln!(out, "{}", text::plain(&held.to_string()))?;
        }
        let mut exit = Exit::of_warnings(&warnings);
        if activate_small(&mut room, host, out)? {
            let more = room.portfolio.catch_up(host, now, record)?;
            print(&more, out)?;
            exit = exit.max(of_changes(&more));
        }
        exit = exit.max(deliver(&mut room, out)?).max(of_changes(&done));
        room.portfolio
            .forget(room.settings.forgotten_before(room.now))?;
        if done.was_overtaken {
            eprintln!("warning: another release went live meanwhile; run this again");
        }
        if let Some(journal) = &journal {
            journal.close(now)?;
        }
        Ok(exit)
    }
}

/// The journal of gateway.toml, unless a service holds it, which screens the portfolio itself.
fn journal(room: &Room) -> Result<Option<Journal>> {
    let Some(settings) = room.config.journal() else {
        return Ok(None);
    };
    match Journal::open(&settings, room.now) {
        Ok(journal) => Ok(Some(journal)),
        Err(Error::Journal(JournalError::Busy(_))) => {
            let told =
                "a running service holds the journal, so that these verdicts have no line in it";
            text::notice(std::iter::once(told.to_owned()));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn print(done: &Rescreened, out: &mut dyn Write) -> Result<()> {
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
    Ok(())
}

fn of_changes(done: &Rescreened) -> Exit {
    match (
        done.refused > 0 || done.was_overtaken,
        done.changes.is_empty(),
    ) {
        (true, _) => Exit::Doubt,
        (false, false) => Exit::Found,
        (false, true) => Exit::Done,
    }
}

/// Lets releases go live that stop little, as gateway.toml says, and tells of the others. Returns whether any did.
fn activate_small(room: &mut Room, host: &Gateway, out: &mut dyn Write) -> Result<bool> {
    let staging = room.config.staging();
    let at_once = staging.and_then(|staging| staging.at_once_if_stops_at_most);
    let considered = room.portfolio.consider_waiting(host, at_once, room.now)?;
    for coalition in &considered.activated {
        writeln!(out, "{coalition}: the release stops little and is live")?;
    }
    let alarms: Vec<Alarm> = considered
        .waiting
        .iter()
        .map(|one| Alarm::waiting(&one.release, &one.preview))
        .collect();
    for one in &considered.waiting {
        print_waiting(&one.release, out)?;
        print_share(&one.preview, out)?;
    }
    let kinds = [ChangeKind::ReleaseWaiting];
    room.portfolio.note_alarms(&kinds, &alarms, room.now)?;
    Ok(!considered.activated.is_empty())
}

fn print_waiting(release: &WaitingRelease, out: &mut dyn Write) -> Result<()> {
    let (since, until) = (text::date(release.since), text::date(release.until));
    let coalition = text::plain(&release.coalition);
    writeln!(
        out,
        "{coalition}: a release waits since {since}, until {until}"
    )?;
    Ok(())
}

fn print_share(preview: &Previewed, out: &mut dyn Write) -> Result<()> {
    let share = preview.stopped_per_million();
    writeln!(
        out,
        "newly held or refused: {}, {}.{:04} % of the portfolio",
        preview.stopped,
        share / 10_000,
        share % 10_000
    )?;
    Ok(())
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
    let (mut sent, mut failures) = (0, 0);
    let mut exit = Exit::Done;
    while failures < MOST_FAILURES {
        match room.portfolio.deliver_next(&delivery, room.now)? {
            Delivered::Taken { .. } => (sent, failures) = (sent + 1, 0),
            Delivered::Nothing => break,
            Delivered::RetryAt { why: None, .. } if exit == Exit::Doubt => break,
            Delivered::RetryAt { time, why } => {
                failures += 1;
                exit = Exit::Doubt;
                let is_tried = why.is_some();
                let why = why.unwrap_or_else(|| "it was not taken before".to_owned());
                eprintln!(
                    "warning: an alert waits until {}: {}",
                    text::date(time),
                    text::plain(&why)
                );
                if !is_tried {
                    break;
                }
            }
        }
    }
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
        let host = gateway.host();
        let waiting = host.waiting(room.now)?;
        for release in &waiting {
            print_waiting(release, out)?;
        }
        let names: Vec<&str> = waiting.iter().map(|one| one.coalition.as_str()).collect();
        let preview = match names[..] {
            [] => room.portfolio.preview(host, room.now)?,
            _ => room.portfolio.preview_waiting(host, &names, room.now)?,
        };
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
        print_share(&preview, out)?;
        Ok(match (preview.refused > 0, preview.changes.is_empty()) {
            (true, _) => Exit::Doubt,
            (false, false) => Exit::of_warnings(&warnings).max(Exit::Found),
            (false, true) => Exit::of_warnings(&warnings),
        })
    }
}

impl Activate {
    pub(super) fn run(self, room: &Room, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let recorder = self.author.recorder(&room.config)?;
        let gateway = common.gateway()?;
        let waiting = gateway.host().waiting(room.now)?;
        let waiting: Vec<&str> = waiting.iter().map(|one| one.coalition.as_str()).collect();
        let named: Vec<&str> = match self.coalitions[..] {
            [] => waiting.clone(),
            _ => self.coalitions.iter().map(String::as_str).collect(),
        };
        if named.is_empty() || !named.iter().all(|name| waiting.contains(name)) {
            writeln!(out, "no such release waits")?;
            return Ok(Exit::Doubt);
        }
        let mut exit = Exit::Done;
        let decisions = Decisions::about(&room.config, None, recorder, room.now)?;
        for report in decisions.activate(&gateway, &named)? {
            let (name, outcome) = (&report.state.name, report.outcome.to_string());
            writeln!(out, "{}: {}", text::plain(name), text::plain(&outcome))?;
            if !report.succeeded() {
                exit = Exit::Doubt;
            }
        }
        Ok(exit)
    }
}
