use crate::identifier::Kind;
use crate::rules::{Facts, Signal, Signals};

/// For each kind of identifier, whether lists answered and whether a record matches. The rule
/// condition `listed(KIND)` reads it. Silent records never count. Each field is a set of kinds, one
/// bit each.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KindAnswers {
    listed: u32,
    answered: u32,
    unanswered: u32,
}

/// The facts that the conditions of typologies test.
#[derive(Debug)]
pub(crate) struct MerchantFacts<'s> {
    kind_answers: KindAnswers,
    signals: &'s Signals,
}

impl KindAnswers {
    /// A list covers these kinds. `answers` says whether it is fresh and has its key.
    pub(crate) fn add_asked(&mut self, kinds: impl Iterator<Item = Kind>, answers: bool) {
        let place = match answers {
            true => &mut self.answered,
            false => &mut self.unanswered,
        };
        for kind in kinds {
            *place |= bit(kind);
        }
    }

    /// A record of this kind matches.
    pub(crate) fn add_listed(&mut self, kind: Kind) {
        self.listed |= bit(kind);
    }

    /// A filter was hit and no record is loaded, so it is unknown whether the merchant is listed.
    pub(crate) fn add_unknown(&mut self, kind: Kind) {
        self.unanswered |= bit(kind);
    }

    pub(crate) const fn with_signals(self, signals: &Signals) -> MerchantFacts<'_> {
        MerchantFacts {
            kind_answers: self,
            signals,
        }
    }
}

impl Facts for MerchantFacts<'_> {
    fn signal(&self, signal: Signal) -> Option<i64> {
        self.signals.get(signal)
    }

    /// True if a record matches, false if every list that covers the kind answered and none
    /// matches, unknown otherwise.
    fn listed(&self, kind: Kind) -> Option<bool> {
        let KindAnswers {
            listed,
            answered,
            unanswered,
        } = self.kind_answers;
        let has = |bits: u32| bits & bit(kind) != 0;
        if has(listed) {
            Some(true)
        } else if has(answered) && !has(unanswered) {
            Some(false)
        } else {
            None
        }
    }
}

fn bit(kind: Kind) -> u32 {
    1_u32.wrapping_shl(u32::from(kind.code()))
}
