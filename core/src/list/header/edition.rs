/// For whom a list is published, and so which parts it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// Filter, records and stash, for enrolled gateways.
    Member,
    /// A coarse filter of the names that may be public, and nothing else, for browsers.
    Public,
}

impl Edition {
    /// `member` or `public`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Public => "public",
        }
    }

    /// Reads [`Edition::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Member, Self::Public]
            .into_iter()
            .find(|edition| edition.name() == name)
    }

    /// Whether what a list of this edition misses is not listed. A public edition holds a part of a list,
    /// so it never answers for a merchant.
    #[must_use]
    pub const fn checks_kinds(self) -> bool {
        match self {
            Self::Member => true,
            Self::Public => false,
        }
    }

    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Member => 1,
            Self::Public => 2,
        }
    }
}
