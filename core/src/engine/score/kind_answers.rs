use crate::identifier::Kind;
use crate::rules::{Facts, Signal, Signals};

/// Which kinds of identifier lists were asked about, and what came of it; what a silent record says
/// is not heard here.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KindAnswers {
    listed: u32,
    answered: u32,
    unanswered: u32,
}

/// What the conditions of typologies are about.
#[derive(Debug)]
pub(crate) struct MerchantFacts<'s> {
    kind_answers: KindAnswers,
    signals: &'s Signals,
}

impl KindAnswers {
    /// A list covers these kinds; `answers` unless it is not fresh or its key is not at hand.
    pub(crate) fn add_asked(&mut self, kinds: impl Iterator<Item = Kind>, answers: bool) {
        let place = match answers {
            true => &mut self.answered,
            false => &mut self.unanswered,
        };
        for kind in kinds {
            *place |= bit(kind);
        }
    }

    /// A record of this kind applies.
    pub(crate) fn add_listed(&mut self, kind: Kind) {
        self.listed |= bit(kind);
    }

    /// A filter was hit, or a page was not there: whether a record applies is not known.
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

    /// Yes if a record applies, no if every list that covers the kind answered and none does.
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
