use super::fault::Fault;
use super::path::Path;

/// A message was refused: why, and where in the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaError {
    /// Why.
    pub fault: Fault,
    /// Where.
    pub path: Path,
}

impl Path {
    /// The error for `fault` at this path.
    #[must_use]
    pub const fn error(self, fault: Fault) -> SchemaError {
        SchemaError { fault, path: self }
    }
}
