use super::kind_answers::KindAnswers;

/// Which identifiers some list covers, and whether any fresh list answered.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// By kind, for the conditions of typologies.
    pub(super) kind_answers: KindAnswers,
    /// By position in the request.
    covered: Vec<bool>,
    /// Whether a fresh list answered for some identifier.
    pub(super) answered: bool,
}

impl Coverage {
    /// Nothing was asked yet; `idle` are the positions at which nothing will be.
    pub(super) fn new(idle: Vec<bool>) -> Self {
        Self {
            covered: idle,
            ..Self::default()
        }
    }

    /// A list covers what stands at this position.
    pub(super) fn cover(&mut self, index: usize) {
        if let Some(covered) = self.covered.get_mut(index) {
            *covered = true;
        }
    }

    /// Positions of identifiers that no list covers.
    pub(super) fn gaps(&self) -> impl Iterator<Item = usize> {
        let positions = self.covered.iter().enumerate();
        positions.filter_map(|(index, covered)| (!covered).then_some(index))
    }
}
