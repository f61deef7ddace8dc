use crate::key::{ListKey, kind};

/// Which file of a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The two Bloom filters.
    Filter,
    /// The exact part.
    Records,
    /// The changes since the base release.
    Stash,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 3] = [Self::Filter, Self::Records, Self::Stash];

    /// Its name in target paths and descriptors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filter => "filter",
            Self::Records => "records",
            Self::Stash => "stash",
        }
    }

    const fn magic(self) -> &'static [u8; 8] {
        match self {
            Self::Filter => b"itdfiltr",
            Self::Records => b"itdrecds",
            Self::Stash => b"itdstash",
        }
    }
}

/// The beginning of every file of a release (`docs/format.md`, Header of every file).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The format's major version.
    pub format: u16,
    /// How tokens are made.
    pub token_scheme: u16,
    /// A reader refuses a bit it does not know.
    pub critical_flags: u32,
    /// A reader ignores a bit it does not know.
    pub ignorable_flags: u32,
    /// 1 member, 2 public, 3 compact.
    pub edition: u8,
    /// `t` of the rate 2^-t.
    pub rate: u8,
    /// Bit n: kind code n is covered.
    pub kinds: u32,
    /// The period of the key, from 1.
    pub epoch: u32,
    /// Raised with every release.
    pub sequence: u64,
    /// Seconds since 1970.
    pub issued: u32,
    /// What the filter is sized for.
    pub entries: u32,
    /// Which key the tags were made with.
    pub key_id: [u8; 8],
    /// `coalition/name`.
    pub list: String,
    /// The confidence of a compact release, per mille; said by the descriptor, not by the files.
    pub confidence: Option<u16>,
    /// The Public Suffix List of a public release; said by the descriptor, not by the files.
    pub public_suffixes: Option<[u8; 32]>,
    /// What follows the list's id, up to the end of the header.
    pub extension: Vec<u8>,
}

impl Header {
    /// A member list of every kind: the first release of epoch 1, built on 2026-11-22, with the
    /// smallest filter at 2^-14.
    #[must_use]
    pub fn new(list: &str, key: &ListKey) -> Self {
        Self {
            format: 1,
            token_scheme: 2,
            critical_flags: 0,
            ignorable_flags: 0,
            edition: 1,
            rate: 14,
            kinds: (2 << kind::LAST) - 2,
            epoch: 1,
            sequence: 1,
            issued: 1_795_305_600,
            entries: 10_000,
            key_id: key.id(),
            list: list.to_owned(),
            confidence: None,
            public_suffixes: None,
            extension: Vec::new(),
        }
    }

    /// The header's bytes in front of one part.
    #[must_use]
    pub fn bytes(&self, part: Part) -> Vec<u8> {
        let size = 59_usize + self.list.len() + self.extension.len();
        let list_size = u8::try_from(self.list.len()).unwrap_or(u8::MAX);
        [
            &part.magic()[..],
            &self.format.to_le_bytes(),
            &self.token_scheme.to_le_bytes(),
            &self.critical_flags.to_le_bytes(),
            &self.ignorable_flags.to_le_bytes(),
            &u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes(),
            &[self.edition, self.rate],
            &self.kinds.to_le_bytes(),
            &self.epoch.to_le_bytes(),
            &self.sequence.to_le_bytes(),
            &self.issued.to_le_bytes(),
            &self.entries.to_le_bytes(),
            &self.key_id,
            &[list_size],
            self.list.as_bytes(),
            &self.extension,
        ]
        .concat()
    }

    /// The target path of one part: `coalition/name.edition-epoch.part`.
    #[must_use]
    pub fn path(&self, part: Part) -> String {
        let (list, epoch, part) = (&self.list, self.epoch, part.name());
        format!("{list}.{}-{epoch}.{part}", self.edition_name())
    }

    /// The edition as paths and descriptors name it.
    #[must_use]
    pub const fn edition_name(&self) -> &'static str {
        match self.edition {
            1 => "member",
            2 => "public",
            3 => "compact",
            _ => "unknown",
        }
    }
}
