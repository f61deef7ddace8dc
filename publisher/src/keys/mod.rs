//! Who signs and who can read: key files, the roots that name them, epochs and what members enrol with.
//!
//! Secrets stay in `DIR/keys`, readable by their owner only. A key is made before the register knows of
//! it, so a command that is cut off leaves a key too many and never an epoch without one.

mod clock;
mod clock_recovery;
mod decoys;
mod epoch;
mod files;
mod init;
mod members;
mod names;
mod root;
mod seal;
mod signing;
mod warnings;

pub use clock::Day;
pub use clock_recovery::{RecoveredClock, WentAhead};
pub use epoch::{OldKey, Urgency};
pub use init::InitOptions;
pub use members::{NewMember, Removed, is_this_machine};
pub use root::RotateReport;
pub use warnings::{KeyWarning, UnusedFile};

pub(crate) use clock::{check_not_behind, is_signed, judge};
pub(crate) use decoys::{Decoys, MIN_DECOYS, capacity};
pub(crate) use epoch::{KEY_LIFE_DAYS, KeylessMembers, NOTICE, as_due};
pub(crate) use files::Keys;
pub(crate) use members::is_address;
pub(crate) use root::ROOT_LIFE;
pub(crate) use seal::{SealedTarget, check_recipient};
pub(crate) use signing::{
    SNAPSHOT_LIFE, TIMESTAMP_LIFE, metadata_file, sign_online, version_after,
};
pub(crate) use warnings::key_warnings;
