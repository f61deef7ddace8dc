use core::fmt;

/// Why a verdict is above `allow`, in one word: the first of these that alone gives its action.
/// Reports count verdicts by it and never add the words up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// A record names the merchant.
    Record,
    /// A filter was hit, and no record confirms it.
    Candidate,
    /// The score reached a threshold of the flow.
    Score,
    /// Nobody who should have answered could.
    Unavailable,
    /// A list that should have answered is late.
    Late,
    /// A field of the request could not be used, or lacks its partner.
    Fields,
    /// Public editions alone were asked, and none was hit.
    PublicOnly,
}

impl Because {
    /// Every word, in the order in which they are tried.
    pub const ALL: [Self; 7] = [
        Self::Record,
        Self::Candidate,
        Self::Score,
        Self::Unavailable,
        Self::Late,
        Self::Fields,
        Self::PublicOnly,
    ];

    /// The stable word used in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Candidate => "candidate",
            Self::Score => "score",
            Self::Unavailable => "unavailable",
            Self::Late => "late",
            Self::Fields => "fields",
            Self::PublicOnly => "public_only",
        }
    }

    /// Reads [`Because::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|word| word.name() == name)
    }
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
