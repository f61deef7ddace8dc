//! What a coalition knows, in one SQLite file.

pub(crate) mod change;
pub(crate) mod database;
pub(crate) mod entry;
pub(crate) mod schema;
