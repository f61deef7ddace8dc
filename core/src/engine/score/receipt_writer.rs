//! Writes the receipts of verdicts and of refusals.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::common::time::Time;
use crate::common::{hex, json};
use crate::engine::request::{Request, Slot};
use crate::engine::update::Coalition;
use crate::policy::{Flow, Policy};

use super::full_verdict::FullVerdict;
use super::keyed_hash::FORMAT;
use super::receipt::{
    AskedSlot, CoalitionUsed, ModuleUsed, PackUsed, Receipt, ReceiptKey, RefusalReceipt,
    ReleaseUsed,
};
use super::screening_context::ScreeningContext;
use super::sealed::{SilentFinding, SilentKey, unsealed};

/// Which of the builds of the module this is.
const BUILD: &str = "full";

/// What receipts are written with: the gateway's secrets, and what its host says of the module.
#[derive(Debug)]
pub(crate) struct ReceiptWriter<'e> {
    pub(crate) key: &'e ReceiptKey,
    pub(crate) silent_key: Option<&'e SilentKey>,
    /// SHA-256 of the module's file, hexadecimal.
    pub(crate) module: Option<&'e str>,
}

impl<'e> ReceiptWriter<'e> {
    /// Writes the receipt of a verdict.
    pub(crate) fn receipt(
        &self,
        request: &Request,
        full: &FullVerdict<'e>,
        context: ScreeningContext<'e>,
        policy: &'e Policy,
    ) -> Receipt<'e> {
        let receipt = self.unsigned(request, full, context, policy);
        self.signed(receipt, &full.silent)
    }

    /// Everything of a receipt but the last two members.
    #[inline(never)]
    fn unsigned(
        &self,
        request: &Request,
        full: &FullVerdict<'e>,
        context: ScreeningContext<'e>,
        policy: &'e Policy,
    ) -> Receipt<'e> {
        let (key, verdict) = (self.key, &full.verdict);
        let coalitions = context.coalitions.iter();
        let overrides = context.overrides.iter();
        let clearances = context.clearances.iter();
        Receipt {
            format: FORMAT,
            module: self.module_used(),
            policy: policy.digest(),
            time: context.now.seconds(),
            flow: request.flow.name(),
            request: key.of_request(request),
            asked: asked(key, request),
            coalitions: coalitions
                .map(|coalition| used(coalition, context, policy))
                .collect(),
            overrides: overrides.map(|one| hex::text(&one.sha256)).collect(),
            clearances: clearances.map(|one| hex::text(&one.sha256)).collect(),
            doubts: verdict.doubts.clone(),
            action: verdict.action,
            because: verdict.because,
            natural: full.natural,
            score: verdict.score,
            degraded: verdict.degraded,
            odds: full.odds,
            reasons: verdict.reasons.clone(),
            unchecked: verdict.unchecked.clone(),
            sealed: None,
            mac: None,
            text: Vec::new(),
        }
    }

    #[inline(never)]
    fn signed(&self, mut receipt: Receipt<'e>, silent_findings: &[SilentFinding]) -> Receipt<'e> {
        let mut text = json_text(&receipt);
        let sealed = match self.silent_key {
            Some(silent) => silent.seal(silent_findings, &text),
            None => unsealed(),
        };
        add(&mut text, "sealed", &sealed);
        let mac = self.key.mac(&text);
        add(&mut text, "mac", &mac);
        (receipt.sealed, receipt.mac) = (Some(sealed), Some(mac));
        receipt.text = text;
        receipt
    }

    /// Writes the receipt of a refusal. `time` is the host's clock as the call gave it.
    #[inline(never)]
    pub(crate) fn refusal(
        &self,
        time: u32,
        flow: Option<Flow>,
        code: i32,
        path: String,
    ) -> RefusalReceipt<'e> {
        let mut receipt = RefusalReceipt {
            format: FORMAT,
            module: self.module_used(),
            time,
            flow: flow.map(Flow::name),
            code,
            path,
            mac: None,
        };
        receipt.mac = Some(self.key.mac(&json_text(&receipt)));
        receipt
    }

    const fn module_used(&self) -> ModuleUsed<'e> {
        ModuleUsed {
            version: env!("CARGO_PKG_VERSION"),
            build: BUILD,
            sha256: self.module,
        }
    }
}

#[inline(never)]
fn json_text(value: &impl Serialize) -> Vec<u8> {
    // A receipt has about a kilobyte.
    let mut text = Vec::with_capacity(1536);
    // Our own types can always be written.
    let _ = json::write(value, &mut text);
    text
}

/// Adds a member of digits to the text of an object, so that it is the object's own JSON again.
fn add(text: &mut Vec<u8>, name: &str, digits: &str) {
    // The last brace makes way.
    text.pop();
    for part in [",\"", name, "\":\"", digits, "\"}"] {
        text.extend_from_slice(part.as_bytes());
    }
}

#[inline(never)]
fn asked(key: &ReceiptKey, request: &Request) -> Vec<AskedSlot> {
    let asked = request.slots.iter().map(|slot| match slot {
        Slot::Identifier(identifier) => AskedSlot::Identifier {
            kind: identifier.kind().name(),
            digest: key.of_identifier(identifier),
        },
        Slot::Unused(unused) => AskedSlot::Unused {
            unused: unused.rule.name(),
        },
    });
    asked.collect()
}

/// The releases and packs of a coalition that were live, with their freshness.
#[inline(never)]
fn used<'e>(
    coalition: &'e Coalition,
    context: ScreeningContext<'_>,
    policy: &Policy,
) -> CoalitionUsed<'e> {
    let now = context.now;
    let lists = coalition.answering().map(|(live, key)| {
        let header = live.list.header();
        ReleaseUsed {
            list: header.list.as_str(),
            edition: header.edition.name(),
            epoch: header.epoch,
            sequence: header.sequence,
            issued: header.issued.seconds(),
            freshness: coalition.grade(live, policy, now).freshness.name(),
            key: key.is_some(),
        }
    });
    let packs = coalition.packs.iter().map(|live| PackUsed {
        list: live.list.as_str(),
        version: live.pack.version,
        counted: coalition.counts(live, now),
    });
    CoalitionUsed {
        name: &coalition.name,
        metadata: &coalition.metadata_digest,
        newest_time: coalition.client.newest_time().map(|time| time.seconds()),
        polled: coalition.polled().map(Time::seconds),
        doubts: context.doubts_about(coalition),
        lists: lists.collect(),
        typologies: packs.collect(),
    }
}
