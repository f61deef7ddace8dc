use interdict_core::list::Handling;
use interdict_publisher::{
    AcceptReport, Dropped, ListSources, Quarantine, RegisteredSource, SourceCounts, SourceProfile,
    SourceReview, WaitingStatement,
};
use serde_json::{Map, Value, json};

use super::listings::{conflicts, refused};
use super::{time, time_or_none};
use crate::command::output::Report;

impl Report for RegisteredSource {
    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "origin": self.origin,
            "class": self.class.name(),
            "highest_action": self.highest_action.name(),
            "confidence": self.confidence,
            "highest_confidence": self.highest_confidence,
            "max_new": self.max_new,
            "contact": self.contact,
            "terms": self.terms,
            "handling": self.handling.map(Handling::name),
            "review": time_or_none(self.review),
            "life": self.life,
            "quarantine": self.quarantine == Quarantine::On,
            "since": time(self.since),
        })
    }
}

impl Report for SourceProfile {
    fn json(&self) -> Value {
        let lists = self.lists.iter().map(|(list, counted)| {
            let mut object = counts(counted);
            object.insert("list".to_owned(), json!(list.as_str()));
            Value::Object(object)
        });
        json!({"source": self.source.json(), "lists": lists.collect::<Value>()})
    }
}

impl Report for ListSources {
    fn json(&self) -> Value {
        let sources = self.sources.iter().map(|(id, counted)| {
            let mut object = counts(counted);
            object.insert("id".to_owned(), json!(id));
            Value::Object(object)
        });
        json!({"list": self.list.as_str(), "sources": sources.collect::<Value>()})
    }
}

impl Report for Dropped {
    fn json(&self) -> Value {
        json!({
            "list": self.list.as_str(),
            "source": self.source,
            "entries": self.entries,
            "since": time(self.since),
        })
    }
}

impl Report for AcceptReport {
    fn json(&self) -> Value {
        json!({
            "list": self.list.as_str(),
            "accepted": self.accepted,
            "not_waiting": self.not_waiting,
            "refused": refused(&self.refused),
            "conflicts": conflicts(&self.conflicts),
        })
    }
}

/// What waits in quarantine, by the names of the columns.
pub(in crate::command) fn waiting(statement: &WaitingStatement) -> Value {
    let fields = WaitingStatement::columns().into_iter();
    let fields = fields.zip(statement.row());
    fields
        .map(|(column, text)| (column.to_owned(), json!(text)))
        .collect::<Map<_, _>>()
        .into()
}

pub(super) fn review(review: &SourceReview) -> Value {
    json!({"source": review.source, "due": time(review.due), "over": review.over})
}

fn counts(counts: &SourceCounts) -> Map<String, Value> {
    let fields = [
        ("origin", json!(counts.origin)),
        ("entries", json!(counts.entries)),
        ("in_force", json!(counts.in_force)),
        ("alone", json!(counts.alone)),
        ("ending", json!(counts.ending)),
        ("next_end", time_or_none(counts.next_end)),
    ];
    let fields = fields.into_iter();
    fields
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
