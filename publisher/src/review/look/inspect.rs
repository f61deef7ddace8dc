use std::fmt;

use interdict_core::common::hex;
use interdict_core::common::json::{Limits, Object, Value, parse};
use interdict_core::common::time::Time;
use interdict_core::list::{
    Category, Descriptor, Edition, Header, ListError, ListId, Mark, Part, Source, check_filter,
    read_marks, read_records, read_stash,
};
use interdict_core::rules::{Pack, PackTarget, TypologyError};
use interdict_core::trust::{Client, TrustError};
use interdict_core::wire::{Enrolment, EnrolmentError, EnrolmentKey, PublicEnrolment};

use crate::digest::sha256;
use crate::review::printable;

/// What any of our JSON files needs.
const LIMITS: Limits = Limits {
    depth: 24,
    nodes: 500_000,
};

/// Why a file could not be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InspectError {
    /// Nothing this project writes.
    Unknown,
    /// The file's name begins with another SHA-256 than its bytes have.
    Digest,
    /// A damaged filter, records or stash file.
    List(ListError),
    /// A damaged enrolment.
    Enrolment(EnrolmentError),
    /// A damaged metadata file, or a root its own keys did not sign.
    Trust(TrustError),
    /// Metadata without the members every role has.
    Metadata,
    /// A file of typologies that gateways refuse.
    Typologies(TypologyError),
}

/// Says what a file is, one fact a line: `name: value`. Keys are named by their ids, never shown.
/// `name` is the file's name, which for published lists begins with their SHA-256.
///
/// # Errors
/// An [`InspectError`] for what is damaged or not ours.
pub fn inspect(bytes: &[u8], name: &str, now: Time) -> Result<String, InspectError> {
    let digest = hex::text(&sha256(bytes));
    let named = name
        .split('.')
        .next()
        .filter(|prefix| prefix.len() == digest.len());
    if named.is_some_and(|named| named != digest) {
        return Err(InspectError::Digest);
    }
    let mut lines = match bytes.get(..8) {
        Some(b"itdfiltr") => filter(bytes)?,
        Some(b"itdrecds") => records(bytes)?,
        Some(b"itdstash") => stash(bytes)?,
        _ => json(bytes, now)?,
    };
    lines.push(("sha256", digest));
    let lines = lines
        .into_iter()
        .map(|(name, value)| format!("{name}: {}\n", printable(&value)));
    Ok(lines.collect())
}

type Lines = Vec<(&'static str, String)>;

/// A filter is checked whole, except that no records are there to hit it.
fn filter(bytes: &[u8]) -> Result<Lines, InspectError> {
    let (header, _) = Header::decode(Part::Filter, bytes).map_err(InspectError::List)?;
    check_filter(&header, bytes.to_vec()).map_err(InspectError::List)?;
    Ok(header_lines("filter", &header))
}

/// Records are checked whole, except that no filter is there to be hit.
fn records(bytes: &[u8]) -> Result<Lines, InspectError> {
    let (header, _) = Header::decode(Part::Records, bytes).map_err(InspectError::List)?;
    header.check().map_err(InspectError::List)?;
    let contents = read_records(&header, bytes.to_vec()).map_err(InspectError::List)?;
    let mut lines = header_lines("records", &header);
    let tests = contents.records.iter();
    let tests = tests.filter(|(_, record)| record.category == Category::Test);
    let listed = contents.records.len().saturating_sub(tests.count());
    lines.push(("records", listed.to_string()));
    lines.extend(source_lines(&contents.sources));
    Ok(lines)
}

/// A stash is checked whole, except for the base it names.
fn stash(bytes: &[u8]) -> Result<Lines, InspectError> {
    let (header, _) = Header::decode(Part::Stash, bytes).map_err(InspectError::List)?;
    header.check().map_err(InspectError::List)?;
    let (base, sources, changes, removed) = match header.edition {
        Edition::Compact => {
            let read = read_marks(&header, bytes.to_vec());
            let (base, marks) = read.map_err(InspectError::List)?;
            let removed = marks.iter().filter(|(_, mark)| *mark == Mark::Removed);
            (base, Vec::new(), marks.len(), removed.count())
        }
        Edition::Member | Edition::Public => {
            let stash = read_stash(&header, bytes.to_vec()).map_err(InspectError::List)?;
            let removed = stash.changes.iter().filter(|(_, record)| record.is_none());
            let removed = removed.count();
            (stash.base, stash.sources, stash.changes.len(), removed)
        }
    };
    let mut lines = header_lines("stash", &header);
    lines.push(("base", hex::text(&base)));
    lines.extend(source_lines(&sources));
    lines.push(("changes", changes.to_string()));
    lines.push(("removals", removed.to_string()));
    Ok(lines)
}

fn source_lines(sources: &[Source]) -> impl Iterator<Item = (&'static str, String)> {
    let line = |source: &Source| format!("{}, which is {}", source.id(), source.origin());
    sources.iter().map(move |source| ("source", line(source)))
}

fn header_lines(what: &str, header: &Header) -> Lines {
    vec![
        ("file", what.to_owned()),
        ("list", header.list.as_str().to_owned()),
        ("edition", header.edition.name().to_owned()),
        ("epoch", header.epoch.to_string()),
        ("sequence", header.sequence.to_string()),
        ("issued", header.issued.to_string()),
        ("entries with decoys", header.entries.to_string()),
        ("false hits", format!("one in 2^{}", header.rate)),
        ("kinds", kinds(header)),
        ("key id", hex::text(&header.key_id.0)),
    ]
}

fn kinds(header: &Header) -> String {
    let kinds = interdict_core::identifier::Kind::ALL;
    let covered = kinds.iter().filter(|kind| header.kinds.covers(**kind));
    covered
        .map(|kind| kind.name())
        .collect::<Vec<_>>()
        .join(", ")
}

fn json(bytes: &[u8], now: Time) -> Result<Lines, InspectError> {
    let value = parse(bytes, LIMITS).map_err(|_| InspectError::Unknown)?;
    let object = value.as_object().ok_or(InspectError::Unknown)?;
    if object
        .get("format")
        .and_then(Value::as_str)
        .is_some_and(|f| f.contains("enrolment"))
    {
        return match object.get("member") {
            Some(_) => enrolment(bytes),
            None => public_enrolment(bytes),
        };
    }
    if object.get("files").is_some() {
        return bundle(object);
    }
    if object.get("rules").is_some() {
        return typologies(bytes);
    }
    let signatures = object.get("signatures").and_then(Value::as_array);
    match (signatures, object.get("signed")) {
        (Some(signatures), Some(signed)) => metadata(bytes, signatures, signed, now),
        _ => Err(InspectError::Unknown),
    }
}

fn enrolment(bytes: &[u8]) -> Result<Lines, InspectError> {
    let enrolment = Enrolment::read(bytes).map_err(InspectError::Enrolment)?;
    let pinned = Client::new(enrolment.root()).map_err(InspectError::Trust)?;
    let mut lines = vec![
        ("file", "enrolment".to_owned()),
        ("coalition", enrolment.coalition().to_owned()),
        ("member", enrolment.member().to_owned()),
        ("edition", enrolment.edition().name().to_owned()),
        ("repository", enrolment.repository().to_owned()),
        ("root version", pinned.versions().root.to_string()),
        ("root sha256", hex::text(&sha256(enrolment.root()))),
        (
            "lists",
            joined(enrolment.lists().iter().map(ListId::as_str)),
        ),
    ];
    if let Some(recipient) = enrolment.recipient() {
        lines.push(("keys sealed to", recipient.to_owned()));
    }
    for key in enrolment.keys() {
        let (epoch, id) = (key.epoch(), hex::text(&key.id().0));
        lines.push(("key", format!("epoch {epoch}, id {id}, not shown")));
    }
    Ok(lines)
}

fn public_enrolment(bytes: &[u8]) -> Result<Lines, InspectError> {
    let enrolment = PublicEnrolment::read(bytes).map_err(InspectError::Enrolment)?;
    let epochs = enrolment.keys().iter().map(EnrolmentKey::epoch);
    Ok(vec![
        ("file", "public enrolment".to_owned()),
        ("coalition", enrolment.coalition().to_owned()),
        ("repository", enrolment.repository().to_owned()),
        (
            "lists",
            joined(enrolment.lists().iter().map(ListId::as_str)),
        ),
        ("epochs", joined(epochs)),
        ("fresh miss", enrolment.page().fresh_miss.name().to_owned()),
        (
            "on no gateway",
            enrolment.page().on_no_gateway.name().to_owned(),
        ),
    ])
}

/// Nothing is signed about a bundle: what it holds is inspected as files of their own.
fn bundle(object: &Object<'_>) -> Result<Lines, InspectError> {
    let files = object.get("files").and_then(Value::as_object);
    let files = files.ok_or(InspectError::Unknown)?;
    let root = object.get("root").and_then(Value::as_integer);
    let root = root.ok_or(InspectError::Unknown)?;
    let mut lines = vec![
        ("file", "bundle of metadata".to_owned()),
        ("root version", root.to_string()),
    ];
    let paths = files.members().iter().map(|(path, _)| path);
    lines.extend(paths.map(|path| ("holds", printable(path))));
    Ok(lines)
}

fn joined(items: impl Iterator<Item = impl ToString>) -> String {
    let items: Vec<String> = items.map(|item| item.to_string()).collect();
    items.join(", ")
}

fn typologies(bytes: &[u8]) -> Result<Lines, InspectError> {
    let pack = Pack::parse(bytes).map_err(InspectError::Typologies)?;
    let mut lines = vec![
        ("file", "typologies".to_owned()),
        ("name", pack.name),
        ("version", pack.version.to_string()),
    ];
    for rule in pack.rules {
        let calibrated = if rule.calibrated {
            "calibrated"
        } else {
            "uncalibrated"
        };
        let (id, weight, otherwise) = (rule.id, rule.weight, rule.otherwise);
        let counts = format!("{weight} millibits, otherwise {otherwise}, {calibrated}");
        lines.push((
            "rule",
            format!("{id}, {counts}: {}: {}", rule.title, rule.when),
        ));
    }
    for skipped in pack.skipped {
        let requires = skipped.requires.join(", ");
        lines.push((
            "not understood",
            format!("{}, requires {requires}", skipped.id),
        ));
    }
    Ok(lines)
}

fn metadata(
    bytes: &[u8],
    signatures: &[Value<'_>],
    signed: &Value<'_>,
    now: Time,
) -> Result<Lines, InspectError> {
    let signed = signed.as_object().ok_or(InspectError::Metadata)?;
    let text = |name| signed.get(name).and_then(Value::as_str);
    let role = text("_type").ok_or(InspectError::Metadata)?;
    let version = signed
        .get("version")
        .and_then(Value::as_integer)
        .ok_or(InspectError::Metadata)?;
    let expires = text("expires")
        .and_then(Time::parse)
        .ok_or(InspectError::Metadata)?;
    let ended = if expires <= now {
        ", which is over"
    } else {
        ""
    };
    let mut lines = vec![
        ("file", format!("{role} metadata")),
        ("version", version.to_string()),
        ("expires", format!("{expires}{ended}")),
        ("signatures", signatures.len().to_string()),
    ];
    if role == "root" {
        Client::new(bytes).map_err(InspectError::Trust)?;
        lines.push(("verified", "by its own keys".to_owned()));
    } else {
        lines.push(("verified", "no; that takes the root".to_owned()));
    }
    if let Some(comment) = text("comment") {
        lines.push(("comment", comment.to_owned()));
    }
    let targets = signed.get("targets").and_then(Value::as_object);
    for (path, target) in targets.iter().flat_map(|targets| targets.members()) {
        lines.push(("target", target_line(path, target)?));
    }
    Ok(lines)
}

fn target_line(path: &str, target: &Value<'_>) -> Result<String, InspectError> {
    let target = target.as_object().ok_or(InspectError::Metadata)?;
    let length = target
        .get("length")
        .and_then(Value::as_integer)
        .ok_or(InspectError::Metadata)?;
    let custom = target.get("custom");
    let release = match custom.and_then(|custom| Descriptor::of_target(path, custom)) {
        Some(descriptor) => {
            let descriptor = descriptor.map_err(InspectError::List)?;
            let header = &descriptor.header;
            let base = descriptor.provenance.base.map(|base| base.sequence);
            let base = base.map_or_else(String::new, |base| format!(" on base {base}"));
            format!(
                ", {} epoch {} from {}, sequence {}{base}, issued {}",
                header.edition.name(),
                header.epoch,
                descriptor.provenance.epoch_start,
                header.sequence,
                header.issued
            )
        }
        None => {
            let version = PackTarget::read(path, custom).and_then(|pack| pack.version);
            version.map_or_else(String::new, |version| {
                format!(", typologies version {version}")
            })
        }
    };
    Ok(format!("{path}, {length} bytes{release}"))
}

impl fmt::Display for InspectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("this is no file of Interdict, or it is damaged"),
            Self::Digest => f.write_str("the file's bytes are not the ones its name promises"),
            Self::List(source) => write!(f, "{source}"),
            Self::Enrolment(source) => write!(f, "{source}"),
            Self::Trust(source) => write!(f, "{source}"),
            Self::Typologies(source) => write!(f, "{source}"),
            Self::Metadata => f.write_str("the metadata lacks members that every role has"),
        }
    }
}

impl std::error::Error for InspectError {}
