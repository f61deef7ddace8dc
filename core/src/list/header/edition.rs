/// For whom a list is published, and so which parts it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// Filter, records and stash, for enrolled gateways.
    Member,
    /// A sharp filter and a stash, without records, for enrolled gateways with little memory.
    Compact,
    /// A coarse filter of the names that may be public, and nothing else, for browsers.
    Public,
}

impl Edition {
    /// Every edition.
    pub const ALL: [Self; 3] = [Self::Member, Self::Compact, Self::Public];

    /// `member`, `compact` or `public`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Compact => "compact",
            Self::Public => "public",
        }
    }

    /// Reads [`Edition::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|edition| edition.name() == name)
    }

    /// Whether what a list of this edition misses is not listed. A public edition holds a part of a list,
    /// so it never answers for a merchant.
    #[must_use]
    pub const fn checks_kinds(self) -> bool {
        match self {
            Self::Member | Self::Compact => true,
            Self::Public => false,
        }
    }

    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Member => 1,
            Self::Public => 2,
            Self::Compact => 3,
        }
    }

    pub(super) fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|edition| edition.code() == code)
    }

    /// The exponents that the filter's rate may have. Above 48 a look-up costs more than records do. A compact
    /// filter has no records that could tell a false hit. Above 6 a public filter would be a directory of the
    /// list.
    pub(super) const fn rates(self) -> core::ops::RangeInclusive<u8> {
        match self {
            Self::Member => 2..=48,
            Self::Compact => 32..=32,
            Self::Public => 2..=6,
        }
    }
}
