use interdict_core::common::time::Time;
use interdict_core::list::Flags;
use interdict_publisher::{HeldEntry, ListChanges, PlanReport, PlannedEntry};
use serde_json::{Value, json};

use super::time;
use crate::command::output::Report;

impl Report for PlanReport {
    fn json(&self) -> Value {
        json!({
            "changes": self.changes.iter().map(changes).collect::<Value>(),
            "release": self.release.json(),
        })
    }
}

fn changes(changes: &ListChanges) -> Value {
    let changed = changes.changed.iter();
    let changed =
        changed.map(|(before, after)| json!({"before": entry(before), "after": entry(after)}));
    let removed = changes.removed.iter();
    let removed = removed.map(|(before, why)| json!({"before": entry(before), "why": why.name()}));
    json!({
        "list": changes.list.as_str(),
        "since": changes.since,
        "added": changes.added.iter().map(entry).collect::<Value>(),
        "changed": changed.collect::<Value>(),
        "removed": removed.collect::<Value>(),
        "unnamed": changes.unnamed(),
        "held": changes.held.iter().map(held).collect::<Value>(),
        "held_unnamed": changes.held_unnamed,
    })
}

fn held(held: &HeldEntry) -> Value {
    json!({
        "kind": held.identifier.kind().name(),
        "value": held.identifier.text(),
        "direction": held.direction.name(),
        "before": held.before.as_ref().map(entry),
        "after": held.after.as_ref().map(entry),
    })
}

fn entry(entry: &PlannedEntry) -> Value {
    let record = &entry.record;
    let flags = [
        (Flags::MANDATORY, "mandatory"),
        (Flags::SILENT, "silent"),
        (
            Flags::POSSIBLY_VICTIM_CONTROLLED,
            "possibly_victim_controlled",
        ),
    ];
    let flags = flags.into_iter();
    let flags: Vec<_> = flags
        .filter_map(|(flag, name)| record.flags.has(flag).then_some(name))
        .collect();
    let ends = record.valid_until < Time::from_seconds(u32::MAX);
    json!({
        "kind": entry.identifier.kind().name(),
        "value": entry.identifier.text(),
        "source": entry.source,
        "action": record.action.name(),
        "category": record.category.name(),
        "confidence": record.confidence,
        "scope": record.scope.name(),
        "handling": record.handling.name(),
        "flags": flags,
        "valid_until": ends.then(|| time(record.valid_until)),
    })
}
