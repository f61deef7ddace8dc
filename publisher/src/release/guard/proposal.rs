use std::fmt;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::list::ListId;

use super::effect::{Effect, EffectName};
use crate::register::Proposed;
use crate::release::statement::Statement;

/// Domain separation of the digest of an entry held back.
const CONTEXT: &str = "interdict 2026-11 entry that a release holds back";

/// How long a proposal may be confirmed.
pub(super) const LIFE: u32 = 7 * 86_400;

/// What a release held back, for a person to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Names each entry, as published and as it would be. `release` takes it as a confirmation.
    pub digest: String,
    /// How many entries it names.
    pub entries: usize,
    /// Until when it may be confirmed.
    pub until: Time,
}

impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            digest,
            entries,
            until,
        } = self;
        write!(
            f,
            "held back, as published: {entries} entries; to be confirmed until {until} as {digest}"
        )
    }
}

/// A digest of one entry as published and as it would be.
pub(crate) fn entry_digest(list: &ListId, effect: &Effect) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
    let mut put = |text: &str| {
        let len = u64::try_from(text.len()).unwrap_or(u64::MAX);
        hasher.update(&len.to_le_bytes()).update(text.as_bytes());
    };
    put(list.as_str());
    match &effect.name {
        EffectName::Known(identifier) => {
            put(identifier.kind().name());
            put(identifier.text());
        }
        EffectName::Unknown(tag) => put(&hex::text(&tag.0)),
    }
    put(&statement_text(effect.before.as_ref()));
    put(&statement_text(effect.after.as_ref()));
    let mut digest = [0; 16];
    hasher.finalize_xof().fill(&mut digest);
    digest
}

fn statement_text(statement: Option<&Statement>) -> String {
    let Some(Statement { record, source }) = statement else {
        return "absent".to_owned();
    };
    let facts = [
        source.id().to_owned(),
        source.origin().to_owned(),
        record.action.name().to_owned(),
        record.category.name().to_owned(),
        record.confidence.to_string(),
        record.scope.name().to_owned(),
        record.flags.0.to_string(),
        record.handling.name().to_owned(),
        record.valid_until.seconds().to_string(),
    ];
    facts.join(" ")
}

/// Proposals made then or before are over.
pub(crate) const fn proposals_end(now: Time) -> Time {
    Time::from_seconds(now.seconds().saturating_sub(LIFE))
}

/// What is kept of the entries that a release holds back; `None` if there are none.
pub(crate) fn proposed(mut entries: Vec<[u8; 16]>, now: Time) -> Option<Proposed> {
    if entries.is_empty() {
        return None;
    }
    entries.sort_unstable();
    let digest = blake3::hash(entries.as_flattened());
    let digest = hex::text(digest.as_bytes().get(..16).unwrap_or_default());
    Some(Proposed {
        digest,
        at: now,
        entries,
    })
}

impl Proposed {
    /// What a report says of it.
    pub(crate) fn report(&self) -> Proposal {
        Proposal {
            digest: self.digest.clone(),
            entries: self.entries.len(),
            until: self.at.plus(LIFE),
        }
    }

    pub(crate) fn is_over(&self, now: Time) -> bool {
        now >= self.at.plus(LIFE)
    }
}
