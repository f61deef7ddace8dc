use alloc::vec::Vec;

use crate::identifier::Kind;

use super::kind_answers::KindAnswers;

/// Which kinds lists checked, and what they answered for each.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// The answers by kind, for the conditions of typologies.
    pub(super) kind_answers: KindAnswers,
    /// The kinds that a list checked.
    checked: Vec<Kind>,
}

impl Coverage {
    /// A list with its key answered for this kind.
    pub(super) fn check(&mut self, kind: Kind) {
        if !self.checked.contains(&kind) {
            self.checked.push(kind);
        }
    }

    /// Those of the kinds that no list checked, each once, in the order of the table of kinds.
    #[inline(never)]
    pub(super) fn unchecked(&self, kinds: impl Iterator<Item = Kind>) -> Vec<Kind> {
        let asked: Vec<Kind> = kinds.collect();
        let all = Kind::ALL.iter().copied();
        let asked = all.filter(|kind| asked.contains(kind));
        asked.filter(|kind| !self.checked.contains(kind)).collect()
    }
}
