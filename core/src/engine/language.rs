/// A language that sentences for people are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Swedish.
    Sv,
    /// Dutch.
    Nl,
}

/// The same sentence in each language, in the order of [`Language::ALL`].
pub(crate) type Translations = [&'static str; 3];

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::En, Self::Sv, Self::Nl];

    /// Its ISO 639-1 code.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Sv => "sv",
            Self::Nl => "nl",
        }
    }

    /// Reads [`Language::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|language| language.name() == name)
    }

    pub(crate) const fn of(self, texts: Translations) -> &'static str {
        let [en, sv, nl] = texts;
        match self {
            Self::En => en,
            Self::Sv => sv,
            Self::Nl => nl,
        }
    }
}
