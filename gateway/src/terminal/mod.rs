//! What the commands share: their common arguments, exit codes, reading lines, and verdicts, ages and sizes as a
//! person reads them.

pub(crate) mod at;
pub(crate) mod common;
pub(crate) mod exit;
pub(crate) mod lines;
pub(crate) mod text;
pub(crate) mod versions;
