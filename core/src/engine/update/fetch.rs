//! Files the host is asked for: where to get them, how large they can be, and what to store them as.

use serde::Serialize;

use crate::common::hex;
use crate::list::{Header, Page, Part, RecordsMode};
use crate::trust::{Client, encode_for_store};

/// A file the host should bring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fetch {
    /// Its name in the host's store.
    pub name: String,
    /// Its path below the repository's base.
    pub path: String,
    /// Bytes after which the host stops reading.
    pub max_size: u32,
    /// The bytes wanted of the file at `path`, if not all: what lies under `name` is these alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<ByteRange>,
}

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ByteRange {
    /// Its first byte.
    pub offset: u32,
    /// Its bytes.
    pub length: u32,
}

/// A signed file that was asked for by itself.
pub(super) fn target_fetch(client: &Client) -> Option<Fetch> {
    let (path, target) = client.targets().next()?;
    Some(Fetch {
        name: format!("target.{}", encode_for_store(path)),
        path: target.path(path, client.consistent_snapshot()),
        // A longer one does not fit into the module.
        max_size: u32::try_from(target.length).unwrap_or(u32::MAX),
        range: None,
    })
}

/// A target's name in the host's flat store: the one `/` of its path percent-encoded.
pub(super) fn store_name(path: &str) -> String {
    path.replace('/', "%2F")
}

/// The name of a list's part in the host's store. The head of paged records has a name of its own.
pub(super) fn part_name(header: &Header, part: Part, mode: RecordsMode) -> String {
    let name = store_name(&header.part_path(part));
    if part == Part::Records && mode == RecordsMode::Paged {
        format!("{name}.head")
    } else {
        name
    }
}

/// A page's name in the host's store. With its digest, so that a page of another base has another.
pub(super) fn page_name(header: &Header, page: &Page<'_>) -> String {
    let name = part_name(header, Part::Records, RecordsMode::Whole);
    let digest = hex::text(page.sha256.first_chunk::<8>().unwrap_or(&[0; 8]));
    format!("{name}.{}.{digest}", page.index)
}
