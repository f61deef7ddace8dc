//! The public edition: a coarse filter of the names that approvers disclosed, for browsers.
//!
//! Everybody may fetch it, its key is no secret, and what was published once stays known. So a release
//! is judged together with all public releases before it: what somebody with a dictionary finds in them
//! must stay below the coalition's bound.

mod chance;
mod disclosure;
mod edition;
mod enrolment;
mod enumeration;
mod epoch;

pub use chance::Chance;
pub use disclosure::{DiscloseReport, Disclosure};
pub use edition::PublicReport;

pub(crate) use disclosure::choose;
pub(crate) use edition::{FirstRelease, NextRelease, PublicBuild};
