use interdict_core::common::time::Time;
use serde::{Deserialize, Serialize};

use super::capture::Table;

/// The command of the first deed of a register that is older than its history.
pub(in crate::register) const MIGRATE: &str = "migrate";

/// What one command changed, as the history names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deed<'a> {
    /// The command, such as `import`.
    pub(crate) command: &'a str,
    pub(crate) at: Time,
    /// The file that it read, if any: its name, and its SHA-256 in hexadecimal.
    pub(crate) file: Option<(&'a str, &'a str)>,
}

/// The first line of a deed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Opening {
    /// Its number, from 1.
    pub(super) deed: u64,
    pub(super) at: String,
    pub(super) by: String,
    pub(super) command: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<DeedFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) reset: Option<Reset>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeedFile {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) name: String,
    pub(super) sha256: String,
}

/// The tables as they are from this deed on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reset {
    /// The version of the tables.
    pub(super) version: i64,
    pub(super) tables: Vec<Table>,
}

impl<'a> Deed<'a> {
    pub(crate) const fn new(command: &'a str, at: Time) -> Self {
        Self {
            command,
            at,
            file: None,
        }
    }

    /// Names the file that the command read.
    pub(crate) fn with_file(self, name: &'a str, sha256: &'a str) -> Self {
        Self {
            // One identifier on the command line is no file.
            file: (!sha256.is_empty()).then_some((name, sha256)),
            ..self
        }
    }

    pub(super) fn opening(&self, number: u64, by: &str, reset: Option<Reset>) -> Opening {
        Opening {
            deed: number,
            at: self.at.to_string(),
            by: by.to_owned(),
            command: self.command.to_owned(),
            file: self.file.map(|(name, sha256)| DeedFile {
                name: name.to_owned(),
                sha256: sha256.to_owned(),
            }),
            reset,
        }
    }
}
