//! What the fuzz targets share: a release to damage, an engine that holds a list, a
//! repository of signed metadata, and the seeds.
//!
//! A target is about ten lines in `targets/`: it gives foreign bytes to one reader of the core and checks
//! what must hold for all accepted bytes. It fails on a panic, an overflow, a heap beyond [`MAX_HEAP`], or
//! after ten seconds for one input.

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

use cap::Cap;

/// The most memory that the core may hold while it reads one input. The largest input is 1 MiB, and the
/// readers copy it a few times. A reader that believes a length before its bytes have come takes more.
pub const MAX_HEAP: usize = 32 << 20;

/// An allocation beyond the bound fails, and a failed allocation aborts, which libFuzzer reports.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, MAX_HEAP);
