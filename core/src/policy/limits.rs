//! The range of every number in a policy, and the largest size of every text and array. Documents
//! and commands take the limits from here.

use core::ops::RangeInclusive;

/// The prior: how many of a million merchants are bad.
pub const PREVALENCE_PER_MILLION: RangeInclusive<u32> = 1..=500_000;
/// How much each further independent origin adds, per mille of its own evidence.
pub const AGREEMENT_PER_MILLE: RangeInclusive<u16> = 0..=1000;
/// The most that all typologies together raise or lower the log-odds, in millibits.
pub const TYPOLOGY_CAP: RangeInclusive<i32> = 0..=20_000;
/// The weight of one typology, in millibits.
pub const TYPOLOGY_WEIGHT: RangeInclusive<i32> = -10_000..=10_000;
/// How many coalitions must ask for an action; an engine takes at most 64.
pub const REQUIRED_COALITIONS: RangeInclusive<u8> = 1..=64;
/// Days after which a list counts as expired.
pub const LIST_MAX_AGE_DAYS: RangeInclusive<u16> = 1..=3650;
/// Days after expiry in which a list may still cause more than `review`.
pub const EXPIRED_GRACE_DAYS: RangeInclusive<u16> = 0..=3650;
/// Hours after the last completed poll of its repository in which a list counts as polled.
pub const POLL_MAX_AGE_HOURS: RangeInclusive<u16> = 1..=720;
/// The most schemes with numeric ids, and the most facilitators with long numeric ids.
pub const MAX_NUMERIC: usize = 64;
/// How far below every `monitor_score` a merchant must be about whom nothing was found: nearly two
/// doublings of the odds.
pub const PRIOR_DISTANCE: u16 = 50;
/// A threshold of the score. The lowest prior, one in a million, scores 2, and no threshold is within
/// [`PRIOR_DISTANCE`] of that.
pub const SCORE: RangeInclusive<u16> = 52..=1000;
/// The most rules that a policy switches off, and the most that it weighs itself.
pub const MAX_RULES: usize = 256;
/// The most coalitions whose lists a policy requires: as many as an engine takes.
pub const MAX_COALITIONS: usize = 64;
/// The most lists that a policy requires of one coalition.
pub const MAX_REQUIRED_LISTS: usize = 256;
/// The most keys that may sign overrides, and the most that may sign clearances.
pub const MAX_OVERRIDE_KEYS: usize = 16;
/// How many bytes the name of a key has.
pub const KEY_NAME_BYTES: RangeInclusive<usize> = 1..=64;
/// The most bytes of a text shown to merchants and payers.
pub const MAX_TEXT: usize = 200;
