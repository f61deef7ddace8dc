use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Error, Result, anyhow, bail};
use clap::Args;
use interdict::{CaseText, Gateway, PersonKey, Step};
use interdict_core::engine::MAX_CLEARANCE_DAYS;
use interdict_host::DocumentKind;
use serde_json::Value;

use super::author::Person;
use super::case;
use super::clearance_draft::Drafted;
use super::portfolio::Room;
use super::signed;
use crate::terminal::at::At as _;
use crate::terminal::common::{Common, time};
use crate::terminal::exit::Exit;
use crate::terminal::text;

const KIND: DocumentKind = DocumentKind::Clearance;
/// How many days a clearance lasts in the example that is given to whoever names no end.
const USUAL_DAYS: u32 = 90;

/// Clear a case: draft and sign a clearance for every reason that keeps its merchant at review now
///
/// If two people must sign, the second runs the same command with another key and the same end. The case is closed
/// when the clearance is in force; the next interdict portfolio rescreen shows what it leaves.
#[derive(Args)]
#[command(after_help = "\
Examples:
  interdict clear 17 --key keys/ada.key --until 2027-04-01T00:00:00Z
  interdict clear 17 --key keys/bo.key --until 2027-04-01T00:00:00Z

The document is case-17-2027-04-01.json among the clearances of this gateway (interdict clearance list).")]
pub(crate) struct Options {
    /// The number of the case.
    case: u32,
    /// The key file of interdict clearance key.
    #[arg(long, value_name = "KEYFILE")]
    key: PathBuf,
    /// When the clearance ends, at most 180 days away. The second person gives the same end as the first.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<u32>,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        let mut room = Room::open(common)?;
        let Some(until) = self.until else {
            return Err(no_end(common, room.now));
        };
        signed::check_end(until, room.now, MAX_CLEARANCE_DAYS)?;
        let key = PersonKey::read(KIND, &self.key).context("--key")?;
        let person = Person::with(key)?;
        let by = person.name.clone();
        let gateway = common.gateway()?;
        let Some(drafted) = self.draft(&room, &gateway, out)? else {
            writeln!(out, "nothing to clear")?;
            return Ok(Exit::Doubt);
        };
        let end = text::date(until);
        let day = end.get(..10).unwrap_or(&end);
        let name = format!("case-{}-{day}.json", self.case);
        let path = gateway.config().signed(KIND).join(&name);
        let document = drafted.document(until)?;
        match path.exists() {
            true => check_same(&path, &document)?,
            false => signed::write(document, Some(&format!("case {}", self.case)), &path)?,
        }
        signed::sign(KIND, &path, &self.key, common, out)?;
        let note = CaseText::parse(&name).map_err(interdict::Error::from)?;
        room.portfolio
            .note_signature(self.case, &note, &by, room.now)?;
        let (documents, _) = gateway.signed(KIND, room.now)?;
        let document = documents.iter().find(|one| one.file == name);
        let document = document.context("the document is gone")?;
        if let Some(why) = &document.refusal {
            writeln!(out, "{name}: not in force yet: {}", text::plain(why))?;
            writeln!(
                out,
                "{} must sign it, the next one with the same end: interdict clear {} --until {end} --key KEYFILE",
                drafted.people(),
                self.case
            )?;
            return Ok(Exit::Doubt);
        }
        let decision = format!("cleared until {end}");
        let decision = CaseText::parse(&decision).map_err(interdict::Error::from)?;
        if let Some(recorder) = person.recorder(&room.config)? {
            case::record(&recorder, self.case, Step::Closed, &decision, room.now)?;
        }
        room.portfolio
            .close_case(self.case, &decision, &by, room.now)?;
        if let Some(case) = room.portfolio.case(self.case)? {
            room.portfolio.mark_due(&case.merchant)?;
        }
        writeln!(out, "case {}: closed, {name} is in force", self.case)?;
        Ok(Exit::Done)
    }

    /// What would clear the case; `None` if nothing does.
    fn draft(
        &self,
        room: &Room,
        gateway: &Gateway,
        out: &mut dyn Write,
    ) -> Result<Option<Drafted>> {
        let number = self.case;
        let case = room.portfolio.case(number)?.filter(|case| case.is_open);
        let case = case.with_context(|| format!("there is no open case {number}"))?;
        let request = room.portfolio.request(&case.merchant, None)?;
        let request = request.context("its merchant is no longer in the portfolio")?;
        let request: Value = serde_json::from_str(&request)?;
        let mut drafted = Drafted::default();
        drafted.screen(gateway, &format!("case {number}"), request, room.now, out)?;
        Ok(Some(drafted).filter(|drafted| !drafted.is_empty()))
    }
}

/// What to give as the end: the first person chooses it, and the second takes that of the document which waits.
fn no_end(common: &Common, now: u32) -> Error {
    if let Ok(gateway) = common.gateway() {
        text::tell_unsigned(&gateway, now);
    }
    let end = text::date(now.saturating_add(USUAL_DAYS * 86_400));
    let day = end.get(..10).unwrap_or(&end);
    anyhow!("say when the clearance ends, at most {MAX_CLEARANCE_DAYS} days away: --until {day}")
}

/// Refuses to sign a document that says something else than what would be drafted now.
fn check_same(path: &Path, drafted: &Value) -> Result<()> {
    let context = || path.display().to_string();
    let text = fs::read(path).at(path)?;
    let document: Value = serde_json::from_slice(&text).with_context(context)?;
    let mut signed = document["signed"].clone();
    if let Some(members) = signed.as_object_mut() {
        members.remove("reference");
    }
    if signed != *drafted {
        bail!(
            "{}: the reasons have changed since it was drafted; choose another end",
            path.display()
        );
    }
    Ok(())
}
