use alloc::boxed::Box;

use super::fault::Fault;
use super::path::Path;

/// A message was refused: why, and where in the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaError {
    /// Why.
    pub fault: Fault,
    /// Where. Apart, because a result that holds it is handed on from each member to the message.
    pub path: Box<Path>,
}

impl Path {
    /// The error for `fault` at this path.
    #[must_use]
    #[cold]
    #[inline(never)]
    pub fn error(&self, fault: Fault) -> SchemaError {
        SchemaError {
            fault,
            path: Box::new(*self),
        }
    }
}
