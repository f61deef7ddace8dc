//! Writes the receipt of a verdict.

use crate::common::hex;
use crate::engine::request::{Request, Slot};
use crate::engine::update::Coalition;
use crate::policy::Policy;

use super::full_verdict::FullVerdict;
use super::receipt::{
    AskedSlot, CoalitionUsed, FORMAT, ModuleUsed, PackUsed, Receipt, ReceiptKey, ReleaseUsed,
};
use super::screening_context::ScreeningContext;

/// Writes the receipt of a verdict under the gateway's key. `module` is the SHA-256 of the module's
/// file, hexadecimal.
pub(crate) fn receipt<'e>(
    key: &ReceiptKey,
    module: Option<&'e str>,
    request: &Request,
    full: &FullVerdict<'e>,
    context: ScreeningContext<'e>,
    policy: &'e Policy,
) -> Receipt<'e> {
    let verdict = &full.verdict;
    let coalitions = context.coalitions.iter();
    let overrides = context.overrides.iter();
    let mut receipt = Receipt {
        format: FORMAT,
        module: ModuleUsed {
            version: env!("CARGO_PKG_VERSION"),
            sha256: module,
        },
        policy: policy.digest(),
        time: context.now.seconds(),
        flow: request.flow.name(),
        request: key.of_request(request),
        asked: asked(key, request),
        coalitions: coalitions
            .map(|coalition| used(coalition, context, policy))
            .collect(),
        overrides: overrides.map(|one| hex::text(&one.sha256)).collect(),
        action: verdict.action,
        natural: full.natural,
        score: verdict.score,
        degraded: verdict.degraded,
        odds: full.odds,
        reasons: verdict.reasons.clone(),
        silent: String::new(),
        mac: None,
    };
    // Request and time make every digest different. Otherwise all digests without silent records
    // would be equal, and one with such records would stand out.
    let silent = (&receipt.request, receipt.time, &full.silent);
    receipt.silent = key.of_json("silent", &silent);
    receipt.mac = Some(key.of_json("receipt", &receipt));
    receipt
}

fn asked(key: &ReceiptKey, request: &Request) -> Vec<AskedSlot> {
    let asked = request.slots.iter().map(|slot| match slot {
        Slot::Identifier(identifier) => AskedSlot::Identifier {
            kind: identifier.kind().name(),
            digest: key.of_identifier(identifier),
        },
        Slot::Unused(unused) => AskedSlot::Unused {
            unused: unused.error.rule().name(),
        },
    });
    asked.collect()
}

/// The releases and packs of a coalition that were live, with their freshness.
fn used<'e>(
    coalition: &'e Coalition,
    context: ScreeningContext<'_>,
    policy: &Policy,
) -> CoalitionUsed<'e> {
    let now = context.effective();
    let lists = coalition.answering().map(|(live, key)| {
        let header = live.list.header();
        ReleaseUsed {
            list: header.list.as_str(),
            epoch: header.epoch,
            sequence: header.sequence,
            issued: header.issued.seconds(),
            freshness: coalition.freshness(live, policy, now).name(),
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
        lists: lists.collect(),
        typologies: packs.collect(),
    }
}
