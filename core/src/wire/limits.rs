//! The limits of messages.

/// A `configure` message holds a root of at most 512,000 bytes for each coalition, in base64.
pub const MAX_CONFIGURE: usize = 4 << 20;
/// Bytes of any other message.
pub const MAX_MESSAGE: usize = 64 << 10;
/// Bytes of all lines of a batch together.
pub const MAX_BATCH: usize = 16 << 20;

/// Keys in one message: two epochs of every coalition, and room to spare.
pub(super) const MAX_KEYS: usize = 256;

/// Addresses that a merchant declared.
pub(super) const MAX_DECLARED_URLS: usize = 16;
