//! What the fuzz targets share: a release to damage, an engine that holds a list, a
//! repository of signed metadata, and the seeds.
//!
//! A target is about ten lines in `targets/`: it gives foreign bytes to one reader of the core and
//! states what must hold of whatever is accepted. It fails by a panic, an overflow, a heap beyond
//! [`MAX_HEAP`], or ten seconds for one input.

pub mod calls;
pub mod gateway;
pub mod layout;
pub mod model;
pub mod offer;
pub mod release;
pub mod repository;
pub mod seeds;
mod trusted;

use std::alloc::System;
use std::path::PathBuf;

use cap::Cap;

/// All memory the core may hold at once while it reads one input. The largest input is 1 MiB and
/// the readers copy it a few times; a length believed before its bytes are there asks for more.
pub const MAX_HEAP: usize = 32 << 20;

/// An allocation beyond the bound fails, and a failed allocation aborts, which libFuzzer reports.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, MAX_HEAP);

/// The workspace's root, found at run time: clones that share a target folder share these programs.
#[must_use]
pub fn workspace() -> PathBuf {
    let called = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let from = called.or_else(|| std::env::current_dir().ok());
    let from = from.unwrap_or_default();
    let mut above = from.ancestors();
    let root = above.find(|folder| folder.join("fixtures/cases").is_dir());
    root.unwrap_or(&from).to_path_buf()
}
