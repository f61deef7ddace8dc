use std::collections::BTreeMap;

use rusqlite::Connection;

use super::event::{ChangeKind, Event, EventData, MerchantChange, MerchantsChange, date};
use super::outbox::send;
use super::standing::Standing;
use crate::error::Error;

/// As many changes of one cause are told singly; more are one alert.
const MOST_SINGLE: u64 = 10;

/// The reasons with which a list's own state lowers what its records ask for.
const OF_STATE: [&str; 2] = ["lowered_expired", "lowered_untrusted"];

/// Changes that merchants had no part in: a list expired, was revoked or is good again, and so all that it lists is lowered
/// or raised at once.
#[derive(Default)]
pub(super) struct Folded(BTreeMap<Cause, Batch>);

/// What many changes have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Cause {
    kind: ChangeKind,
    code: String,
    coalition: String,
    list: String,
}

#[derive(Default)]
struct Batch {
    merchants: u64,
    /// None once they are too many.
    single: Vec<MerchantChange>,
}

impl Cause {
    /// The list's state that brought a change about, if nothing else did.
    pub(super) fn of(kind: ChangeKind, before: &Standing, after: &Standing) -> Option<Self> {
        let (lowered, other) = match kind {
            ChangeKind::Lowered => (after, before),
            ChangeKind::Raised => (before, after),
            _ => return None,
        };
        let mut reasons = lowered.reasons.iter();
        let reason = reasons
            .find(|one| OF_STATE.contains(&one.code.as_str()) && !other.reasons.contains(one))?;
        Some(Self {
            kind,
            code: reason.code.clone(),
            coalition: reason.coalition.clone().unwrap_or_default(),
            list: reason.list.clone().unwrap_or_default(),
        })
    }

    /// What an alert about many is called.
    const fn kind_of_many(&self) -> ChangeKind {
        match self.kind {
            ChangeKind::Raised => ChangeKind::ManyRaised,
            _ => ChangeKind::ManyLowered,
        }
    }
}

impl Folded {
    pub(super) fn add(&mut self, cause: Cause, change: MerchantChange) {
        let batch = self.0.entry(cause).or_default();
        batch.merchants = batch.merchants.saturating_add(1);
        match batch.merchants > MOST_SINGLE {
            true => batch.single.clear(),
            false => batch.single.push(change),
        }
    }

    /// Puts an alert about each cause with many merchants, and one about each merchant of the others, into the outbox.
    /// Returns how many alerts of each kind.
    pub(super) fn send(
        self,
        connection: &Connection,
        now: u32,
    ) -> Result<BTreeMap<ChangeKind, u64>, Error> {
        let mut sent: BTreeMap<ChangeKind, u64> = BTreeMap::new();
        let mut tell = |kind, data| {
            let count = sent.entry(kind).or_default();
            *count = count.saturating_add(1);
            send(connection, &Event::new(kind, data, now)?)
        };
        for (cause, batch) in self.0 {
            let single = cause.kind;
            if batch.single.is_empty() {
                let kind = cause.kind_of_many();
                let many = MerchantsChange {
                    coalition: cause.coalition,
                    list: cause.list,
                    cause: cause.code,
                    merchants: batch.merchants,
                    since: date(now),
                };
                tell(kind, EventData::Merchants(many))?;
            }
            for change in batch.single {
                tell(single, EventData::Merchant(Box::new(change)))?;
            }
        }
        Ok(sent)
    }
}
