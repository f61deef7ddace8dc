use std::io::Write;

use anyhow::Result;
use clap::Args;
use interdict_host::{CoalitionReport, Code, ListState};

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Fetch and verify what the coalitions publish
///
/// Run it every hour. A running gateway sees the new lists when it reloads.
#[derive(Args)]
pub(crate) struct Options {}

impl Options {
    #[expect(clippy::unused_self, reason = "every command runs alike")]
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let gateway = common.gateway()?;
        let now = common.now()?;
        let host = gateway.host();
        let reports = host.refresh(now)?;
        if reports.is_empty() {
            writeln!(
                out,
                "no coalition is enrolled; start with: interdict enrol FILE"
            )?;
        }
        let enrolments = gateway.host().enrolled()?;
        let mut exit = match reports[..] {
            [] => Exit::Doubt,
            _ => Exit::Done,
        };
        for report in &reports {
            print(out, report, now)?;
            let mut all = enrolments.iter();
            let own = all.find(|one| one.coalition() == report.state.name);
            let failed = if report.succeeded() {
                Exit::Done
            } else {
                Exit::Doubt
            };
            let warned = Exit::of_warnings(&report.warnings);
            exit = exit
                .max(Exit::of_state(&report.state, own))
                .max(failed)
                .max(warned);
        }
        for one in host.waiting(now)? {
            let until = text::date(one.until);
            writeln!(
                out,
                "{}: a release waits until {until}; interdict portfolio preview says what it would change",
                text::plain(&one.coalition)
            )?;
        }
        let mut general = gateway.warnings();
        let told = reports.iter().flat_map(|report| &report.warnings);
        general.retain(|warning| !told.clone().any(|told| *told == warning.text));
        text::warn(&general);
        Ok(exit.max(Exit::of_warnings(&general)))
    }
}

fn print(out: &mut dyn Write, report: &CoalitionReport, now: u32) -> Result<()> {
    let fetched = text::size(report.bytes);
    let files = text::plural(u64::try_from(report.files).unwrap_or(u64::MAX), "file");
    writeln!(
        out,
        "{}: {}",
        report.state.name,
        text::plain(&report.outcome.to_string())
    )?;
    if report.code.as_deref() == Some(Code::TrustExpired.name()) {
        writeln!(
            out,
            "  the coalition has not renewed this file, unless this machine's clock is ahead: tell it; another refresh \
             does not help"
        )?;
    }
    writeln!(out, "  fetched {files}, {fetched}")?;
    for list in &report.state.lists {
        writeln!(out, "  {}", in_place(list))?;
    }
    match (report.succeeded(), report.state.lists.is_empty()) {
        (true, _) => {}
        (false, false) => writeln!(out, "  the last good release stays live")?,
        (false, true) => writeln!(
            out,
            "  NO LIST IS LOADED: every verdict says so until this works"
        )?,
    }
    let lists = &report.state.lists;
    let outdated = lists.iter().filter_map(text::outdated);
    let ending = lists.iter().filter_map(|list| text::ending(list, now));
    let warnings = outdated.chain(ending);
    for warning in warnings.chain(report.warnings.iter().cloned()) {
        writeln!(out, "  warning: {}", text::plain(&warning))?;
    }
    Ok(())
}

/// "se/merchants: member edition, epoch 2, release 41, fresh, 12 records and 3 changes in a filter for
/// 10000, built 2 hours ago".
pub(crate) fn in_place(list: &ListState) -> String {
    let mut held = match list.records {
        Some(records) => text::plural(records, "record"),
        None => "filter only".to_owned(),
    };
    if list.changes > 0 {
        held = format!("{held} and {}", text::plural(list.changes, "change"));
    }
    let key = if list.key {
        ""
    } else {
        ", KEY MISSING: interdict describe says why"
    };
    format!(
        "{}: {} edition, epoch {}, release {}, {}, {held} in a filter for {}, built {} ago{key}",
        text::plain(&list.list),
        text::plain(&list.edition),
        list.epoch,
        list.sequence,
        text::plain(&list.freshness),
        list.entries,
        text::age(list.age_s),
    )
}
