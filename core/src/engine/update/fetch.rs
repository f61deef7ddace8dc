//! Files the host is asked to fetch: their path, their largest size, and their name in the store.

use serde::Serialize;

use crate::common::hex;
use crate::list::{Header, Page, Part, RecordsMode};
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
    /// The bytes to fetch of the file at `path`, if not all of it. The host stores only these bytes
    /// under `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<ByteRange>,
}

/// A range of bytes within a file, as in an HTTP range request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ByteRange {
    /// The position of the first byte, from 0.
    pub offset: u32,
    /// How many bytes to fetch.
    pub length: u32,
}

/// The fetch for the target of a walk to one signed file.
pub(super) fn target_fetch(client: &Client) -> Option<Fetch> {
    let (path, target) = client.targets().next()?;
    Some(Fetch {
        name: format!("target.{}", encode_for_store(path)),
        path: target.path(path, client.consistent_snapshot()),
        // No longer file fits into the module.
        max_size: u32::try_from(target.length).unwrap_or(u32::MAX),
        range: None,
    })
}

/// A target's name in the host's flat store: its path with the one `/` percent-encoded.
pub(super) fn store_name(path: &str) -> String {
    path.replace('/', "%2F")
}

/// The name of a release's part in the host's store. The head of paged records is stored under a
/// name of its own.
pub(super) fn part_name(header: &Header, part: Part, mode: RecordsMode) -> String {
    let name = store_name(&header.part_path(part));
    if part == Part::Records && mode == RecordsMode::Paged {
        format!("{name}.head")
    } else {
        name
    }
}

/// A page's name in the host's store. It contains the page's digest, so that pages of different
/// base releases have different names.
pub(super) fn page_name(header: &Header, page: &Page<'_>) -> String {
    let name = part_name(header, Part::Records, RecordsMode::Whole);
    let digest = hex::text(page.sha256.first_chunk::<8>().unwrap_or(&[0; 8]));
    format!("{name}.{}.{digest}", page.index)
}
