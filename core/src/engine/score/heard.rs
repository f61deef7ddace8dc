use crate::identifier::Kind;
use crate::rules::{Facts, Signal, Signals};

/// Which kinds of identifier lists were asked about, and what came of it; what a silent record says
/// is not heard here.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Heard {
    listed: u32,
    answered: u32,
    unanswered: u32,
}

/// What the conditions of typologies are about.
#[derive(Debug)]
pub(crate) struct Known<'s> {
    heard: Heard,
    signals: &'s Signals,
}

impl Heard {
    /// A list covers these kinds; `answers` unless it is not fresh or its key is not at hand.
    pub(crate) fn asked(&mut self, kinds: impl Iterator<Item = Kind>, answers: bool) {
        let place = match answers {
            true => &mut self.answered,
            false => &mut self.unanswered,
        };
        for kind in kinds {
            *place |= bit(kind);
        }
    }

    /// A record of this kind applies.
    pub(crate) fn listed(&mut self, kind: Kind) {
        self.listed |= bit(kind);
    }

    /// A filter was hit, or a page was not there: whether a record applies is not known.
    pub(crate) fn left_open(&mut self, kind: Kind) {
        self.unanswered |= bit(kind);
    }

    pub(crate) const fn with(self, signals: &Signals) -> Known<'_> {
        Known {
            heard: self,
            signals,
        }
    }
}

impl Facts for Known<'_> {
    fn signal(&self, signal: Signal) -> Option<i64> {
        self.signals.get(signal)
    }

    /// Yes if a record applies, no if every list that covers the kind answered and none does.
    fn listed(&self, kind: Kind) -> Option<bool> {
        let Heard {
            listed,
            answered,
            unanswered,
        } = self.heard;
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
