use crate::json::{Limits, Value, parse};

use super::error::SchemaError;
use super::fault::Fault;
use super::path::Path;

/// Limits of a message. A request with 32 identifiers needs about a hundred values.
pub const LIMITS: Limits = Limits {
    depth: 8,
    nodes: 4096,
};

/// Reads one message.
///
/// # Errors
/// [`Fault::TooLarge`] beyond `max_size` bytes, [`Fault::Json`].
pub fn read(bytes: &[u8], max_size: usize) -> Result<Value<'_>, SchemaError> {
    let refuse = |fault| Path::default().error(fault);
    if bytes.len() > max_size {
        return Err(refuse(Fault::TooLarge));
    }
    parse(bytes, LIMITS).map_err(|error| refuse(Fault::Json(error)))
}
