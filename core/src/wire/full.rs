//! What only the full build reads.

use crate::IS_FULL;
use crate::common::schema::{Fault, Field, Fields, SchemaError};

/// Takes an optional member that only the full build reads. The other build has nothing of `read`.
pub(super) fn full<'v, 'a, T, E: From<SchemaError>>(
    fields: &mut Fields<'v, 'a>,
    name: &'static str,
    read: impl FnOnce(&Field<'v, 'a>) -> Result<T, E>,
) -> Result<Option<T>, E> {
    let Some(field) = fields.optional(name) else {
        return Ok(None);
    };
    if !IS_FULL {
        return Err(field.path.error(Fault::NotInThisBuild).into());
    }
    read(&field).map(Some)
}
