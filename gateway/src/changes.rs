use std::fmt;

use interdict_core::list::{Edition, ListId};
use interdict_host::{Enrolment, Repository};

/// What an enrolment file would change about a coalition that is enrolled, besides its keys. A person should know
/// of it first: a file that somebody else sends could lead a gateway to fewer lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Its files come from somewhere else.
    Repository {
        /// From where they come now, without a password.
        from: String,
        /// From where they would come.
        to: String,
    },
    /// It has another edition of the lists.
    Edition(Edition, Edition),
    /// A list that is not loaded now.
    Added(ListId),
    /// A list that would not be loaded any more.
    Dropped(ListId),
}

/// What a newer file of the same coalition would change.
#[must_use]
pub fn changes(known: &Enrolment, newer: &Enrolment) -> Vec<Change> {
    let mut changes = Vec::new();
    if known.repository() != newer.repository() {
        let from = Repository::shown(known.repository());
        let to = Repository::shown(newer.repository());
        changes.push(Change::Repository { from, to });
    }
    if known.edition() != newer.edition() {
        changes.push(Change::Edition(known.edition(), newer.edition()));
    }
    let missing = |from: &Enrolment, of: &Enrolment| -> Vec<ListId> {
        let lists = of.lists().iter();
        let missing = lists.filter(|list| !from.lists().contains(list));
        missing.cloned().collect()
    };
    changes.extend(missing(known, newer).into_iter().map(Change::Added));
    changes.extend(missing(newer, known).into_iter().map(Change::Dropped));
    changes
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Repository { from, to } => {
                write!(f, "its files come from {to} instead of {from}")
            }
            Self::Edition(from, to) => {
                write!(f, "its edition is {} instead of {}", to.name(), from.name())
            }
            Self::Added(list) => write!(f, "list {} is added", list.as_str()),
            Self::Dropped(list) => write!(f, "list {} is no longer asked", list.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(member: &str, value: Value) -> Vec<String> {
        let mut file = json!({
            "format": "interdict-enrolment-1", "coalition": "se", "member": "bank-a",
            "repository": "/nowhere", "root": "cm9vdCAx", "lists": ["se/merchants"],
            "keys": [{"epoch": 1, "key": "ab".repeat(32)}],
        });
        let read = |file: &Value| Enrolment::read(file.to_string().as_bytes()).unwrap();
        let known = read(&file);
        file[member] = value;
        let changes = changes(&known, &read(&file));
        changes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_another_file_would_change_besides_keys_is_told_without_a_password() {
        let keys =
            json!([{"epoch": 1, "key": "ab".repeat(32)}, {"epoch": 2, "key": "cd".repeat(32)}]);
        assert_eq!(told("keys", keys), [""; 0]);
        assert_eq!(
            told("repository", json!("https://bank:word@lists.example/se")),
            ["its files come from https://lists.example/se instead of /nowhere"]
        );
        assert_eq!(
            told("lists", json!(["se/cards"])),
            [
                "list se/cards is added",
                "list se/merchants is no longer asked"
            ]
        );
        assert_eq!(
            told("edition", json!("compact")),
            ["its edition is compact instead of member"]
        );
    }
}
