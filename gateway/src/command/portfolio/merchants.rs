use std::io::Write;

use anyhow::{Context as _, Result};
use clap::Args;
use interdict::{MerchantId, MerchantStatus, Put};
use interdict_core::wire::owned::{Named, Screen};
use interdict_host::Action;
use serde_json::Value;

use super::room::{Room, merchant_id};
use crate::command::check::{Flow, guess};
use crate::terminal::common::time;
use crate::terminal::exit::Exit;
use crate::terminal::text;

/// Merchants for one look into the file.
const PAGE: u32 = 1_000;

/// Add one merchant, or replace what it is screened by
#[derive(Args)]
pub(super) struct Add {
    /// Your own id of it: 1 to 128 printable characters.
    #[arg(value_parser = merchant_id)]
    id: MerchantId,
    /// Its domains, web address, IBANs, or ACQUIRER/ID of a card acceptor.
    #[arg(required = true, value_name = "VALUE")]
    values: Vec<String>,
    /// What the values are; guessed from their form if not given.
    #[arg(long)]
    kind: Option<String>,
    /// The flow that it is screened in.
    #[arg(long, value_enum, default_value_t = Flow::Payout)]
    flow: Flow,
}

/// Remove one merchant and what is known of it, and close its case
#[derive(Args)]
pub(super) struct Remove {
    /// Its id.
    #[arg(value_parser = merchant_id)]
    id: MerchantId,
}

/// Print one merchant as JSON, with its identifiers and the last verdict
#[derive(Args)]
pub(super) struct Show {
    /// Its id.
    #[arg(value_parser = merchant_id)]
    id: MerchantId,
    /// Only the request by which it is screened, as interdict screen and interdict replay take it.
    #[arg(long)]
    request: bool,
}

/// Print merchants, one a line: id, action, cause, and since when
#[derive(Args)]
pub(super) struct List {
    /// Only those above this action.
    #[arg(long, value_name = "ACTION", value_parser = action)]
    above: Option<Action>,
    /// Only those whose verdict began then or later.
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<u32>,
}

impl Add {
    pub(super) fn run(self, mut room: Room, out: &mut dyn Write) -> Result<Exit> {
        let mut request = Screen::new(self.flow.into());
        for value in &self.values {
            match self.kind.as_deref().unwrap_or_else(|| guess(value)) {
                "url" if request.url.is_none() => request.url = Some(value.clone()),
                "url" => {
                    anyhow::bail!("a merchant has one web address; give the others as domains")
                }
                kind => request.identifiers.push(Named::new(kind, value)),
            }
        }
        let request = serde_json::to_value(&request)?;
        let mut reader = room.reader()?;
        let (merchant, unused) = reader
            .read_with_unused(self.id.as_str(), &request)
            .map_err(interdict::Error::from)?;
        for field in &unused {
            eprintln!("warning: {} cannot be used: {}", field.path, field.rule);
        }
        let told = match room.portfolio.put(&merchant, room.now)? {
            Put::Added => "added",
            Put::Replaced => "changed",
            Put::Unchanged => "as it was",
        };
        writeln!(out, "{}: {told}", self.id)?;
        Ok(Exit::of_warnings(&unused))
    }
}

impl Remove {
    pub(super) fn run(self, mut room: Room, out: &mut dyn Write) -> Result<Exit> {
        match room.portfolio.remove(&self.id, room.now)? {
            true => writeln!(out, "{}: removed", self.id)?,
            false => {
                writeln!(out, "{}: not in the portfolio", self.id)?;
                return Ok(Exit::Doubt);
            }
        }
        Ok(Exit::Done)
    }
}

impl Show {
    pub(super) fn run(self, room: &Room, out: &mut dyn Write) -> Result<Exit> {
        let merchant = room.portfolio.merchant(&self.id)?;
        let Some(merchant) = merchant else {
            writeln!(out, "{}: not in the portfolio", self.id)?;
            return Ok(Exit::Doubt);
        };
        let request = merchant.request(merchant.flow());
        if self.request {
            writeln!(out, "{}", text::plain(&request))?;
            return Ok(Exit::Done);
        }
        let mut shown: Value = serde_json::from_str(&request)?;
        shown["id"] = self.id.as_str().into();
        let status = room
            .portfolio
            .status(&self.id)?
            .context("it was removed just now")?;
        shown["verdict"] = serde_json::to_value(&status.standing)?;
        shown["since"] = status.since.map(text::date).into();
        shown["refusal"] = status.refusal.into();
        shown["is_due"] = status.is_due.into();
        writeln!(out, "{}", text::plain(&serde_json::to_string(&shown)?))?;
        Ok(Exit::Done)
    }
}

impl List {
    pub(super) fn run(self, room: &Room, out: &mut dyn Write) -> Result<Exit> {
        text::columns(&["merchant", "action", "cause", "since"], out)?;
        let mut after: Option<MerchantId> = None;
        loop {
            let page = room.portfolio.statuses_after(after.as_ref(), PAGE)?;
            let Some(last) = page.last() else {
                return Ok(Exit::Done);
            };
            after = Some(last.id.clone());
            for status in page.iter().filter(|status| self.is_shown(status)) {
                writeln!(out, "{}", line(status))?;
            }
        }
    }

    /// One that was not screened is shown in any case.
    fn is_shown(&self, status: &MerchantStatus) -> bool {
        let standing = status.standing.as_ref();
        let Some(standing) = standing.filter(|_| status.refusal.is_none()) else {
            return true;
        };
        self.above.is_none_or(|above| standing.action > above)
            && self.since.is_none_or(|since| status.since >= Some(since))
    }
}

fn line(status: &MerchantStatus) -> String {
    let (action, because) = match (&status.refusal, &status.standing) {
        (Some(code), _) => ("not screened", code.as_str()),
        (None, None) => ("not screened", ""),
        (None, Some(standing)) => {
            let because = standing.because.as_deref().unwrap_or_default();
            (standing.action.name(), because)
        }
    };
    let since = status.since.map(text::date).unwrap_or_default();
    format!("{}\t{action}\t{because}\t{since}", status.id)
}

fn action(name: &str) -> Result<Action, &'static str> {
    Action::from_name(name).ok_or("not one of allow, monitor, review, hold_payout and block")
}
