/// Random keys, or keys everybody can derive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestKeys {
    /// Random: for a real coalition.
    No,
    /// Derived from published words: for demonstrations and fixtures. Marked in every file.
    Yes,
}

impl TestKeys {
    /// The word in the register.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Yes => "yes",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::No, Self::Yes]
            .into_iter()
            .find(|test| test.name() == name)
    }
}

/// What holds for the whole coalition.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) coalition: String,
    pub(crate) test: TestKeys,
}
