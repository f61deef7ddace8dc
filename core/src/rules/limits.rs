//! The limits of this room: what a pack, a condition and a signal may be.

use crate::common::json::Limits;

/// Bytes: 64 rules of the longest texts fit.
pub(super) const MAX_PACK: usize = 64 * 1024;

/// 64 rules of at most 27 values take 1,800; four levels are used, and more left for newer forms.
pub(super) const PACK_LIMITS: Limits = Limits {
    depth: 8,
    nodes: 4096,
};

/// Rules of one pack: bounds what a screening costs, and what two people can read before signing.
pub(super) const MAX_RULES: usize = 64;

/// Features one rule may require.
pub(super) const MAX_REQUIRES: usize = 16;

/// The most that one rule may count, in millibits: odds times a thousand.
pub(super) const MAX_WEIGHT: i32 = 10_000;

/// A condition is read by people before they sign it.
pub(super) const MAX_CONDITION: usize = 512;

/// Comparisons, truths and listings in one condition: bounds what a screening costs.
pub(super) const MAX_COMPARISONS: usize = 32;

/// Parentheses and negations inside each other: bounds the stack.
pub(super) const MAX_CONDITION_DEPTH: usize = 8;

/// Values of one set; 64 categories fill the bytes of a condition.
pub(super) const MAX_SET: usize = 64;

/// Ages: a hundred years.
pub(super) const MAX_DAYS: i32 = 36_525;

/// Changes: a merchant that sells ten thousand times what it declared is past every threshold.
pub(super) const MAX_CHANGE: i32 = 1_000_000;
