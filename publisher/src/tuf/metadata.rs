use interdict_core::common::hex;
use interdict_core::common::json::{Limits, Value, parse};
use interdict_core::common::time::Time;
use interdict_core::trust::{RoleName, Target};

use super::Signer;
use super::json::{Json, encode, integer, object, text};
use crate::digest::sha256;

/// The version of the specification the files follow.
const SPEC_VERSION: &str = "1.0.34";

/// What a reader of our own files allows itself; the module's own bounds are lower where it counts.
const LIMITS: Limits = Limits {
    depth: 24,
    nodes: 500_000,
};

/// What one metadata file says about another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin {
    /// Its version.
    pub version: u32,
    /// Its length in bytes.
    pub length: u32,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// What targets metadata says about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetFile {
    /// Its length in bytes.
    pub length: u32,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// The publisher's own statement about it.
    pub custom: Option<Json>,
}

/// Which files there are (TUF 1.0.34 §4.5).
#[derive(Debug, Clone)]
pub struct Targets {
    /// Counts the files of the role.
    pub version: u32,
    /// From when on nobody relies on it.
    pub expires: Time,
    /// By target path, each path once.
    pub files: Vec<(String, TargetFile)>,
}

/// Which targets file is current (TUF 1.0.34 §4.4).
#[derive(Debug, Clone, Copy)]
pub struct Snapshot {
    /// Counts the files of the role.
    pub version: u32,
    /// From when on nobody relies on it.
    pub expires: Time,
    /// The targets file.
    pub targets: Pin,
}

/// Which snapshot is current (TUF 1.0.34 §4.6).
#[derive(Debug, Clone, Copy)]
pub struct Timestamp {
    /// Counts the files of the role.
    pub version: u32,
    /// From when on nobody relies on it.
    pub expires: Time,
    /// The snapshot file.
    pub snapshot: Pin,
}

/// What every metadata file says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Head {
    pub(crate) version: u32,
    pub(crate) expires: Time,
}

impl Head {
    /// Reads it, unverified; `None` if the file is not one of the role.
    pub(crate) fn read(file: &[u8], role: RoleName) -> Option<Self> {
        let signed = read_signed(file)?;
        let signed = signed.as_object()?;
        if signed.get("_type")?.as_str()? != role.as_str() {
            return None;
        }
        Some(Self {
            version: u32::try_from(signed.get("version")?.as_integer()?).ok()?,
            expires: Time::parse(signed.get("expires")?.as_str()?)?,
        })
    }
}

/// When a file was signed that lives as long as all of its role.
pub(crate) const fn signed_at(expires: Time, life: u32) -> Time {
    Time::from_seconds(expires.seconds().saturating_sub(life))
}

impl Pin {
    /// The pin of a file; `None` for one of 4 GB.
    #[must_use]
    pub fn of(version: u32, file: &[u8]) -> Option<Self> {
        let length = u32::try_from(file.len()).ok()?;
        Some(Self {
            version,
            length,
            sha256: sha256(file),
        })
    }

    fn read(value: &Json) -> Option<Self> {
        let pin = value.as_object()?;
        let sha256 = pin.get("hashes")?.as_object()?.get("sha256")?.as_str()?;
        Some(Self {
            version: u32::try_from(pin.get("version")?.as_integer()?).ok()?,
            length: u32::try_from(pin.get("length")?.as_integer()?).ok()?,
            sha256: hex::array(sha256)?,
        })
    }

    /// Whether this is the file that was pinned.
    pub(crate) fn is_of(&self, file: &[u8]) -> bool {
        Self::of(self.version, file).as_ref() == Some(self)
    }

    fn json(&self) -> Json {
        object([
            ("version", integer(self.version)),
            ("length", integer(self.length)),
            ("hashes", hashes(&self.sha256)),
        ])
    }
}

impl TargetFile {
    /// Whether these are the bytes that were signed.
    pub(crate) fn is_of(&self, bytes: &[u8]) -> bool {
        u32::try_from(bytes.len()) == Ok(self.length) && sha256(bytes) == self.sha256
    }

    /// The files a targets file of ours names, unverified.
    pub(crate) fn read_all(targets: &[u8]) -> Option<Vec<(String, Self)>> {
        let signed = read_signed(targets)?;
        let files = signed.as_object()?.get("targets")?.as_object()?;
        let file = |value: &Json| {
            let file = value.as_object()?;
            let sha256 = file.get("hashes")?.as_object()?.get("sha256")?.as_str()?;
            Some(Self {
                length: u32::try_from(file.get("length")?.as_integer()?).ok()?,
                sha256: hex::array(sha256)?,
                custom: file.get("custom").cloned(),
            })
        };
        files
            .members()
            .iter()
            .map(|(path, value)| Some((path.clone().into_owned(), file(value)?)))
            .collect()
    }

    fn json(&self) -> Json {
        let members = [
            ("length", integer(self.length)),
            ("hashes", hashes(&self.sha256)),
        ]
        .into_iter();
        object(members.chain(self.custom.clone().map(|custom| ("custom", custom))))
    }
}

impl Targets {
    /// The part to sign.
    #[must_use]
    pub fn signed(&self) -> Json {
        let files = self
            .files
            .iter()
            .map(|(path, file)| (path.clone(), file.json()));
        signed(
            "targets",
            self.version,
            self.expires,
            [("targets", object(files))],
        )
    }
}

impl Snapshot {
    /// Reads a snapshot file of ours, unverified; `None` if it is not one.
    pub(crate) fn read(file: &[u8]) -> Option<Self> {
        let head = Head::read(file, RoleName::Snapshot)?;
        let meta = read_signed(file)?;
        let meta = meta.as_object()?.get("meta")?.as_object()?;
        Some(Self {
            version: head.version,
            expires: head.expires,
            targets: Pin::read(meta.get("targets.json")?)?,
        })
    }

    /// The part to sign.
    #[must_use]
    pub fn signed(&self) -> Json {
        let meta = object([("targets.json", self.targets.json())]);
        signed("snapshot", self.version, self.expires, [("meta", meta)])
    }
}

impl Timestamp {
    /// Reads a timestamp file of ours, unverified; `None` if it is not one.
    pub(crate) fn read(file: &[u8]) -> Option<Self> {
        let head = Head::read(file, RoleName::Timestamp)?;
        let meta = read_signed(file)?;
        let meta = meta.as_object()?.get("meta")?.as_object()?;
        Some(Self {
            version: head.version,
            expires: head.expires,
            snapshot: Pin::read(meta.get("snapshot.json")?)?,
        })
    }

    /// The part to sign.
    #[must_use]
    pub fn signed(&self) -> Json {
        let meta = object([("snapshot.json", self.snapshot.json())]);
        signed("timestamp", self.version, self.expires, [("meta", meta)])
    }
}

/// A metadata file: `signed` and one signature of its canonical form for each signer, in order.
#[must_use]
pub fn sign_metadata(signed: &Value<'_>, signers: &[&Signer]) -> Vec<u8> {
    let message = signed.canonical();
    let signatures = signers.iter().map(|signer| {
        let keyid = text(signer.public().id());
        object([("keyid", keyid), ("sig", text(signer.sign(&message)))])
    });
    encode(&object([
        ("signatures", Value::Array(signatures.collect())),
        ("signed", signed.clone().into_owned()),
    ]))
}

/// The `signed` member of a metadata file, unverified.
pub(crate) fn read_signed(file: &[u8]) -> Option<Json> {
    let value = parse(file, LIMITS).ok()?;
    Some(value.as_object()?.get("signed")?.clone().into_owned())
}

/// The version that a timestamp or snapshot names of another file, unverified.
pub(crate) fn pinned_version(file: &[u8], name: &str) -> Option<u32> {
    let signed = read_signed(file)?;
    let meta = signed.as_object()?.get("meta")?.as_object()?;
    let version = meta.get(name)?.as_object()?.get("version")?;
    u32::try_from(version.as_integer()?).ok()
}
/// Where a metadata file lies with consistent snapshots (TUF 1.0.34 §6.2).
pub(crate) fn metadata_path(role: RoleName, version: u32) -> String {
    let name = role.as_str();
    match role {
        RoleName::Timestamp => format!("metadata/{name}.json"),
        _ => format!("metadata/{version}.{name}.json"),
    }
}

/// Where a target lies in the repository, which names its files by their digest.
pub(crate) fn stored_path(path: &str, sha256: &[u8; 32]) -> String {
    let target = Target {
        length: 0,
        sha256: Some(*sha256),
        sha512: None,
        custom: None,
    };
    target.path(path, true)
}

pub(super) fn signed(
    role: &str,
    version: u32,
    expires: Time,
    own: impl IntoIterator<Item = (&'static str, Json)>,
) -> Json {
    let common = [
        ("_type", text(role)),
        ("spec_version", text(SPEC_VERSION)),
        ("version", integer(version)),
        ("expires", text(expires.to_string())),
    ];
    object(common.into_iter().chain(own))
}

fn hashes(sha256: &[u8; 32]) -> Json {
    object([("sha256", text(hex::text(sha256)))])
}
