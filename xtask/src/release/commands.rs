//! Stands for the room that builds the commands.

/// From the Python package index, which has them as programs.
pub(super) const ZIG: [&str; 2] = ["ziglang==0.17.1", "cargo-zigbuild==0.24.1"];
