use crate::common::bytes::Reader;
use crate::common::time::Time;

/// What should happen, from letting the payment pass to refusing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Let it pass.
    Allow,
    /// Let it pass and watch silently.
    Monitor,
    /// A person decides.
    Review,
    /// Take the payment and hold the payout.
    HoldPayout,
    /// Refuse.
    Block,
}

/// Why a merchant is listed, as coarse as a decision allows. Never a description of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Child sexual abuse and exploitation.
    Csae,
    /// Trafficking in human beings.
    Trafficking,
    /// Another crime within the coalition's mandate.
    Other,
    /// A category that this version does not know.
    Unspecified,
}

/// Whether a listed domain covers its sub-domains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The name and its sub-domains.
    Domain,
    /// The name alone.
    Host,
}

/// Properties of a record. A release with a bit that this version does not know is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(pub u8);

/// Bytes of a record without its tag, as this version writes them.
pub(super) const RECORD_SIZE: usize = 16;

/// The exact part of an entry, without its tag.
///
/// ```text
/// struct Record {
///     u8  action;                  // 1 monitor, 2 review, 3 hold_payout, 4 block; other: review
///     u8  category;                // 1 csae, 2 trafficking, 3 other; other: unspecified
///     u16 confidence;              // 1 to 999 per mille
///     u16 source;                  // index into the file's sources
///     u8  scope;                   // 1 domain, 2 host
///     u8  flags;                   // 1 mandatory, 2 silent, 4 possibly victim controlled
///     u32 group;                   // 0: none
///     u32 valid_until;             // seconds since 1970; 2^32 - 1: no end
/// };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// The action that its publisher asks for.
    pub action: Action,
    /// Why the merchant is listed.
    pub category: Category,
    /// How sure the source is that the listing is right: 1 to 999 per mille.
    pub confidence: u16,
    /// Index into the list's table of source ids.
    pub source: u16,
    /// Entries of one group belong to one seller; 0 means no group.
    pub group: u32,
    /// Whether the record covers sub-domains.
    pub scope: Scope,
    /// Whether it is mandatory, silent, or possibly about a victim.
    pub flags: Flags,
    /// When the entry stops counting; `u32::MAX` seconds means never.
    pub valid_until: Time,
}

impl Action {
    /// Every action, weakest first.
    pub const ALL: [Self; 5] = [
        Self::Allow,
        Self::Monitor,
        Self::Review,
        Self::HoldPayout,
        Self::Block,
    ];

    /// The word used in messages, CSV and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Monitor => "monitor",
            Self::Review => "review",
            Self::HoldPayout => "hold_payout",
            Self::Block => "block",
        }
    }

    /// Reads [`Action::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }

    pub(super) const fn code(self) -> u8 {
        match self {
            Self::Allow => 0,
            Self::Monitor => 1,
            Self::Review => 2,
            Self::HoldPayout => 3,
            Self::Block => 4,
        }
    }

    /// An unknown action, from a newer publisher, becomes `review`: neither a pass nor a block.
    pub(super) const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Monitor,
            3 => Self::HoldPayout,
            4 => Self::Block,
            _ => Self::Review,
        }
    }
}

impl Category {
    /// The categories a publisher can give.
    pub const ALL: [Self; 3] = [Self::Csae, Self::Trafficking, Self::Other];

    /// The word used in messages, CSV and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csae => "csae",
            Self::Trafficking => "trafficking",
            Self::Other => "other",
            Self::Unspecified => "unspecified",
        }
    }

    /// Reads the name of a category a publisher can give.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
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
        }
    }

    pub(super) const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Csae,
            2 => Self::Trafficking,
            3 => Self::Other,
            _ => Self::Unspecified,
        }
    }
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

impl Flags {
    /// A gateway's override must not lower the action.
    pub const MANDATORY: Self = Self(1);
    /// Watch without anybody noticing: leads to `monitor` at most and shows in neither score nor reasons.
    pub const SILENT: Self = Self(2);
    /// The account may be run by a victim: `review` at most.
    pub const POSSIBLY_VICTIM_CONTROLLED: Self = Self(4);
    const KNOWN: u8 = 7;

    /// Whether all of `other`'s bits are set.
    #[must_use]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets of flags.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn is_known(self) -> bool {
        self.0 & !Self::KNOWN == 0
    }
}

impl Record {
    /// Reads the layout above; `None` for a field out of range. Further bytes belong to newer versions.
    pub(super) fn decode(fields: &[u8]) -> Option<Self> {
        let mut reader = Reader(fields);
        let record = Self {
            action: Action::from_code(reader.u8()?),
            category: Category::from_code(reader.u8()?),
            confidence: reader
                .u16()
                .filter(|confidence| (1..=999).contains(confidence))?,
            source: reader.u16()?,
            scope: Scope::from_code(reader.u8()?)?,
            flags: Flags(reader.u8()?),
            group: reader.u32()?,
            valid_until: Time::from_seconds(reader.u32()?),
        };
        record.flags.is_known().then_some(record)
    }

    pub(super) fn encode(&self) -> [u8; RECORD_SIZE] {
        let [confidence, source] = [self.confidence, self.source].map(u16::to_le_bytes);
        let fields = [
            &[self.action.code(), self.category.code()][..],
            &confidence,
            &source,
            &[self.scope.code(), self.flags.0],
            &self.group.to_le_bytes(),
            &self.valid_until.seconds().to_le_bytes(),
        ];
        let mut out = [0; RECORD_SIZE];
        out.iter_mut()
            .zip(fields.concat())
            .for_each(|(to, from)| *to = from);
        out
    }

    /// The strongest action that the record can lead to: `monitor` if it is silent, `review` if a victim
    /// may control the account.
    #[must_use]
    pub fn effective_action(&self) -> Action {
        if self.flags.has(Flags::SILENT) {
            self.action.min(Action::Monitor)
        } else if self.flags.has(Flags::POSSIBLY_VICTIM_CONTROLLED) {
            self.action.min(Action::Review)
        } else {
            self.action
        }
    }

    /// Orders the records that apply to one identifier; the strongest decides. Compares effective
    /// actions: if requested actions were compared, a silent record could hide one that blocks.
    #[must_use]
    pub fn strength(&self) -> impl Ord + Copy + use<> {
        (
            self.effective_action(),
            !self.flags.has(Flags::SILENT),
            self.confidence,
        )
    }

    /// Whether the entry has expired.
    #[must_use]
    pub fn lapsed(&self, now: Time) -> bool {
        now >= self.valid_until
    }
}
