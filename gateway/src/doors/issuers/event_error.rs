/// Why nobody is screened for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventError {
    /// The bytes are not one JSON object, or a member is there twice.
    Malformed,
    /// It is of another type, or names nobody.
    NoMerchant,
}
