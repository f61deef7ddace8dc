//! From the register to signed files: every live epoch of each list, checked as a gateway would, then
//! published at once.
//!
//! A release goes out whole or not at all. [`Publisher::release`](crate::Publisher::release) builds,
//! signs and checks in memory; then it uses up the version numbers in the register; then it writes the
//! files, each after those it names.

mod before;
mod build;
mod built;
mod check;
mod declared;
mod epochs;
mod guard;
mod lists;
mod options;
mod plan;
mod publish;
mod report;
mod repository;
mod signed;
mod stage;
mod statement;
#[cfg(test)]
mod tests;
mod typologies;

pub use declared::DeclaredKinds;
pub use guard::{HeldCell, Proposal};
pub use options::{Confirm, EmptyLists, NewBase, ReleaseOptions};
pub use plan::{HeldEntry, ListChanges, PlanReport, PlannedEntry, Removal};
pub use report::{EpochReport, ListReport, ReleaseReport};
pub use stage::StageReport;
pub use typologies::TypologiesReport;

pub(crate) use build::Content;
pub(crate) use repository::{LastRelease, Repository, check_heads, is_lost, prune, with_copies};
pub(crate) use statement::Statement;
