use interdict_publisher::{
    EntryRow, ExportReport, NoteReport, ShowReport, UnprotectReport, VerifyReport,
};
use serde_json::{Value, json};

use super::listings::refused;
use crate::command::output::Report;

impl Report for ShowReport {
    fn json(&self) -> Value {
        Self::json(self)
    }
}

impl Report for EntryRow {
    fn json(&self) -> Value {
        Self::json(self)
    }
}

impl Report for ExportReport {
    fn json(&self) -> Value {
        json!({
            "list": self.list.as_str(),
            "exported": self.exported,
            "left_out": self.left_out,
            "numeric": self.numeric,
            "keep_www": self.keep_www,
        })
    }
}

impl Report for NoteReport {
    fn json(&self) -> Value {
        json!({"noted": self.noted, "refused": refused(&self.refused)})
    }
}

impl Report for UnprotectReport {
    fn json(&self) -> Value {
        json!({
            "unprotected": self.unprotected,
            "not_protected": self.not_protected,
            "refused": refused(&self.refused),
            "freed": self.freed,
        })
    }
}

impl Report for VerifyReport {
    fn json(&self) -> Value {
        json!({
            "deeds": self.deeds,
            "releases": self.releases,
            "before_history": self.before_history,
        })
    }
}
