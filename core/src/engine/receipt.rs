use crate::policy::Policy;
use crate::time::Time;

use super::coalition::Coalition;
use super::request::{Request, Slot, Unused};
use super::verdict::Verdict;

/// What the digest covers, named in it so that another rule never looks like this one.
const RECEIPT_SCHEME: &[u8] = b"interdict receipt 1";

/// The gateway's own secret: receipts of one merchant match only for who holds it.
pub(super) struct ReceiptKey(pub(super) [u8; 32]);

impl core::fmt::Debug for ReceiptKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ReceiptKey(secret)")
    }
}

/// Digest of a verdict and everything that led to it: module version, policy, clock, request without
/// its reference, releases by their parts' digests, and the answer. 16 bytes, as hexadecimal.
pub(super) fn digest(
    key: &ReceiptKey,
    request: &Request,
    verdict: &Verdict<'_>,
    coalitions: &[Coalition],
    policy: &Policy,
    now: Time,
) -> String {
    let mut hasher = blake3::Hasher::new_keyed(&key.0);
    let mut field = |bytes: &[u8]| {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        hasher.update(&length.to_le_bytes());
        hasher.update(bytes);
    };
    field(RECEIPT_SCHEME);
    field(env!("CARGO_PKG_VERSION").as_bytes());
    field(&policy.digest());
    field(&now.seconds().to_le_bytes());
    field(request.flow.name().as_bytes());
    for slot in &request.slots {
        match slot {
            Slot::Identifier(identifier) => {
                field(&[identifier.kind().code()]);
                field(identifier.canonical());
            }
            // No kind has code 0.
            Slot::Unused(Unused { error, .. }) => {
                field(&[0]);
                field(error.rule().name().as_bytes());
            }
        }
    }
    field(
        &request
            .signals
            .merchant_age_days
            .map_or([0xff; 4], u32::to_le_bytes),
    );
    for coalition in coalitions {
        field(coalition.name.as_bytes());
        for (part, digest) in coalition
            .lists
            .iter()
            .flat_map(|live| live.descriptor.parts())
        {
            field(part.name().as_bytes());
            field(&digest.sha256);
        }
    }
    field(verdict.action.name().as_bytes());
    field(&verdict.score.to_le_bytes());
    field(&[u8::from(verdict.degraded)]);
    for reason in &verdict.reasons {
        field(reason.code.name().as_bytes());
        field(&reason.weight.to_le_bytes());
        let identifier = reason
            .identifier
            .and_then(|index| u32::try_from(index).ok());
        field(&identifier.unwrap_or(u32::MAX).to_le_bytes());
        for text in [reason.coalition, reason.list, reason.source] {
            field(text.unwrap_or_default().as_bytes());
        }
    }
    for list in &verdict.lists {
        field(list.freshness.as_bytes());
    }
    let digest: [u8; 16] = crate::bytes::first(hasher.finalize().as_bytes());
    crate::hex::text(&digest)
}
