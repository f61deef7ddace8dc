use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::filter::filter;
use crate::header::{Header, Part};
use crate::key::{ListKey, Tag};
use crate::metadata::Target;
use crate::record::{Record, STRIDE, Source, records};
use crate::stash::{base_digest, stash};
use crate::text::{hex, sha256, time};

/// The files of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// The filter file.
    pub filter: Vec<u8>,
    /// The records file.
    pub records: Option<Vec<u8>>,
    /// The stash file.
    pub stash: Option<Vec<u8>>,
}

impl Parts {
    /// The parts that exist.
    #[must_use]
    pub fn all(&self) -> BTreeMap<Part, &[u8]> {
        let others = [(Part::Records, &self.records), (Part::Stash, &self.stash)];
        let others = others
            .into_iter()
            .filter_map(|(part, bytes)| Some((part, bytes.as_deref()?)));
        let filter = (Part::Filter, self.filter.as_slice());
        others.chain([filter]).collect()
    }
}

/// One release of one list, with every choice an attacker or a mistake could make.
#[derive(Debug, Clone)]
pub struct Release {
    /// The header of its files, which its descriptor repeats.
    pub header: Header,
    /// What pads the filter.
    pub key: ListKey,
    /// Every entry.
    pub listed: BTreeMap<Tag, Record>,
    /// The sources of the entries.
    pub sources: Vec<Source>,
    /// Bytes of one record with its tag; `None`: a filter alone.
    pub stride: Option<u16>,
    /// When its epoch starts, in seconds since 1970.
    pub epoch_start: u32,
    /// The head of the register's history.
    pub history: [u8; 32],
    /// The release whose filter and records this one changes by a stash.
    pub base: Option<Box<Self>>,
    /// Bytes that replace a part; the descriptor describes them and they are served.
    pub instead: BTreeMap<Part, Vec<u8>>,
    /// A part that the descriptor names and the targets leave out.
    pub unnamed: Option<Part>,
    /// The path of its targets without `.filter`, if not its own.
    pub path: Option<String>,
    /// Members put into the descriptor at the end, in place of those of the same name.
    pub members: Map<String, Value>,
}

impl Release {
    /// A release with records that lists nothing yet.
    #[must_use]
    pub fn new(header: Header, key: ListKey) -> Self {
        let sources = vec![Source::new(&header.list, "hotline.example")];
        Self {
            header,
            key,
            listed: BTreeMap::new(),
            sources,
            stride: Some(STRIDE),
            // 2026-10-01T00:00:00Z
            epoch_start: 1_790_812_800,
            history: [0; 32],
            base: None,
            instead: BTreeMap::new(),
            unnamed: None,
            path: None,
            members: Map::new(),
        }
    }

    /// Lists an identifier by its canonical bytes, to be blocked.
    pub fn list(&mut self, kind: u8, canonical: &[u8]) {
        let tag = self.key.tag(kind, canonical);
        self.listed.insert(tag, Record::default());
    }

    /// Its files.
    #[must_use]
    pub fn parts(&self) -> Parts {
        let mut parts = match &self.base {
            None => self.base_parts(),
            Some(base) => {
                let mut parts = base.parts();
                parts.stash = Some(self.changes_to(base, &parts));
                parts
            }
        };
        for (part, bytes) in &self.instead {
            match part {
                Part::Filter => parts.filter.clone_from(bytes),
                Part::Records => parts.records = Some(bytes.clone()),
                Part::Stash => parts.stash = Some(bytes.clone()),
            }
        }
        parts
    }

    fn base_parts(&self) -> Parts {
        let entries = usize::try_from(self.header.entries).unwrap_or(usize::MAX);
        let held = self.held();
        let listed = held.keys().copied();
        let tags: Vec<Tag> = listed.chain(self.key.decoys()).take(entries).collect();
        let records = self
            .stride
            .map(|stride| records(&self.header, stride, &self.sources, &self.listed));
        Parts {
            filter: filter(&self.header, &tags),
            records,
            stash: None,
        }
    }

    /// Its entries; in a compact list those that ask for `review` or more and are neither silent nor about a
    /// victim, of which those for the host alone under their inverted tag.
    fn held(&self) -> BTreeMap<Tag, Record> {
        if self.header.edition != 3 {
            return self.listed.clone();
        }
        let listed = self.listed.iter();
        let held = listed.filter(|(_, record)| record.action >= 2 && record.flags & 6 == 0);
        held.map(|(tag, record)| match record.scope {
            2 => (Tag(tag.0.map(|byte| !byte)), *record),
            _ => (*tag, *record),
        })
        .collect()
    }

    fn changes_to(&self, base: &Self, files: &Parts) -> Vec<u8> {
        let (before, after) = (base.held(), self.held());
        let removed = before.keys();
        let removed = removed
            .filter(|tag| !after.contains_key(tag))
            .map(|tag| (*tag, None));
        let changed = after.iter();
        let changed = changed
            .filter(|(tag, record)| before.get(tag) != Some(record))
            .map(|(tag, record)| (*tag, Some(*record)));
        let changes: BTreeMap<_, _> = removed.chain(changed).collect();
        let digest = base_digest(&files.filter, files.records.as_deref());
        stash(&self.header, &digest, &self.sources, &changes)
    }

    /// What the `custom` member of its filter's target says of these files.
    #[must_use]
    pub fn descriptor(&self, parts: &Parts) -> Value {
        let provenance = Provenance {
            epoch_start: self.epoch_start,
            history: self.history,
            base: self.base.as_ref().map(|base| &base.header),
        };
        let mut custom = descriptor(&self.header, provenance, parts);
        for (name, value) in &self.members {
            custom["interdict"][name] = value.clone();
        }
        custom
    }

    /// Its files as targets, by path; the filter's has the descriptor.
    #[must_use]
    pub fn targets(&self) -> BTreeMap<String, Target> {
        let parts = self.parts();
        let descriptor = self.descriptor(&parts);
        let named = parts.all().into_iter();
        let named = named.filter(|(part, _)| self.unnamed != Some(*part));
        named
            .map(|(part, bytes)| {
                let path = match &self.path {
                    Some(path) => format!("{path}.{}", part.name()),
                    None => self.header.path(part),
                };
                let custom = (part == Part::Filter).then(|| descriptor.clone());
                let target = Target {
                    custom,
                    ..Target::new(bytes)
                };
                (path, target)
            })
            .collect()
    }
}

/// What a descriptor says beside the headers of the files.
#[derive(Debug, Clone, Copy)]
pub struct Provenance<'a> {
    /// When the epoch starts, in seconds since 1970.
    pub epoch_start: u32,
    /// The head of the register's history.
    pub history: [u8; 32],
    /// The header of the release whose filter and records a stash changes.
    pub base: Option<&'a Header>,
}

/// The signed statement about the files of a release (`docs/format.md`, Targets).
#[must_use]
pub fn descriptor(header: &Header, provenance: Provenance<'_>, parts: &Parts) -> Value {
    let mut described = Map::new();
    for (part, bytes) in parts.all() {
        described.insert(part.name().to_owned(), digest(bytes));
    }
    let mut interdict = json!({
        "format": header.format,
        "list": header.list,
        "edition": header.edition_name(),
        "epoch": header.epoch,
        "sequence": header.sequence,
        "issued": time(header.issued),
        "entries": header.entries,
        "rate": header.rate,
        "kinds": header.kinds,
        "token_scheme": header.token_scheme,
        "key_id": hex(&header.key_id),
        "epoch_start": time(provenance.epoch_start),
        "history": hex(&provenance.history),
        "parts": described,
    });
    if let Some(base) = provenance.base {
        interdict["base"] = json!({"sequence": base.sequence, "issued": time(base.issued)});
    }
    if let Some(digest) = &header.public_suffixes {
        interdict["public_suffixes"] = hex(digest).into();
    }
    if let Some(confidence) = header.confidence {
        interdict["confidence"] = confidence.into();
    }
    json!({"interdict": interdict})
}

fn digest(bytes: &[u8]) -> Value {
    json!({"length": bytes.len(), "sha256": hex(&sha256(bytes))})
}
