/// Whether a listed domain covers its sub-domains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The name and its sub-domains.
    Domain,
    /// The name alone.
    Host,
}

impl Scope {
    /// `domain` or `host`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Host => "host",
        }
    }

    /// Reads [`Scope::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Domain, Self::Host]
            .into_iter()
            .find(|scope| scope.name() == name)
    }

    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Domain => 1,
            Self::Host => 2,
        }
    }

    pub(super) const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Domain),
            2 => Some(Self::Host),
            _ => None,
        }
    }
}
