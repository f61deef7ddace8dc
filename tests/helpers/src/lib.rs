//! What the tests of several packages share: the workspace's files, a coalition that publishes to a
//! folder, a web server on this machine, and modules of hand-made bytes.

mod coalition;
mod server;
mod tiny_module;
mod trapping;
mod workspace;

pub use coalition::{Coalition, LISTED, Release, base, change};
pub use server::{reply, reply_from, serve};
pub use tiny_module::{TinyModule, VERDICT};
pub use trapping::trapping;
pub use workspace::{fixtures, workspace};

/// The time at which these tests run: 2026-11-22T01:02:03Z.
pub const NOW: u32 = 1_795_309_323;
