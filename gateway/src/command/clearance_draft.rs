use std::collections::BTreeSet;
use std::io::Write;

use anyhow::{Context as _, Result, bail};
use interdict::Gateway;
use interdict_core::engine::{Language, MAX_CLEARANCES};
use interdict_core::wire::owned::AskedSlot;
use interdict_host::{Action, Reason, Verdict};
use serde_json::{Value, json};

use crate::terminal::text;

/// What of a document of clearances was drafted so far.
#[derive(Default)]
pub(super) struct Drafted {
    clearances: Vec<Value>,
    /// Those, as text: no reason is drafted twice.
    known: BTreeSet<String>,
    /// Whether a record or a filter hit is among the reasons.
    has_record: bool,
}

impl Drafted {
    /// Screens a request, and adds what its verdict says that can be cleared.
    pub(super) fn screen(
        &mut self,
        gateway: &Gateway,
        case: &str,
        request: Value,
        now: u32,
        out: &mut dyn Write,
    ) -> Result<()> {
        let verdict = screened(gateway, request, now)?;
        self.add(case, &verdict, out)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.clearances.is_empty()
    }

    /// The document without its reference and signatures.
    pub(super) fn document(&self, until: u32) -> Result<Value> {
        let count = self.clearances.len();
        if count > MAX_CLEARANCES {
            bail!("{count} reasons are more than the {MAX_CLEARANCES} that fit one gateway");
        }
        Ok(
            json!({"_type": "interdict-clearance", "expires": text::date(until),
            "clearances": self.clearances}),
        )
    }

    /// Who must sign it.
    pub(super) const fn people(&self) -> &'static str {
        match self.has_record {
            true => "two of the policy's clearance keys",
            false => "one of the policy's clearance keys",
        }
    }

    /// Adds what a verdict says that can be cleared.
    fn add(&mut self, case: &str, verdict: &Verdict, out: &mut dyn Write) -> Result<()> {
        let natural = verdict.natural.unwrap_or(verdict.action);
        if natural != Action::Review {
            let action = natural.name();
            writeln!(
                out,
                "{case}: its action is {action}, which no clearance lowers"
            )?;
            return Ok(());
        }
        let receipt = verdict.receipt.as_ref().and_then(|printed| printed.read());
        let asked = receipt.context("the gateway has no receipt.key")?.asked;
        for reason in &verdict.reasons {
            let is_hit = reason.code == "candidate";
            if reason.digest.is_none() && !is_hit {
                continue;
            }
            self.has_record |= reason.code != "typology";
            for identifier in identifiers(reason, &asked) {
                let mut clearance = json!({"identifier": identifier, "code": reason.code,
                    "coalition": reason.coalition, "list": reason.list});
                if let Some(digest) = &reason.digest {
                    clearance["digest"] = json!(digest);
                }
                if self.known.insert(clearance.to_string()) {
                    self.clearances.push(clearance);
                }
            }
            let sentence = reason.sentence(Language::En).unwrap_or_default();
            writeln!(out, "{case}: drafted for: {}", text::plain(&sentence))?;
        }
        let kept = !matches!(
            verdict.because.as_deref(),
            Some("record" | "candidate" | "score")
        );
        if verdict.degraded || kept && verdict.action == Action::Review {
            writeln!(
                out,
                "{case}: a list did not answer or a field was not used, and what that leads to stays"
            )?;
        }
        Ok(())
    }
}

/// The digests of the identifiers that a reason is about: all of the request's if it is a rule.
fn identifiers(reason: &Reason, asked: &[AskedSlot]) -> Vec<String> {
    let named = asked.iter().enumerate().filter_map(|(index, slot)| {
        let is_about = reason.identifier.is_none_or(|about| about == index);
        match slot {
            AskedSlot::Identifier { digest, .. } if is_about => Some(digest.clone()),
            AskedSlot::Identifier { .. } | AskedSlot::Unused { .. } => None,
        }
    });
    named.collect()
}

/// The verdict as the analyst sees it, which names what can be cleared.
fn screened(gateway: &Gateway, mut request: Value, now: u32) -> Result<Verdict> {
    request["view"] = json!("analyst");
    Ok(gateway.host().screen(&request.to_string(), now)?)
}
