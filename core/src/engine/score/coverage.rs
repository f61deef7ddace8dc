use crate::list::Edition;

use super::kind_answers::KindAnswers;

/// Which identifiers at least one list covers, and whether any fresh list answered.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// The answers by kind, for the conditions of typologies.
    pub(super) kind_answers: KindAnswers,
    /// Whether a list covers the identifier at each position of the request.
    covered: Vec<bool>,
    /// Whether a fresh list answered for at least one identifier. A public edition never does.
    pub(super) answered: bool,
    /// The editions that were asked, whatever their state.
    asked: Editions,
}

#[derive(Debug, Default)]
struct Editions {
    /// A list whose miss means that the merchant is not on it.
    checking: bool,
    public: bool,
    /// A fresh public edition answered for at least one identifier.
    public_answered: bool,
}

impl Coverage {
    /// The coverage before any list is asked. `idle` marks the positions that no list is asked
    /// about.
    pub(super) fn new(idle: Vec<bool>) -> Self {
        Self {
            covered: idle,
            ..Self::default()
        }
    }

    /// A list of this edition is asked, whatever its state.
    pub(super) const fn ask(&mut self, edition: Edition) {
        match edition.checks_kinds() {
            true => self.asked.checking = true,
            false => self.asked.public = true,
        }
    }

    /// A fresh list of this edition answers for an identifier.
    pub(super) const fn answer(&mut self, edition: Edition) {
        match edition.checks_kinds() {
            true => self.answered = true,
            false => self.asked.public_answered = true,
        }
    }

    /// Whether there are public editions.
    pub(super) const fn has_public(&self) -> bool {
        self.asked.public
    }

    /// Whether public editions answered, and there is no list that could say more.
    pub(super) const fn public_only(&self) -> bool {
        self.asked.public_answered && !self.asked.checking
    }

    /// A list covers the identifier at this position.
    pub(super) fn cover(&mut self, index: usize) {
        if let Some(covered) = self.covered.get_mut(index) {
            *covered = true;
        }
    }

    /// The positions of the identifiers that no list covers.
    pub(super) fn gaps(&self) -> impl Iterator<Item = usize> {
        let positions = self.covered.iter().enumerate();
        positions.filter_map(|(index, covered)| (!covered).then_some(index))
    }
}
