use crate::identifier::Kind;
use crate::list::Edition;

use super::kind_answers::KindAnswers;

/// Which kinds lists checked, and whether any fresh list answered.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// The answers by kind, for the conditions of typologies.
    pub(super) kind_answers: KindAnswers,
    /// The kinds that a list checked.
    checked: Vec<Kind>,
    /// Whether a fresh list answered for at least one identifier. A public edition never does.
    pub(super) answered: bool,
    /// Whether there is a list whose miss means that the merchant is not on it, whatever its state.
    is_checking: bool,
    /// Whether a fresh public edition answered for at least one identifier.
    public_answered: bool,
}

impl Coverage {
    /// A list with its key answered for this kind.
    pub(super) fn check(&mut self, kind: Kind) {
        if !self.checked.contains(&kind) {
            self.checked.push(kind);
        }
    }

    /// Those of the kinds that no list checked, each once, in the order of the table of kinds.
    pub(super) fn unchecked(&self, kinds: impl Iterator<Item = Kind>) -> Vec<Kind> {
        let asked: Vec<Kind> = kinds.collect();
        let all = Kind::ALL.iter().copied();
        let asked = all.filter(|kind| asked.contains(kind));
        asked.filter(|kind| !self.checked.contains(kind)).collect()
    }

    /// A list of this edition is asked, whatever its state.
    pub(super) const fn ask(&mut self, edition: Edition) {
        self.is_checking |= edition.checks_kinds();
    }

    /// A fresh list of this edition answers for an identifier.
    pub(super) const fn answer(&mut self, edition: Edition) {
        match edition.checks_kinds() {
            true => self.answered = true,
            false => self.public_answered = true,
        }
    }

    /// Whether public editions answered, and there is no list that could say more.
    pub(super) const fn public_only(&self) -> bool {
        self.public_answered && !self.is_checking
    }
}
