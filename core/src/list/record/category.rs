/// Why a merchant is listed, as coarse as a decision allows. Never a description of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Child sexual abuse and exploitation.
    Csae,
    /// Trafficking in human beings.
    Trafficking,
    /// Another crime within the coalition's mandate.
    Other,
    /// A reserved identifier, which names no merchant: a gateway tests its own handling with it.
    Test,
    /// A category that this version does not know.
    Unspecified,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 5] = [
        Self::Csae,
        Self::Trafficking,
        Self::Other,
        Self::Test,
        Self::Unspecified,
    ];

    /// The categories that a publisher gives to a merchant.
    pub const GIVEN: [Self; 3] = [Self::Csae, Self::Trafficking, Self::Other];

    /// The word used in messages, CSV and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csae => "csae",
            Self::Trafficking => "trafficking",
            Self::Other => "other",
            Self::Test => "test",
            Self::Unspecified => "unspecified",
        }
    }

    /// Reads the name of a category in [`Category::GIVEN`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::GIVEN
            .into_iter()
            .find(|category| category.name() == name)
    }

    /// The number used in records and in sealed findings.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::Csae => 1,
            Self::Trafficking => 2,
            Self::Other => 3,
            Self::Test => 4,
        }
    }

    pub(super) const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Csae,
            2 => Self::Trafficking,
            3 => Self::Other,
            4 => Self::Test,
            _ => Self::Unspecified,
        }
    }
}
