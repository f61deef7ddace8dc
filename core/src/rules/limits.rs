//! The limits of packs, conditions and signals.

use crate::common::json::Limits;

/// Most bytes of a pack: 64 rules with the longest texts fit.
pub(super) const MAX_PACK: usize = 64 * 1024;

/// 64 rules of at most 45 values are 2,900 values. Four levels are used; newer formats may use more.
pub(super) const PACK_LIMITS: Limits = Limits {
    depth: 8,
    nodes: 4096,
};

/// Most rules of a pack: limits what a screening costs, and what two people must read before signing.
pub(super) const MAX_RULES: usize = 64;

/// Most languages that one rule has texts in: those of a coalition of several countries.
pub(super) const MAX_TEXTS: usize = 16;

/// Most features that one rule may require.
pub(super) const MAX_REQUIRES: usize = 16;

/// Largest weight of one rule, in millibits: it multiplies the odds by a thousand.
pub(super) const MAX_WEIGHT: i32 = 10_000;

/// Most bytes of a condition: people read it before they sign it.
pub(super) const MAX_CONDITION: usize = 512;

/// Most comparisons, truths and listings in one condition: limits what a screening costs.
pub(super) const MAX_COMPARISONS: usize = 32;

/// Most parentheses and negations inside each other: limits the stack.
pub(super) const MAX_CONDITION_DEPTH: usize = 8;

/// Most values of one set: 64 categories fill a condition of the greatest length.
pub(super) const MAX_SET: usize = 64;

/// Most days of an age: a hundred years.
pub(super) const MAX_DAYS: i32 = 36_525;

/// Largest change in per cent: a merchant that sells ten thousand times what it declared is above every
/// threshold.
pub(super) const MAX_CHANGE: i32 = 1_000_000;
