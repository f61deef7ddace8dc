//! The files an update needs, in which form, and what becomes of them.

use serde::Serialize;

use crate::common::hex;
use crate::error::{EngineError, Error};
use crate::list::{
    BlockList, Descriptor, Files, Header, ListError, ListId, Page, Part, PartDigest, RecordsMode,
};
use crate::trust::{Client, Target, encode_for_store};

use super::coalition::Live;

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
    pub range: Option<Range>,
}

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Range {
    /// Its first byte.
    pub offset: u32,
    /// Its bytes.
    pub length: u32,
}

/// How an update stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Which coalition.
    pub coalition: String,
    /// Whether the host must keep the file just supplied, under the name it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<bool>,
    /// What to bring next; nothing when the update has ended.
    pub fetch: Option<Fetch>,
    /// Whether the update ended with everything verified and in place.
    pub completed: bool,
    /// After a completed update, the names of all files that make up the state: the host keeps
    /// these together and may delete all others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// How a request to the host went.
#[derive(Debug)]
pub(crate) enum Delivery {
    Bytes(Vec<u8>),
    NotFound,
    Failed,
}

/// A release of the newest targets, with the files that are not in place yet.
#[derive(Debug)]
pub(crate) struct Incoming {
    descriptor: Descriptor,
    newest_epoch: u32,
    files: Vec<IncomingFile>,
}

#[derive(Debug)]
pub(crate) struct IncomingFile {
    part: Part,
    proof: Proof,
    fetch: Fetch,
    bytes: Option<Vec<u8>>,
}

/// What the bytes of a file must be.
#[derive(Debug)]
enum Proof {
    Target(Target),
    /// The head of the records alone, which TUF's own hash does not cover.
    Head(PartDigest),
}

/// One page of records, asked for after a question that needs it.
#[derive(Debug)]
pub(crate) struct PageWalk {
    list: ListId,
    epoch: u32,
    pub(crate) page: u32,
    pub(crate) fetch: Fetch,
}

impl Delivery {
    /// The bytes of a release's file.
    pub(crate) fn bytes(self) -> Result<Vec<u8>, EngineError> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::NotFound => Err(EngineError::PartNotFound),
            Self::Failed => Err(EngineError::PartUnavailable),
        }
    }
}

impl Incoming {
    /// `live` is the list's release in place: what it has already is not fetched again.
    pub(crate) fn new(
        descriptor: Descriptor,
        newest_epoch: u32,
        live: Option<&Live>,
        client: &Client,
        mode: RecordsMode,
    ) -> Result<Self, Error> {
        let unchanged = live.is_some_and(|live| live.descriptor == descriptor);
        let same_base = live.is_some_and(|live| live.list.has_base_of(&descriptor));
        let mut files = Vec::new();
        for (part, digest) in descriptor.parts() {
            // Of the parts in place too: a release is refused whole or goes live whole.
            let file = IncomingFile::new(&descriptor, part, digest, client, mode)?;
            if !unchanged && (part == Part::Stash || !same_base) {
                files.push(file);
            }
        }
        Ok(Self {
            descriptor,
            newest_epoch,
            files,
        })
    }

    /// The next file that is missing.
    pub(crate) fn missing(&mut self) -> Option<&mut IncomingFile> {
        self.files.iter_mut().find(|file| file.bytes.is_none())
    }

    pub(crate) fn next(&self) -> Option<&Fetch> {
        let missing = self.files.iter().find(|file| file.bytes.is_none());
        missing.map(|file| &file.fetch)
    }

    /// The release, once no file is missing.
    pub(crate) fn load(self, live: &[Live], mode: RecordsMode) -> Result<Live, ListError> {
        let descriptor = self.descriptor;
        let (mut filter, mut records, mut stash) = (None, None, None);
        for file in self.files {
            match file.part {
                Part::Filter => filter = file.bytes,
                Part::Records => records = file.bytes,
                Part::Stash => stash = file.bytes,
            }
        }
        let live = live
            .iter()
            .find(|live| live.is_release_of(&descriptor.header));
        let list = match (filter, live) {
            (Some(filter), _) => {
                let files = Files {
                    filter,
                    records,
                    stash,
                };
                BlockList::load(&descriptor, files, mode)?
            }
            (None, Some(live)) if live.descriptor == descriptor => live.list.clone(),
            (None, Some(live)) => live.list.update(&descriptor, stash)?,
            (None, None) => return Err(ListError::PartMissing),
        };
        Ok(Live {
            path: descriptor.header.part_path(Part::Filter),
            descriptor,
            list,
            newest_epoch: self.newest_epoch,
        })
    }
}

impl IncomingFile {
    fn new(
        descriptor: &Descriptor,
        part: Part,
        digest: PartDigest,
        client: &Client,
        mode: RecordsMode,
    ) -> Result<Self, Error> {
        let path = descriptor.header.part_path(part);
        let mut targets = client.targets();
        let target = targets.find(|(other, _)| **other == path);
        let (_, target) = target.ok_or(EngineError::PartMismatch)?;
        if target.length != u64::from(digest.length) || target.sha256 != Some(digest.sha256) {
            return Err(EngineError::PartMismatch.into());
        }
        let head = descriptor.records.map(|records| records.head);
        let head = head.filter(|_| part == Part::Records && mode == RecordsMode::Paged);
        let range = head.map(|head| Range {
            offset: 0,
            length: head.length,
        });
        Ok(Self {
            part,
            proof: head.map_or_else(|| Proof::Target(target.clone()), Proof::Head),
            fetch: Fetch {
                name: part_name(&descriptor.header, part, mode),
                path: target.path(&path, client.consistent_snapshot()),
                max_size: range.map_or(digest.length, |range| range.length),
                range,
            },
            bytes: None,
        })
    }

    pub(crate) fn take(&mut self, bytes: Vec<u8>) -> Result<(), Error> {
        match &self.proof {
            Proof::Target(target) => target.verify(&bytes)?,
            Proof::Head(head) if PartDigest::of(&bytes) == Ok(*head) => {}
            Proof::Head(_) => return Err(ListError::RecordsHead.into()),
        }
        self.bytes = Some(bytes);
        Ok(())
    }
}

impl PageWalk {
    /// `None` for a page there is not, or of records that are loaded whole.
    pub(crate) fn new(live: &Live, page: u32, client: &Client) -> Option<Self> {
        let header = live.list.header();
        let page = live.list.page(page)?;
        let path = header.part_path(Part::Records);
        let (_, target) = client.live_targets().find(|(other, _)| **other == path)?;
        Some(Self {
            list: header.list.clone(),
            epoch: header.epoch,
            page: page.index,
            fetch: Fetch {
                name: page_name(header, &page),
                path: target.path(&path, client.consistent_snapshot()),
                max_size: page.length,
                range: Some(Range {
                    offset: page.offset,
                    length: page.length,
                }),
            },
        })
    }

    pub(crate) fn is_of(&self, live: &Live) -> bool {
        let header = live.list.header();
        header.list == self.list && header.epoch == self.epoch
    }
}

/// A signed file that was asked for by itself.
pub(crate) fn target_fetch(client: &Client) -> Option<Fetch> {
    let (path, target) = client.targets().next()?;
    Some(Fetch {
        name: format!("target.{}", encode_for_store(path)),
        path: target.path(path, client.consistent_snapshot()),
        // A longer one does not fit into the module.
        max_size: u32::try_from(target.length).unwrap_or(u32::MAX),
        range: None,
    })
}

/// A part's name in the host's flat store: the one `/` of its path percent-encoded.
pub(crate) fn part_name(header: &Header, part: Part, mode: RecordsMode) -> String {
    let name = header.part_path(part).replace('/', "%2F");
    if part == Part::Records && mode == RecordsMode::Paged {
        format!("{name}.head")
    } else {
        name
    }
}

/// A page's name in the host's store. With its digest, so that a page of another base has another.
pub(crate) fn page_name(header: &Header, page: &Page<'_>) -> String {
    let name = part_name(header, Part::Records, RecordsMode::Whole);
    let digest = hex::text(page.sha256.first_chunk::<8>().unwrap_or(&[0; 8]));
    format!("{name}.{}.{digest}", page.index)
}
