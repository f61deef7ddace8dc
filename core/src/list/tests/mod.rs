//! Attacks on a release, and what a good one answers.

mod answers;
mod compact;
mod descriptor;
mod exceptions;
mod filter;
mod precedence;
mod rates;
mod records;
mod reserved;
mod rules;
mod sources;
mod stash;
mod update;

use super::testing::{RECORD, domain, key, tag};
use super::*;
use crate::common::time::Time;
use crate::token::Tag;

const NOW: Time = Time::from_seconds(1_795_309_323);
/// Bytes in front of a part's body: the header of `se/cards`.
const BODY: usize = 59 + 8;
/// Bytes of a record with its tag.
const STRIDE: usize = 29;
/// Bytes of the table of one source, `test-source`.
const SOURCES: usize = 1 + "se.test-source".len() + 1 + "test-source".len();
/// Bytes in front of the bits of a filter's half.
const BLOOM_HEADER: usize = 45;

fn listed() -> Vec<(Tag, Record)> {
    vec![
        (tag("shop.example"), RECORD),
        (
            tag("host.test"),
            Record {
                scope: Scope::Host,
                ..RECORD
            },
        ),
        (
            tag("old.example"),
            Record {
                valid_until: NOW,
                ..RECORD
            },
        ),
    ]
}

fn ask<'l>(list: &'l BlockList, name: &str) -> Membership<'l> {
    list.membership(&domain(name), Some(&key()), NOW)
}

fn is_listed(list: &BlockList, name: &str) -> bool {
    matches!(ask(list, name), Membership::Listed { .. })
}

fn load(descriptor: &Descriptor, filter: Vec<u8>, records: Option<Vec<u8>>) -> Option<ListError> {
    let files = Files {
        filter,
        records,
        stash: None,
    };
    BlockList::load(descriptor, files).err()
}
