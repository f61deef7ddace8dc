/// Who may be told of an entry: the labels of the Traffic Light Protocol, version 2.0 (FIRST, 2022), the
/// widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Handling {
    /// Anybody.
    Clear,
    /// The member's community, not the public.
    Green,
    /// The member's organisation and its clients, as far as they need to know.
    Amber,
    /// The member's organisation alone.
    AmberStrict,
    /// The people who received it, and nobody else.
    Red,
}

impl Handling {
    /// Every label, the widest first.
    pub const ALL: [Self; 5] = [
        Self::Clear,
        Self::Green,
        Self::Amber,
        Self::AmberStrict,
        Self::Red,
    ];

    /// The word used in messages, CSV and JSON: the protocol's own, in small letters and without `TLP:`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::AmberStrict => "amber+strict",
            Self::Red => "red",
        }
    }

    /// Reads [`Handling::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|handling| handling.name() == name)
    }

    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Clear => 1,
            Self::Green => 2,
            Self::Amber => 3,
            Self::AmberStrict => 4,
            Self::Red => 5,
        }
    }

    /// An unknown label, from a newer publisher, becomes the strictest: nobody is told too much.
    pub(super) const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Clear,
            2 => Self::Green,
            3 => Self::Amber,
            4 => Self::AmberStrict,
            _ => Self::Red,
        }
    }
}
