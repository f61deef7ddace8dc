use core::fmt;

use super::part::Part;

/// Why a release was refused. The last good release stays live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListError {
    /// The descriptor lacks a member, or has one of the wrong type or one that it must not have.
    Descriptor,
    /// This version does not know the descriptor's format.
    DescriptorFormat,
    /// The descriptor names a part that this version does not know.
    UnknownPart,
    /// The list id is not `name/name`, or differs from the path that the list was published under.
    ListId,
    /// The file does not start with the magic bytes of its part.
    Magic(Part),
    /// This version does not know the file's format major.
    FormatMajor(Part),
    /// This version does not know the file's token scheme.
    TokenScheme(Part),
    /// A critical flag is set that this version does not know.
    CriticalFlags(Part),
    /// The file ends early, is longer than its header says, or has a field out of range.
    Layout(Part),
    /// The header differs from the signed descriptor.
    HeaderMismatch(Part),
    /// The entry count is below the padding minimum or above what the module can hold.
    EntryCount,
    /// The rate exponent is odd or outside the edition's range.
    Rate,
    /// A half has the wrong size for its entry count and rate.
    FilterSize,
    /// A half has the wrong number of hash functions: it must be half the rate exponent.
    FilterHashes,
    /// A half has a seed other than the one derived from list, epoch and half.
    FilterSeed,
    /// A half is fuller or emptier than its entry count allows.
    FilterFill,
    /// Unlisted names hit the filter more often than its rate allows.
    FilterRate,
    /// The filter has more exceptions than the Public Suffix List can cause at its rate.
    ExceptionCount,
    /// The exceptions of the filter are not strictly sorted.
    ExceptionOrder,
    /// An exception does not hit the filter, so it is none.
    ExceptionNotInFilter,
    /// A record's tag does not hit the filter: the parts belong to different releases.
    RecordNotInFilter,
    /// The records are not strictly sorted by tag.
    RecordOrder,
    /// The stash belongs to a base other than the one it comes with.
    StashBase,
    /// The stash holds more changes than allowed.
    StashSize,
    /// The changes of the stash are not strictly sorted by tag.
    StashOrder,
    /// An answer in the stash is out of range, unused or duplicated.
    StashAnswer,
    /// A record field is out of range: confidence, source, scope or flags.
    RecordField,
    /// A record has less confidence than its action needs.
    RecordConfidence,
    /// A silent record asks for more than `monitor`.
    RecordSilence,
    /// A source's id or origin is malformed, or the sources are not strictly sorted.
    SourceForm,
    /// A source's id names another coalition than the list's own.
    SourceCoalition,
    /// The edition must not have a part that the release has, or needs one that it lacks.
    EditionParts,
    /// The files given are not the parts that the descriptor names.
    PartMissing,
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = match self {
            Self::Descriptor => "the signed release descriptor is incomplete or malformed",
            Self::DescriptorFormat => {
                "the release descriptor has a newer format; update this module"
            }
            Self::UnknownPart => {
                "the release has a part that this module does not know; update the module"
            }
            Self::ListId => "the list id differs from the path that the list was published under",
            Self::Magic(_) => "the file is not of the type that the release names",
            Self::FormatMajor(_) => "the file has a newer format major; update this module",
            Self::TokenScheme(_) => "the file uses another token scheme than this module",
            Self::CriticalFlags(_) => {
                "the file needs a feature that this module lacks; update the module"
            }
            Self::Layout(_) => "the file is truncated, too long or damaged",
            Self::HeaderMismatch(_) => "the file's header differs from the signed descriptor",
            Self::EntryCount => "the entry count is out of range for a list",
            Self::Rate => "the filter's rate exponent is not allowed for this edition",
            Self::FilterSize => "a filter half has the wrong size for its entry count and rate",
            Self::FilterHashes => "a filter half has the wrong number of hashes for its rate",
            Self::FilterSeed => "a filter half has the wrong seed for its list and epoch",
            Self::FilterFill => "a filter half is fuller or emptier than its entry count allows",
            Self::FilterRate => "unlisted names hit the filter more often than its rate allows",
            Self::ExceptionCount => "the filter has more exceptions than its rate allows",
            Self::ExceptionOrder => "the exceptions of the filter are not strictly sorted",
            Self::ExceptionNotInFilter => "an exception does not hit the filter",
            Self::RecordNotInFilter => {
                "a record is not in the filter: the parts belong to different releases"
            }
            Self::RecordOrder => "the records are not strictly sorted",
            Self::RecordField => "a record has a field out of range",
            Self::RecordConfidence => "a record has less confidence than its action needs",
            Self::RecordSilence => "a silent record asks for more than to monitor",
            Self::SourceForm => "a source is malformed, or the sources are not strictly sorted",
            Self::SourceCoalition => "a source belongs to another coalition than the list",
            Self::StashBase => "the stash belongs to a base other than the live one",
            Self::StashSize => "the stash holds too many changes",
            Self::StashOrder => "the changes of the stash are not strictly sorted",
            Self::StashAnswer => "an answer in the stash is out of range, unused or duplicated",
            Self::EditionParts => "the release does not have the parts of its edition",
            Self::PartMissing => "the files are not the parts that the descriptor names",
        };
        match self {
            Self::Magic(part)
            | Self::FormatMajor(part)
            | Self::TokenScheme(part)
            | Self::CriticalFlags(part)
            | Self::Layout(part)
            | Self::HeaderMismatch(part) => write!(f, "{}: {sentence}", part.name()),
            _ => f.write_str(sentence),
        }
    }
}

impl core::error::Error for ListError {}
