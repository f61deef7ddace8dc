use crate::identifier::Kind;
use crate::rules::{Facts, Signal, Signals};

/// For each kind of identifier, whether lists answered and whether a record or filter hit matches. The
/// rule condition `listed(KIND)` reads it. Silent records never count. Each field is a set of kinds, one
/// bit each.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct KindAnswers {
    found: u32,
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

    /// A record of this kind matches, or a filter was hit. It counts itself.
    pub(crate) fn add_found(&mut self, kind: Kind) {
        self.found |= bit(kind);
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

    /// False if every list that covers the kind answered and nothing matches; unknown otherwise. It is
    /// never true: a record that matches is evidence already, and no rule counts it again.
    fn listed(&self, kind: Kind) -> Option<bool> {
        let KindAnswers {
            found,
            answered,
            unanswered,
        } = self.kind_answers;
        let has = |bits: u32| bits & bit(kind) != 0;
        (has(answered) && !has(unanswered) && !has(found)).then_some(false)
    }
}

fn bit(kind: Kind) -> u32 {
    1_u32.wrapping_shl(u32::from(kind.code()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(answers: KindAnswers) -> [Option<bool>; 2] {
        let signals = Signals::default();
        let facts = answers.with_signals(&signals);
        [Kind::Domain, Kind::Iban].map(|kind| facts.listed(kind))
    }

    fn asked(answers: &[bool]) -> KindAnswers {
        let mut all = KindAnswers::default();
        for one in answers {
            all.add_asked([Kind::Domain].into_iter(), *one);
        }
        all
    }

    #[test]
    fn a_kind_is_not_listed_if_every_list_that_covers_it_answered() {
        assert_eq!(listed(asked(&[])), [None, None]);
        assert_eq!(listed(asked(&[true])), [Some(false), None]);
        assert_eq!(listed(asked(&[true, true])), [Some(false), None]);
    }

    #[test]
    fn a_list_that_cannot_answer_leaves_it_unknown_in_any_order() {
        for answers in [&[false][..], &[true, false], &[false, true]] {
            assert_eq!(listed(asked(answers)), [None, None], "{answers:?}");
        }
    }

    #[test]
    fn a_record_counts_itself_and_makes_no_rule_true_whatever_other_lists_answer() {
        for answers in [&[true][..], &[false], &[]] {
            let mut all = asked(answers);
            all.add_found(Kind::Domain);
            assert_eq!(listed(all), [None, None], "{answers:?}");
        }
    }
}
