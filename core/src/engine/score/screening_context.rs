use alloc::vec::Vec;

use crate::IS_FULL;
use crate::common::sort;
use crate::common::time::Time;

use super::receipt::ReceiptKey;
use crate::engine::clearances::Clearances;
use crate::engine::doubt::Doubt;
use crate::engine::overrides::Override;
use crate::engine::update::Coalition;
use crate::policy::Policy;

/// What a request is screened against: the live coalitions, what the gateway signed and the time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScreeningContext<'e> {
    pub(crate) coalitions: AskedCoalitions<'e>,
    pub(crate) overrides: &'e [Override],
    pub(crate) clearances: &'e [Clearances],
    /// The key of the digests that overrides and clearances name identifiers by.
    pub(crate) receipt_key: Option<&'e ReceiptKey>,
    /// The host's clock.
    pub(crate) now: Time,
    /// Doubts about the instance as a whole.
    pub(crate) doubts: &'e [Doubt],
}

/// The coalitions that a policy asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskedCoalitions<'e> {
    configured: &'e [Coalition],
    policy: &'e Policy,
}

impl<'e> AskedCoalitions<'e> {
    pub(crate) const fn new(configured: &'e [Coalition], policy: &'e Policy) -> Self {
        Self { configured, policy }
    }

    /// Those of the configured coalitions that the policy asks, in their order.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'e Coalition> {
        let coalitions = self.configured.iter();
        coalitions.filter(move |one| !IS_FULL || self.policy.asks(&one.name))
    }
}

impl ScreeningContext<'_> {
    /// Every doubt: those about the instance, and those about any coalition, each once.
    pub(crate) fn doubts(&self) -> Vec<Doubt> {
        let coalitions = self.coalitions.iter();
        let mut doubts: Vec<_> = coalitions.flat_map(|one| self.doubts_about(one)).collect();
        doubts.extend(self.doubts);
        sort::by(&mut doubts, Ord::cmp);
        doubts.dedup();
        doubts
    }

    /// The doubts about one coalition.
    pub(crate) fn doubts_about(&self, coalition: &Coalition) -> Vec<Doubt> {
        let behind = coalition.is_clock_behind(self.now);
        let behind = behind.then_some(Doubt::ClockBehind);
        behind.into_iter().chain(coalition.doubts()).collect()
    }
}
