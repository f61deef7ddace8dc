use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::common::bytes::Reader;
use crate::common::time::Time;
use crate::token::{KeyId, TOKEN_SCHEME};

use super::edition::Edition;
use super::kinds::Kinds;
use super::list_id::ListId;
use crate::list::error::ListError;
use crate::list::limits::{FORMAT_MAJOR, MAX_ENTRIES, MAX_SEQUENCE, MIN_ENTRIES, public_capacity};
use crate::list::part::Part;

/// What every file of a release says about itself, and the signed descriptor says about all of them.
///
/// ```text
/// struct Header {                  // little endian
///     u8  magic[8];                // "itdfiltr", "itdrecds" or "itdstash"
///     u16 format_major;            // 1; unknown: refused
///     u16 token_scheme;            // 2; another: refused
///     u32 critical_flags;          // 0; an unknown bit: refused
///     u32 ignorable_flags;         // unknown bits: ignored
///     u32 header_size;             // from the magic to the first byte of the body
///     u8  edition;                 // 1 member, 2 public, 3 compact
///     u8  rate;                    // t of the rate 2^-t, even
///     u32 kinds;                   // bit n: kind code n is covered
///     u32 epoch;
///     u64 sequence;                // below 2^53
///     u32 issued;                  // seconds since 1970
///     u32 entries;                 // what the filter is sized for; public: 10,000 times a power of two
///     u8  key_id[8];
///     u8  list_size;
///     u8  list[list_size];
///     u8  extension[];             // up to header_size; only with an ignorable flag set
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Which list.
    pub list: ListId,
    /// Who may read it.
    pub edition: Edition,
    /// The key period, counted from 1.
    pub epoch: u32,
    /// The number of the release. Raised with every release; a gateway refuses a lower one.
    pub sequence: u64,
    /// When the release was built.
    pub issued: Time,
    /// Entries the filter is sized for, padding included.
    pub entries: u32,
    /// `t` of the filter's false-positive rate, 2^-t for each token tried.
    pub rate: u8,
    /// Which kinds of identifier the list covers.
    pub kinds: Kinds,
    /// The key that its tags were made with.
    pub key_id: KeyId,
}

impl Header {
    /// The target path of one part: `coalition/name.edition-epoch.part`.
    #[must_use]
    pub fn part_path(&self, part: Part) -> String {
        let (list, edition) = (self.list.as_str(), self.edition.name());
        format!("{list}.{edition}-{}.{}", self.epoch, part.name())
    }

    /// Checks that entry count, rate, sequence and epoch are in range.
    ///
    /// # Errors
    /// [`ListError::EntryCount`], [`ListError::Rate`], [`ListError::Descriptor`].
    pub fn check(&self) -> Result<(), ListError> {
        if !(MIN_ENTRIES..=MAX_ENTRIES).contains(&self.entries) {
            return Err(ListError::EntryCount);
        }
        if self.edition == Edition::Public && public_capacity(self.entries) != Some(self.entries) {
            return Err(ListError::EntryCount);
        }
        // Each half has t/2 hashes, so t is even.
        if !self.rate.is_multiple_of(2) || !self.edition.rates().contains(&self.rate) {
            return Err(ListError::Rate);
        }
        if self.sequence == 0 || self.sequence > MAX_SEQUENCE || self.epoch == 0 {
            return Err(ListError::Descriptor);
        }
        Ok(())
    }

    /// The header's bytes, which come before a part's body.
    #[must_use]
    pub fn encode(&self, part: Part) -> Vec<u8> {
        let list = self.list.as_str().as_bytes();
        let mut out = Vec::with_capacity(FIXED_SIZE.saturating_add(list.len()));
        out.extend_from_slice(magic(part));
        out.extend_from_slice(&FORMAT_MAJOR.to_le_bytes());
        out.extend_from_slice(&TOKEN_SCHEME.to_le_bytes());
        out.extend_from_slice(&0_u32.to_le_bytes());
        out.extend_from_slice(&0_u32.to_le_bytes());
        // A list id has at most 65 bytes.
        let size = u8::try_from(list.len()).unwrap_or(u8::MAX);
        out.extend_from_slice(&(FIXED_SIZE_U32.saturating_add(u32::from(size))).to_le_bytes());
        out.push(self.edition.code());
        out.push(self.rate);
        out.extend_from_slice(&self.kinds.0.to_le_bytes());
        out.extend_from_slice(&self.epoch.to_le_bytes());
        out.extend_from_slice(&self.sequence.to_le_bytes());
        out.extend_from_slice(&self.issued.seconds().to_le_bytes());
        out.extend_from_slice(&self.entries.to_le_bytes());
        out.extend_from_slice(&self.key_id.0);
        out.push(size);
        out.extend_from_slice(list);
        out
    }

    /// Reads the header of a part, and the offset at which the body starts.
    ///
    /// # Errors
    /// The first of the layout's rules that does not hold.
    pub fn decode(part: Part, bytes: &[u8]) -> Result<(Self, usize), ListError> {
        let layout = ListError::Layout(part);
        let mut reader = Reader(bytes);
        if reader.take(8).ok_or(layout)? != magic(part) {
            return Err(ListError::Magic(part));
        }
        if reader.u16().ok_or(layout)? != FORMAT_MAJOR {
            return Err(ListError::FormatMajor(part));
        }
        if reader.u16().ok_or(layout)? != TOKEN_SCHEME {
            return Err(ListError::TokenScheme(part));
        }
        if reader.u32().ok_or(layout)? != 0 {
            return Err(ListError::CriticalFlags(part));
        }
        let ignorable_flags = reader.u32().ok_or(layout)?;
        let header_size = usize::try_from(reader.u32().ok_or(layout)?).map_err(|_| layout)?;
        let edition = Edition::from_code(reader.u8().ok_or(layout)?).ok_or(layout)?;
        let rate = reader.u8().ok_or(layout)?;
        let kinds = Kinds(reader.u32().ok_or(layout)?);
        let epoch = reader.u32().ok_or(layout)?;
        let sequence = reader.u64().ok_or(layout)?;
        let issued = Time::from_seconds(reader.u32().ok_or(layout)?);
        let entries = reader.u32().ok_or(layout)?;
        let key_id = KeyId(reader.array().ok_or(layout)?);
        let list_size = usize::from(reader.u8().ok_or(layout)?);
        let list = core::str::from_utf8(reader.take(list_size).ok_or(layout)?)
            .map_err(|_| ListError::ListId)
            .and_then(ListId::parse)?;
        let known = FIXED_SIZE.saturating_add(list_size);
        let extended = header_size > known && header_size <= bytes.len() && ignorable_flags != 0;
        if header_size != known && !extended {
            return Err(layout);
        }
        let header = Self {
            list,
            edition,
            epoch,
            sequence,
            issued,
            entries,
            rate,
            kinds,
            key_id,
        };
        Ok((header, header_size))
    }
}

/// All fields up to and including `list_size`.
const FIXED_SIZE: usize = 59;
const FIXED_SIZE_U32: u32 = 59;

const fn magic(part: Part) -> &'static [u8; 8] {
    match part {
        Part::Filter => b"itdfiltr",
        Part::Records => b"itdrecds",
        Part::Stash => b"itdstash",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::testing::header;

    #[test]
    fn a_header_round_trips_and_every_cut_is_refused() {
        let header = header();
        let bytes = header.encode(Part::Filter);
        assert_eq!(
            Header::decode(Part::Filter, &bytes),
            Ok((header, bytes.len()))
        );
        for length in 0..bytes.len() {
            assert!(
                Header::decode(Part::Filter, &bytes[..length]).is_err(),
                "{length}"
            );
        }
    }

    #[test]
    fn newer_files_are_refused_by_name() {
        let bytes = header().encode(Part::Records);
        let part = Part::Records;
        for (offset, error) in [
            (0, ListError::Magic(part)),
            (8, ListError::FormatMajor(part)),
            (10, ListError::TokenScheme(part)),
            (12, ListError::CriticalFlags(part)),
            (15, ListError::CriticalFlags(part)),
            (20, ListError::Layout(part)),
            (24, ListError::Layout(part)),
        ] {
            let mut changed = bytes.clone();
            changed[offset] ^= 0x40;
            assert_eq!(Header::decode(part, &changed), Err(error), "{offset}");
        }
        assert_eq!(
            Header::decode(Part::Filter, &bytes),
            Err(ListError::Magic(Part::Filter))
        );
    }

    #[test]
    fn every_other_token_scheme_is_refused_by_name() {
        let part = Part::Stash;
        let mut bytes = header().encode(part);
        for scheme in (0..=u16::MAX).filter(|scheme| *scheme != 2) {
            bytes[10..12].copy_from_slice(&scheme.to_le_bytes());
            let found = Header::decode(part, &bytes);
            assert_eq!(found, Err(ListError::TokenScheme(part)), "{scheme}");
        }
    }

    #[test]
    fn a_header_ends_neither_before_nor_after_its_fields() {
        let bytes = header().encode(Part::Filter);
        for size in [0, 58, bytes.len() - 1, bytes.len() + 1] {
            for flag in [0, 1] {
                let mut changed = bytes.clone();
                changed[16] = flag;
                changed[20..24].copy_from_slice(&u32::try_from(size).unwrap().to_le_bytes());
                let found = Header::decode(Part::Filter, &changed);
                assert_eq!(found, Err(ListError::Layout(Part::Filter)), "{size}");
            }
        }
    }

    #[test]
    fn an_extension_needs_an_ignorable_flag() {
        let mut bytes = header().encode(Part::Filter);
        let size = bytes.len() + 4;
        bytes[20..24].copy_from_slice(&u32::try_from(size).unwrap().to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        assert_eq!(
            Header::decode(Part::Filter, &bytes),
            Err(ListError::Layout(Part::Filter))
        );
        for flag in [1, 1 << 7] {
            for place in 16..20 {
                let mut flagged = bytes.clone();
                flagged[place] = flag;
                assert_eq!(Header::decode(Part::Filter, &flagged), Ok((header(), size)));
                let cut = Header::decode(Part::Filter, &flagged[..size - 1]);
                assert_eq!(cut, Err(ListError::Layout(Part::Filter)));
            }
        }
    }
}
