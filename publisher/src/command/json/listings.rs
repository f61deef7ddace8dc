use interdict_publisher::{
    Conflict, DeclaredKinds, DelistReport, DiscloseReport, Disclosure, ImportReport, ProtectReport,
    RefusedLine,
};
use serde_json::{Value, json};

use crate::command::output::Report;

pub(super) fn refused(lines: &[RefusedLine]) -> Value {
    let line = |line: &RefusedLine| {
        json!({
            "line": line.line,
            "kind": line.kind.map(|kind| kind.name()),
            "refused": line.rule.name(),
            "advice": line.rule.advice(),
        })
    };
    lines.iter().map(line).collect()
}

pub(super) fn conflicts(lines: &[Conflict]) -> Value {
    let line = |line: &Conflict| json!({"line": line.line, "kind": line.kind.name(), "state": line.state.name()});
    lines.iter().map(line).collect()
}

impl Report for ImportReport {
    fn json(&self) -> Value {
        json!({
            "file": self.file,
            "list": self.list.as_str(),
            "accepted": self.accepted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "relisted": self.relisted,
            "source": self.source,
            "quarantined": self.quarantined,
            "dropped": self.dropped,
            "refused": refused(&self.refused),
            "conflicts": conflicts(&self.conflicts),
            "www": self.www,
            "shared": self.shared,
        })
    }
}

impl Report for ProtectReport {
    fn json(&self) -> Value {
        json!({
            "file": self.file,
            "added": self.added,
            "unchanged": self.unchanged,
            "refused": refused(&self.refused),
            "conflicts": conflicts(&self.conflicts),
        })
    }
}

impl Report for DelistReport {
    fn json(&self) -> Value {
        json!({
            "list": self.list.as_str(),
            "delisted": self.delisted,
            "not_listed": self.not_listed,
            "refused": refused(&self.refused),
            "covered": self.covered,
        })
    }
}

impl Report for DiscloseReport {
    fn json(&self) -> Value {
        json!({
            "list": self.list.as_str(),
            "undo": self.disclosure == Disclosure::Undo,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": refused(&self.refused),
        })
    }
}

impl Report for DeclaredKinds {
    fn json(&self) -> Value {
        let kinds: Vec<_> = self.kinds.iter().map(|kind| kind.name()).collect();
        json!({"list": self.list.as_str(), "kinds": kinds})
    }
}
