//! One file for each thing the command does.

pub(crate) mod audit;
pub(crate) mod case;
pub(crate) mod check;
pub(crate) mod clear;
pub(crate) mod clearance;
mod clearance_draft;
pub(crate) mod clock;
pub(crate) mod describe;
pub(crate) mod enrol;
pub(crate) mod explain_rules;
pub(crate) mod member_key;
pub(crate) mod override_;
pub(crate) mod policy;
pub(crate) mod portfolio;
pub(crate) mod refresh;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod screen;
pub(crate) mod shadow;
mod signed;
pub(crate) mod state;
pub(crate) mod tune;
