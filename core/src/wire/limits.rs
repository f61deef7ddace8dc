//! The largest size of messages and of what they hold.

/// The most bytes of a `configure` message. It holds a root of at most 512,000 bytes for each
/// coalition, in base64.
pub const MAX_CONFIGURE: usize = 4 << 20;
/// The most bytes of any other message, and of one line of a batch.
pub const MAX_MESSAGE: usize = 64 << 10;
/// The most bytes of a batch.
pub const MAX_BATCH: usize = 16 << 20;
/// The most lines of a batch: enough that what a call costs, up to 35 microseconds from Python, is
/// nothing beside them.
pub const MAX_BATCH_LINES: usize = 32_768;
/// The most bytes of all answers to a batch, the size of the largest buffer that a host may hold.
pub const MAX_BATCH_ANSWERS: usize = 64 << 20;
/// Bytes kept free for each line of a batch that is still to be answered: an `answer_too_large` line
/// always fits.
pub const BATCH_LINE_RESERVE: usize = 160;

/// The most keys or lists in one message: two epochs of every coalition, and room to spare.
pub(super) const MAX_KEYS: usize = 256;

/// The most web addresses of `declared_urls` that are read: each costs a look-up in every list.
pub(super) const MAX_DECLARED_URLS: usize = 16;
