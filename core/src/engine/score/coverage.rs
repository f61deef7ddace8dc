use super::kind_answers::KindAnswers;

/// Which identifiers at least one list covers, and whether any fresh list answered.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// The answers by kind, for the conditions of typologies.
    pub(super) kind_answers: KindAnswers,
    /// Whether a list covers the identifier at each position of the request.
    covered: Vec<bool>,
    /// Whether a fresh list answered for at least one identifier.
    pub(super) answered: bool,
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
