//! The range of every number of a policy, and the size of every text and array in it. The documents
//! and the commands read them here.

use core::ops::RangeInclusive;

/// Bad merchants in a million, before anything is known of them.
pub const PREVALENCE_PER_MILLION: RangeInclusive<u32> = 1..=500_000;
/// What a further independent source adds, per mille of its own evidence.
pub const AGREEMENT_PER_MILLE: RangeInclusive<u16> = 0..=1000;
/// How many of a thousand bad merchants a list holds.
pub const COVERAGE_PER_MILLE: RangeInclusive<u16> = 1..=999;
/// How many of a million good merchants a list holds: never more than of bad ones.
pub const LIST_ERROR_PER_MILLION: RangeInclusive<u32> = 1..=1000;
/// What all misses together count at most, in millibits.
pub const MISS_CAP: RangeInclusive<i32> = 0..=10_000;
/// What all typologies together count at most, in millibits.
pub const TYPOLOGY_CAP: RangeInclusive<i32> = 0..=20_000;
/// The weight of one typology, in millibits.
pub const TYPOLOGY_WEIGHT: RangeInclusive<i32> = -10_000..=10_000;
/// Coalitions that must ask for an action: as many as an engine takes.
pub const REQUIRED_COALITIONS: RangeInclusive<u8> = 1..=64;
/// Days after which a list counts as expired.
pub const LIST_MAX_AGE_DAYS: RangeInclusive<u16> = 1..=3650;
/// Days that an expired list keeps its full effect.
pub const EXPIRED_GRACE_DAYS: RangeInclusive<u16> = 0..=3650;
/// A score from which something happens.
pub const SCORE: RangeInclusive<u16> = 0..=1000;
/// Rules that can be switched off or given another weight.
pub const MAX_RULES: usize = 256;
/// Coalitions that can be named: as many as an engine takes.
pub const MAX_COALITIONS: usize = 64;
/// Keys that may sign overrides.
pub const MAX_OVERRIDE_KEYS: usize = 16;
/// Bytes of the name of an override key.
pub const KEY_NAME_BYTES: RangeInclusive<usize> = 1..=64;
/// Bytes of a text shown to merchants and payers.
pub const MAX_TEXT: usize = 200;
