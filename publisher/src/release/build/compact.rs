//! The compact edition of one epoch: what a gateway with little memory holds of a list.
//!
//! A filter tells nobody what is in it. So a compact base is always built together with a member base, and
//! what it holds is what the records of that base say.

use std::collections::BTreeSet;

use interdict_core::list::{
    BaseRelease, CONFIDENCE, Descriptor, Edition, Files, Header, MAX_STASH, Mark, compact_tag,
    encode_compact_stash, encode_filter,
};
use interdict_core::token::Tag;

use super::content::Content;
use super::edition::{Build, Plan};
use crate::error::{PublisherError, Result};
use crate::keys::capacity;
use crate::release::repository::{Base, CompactBase};

/// Without records nothing tells a false hit, so there must be none: one name in four billion.
const RATE: u8 = 32;

impl Plan<'_> {
    /// A new base, for which a new member base is built too.
    pub(crate) fn compact_base(&self, content: &Content) -> Result<Build> {
        let refused = PublisherError::in_list(self.list);
        let mut tags: Vec<Tag> = self.held(content).into_iter().collect();
        let entries = capacity(tags.len()).ok_or(PublisherError::Exhausted)?;
        let header = self.header(Edition::Compact, RATE, entries)?;
        let decoys = entries.saturating_sub(tags.len());
        let list = self.list.as_str();
        tags.extend(self.decoys.compact_tags(list, self.epoch, decoys));
        let files = Files {
            filter: encode_filter(&header, &tags).map_err(refused)?,
            ..Files::default()
        };
        let provenance = self.provenance(None);
        let descriptor = Descriptor::of_compact(&header, provenance, confidence(content), &files);
        Ok(Build {
            descriptor: descriptor.map_err(refused)?,
            files,
            changes: None,
        })
    }

    /// A stash on the published base that belongs to this member base; `None` if the two do not belong
    /// together, or so much changed that a new one is due.
    pub(crate) fn compact_stash(
        &self,
        member: &Base,
        base: &CompactBase,
        content: &Content,
    ) -> Result<Option<Build>> {
        let of_member = Header {
            edition: Edition::Compact,
            entries: base.header.entries,
            rate: RATE,
            ..member.header.clone()
        };
        if base.header != of_member {
            return Ok(None);
        }
        let records = member.records();
        let before = records.filter_map(|(tag, (record, _))| compact_tag(tag, record));
        let before: BTreeSet<Tag> = before.collect();
        let wanted = self.held(content);
        let removed = before.difference(&wanted).map(|tag| (*tag, Mark::Removed));
        let added = wanted.difference(&before).map(|tag| (*tag, Mark::Added));
        let marks: Vec<(Tag, Mark)> = removed.chain(added).collect();
        if u32::try_from(marks.len()).map_or(true, |count| count > MAX_STASH) {
            return Ok(None);
        }
        let refused = PublisherError::in_list(self.list);
        let header = Header {
            sequence: self.sequence,
            issued: self.issued,
            ..base.header.clone()
        };
        let stash = encode_compact_stash(&header, &base.digest, &marks).map_err(refused)?;
        let files = Files {
            filter: base.filter.clone(),
            stash: Some(stash),
            records: None,
        };
        let since = BaseRelease {
            sequence: base.header.sequence,
            issued: base.header.issued,
        };
        let provenance = self.provenance(Some(since));
        let descriptor = Descriptor::of_compact(&header, provenance, confidence(content), &files);
        Ok(Some(Build {
            descriptor: descriptor.map_err(refused)?,
            files,
            changes: Some(marks.len()),
        }))
    }

    /// The tags of what a compact list holds.
    fn held(&self, content: &Content) -> BTreeSet<Tag> {
        let keyed = self.keyed(content).into_iter();
        keyed
            .filter_map(|(tag, statement)| compact_tag(tag, &statement.record))
            .collect()
    }
}

/// How sure the coalition is of an entry that a compact list holds: the mean of their confidences, so that
/// what a hit says is right on the whole. Test entries do not count.
fn confidence(content: &Content) -> u16 {
    let held = content.statements.values();
    let held = held.filter(|statement| compact_tag(Tag([0; 12]), &statement.record).is_some());
    let (count, sum) = held.fold((0_u64, 0_u64), |(count, sum), statement| {
        let confidence = u64::from(statement.record.confidence);
        (count.saturating_add(1), sum.saturating_add(confidence))
    });
    let mean = sum.checked_div(count).unwrap_or_default();
    let mean = u16::try_from(mean).unwrap_or(u16::MAX);
    mean.clamp(*CONFIDENCE.start(), *CONFIDENCE.end())
}
