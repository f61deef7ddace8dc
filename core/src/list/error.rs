use core::fmt;

use super::part::Part;

/// Why a release was refused. The last good one stays in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListError {
    /// The descriptor lacks a member, has one of a wrong type, or one it should not have.
    Descriptor,
    /// The descriptor is of a format this version does not know.
    DescriptorFormat,
    /// The descriptor names a part this version does not know.
    UnknownPart,
    /// The list id is not `name/name`, or does not equal the path it was published under.
    ListId,
    /// The file does not start with the magic of its part.
    Magic(Part),
    /// The file's format major is not known here.
    FormatMajor(Part),
    /// The file's token scheme is not known here.
    TokenScheme(Part),
    /// A critical flag is set that is not known here.
    CriticalFlags(Part),
    /// The file ends early, is longer than its header says, or has a field out of range.
    Layout(Part),
    /// The header does not say what the signed descriptor says.
    HeaderMismatch(Part),
    /// The entry count is below the padding floor or above what the module may hold.
    EntryCount,
    /// The rate exponent is odd or outside the edition's range.
    Rate,
    /// A half's size is not the one its entry count and rate give.
    FilterSize,
    /// A half's number of hash functions is not half the rate exponent.
    FilterHashes,
    /// A half's seed is not the one derived from list, epoch and half.
    FilterSeed,
    /// A half is fuller or emptier than its entry count allows.
    FilterFill,
    /// Names that are not on the list hit more often than the rate allows.
    FilterRate,
    /// A record's tag does not hit the filter: the parts are of different releases.
    RecordNotInFilter,
    /// Records are not strictly sorted by tag.
    RecordOrder,
    /// The head of the records file is not the one the descriptor names.
    RecordsHead,
    /// A page of records is not the one the page table names.
    RecordsPage,
    /// The stash is of another base than the one it comes with.
    StashBase,
    /// The stash holds more changes than one may.
    StashSize,
    /// The changes of the stash are not strictly sorted by tag.
    StashOrder,
    /// An answer of the stash is out of range, unused, or written twice.
    StashAnswer,
    /// A record field is out of range: confidence, source, scope or flags.
    RecordField,
    /// A public list carries records or a stash.
    PublicRecords,
    /// The descriptor names records and none were given, or the reverse.
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
