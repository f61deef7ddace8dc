use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use interdict_core::list::{ListId, is_name};
use interdict_core::token::ListKey;
use serde::{Deserialize, Serialize};

/// The only format so far.
const FORMAT: &str = "interdict-enrolment-1";

/// What one member's gateways need once: whom to trust, where the lists are, and the keys to read
/// them. It is a secret; it reaches the member by hand, not through the repository.
///
/// ```json
/// {"format": "interdict-enrolment-1", "coalition": "se", "member": "bank-a",
///  "repository": "https://lists.example/se", "root": "<base64 of the root file's bytes>",
///  "lists": ["se/merchants"], "keys": [{"epoch": 1, "key": "<64 hexadecimal digits>"}]}
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// `interdict-enrolment-1`
    pub format: String,
    /// The coalition's name.
    pub coalition: String,
    /// The member's name.
    pub member: String,
    /// `https://…` or `file:…`, with `metadata/` and `targets/` below it.
    pub repository: String,
    /// The root to pin: base64 of the file's bytes.
    pub root: String,
    /// The lists there are.
    pub lists: Vec<String>,
    /// The list keys of all live epochs, oldest first.
    pub keys: Vec<EnrolmentKey>,
}

/// The list key of one epoch.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentKey {
    /// Counted from 1.
    pub epoch: u32,
    /// 64 lower-case hexadecimal digits.
    pub key: String,
}

/// Why a file is no enrolment. Carries nothing of the file: it holds a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolmentError {
    /// Not JSON with exactly the members above.
    Json,
    /// Of another format.
    Format,
    /// A name or list id is none, or a list is of another coalition.
    Name,
    /// The root is not base64.
    Root,
    /// No key, a key that is not 64 hexadecimal digits, or an epoch twice or zero.
    Key,
}

impl Enrolment {
    pub(crate) fn new(
        coalition: &str,
        member: &str,
        repository: &str,
        root: &[u8],
        lists: &[ListId],
        keys: Vec<EnrolmentKey>,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            coalition: coalition.to_owned(),
            member: member.to_owned(),
            repository: repository.to_owned(),
            root: STANDARD.encode(root),
            lists: lists.iter().map(|list| list.as_str().to_owned()).collect(),
            keys,
        }
    }

    /// Reads an enrolment file.
    ///
    /// # Errors
    /// An [`EnrolmentError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EnrolmentError> {
        let enrolment: Self = serde_json::from_slice(bytes).map_err(|_| EnrolmentError::Json)?;
        if enrolment.format != FORMAT {
            return Err(EnrolmentError::Format);
        }
        let ours = |list: &String| {
            let owner = list.split_once('/').map(|(owner, _)| owner);
            ListId::parse(list).is_ok() && owner == Some(enrolment.coalition.as_str())
        };
        if !is_name(&enrolment.coalition)
            || !is_name(&enrolment.member)
            || !enrolment.lists.iter().all(ours)
        {
            return Err(EnrolmentError::Name);
        }
        enrolment.root_bytes()?;
        enrolment.list_keys()?;
        Ok(enrolment)
    }

    /// The file: JSON with line breaks, for people who look before they trust.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Strings and numbers only: nothing that serializing could refuse.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text.into_bytes()
    }

    /// The root file's bytes.
    ///
    /// # Errors
    /// [`EnrolmentError::Root`].
    pub fn root_bytes(&self) -> Result<Vec<u8>, EnrolmentError> {
        STANDARD
            .decode(&self.root)
            .map_err(|_| EnrolmentError::Root)
    }

    /// The keys by epoch, oldest first.
    ///
    /// # Errors
    /// [`EnrolmentError::Key`].
    pub fn list_keys(&self) -> Result<Vec<(u32, ListKey)>, EnrolmentError> {
        let mut keys = Vec::new();
        for EnrolmentKey { epoch, key } in &self.keys {
            keys.push((*epoch, ListKey::from_hex(key).ok_or(EnrolmentError::Key)?));
        }
        keys.sort_by_key(|(epoch, _)| *epoch);
        let twice = keys
            .windows(2)
            .any(|pair| matches!(pair, [(a, _), (b, _)] if a == b));
        match keys.first() {
            Some((1.., _)) if !twice => Ok(keys),
            _ => Err(EnrolmentError::Key),
        }
    }
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment")
            .field("coalition", &self.coalition)
            .field("member", &self.member)
            .field("lists", &self.lists)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EnrolmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnrolmentKey(epoch {}, secret)", self.epoch)
    }
}

impl fmt::Display for EnrolmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "the enrolment file is damaged or has members it should not have",
            Self::Format => "the enrolment file is of a format this version does not know",
            Self::Name => "the enrolment file names a coalition, member or list that cannot be",
            Self::Root => "the root in the enrolment file is damaged",
            Self::Key => "a list key in the enrolment file is missing or damaged",
        })
    }
}

impl std::error::Error for EnrolmentError {}
