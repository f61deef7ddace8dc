//! When a base is changed by a stash and when it is replaced.

use std::collections::BTreeMap;

use interdict_core::common::time::Time;
use interdict_core::list::{Category, Record, Source};
use interdict_core::token::Tag;

use crate::release::repository::Base;
use crate::release::statement::Statement;

const DAY: u32 = 86_400;

/// A base is fetched anew after this, so that a stash does not grow for ever and a gateway that was
/// off for long is not worse off than a new one.
const BASE_LIFE: u32 = 30 * DAY;

/// Changes that always fit a stash: 14 bytes each, less than the smallest filter.
const ALWAYS: usize = 256;

/// The most changes: those of a large list, where 2 % would be more than a gateway has to fetch.
const MOST: usize = 5_000;

/// The share of the base's records that may change, as one in this many.
const SHARE: usize = 50;

/// What has to change in a base so that it says what it should, ascending by tag; `None` is removed.
/// `None` altogether if a new base is due.
pub(crate) fn difference<'s>(
    base: &Base,
    wanted: &[(Tag, &'s Statement)],
    now: Time,
) -> Option<Vec<(Tag, Option<&'s Statement>)>> {
    if now >= base.header.issued.plus(BASE_LIFE) {
        return None;
    }
    let wanted: BTreeMap<Tag, &Statement> = wanted.iter().copied().collect();
    let mut changes = BTreeMap::new();
    let found: BTreeMap<Tag, (&Record, &Source)> = base.records().collect();
    for (tag, statement) in &wanted {
        let same = found
            .get(tag)
            .is_some_and(|(record, source)| statement.is(record, source));
        if !same {
            changes.insert(*tag, Some(*statement));
        }
    }
    for (tag, (record, _)) in &found {
        // What has lapsed answers so by itself.
        if !wanted.contains_key(tag) && !record.lapsed(now) {
            changes.insert(*tag, None);
        }
    }
    let listed = found.values();
    let listed = listed.filter(|(record, _)| record.category != Category::Test);
    let most = listed.count().div_euclid(SHARE).clamp(ALWAYS, MOST);
    (changes.len() <= most).then(|| changes.into_iter().collect())
}
