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

/// A published test number of a card, as a person would type it.
pub const CARD: &str = "4111 1111 1111 1111";

/// Whether a text has the first half of [`CARD`], however it is spaced. Four digits of it would be found by chance in
/// what is random: a trace, a key, a check value.
#[must_use]
pub fn shows_card(text: &str) -> bool {
    let text: String = text
        .chars()
        .filter(|symbol| !symbol.is_whitespace())
        .collect();
    text.contains("41111111")
}
