//! What silent records say in audit files, for the holder of the SilentKey alone.

use std::fs;
use std::path::{Path, PathBuf};

use interdict_core::common::hex;
use interdict_core::engine::{SilentFinding, SilentKey};
use interdict_core::list::Category;
use interdict_core::wire::owned::{AskedSlot, Receipt, Secret};
use interdict_host::{StoreError, files};

use crate::error::Error;

use super::receipt::AuditLine;

/// A key file holds 64 digits and a line end.
const MAX_KEY: u64 = 128;

/// Makes a SilentKey in a file that only its owner can read. A file is never overwritten.
///
/// # Errors
/// It exists, or cannot be written.
pub fn create_silent_key(path: &Path) -> Result<(), Error> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| StoreError::Randomness)?;
    let text = format!("{}\n", hex::text(&secret));
    Ok(files::create_new(path, text.as_bytes()).map_err(StoreError::at(path))?)
}

/// The SilentKey in a file.
///
/// # Errors
/// [`Error::SilentKey`] if the file is in one of these rooms, which are copied and handed on, or holds no key.
pub(crate) fn read_key(path: &Path, rooms: &[PathBuf]) -> Result<Secret, Error> {
    let told = |why: &str| Error::SilentKey(format!("{}: {why}", path.display()));
    if rooms.iter().any(|room| is_within(path, room)) {
        return Err(told(
            "the SilentKey must lie outside the state and the archive; move it",
        ));
    }
    let Some(bytes) = files::read(path, MAX_KEY)? else {
        return Err(StoreError::at(path)(std::io::ErrorKind::NotFound.into()).into());
    };
    let text = String::from_utf8(bytes).unwrap_or_default();
    let secret = hex::array::<32>(text.trim_end());
    let none = || told("this is no key of interdict audit key");
    Ok(Secret(hex::text(&secret.ok_or_else(none)?)))
}

/// Whether a file lies in a directory, wherever links lead.
fn is_within(path: &Path, directory: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    real(path).starts_with(real(directory)) || path.starts_with(directory)
}

/// Reads what receipts seal.
#[derive(Debug)]
pub struct SilentReader(SilentKey);

/// What a line of an audit file says to the holder of the SilentKey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SilentLine {
    /// Silent records matched.
    Hits(SilentHits),
    /// None matched, or the request was refused.
    Nothing,
    /// The gateway had no SilentKey when it wrote the receipt.
    NotSealed,
    /// The receipt is sealed under another key, or was changed.
    NotOpened,
    /// The line is no receipt.
    NoReceipt,
}

/// The silent records that matched in one screening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilentHits {
    /// The host's clock, seconds since 1970.
    pub time: u32,
    /// The flow asked in.
    pub flow: String,
    /// How many matched; 255 means 255 or more.
    pub count: u8,
    /// The first eleven at most, in the order of the request.
    pub first: Vec<SilentHit>,
}

/// One silent record that matched. A part is `?` if the receipt does not say it: a number above 255.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SilentHit {
    /// The kind of identifier that was asked about.
    pub kind: String,
    /// Its digest under the gateway's ReceiptKey.
    pub digest: String,
    /// The coalition.
    pub coalition: String,
    /// The list that has the record.
    pub list: String,
    /// The record's category.
    pub category: &'static str,
}

impl SilentReader {
    /// Reads with the key in a file.
    ///
    /// # Errors
    /// The file cannot be read, or holds no key.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let secret = read_key(path, &[])?;
        let key = hex::array(&secret.0).map(SilentKey).map(Self);
        key.ok_or(Error::ANSWER)
    }

    /// What a line of an audit file says.
    #[must_use]
    pub fn read(&self, line: &[u8]) -> SilentLine {
        let receipt = match AuditLine::read(line) {
            Some(AuditLine::Verdict(receipt)) => receipt,
            Some(AuditLine::Refusal(_)) => return SilentLine::Nothing,
            None => return SilentLine::NoReceipt,
        };
        if !receipt.sealed.is_empty() && receipt.sealed.bytes().all(|digit| digit == b'0') {
            return SilentLine::NotSealed;
        }
        let text = str::from_utf8(line).unwrap_or_default();
        let before = text.rsplit_once(",\"sealed\":\"").map(|(before, _)| before);
        let before = format!("{}}}", before.unwrap_or_default());
        let Some(found) = self.0.open(&receipt.sealed, before.as_bytes()) else {
            return SilentLine::NotOpened;
        };
        if found.count == 0 {
            return SilentLine::Nothing;
        }
        let first = found.first.iter().map(|one| SilentHit::of(one, &receipt));
        SilentLine::Hits(SilentHits {
            time: receipt.time,
            flow: receipt.flow.clone(),
            count: found.count,
            first: first.collect(),
        })
    }
}

impl SilentHit {
    fn of(finding: &SilentFinding, receipt: &Receipt) -> Self {
        let unknown = || "?".to_owned();
        let coalition = receipt.coalitions.get(usize::from(finding.coalition));
        let list = coalition.and_then(|one| one.lists.get(usize::from(finding.list)));
        let (kind, digest) = match receipt.asked.get(usize::from(finding.identifier)) {
            Some(AskedSlot::Identifier { kind, digest }) => (kind.clone(), digest.clone()),
            Some(AskedSlot::Unused { .. }) | None => (unknown(), unknown()),
        };
        let mut categories = Category::ALL.into_iter();
        let category = categories.find(|category| category.code() == finding.category);
        Self {
            kind,
            digest,
            coalition: coalition.map_or_else(unknown, |one| one.name.clone()),
            list: list.map_or_else(unknown, |one| one.list.clone()),
            category: category.map_or("?", Category::name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silent_key_is_made_once_and_read_back_from_outside_the_rooms_alone() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("silent.key");
        create_silent_key(&path).unwrap();
        assert!(create_silent_key(&path).is_err());
        assert!(!files::is_open_to_others(&path));
        let key = read_key(&path, &[room.path().join("state")]).unwrap();
        assert_eq!(key.0.len(), 64);
        let inside = read_key(&path, &[room.path().to_owned()]);
        assert!(matches!(inside, Err(Error::SilentKey(_))), "{inside:?}");
        fs::create_dir(room.path().join("state")).unwrap();
        let link = room.path().join("link.key");
        let hidden = room.path().join("state/silent.key");
        fs::copy(&path, &hidden).unwrap();
        std::os::unix::fs::symlink(&hidden, &link).unwrap();
        assert!(read_key(&link, &[room.path().join("state")]).is_err());
        fs::write(&path, "f".repeat(63)).unwrap();
        assert!(matches!(read_key(&path, &[]), Err(Error::SilentKey(_))));
        assert!(read_key(&room.path().join("none"), &[]).is_err());
    }

    #[test]
    fn what_is_no_sealed_receipt_is_named_as_that() {
        let reader = SilentReader(SilentKey([7; 32]));
        for line in [&b""[..], b"{}", b"\xff", b"[1"] {
            assert_eq!(reader.read(line), SilentLine::NoReceipt);
        }
        let receipt = |sealed: &str| {
            format!(
                r#"{{"format":1,"module":{{"version":"0.2.0","build":"full"}},"policy":"00","time":1,"flow":"payout","request":"00","asked":[],"coalitions":[],"overrides":[],"clearances":[],"doubts":[],"action":"allow","natural":"allow","score":0,"degraded":false,"odds":{{"prior":0,"typologies":0,"agreement":0,"total":0}},"reasons":[],"unchecked":[],"sealed":"{sealed}","mac":"00"}}"#
            )
        };
        for (sealed, read) in [
            ("0".repeat(128), SilentLine::NotSealed),
            ("1".repeat(128), SilentLine::NotOpened),
            (String::new(), SilentLine::NotOpened),
        ] {
            assert_eq!(reader.read(receipt(&sealed).as_bytes()), read, "{sealed}");
        }
    }
}
