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

    fn json(&self) -> Json {
        object([
            ("version", integer(self.version)),
            ("length", integer(self.length)),
            ("hashes", hashes(&self.sha256)),
        ])
    }
}

impl TargetFile {
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
    /// The part to sign.
    #[must_use]
    pub fn signed(&self) -> Json {
        let meta = object([("targets.json", self.targets.json())]);
        signed("snapshot", self.version, self.expires, [("meta", meta)])
    }
}

impl Timestamp {
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

/// The version of a metadata file and when it ends, unverified.
pub(crate) fn version_and_end(file: &[u8]) -> Option<(u32, Time)> {
    let signed = read_signed(file)?;
    let signed = signed.as_object()?;
    let version = u32::try_from(signed.get("version")?.as_integer()?).ok()?;
    Some((version, Time::parse(signed.get("expires")?.as_str()?)?))
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
