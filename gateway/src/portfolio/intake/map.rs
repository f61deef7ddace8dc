use std::collections::BTreeMap;
use std::path::Path;

use interdict_core::policy::Flow;
use interdict_host::{StoreError, files};
use serde::Deserialize;

use super::column::{Column, identifiers};
use crate::error::Error;

/// Many times what a person writes.
const MAX_MAP: u64 = 1 << 20;

/// Which column of a file, or member of its lines, means what: a TOML file. Columns that it does not name are not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MerchantMap {
    pub(super) columns: BTreeMap<String, Column>,
    /// The flow of every merchant without one of its own.
    pub(super) flow: Option<Flow>,
    /// Stands between several values of one cell.
    pub(super) separator: Option<String>,
    /// Stands between cells.
    pub(super) delimiter: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    id: String,
    flow: Option<String>,
    flow_column: Option<String>,
    separator: Option<String>,
    delimiter: Option<String>,
    #[serde(default)]
    identifiers: BTreeMap<String, String>,
    #[serde(default)]
    signals: BTreeMap<String, String>,
}

impl MerchantMap {
    /// What may stand under `[identifiers]`: every kind of identifier, and every field of a request.
    #[must_use]
    pub fn identifiers() -> Vec<String> {
        identifiers()
    }

    /// Reads a map.
    ///
    /// # Errors
    /// What is wrong in it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let problem = |problem: String| Error::Config {
            path: path.to_owned(),
            problem,
        };
        let bytes = files::read(path, MAX_MAP)?;
        let missing = std::io::ErrorKind::NotFound;
        let bytes = bytes.ok_or_else(|| StoreError::at(path)(missing.into()))?;
        let text = String::from_utf8(bytes).map_err(|_| problem("not UTF-8".to_owned()))?;
        let raw: Raw =
            toml::from_str(&text).map_err(|error| problem(error.message().to_owned()))?;
        Self::of(raw).map_err(problem)
    }

    fn of(raw: Raw) -> Result<Self, String> {
        let mut columns = BTreeMap::from([(raw.id, Column::Id)]);
        let mut add = |name: String, column: Column| {
            let is_taken = !column.takes_several() && columns.values().any(|one| *one == column);
            match columns.insert(name, column) {
                None if !is_taken => Ok(()),
                _ => Err("a column, or what it holds, is named twice".to_owned()),
            }
        };
        if let Some(name) = raw.flow_column {
            add(name, Column::Flow)?;
        }
        for (name, what) in raw.identifiers {
            let column = Column::identifier(&what);
            add(
                name,
                column.ok_or_else(|| {
                    let known = identifiers().join(", ");
                    format!("{what:?} is no kind and no field of a request, which are {known}")
                })?,
            )?;
        }
        for (name, what) in raw.signals {
            let column = Column::signal(&what);
            add(
                name,
                column.ok_or_else(|| format!("{what:?} is no signal"))?,
            )?;
        }
        let flow = raw.flow.map(|name| {
            let none = || format!("{name:?} is no flow");
            Flow::from_name(&name).ok_or_else(none)
        });
        let delimiter = match raw.delimiter.as_deref().map(str::as_bytes) {
            None => b',',
            Some([byte]) => *byte,
            Some(_) => return Err("delimiter is not one character of ASCII".to_owned()),
        };
        Ok(Self {
            columns,
            flow: flow.transpose()?,
            separator: raw.separator.filter(|separator| !separator.is_empty()),
            delimiter,
        })
    }
}
