//! Which entries a compact list holds, and under which tag.

use crate::token::Tag;

use super::record::{Action, Flags, Record, Scope};

/// The tag under which a compact list holds an entry; `None` if it leaves the entry out. It holds what asks
/// for `review` or more and is neither silent nor possibly about a victim: a hit says no more than "a person
/// decides", to everybody.
#[must_use]
pub fn compact_tag(tag: Tag, record: &Record) -> Option<Tag> {
    let quiet = record.flags.has(Flags::SILENT);
    let victim = record.flags.has(Flags::POSSIBLY_VICTIM_CONTROLLED);
    let held = record.action >= Action::Review && !quiet && !victim;
    held.then(|| match record.scope {
        Scope::Domain => tag,
        Scope::Host => own_name_alone(tag),
    })
}

/// The tag of an entry that stands for its own name alone: every bit of its tag inverted. A filter knows no
/// scope, so a look-up asks for this tag under the name itself and not under those above it.
pub(super) fn own_name_alone(tag: Tag) -> Tag {
    Tag(tag.0.map(|byte| !byte))
}
