use crate::common::time::Time;
use crate::list::error::ListError;
use crate::list::sources::Sources;

use super::action::Action;
use super::category::Category;
use super::flags::Flags;
use super::handling::Handling;
use super::scope::Scope;

/// Bytes of a record without its tag, as this version writes them.
pub(in crate::list) const RECORD_SIZE: usize = 17;

/// The highest confidence, per mille: nobody is certain.
pub(in crate::list) const MAX_CONFIDENCE: u16 = 999;

/// The exact part of an entry, without its tag.
///
/// ```text
/// struct Record {
///     u8  action;                  // 1 monitor, 2 review, 3 hold_payout, 4 block; other: review
///     u8  category;                // 1 csae, 2 trafficking, 3 other, 4 test; other: unspecified
///     u16 confidence;              // per mille: to 999 from what the action needs, 1, 300, 800 or 900
///     u16 source;                  // index into the file's sources
///     u8  scope;                   // 1 domain, 2 host
///     u8  flags;                   // 1 mandatory, 2 silent (with monitor alone), 4 possibly victim controlled
///     u8  handling;                // TLP 2.0: 1 clear, 2 green, 3 amber, 4 amber+strict, 5 red; other: red
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
    /// Index into the file's table of sources.
    pub source: u16,
    /// Entries of one group belong to one seller; 0 means no group.
    pub group: u32,
    /// Whether the record covers sub-domains.
    pub scope: Scope,
    /// Whether it is mandatory, silent, or possibly about a victim.
    pub flags: Flags,
    /// Who may be told of the entry.
    pub handling: Handling,
    /// When the entry stops counting; `u32::MAX` seconds means never.
    pub valid_until: Time,
}

impl Record {
    /// Reads the layout above; `None` for a field out of range. Further bytes belong to newer versions. An
    /// action of a newer version is read as `review`, or as `monitor` in a silent record, which leads to no
    /// more.
    pub(in crate::list) fn decode(fields: &[u8]) -> Option<Self> {
        // One check of the length instead of one for each field: loading a list reads millions.
        let fields: &[u8; RECORD_SIZE] = fields.first_chunk()?;
        let [
            action,
            category,
            c0,
            c1,
            s0,
            s1,
            scope,
            flags,
            handling,
            ends @ ..,
        ] = *fields;
        let [g0, g1, g2, g3, v0, v1, v2, v3] = ends;
        let confidence = u16::from_le_bytes([c0, c1]);
        let is_possible = (1..=MAX_CONFIDENCE).contains(&confidence);
        let mut record = Self {
            action: Action::from_code(action),
            category: Category::from_code(category),
            confidence: is_possible.then_some(confidence)?,
            source: u16::from_le_bytes([s0, s1]),
            scope: Scope::from_code(scope)?,
            flags: Flags(flags),
            handling: Handling::from_code(handling),
            group: u32::from_le_bytes([g0, g1, g2, g3]),
            valid_until: Time::from_seconds(u32::from_le_bytes([v0, v1, v2, v3])),
        };
        if !Action::is_known(action) && record.flags.has(Flags::SILENT) {
            record.action = Action::Monitor;
        }
        record.flags.is_known().then_some(record)
    }

    /// Reads a record of a file that is about to be loaded, and checks it. Whatever an action of a newer version
    /// is, it needs the confidence of a review and nothing else.
    ///
    /// # Errors
    /// `out_of_range` for a field out of range, otherwise as [`Record::check`].
    pub(in crate::list) fn load(
        fields: &[u8],
        sources: &Sources,
        out_of_range: ListError,
    ) -> Result<Self, ListError> {
        let record = Self::decode(fields).ok_or(out_of_range)?;
        sources.get(record.source).ok_or(out_of_range)?;
        record.check()?;
        let is_known = fields.first().is_some_and(|code| Action::is_known(*code));
        if !is_known && record.confidence < Action::Review.least_confidence() {
            return Err(ListError::RecordConfidence);
        }
        Ok(record)
    }

    /// Checks what a record must fulfil on any list. Publishers check what they import with it, gateways what
    /// they load.
    ///
    /// # Errors
    /// [`ListError::RecordConfidence`] below [`Action::least_confidence`], [`ListError::RecordSilence`] if
    /// it is silent and asks for more than `monitor`.
    pub fn check(&self) -> Result<(), ListError> {
        if self.confidence < self.action.least_confidence() {
            return Err(ListError::RecordConfidence);
        }
        if self.flags.has(Flags::SILENT) && self.action > Action::Monitor {
            return Err(ListError::RecordSilence);
        }
        Ok(())
    }

    pub(in crate::list) fn encode(&self) -> [u8; RECORD_SIZE] {
        let [confidence, source] = [self.confidence, self.source].map(u16::to_le_bytes);
        let fields = [
            &[self.action.code(), self.category.code()][..],
            &confidence,
            &source,
            &[self.scope.code(), self.flags.0, self.handling.code()],
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
