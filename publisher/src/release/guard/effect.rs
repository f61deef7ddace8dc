//! How the answer to one entry changes.

use interdict_core::common::time::Time;
use interdict_core::identifier::Identifier;
use interdict_core::list::{Action, Flags, Record, Scope};
use interdict_core::token::Tag;

use crate::register::{Cell, Direction};
use crate::release::statement::Statement;

/// How far ahead a release looks for answers that become less.
const HORIZON: u32 = 14 * 86_400;

/// Of which entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EffectName {
    Known(Identifier),
    /// It is published, and the register does not know what it names.
    Unknown(Tag),
}

/// An entry that gateways would answer otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effect {
    pub(crate) name: EffectName,
    /// As it is published; `None` if it is not, or has ended.
    pub(crate) before: Option<Statement>,
    /// As it would be.
    pub(crate) after: Option<Statement>,
    pub(crate) direction: Direction,
}

impl Effect {
    /// The effect of a change that gateways would notice and that counts; `None` for any other.
    pub(crate) fn of(
        name: impl FnOnce() -> EffectName,
        before: Option<&Statement>,
        after: Option<&Statement>,
        now: Time,
    ) -> Option<Self> {
        let before = before.filter(|one| !one.record.lapsed(now));
        let records = (before.map(|one| one.record), after.map(|one| one.record));
        let direction = match records {
            (Some(before), after) if is_less(&before, after.as_ref(), now) => Direction::Less,
            (before, Some(after)) if is_more(before.as_ref(), &after, now) => Direction::More,
            _ => return None,
        };
        Some(Self {
            name: name(),
            before: before.cloned(),
            after: after.cloned(),
            direction,
        })
    }

    /// What its limits are counted by.
    pub(crate) fn cell(&self) -> Cell {
        let said = match self.direction {
            Direction::Less => &self.before,
            Direction::More => &self.after,
        };
        let source = said.as_ref().map_or("", |said| said.source.id());
        let kind = match &self.name {
            EffectName::Known(identifier) => identifier.kind().name(),
            EffectName::Unknown(_) => "",
        };
        Cell {
            source: source.to_owned(),
            kind: kind.to_owned(),
            direction: self.direction,
        }
    }

    /// Whether no limit lets it go out: it takes back what is mandatory, or something without a name.
    pub(crate) fn must_be_confirmed(&self) -> bool {
        let mandatory = self.before.as_ref();
        let mandatory = mandatory.is_some_and(|one| one.record.flags.has(Flags::MANDATORY));
        let unknown = matches!(self.name, EffectName::Unknown(_));
        self.direction == Direction::Less && (mandatory || unknown)
    }
}

/// `before` is in force now.
fn is_less(before: &Record, after: Option<&Record>, now: Time) -> bool {
    let Some(after) = after else { return true };
    let ends = after.valid_until;
    let ends_early = ends < before.valid_until && ends <= now.plus(HORIZON);
    ends_early || is_weaker(after, before)
}

fn is_more(before: Option<&Record>, after: &Record, now: Time) -> bool {
    let stronger = before.is_none_or(|before| is_weaker(before, after));
    !after.lapsed(now) && after.effective_action() >= Action::Review && stronger
}

/// Whether a gateway does less with one record than with the other.
fn is_weaker(one: &Record, other: &Record) -> bool {
    let lost = |flag| !one.flags.has(flag) && other.flags.has(flag);
    let gained = |flag| one.flags.has(flag) && !other.flags.has(flag);
    one.effective_action() < other.effective_action()
        || (one.scope, other.scope) == (Scope::Host, Scope::Domain)
        || gained(Flags::SILENT)
        || gained(Flags::POSSIBLY_VICTIM_CONTROLLED)
        || lost(Flags::MANDATORY)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use interdict_core::identifier::Kind;
    use interdict_core::list::{Category, Handling, ListId, Source};

    use super::*;

    const DAY: u32 = 86_400;

    fn now() -> Time {
        Time::parse("2026-11-22T00:00:00Z").unwrap()
    }

    fn record() -> Record {
        Record {
            action: Action::Block,
            category: Category::Csae,
            confidence: 950,
            source: 0,
            group: 0,
            scope: Scope::Domain,
            flags: Flags::default(),
            handling: Handling::Amber,
            valid_until: Time::from_seconds(u32::MAX),
        }
    }

    fn direction(before: Option<Record>, after: Option<Record>) -> Option<Direction> {
        let list = ListId::parse("se/merchants").unwrap();
        let source = Arc::new(Source::new(&list, "a", "a").unwrap());
        let said = |record: Record| Statement {
            record,
            source: source.clone(),
        };
        let name = EffectName::Known(Identifier::parse(Kind::Domain, "a.example").unwrap());
        let (before, after) = (before.map(said), after.map(said));
        let effect = Effect::of(|| name, before.as_ref(), after.as_ref(), now());
        effect.map(|effect| effect.direction)
    }

    #[test]
    fn each_way_to_answer_with_less_counts_and_its_reverse_is_more() {
        let weaker = [
            Record {
                action: Action::Review,
                ..record()
            },
            Record {
                scope: Scope::Host,
                ..record()
            },
            Record {
                flags: Flags::default().with(Flags::POSSIBLY_VICTIM_CONTROLLED),
                ..record()
            },
        ];
        for weaker in weaker {
            assert_eq!(
                direction(Some(record()), Some(weaker)),
                Some(Direction::Less)
            );
            assert_eq!(
                direction(Some(weaker), Some(record())),
                Some(Direction::More)
            );
        }
        let watched = Record {
            action: Action::Monitor,
            ..record()
        };
        let silent = Record {
            flags: Flags::default().with(Flags::SILENT),
            ..watched
        };
        assert_eq!(
            direction(Some(watched), Some(silent)),
            Some(Direction::Less)
        );
        let mandatory = Record {
            flags: Flags::default().with(Flags::MANDATORY),
            ..record()
        };
        assert_eq!(
            direction(Some(mandatory), Some(record())),
            Some(Direction::Less)
        );
        assert_eq!(direction(Some(record()), None), Some(Direction::Less));
        assert_eq!(direction(None, Some(record())), Some(Direction::More));
        // Only watched: nothing a merchant would notice.
        assert_eq!(direction(None, Some(watched)), None);
        assert_eq!(direction(Some(record()), Some(record())), None);
    }

    #[test]
    fn an_end_counts_from_two_weeks_before_it_unless_it_was_published() {
        let ends = |days: u32| Record {
            valid_until: now().plus(days * DAY),
            ..record()
        };
        assert_eq!(
            direction(Some(record()), Some(ends(14))),
            Some(Direction::Less)
        );
        assert_eq!(direction(Some(record()), Some(ends(15))), None);
        assert_eq!(direction(Some(ends(1)), Some(ends(1))), None);
        assert_eq!(
            direction(Some(ends(2)), Some(ends(1))),
            Some(Direction::Less)
        );
        // It ended as published: nothing is missing, and coming back is more.
        assert_eq!(direction(Some(ends(0)), None), None);
        assert_eq!(
            direction(Some(ends(0)), Some(record())),
            Some(Direction::More)
        );
    }
}
