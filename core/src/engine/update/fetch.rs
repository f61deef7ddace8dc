//! Files the host is asked to fetch: their path, their largest size, and their name in the store.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::list::{Header, Part};
use crate::trust::{Client, encode_for_store};

/// A file the host must fetch next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fetch {
    /// The file's name in the host's store.
    pub name: String,
    /// The file's path below the repository's base, percent-encoded.
    pub path: String,
    /// The most bytes the file may have; the host stops reading after them.
    pub max_size: u32,
}

/// The fetch for the target of a walk to one signed file.
pub(super) fn target_fetch(client: &Client) -> Option<Fetch> {
    let (path, target) = client.targets().next()?;
    Some(Fetch {
        name: format!("target.{}", encode_for_store(path)),
        path: target.path(path, client.consistent_snapshot()),
        // No longer file fits into the module.
        max_size: u32::try_from(target.length).unwrap_or(u32::MAX),
    })
}

/// The name in the host's flat store of a target that belongs to a list: its path, with all but the dots
/// encoded like other names.
pub(super) fn store_name(path: &str) -> String {
    let segments: Vec<_> = path.split('.').map(encode_for_store).collect();
    segments.join(".")
}

/// The name of a release's part in the host's store.
pub(super) fn part_name(header: &Header, part: Part) -> String {
    store_name(&header.part_path(part))
}
