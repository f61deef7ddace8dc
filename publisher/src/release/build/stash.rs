//! When a base is changed by a stash and when it is replaced.

use interdict_core::common::time::Time;
use interdict_core::list::Category;
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
    let mut wanted = wanted.to_vec();
    wanted.sort_by_key(|(tag, _)| *tag);
    let mut wanted = wanted.into_iter().peekable();
    let mut changes = Vec::new();
    let mut listed = 0_usize;
    for (tag, (record, source)) in base.records() {
        while let Some((new, statement)) = wanted.next_if(|(new, _)| *new < tag) {
            changes.push((new, Some(statement)));
        }
        match wanted.next_if(|(same, _)| *same == tag) {
            Some((_, statement)) if statement.is(record, source) => {}
            Some((_, statement)) => changes.push((tag, Some(statement))),
            // What has lapsed answers so by itself.
            None if record.lapsed(now) => {}
            None => changes.push((tag, None)),
        }
        listed = listed.saturating_add(usize::from(record.category != Category::Test));
    }
    changes.extend(wanted.map(|(new, statement)| (new, Some(statement))));
    let most = listed.div_euclid(SHARE).clamp(ALWAYS, MOST);
    (changes.len() <= most).then_some(changes)
}
