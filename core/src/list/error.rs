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
    /// A record's tag does not hit the filter: the parts belong to different releases.
    RecordNotInFilter,
    /// The records are not strictly sorted by tag.
    RecordOrder,
    /// The head of the records file differs from the one that the descriptor names.
    RecordsHead,
    /// A page of records differs from the one that the page table names.
    RecordsPage,
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
    /// A public list has records or a stash.
    PublicRecords,
    /// The files given are not the parts that the descriptor names.
    PartMissing,
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sentence = match self {
            Self::Descriptor => "the signed release descriptor is incomplete or malformed",
            Self::DescriptorFormat => {
                "the release descriptor is of a newer format; update this module"
            }
            Self::UnknownPart => "the release has a part this module does not know; update it",
            Self::ListId => "the list id is not the path it was published under",
            Self::Magic(_) => "this is not the kind of file the release names here",
            Self::FormatMajor(_) => "the file is of a newer format major; update this module",
            Self::TokenScheme(_) => "the file uses a newer token scheme; update this module",
            Self::CriticalFlags(_) => "the file needs a feature this module lacks; update it",
            Self::Layout(_) => "the file is cut short, too long or damaged",
            Self::HeaderMismatch(_) => "the file's header differs from the signed descriptor",
            Self::EntryCount => "the entry count is outside what a list may have",
            Self::Rate => "the filter's rate exponent is not one a list of this edition may have",
            Self::FilterSize => "a filter half has not the size its entry count and rate give",
            Self::FilterHashes => "a filter half has not the number of hashes its rate gives",
            Self::FilterSeed => "a filter half has not the seed its list and epoch give",
            Self::FilterFill => "a filter half is fuller or emptier than its entry count allows",
            Self::FilterRate => {
                "the filter is hit by unlisted names more often than its rate allows"
            }
            Self::RecordNotInFilter => "a record is not in the filter: parts of different releases",
            Self::RecordOrder => "the records are not strictly sorted",
            Self::RecordField => "a record has a field out of range",
            Self::RecordsHead => "the head of the records is not the one the release names",
            Self::RecordsPage => "a page of records is not the one the page table names",
            Self::StashBase => "the stash is of another base than the one in place",
            Self::StashSize => "the stash holds more changes than one may",
            Self::StashOrder => "the changes of the stash are not strictly sorted",
            Self::StashAnswer => "an answer of the stash is out of range, unused or there twice",
            Self::PublicRecords => "a public list must not carry records or a stash",
            Self::PartMissing => "the files given are not the parts the descriptor names",
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
