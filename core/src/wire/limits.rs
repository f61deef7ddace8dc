//! The largest size of messages and of what they hold.

/// The most bytes of a `configure` message. It holds a root of at most 512,000 bytes for each
/// coalition, in base64.
pub const MAX_CONFIGURE: usize = 4 << 20;
/// The most bytes of any other message, and of one line of a batch.
pub const MAX_MESSAGE: usize = 64 << 10;
/// The most bytes of a batch.
pub const MAX_BATCH: usize = 16 << 20;

/// The most keys or lists in one message: two epochs of every coalition, and room to spare.
pub(super) const MAX_KEYS: usize = 256;

/// The most web addresses in `declared_urls`.
pub(super) const MAX_DECLARED_URLS: usize = 16;
