use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_core::common::hex;
use interdict_core::list::{ListId, is_name};
use interdict_core::token::ListKey;
use serde::{Deserialize, Serialize};

/// The form of an enrolment file this version reads and writes.
pub const ENROLMENT_FORMAT: &str = "interdict-enrolment-1";

/// A root has at most 512,000 bytes, and keys and names come on top.
pub(crate) const MAX_ENROLMENT: u64 = 2 << 20;

/// What a coalition hands a member outside of its repository: where the lists are, the root of
/// trust, and the secret keys. Whoever has the file can read what the lists hold.
///
/// ```json
/// {"format":"interdict-enrolment-1","coalition":"se","member":"bank-a",
///  "repository":"https://lists.example/se","root":"<base64>","lists":["se/merchants"],
///  "keys":[{"epoch":1,"key":"<64 hexadecimal digits>"}]}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    format: String,
    /// The coalition's name.
    pub coalition: String,
    /// The member's name with the coalition.
    pub member: String,
    /// Base URL or path of the repository.
    pub repository: String,
    /// The pinned `root.json`, base64.
    pub root: String,
    /// The lists the member receives.
    pub lists: Vec<String>,
    /// The list keys, one for each epoch.
    pub keys: Vec<EnrolmentKey>,
}

/// One key of a coalition's lists.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrolmentKey {
    /// Which key period it is for.
    pub epoch: u32,
    /// 64 hexadecimal digits.
    pub key: String,
}

/// Why a file is no enrolment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnrolmentError {
    /// It is not JSON of this form; where and why.
    Json {
        /// Line, from 1.
        line: usize,
        /// Column.
        column: usize,
        /// What is wrong; no value is in it, only names of members.
        problem: String,
    },
    /// It is of another format.
    Format,
    /// A member holds what it cannot hold.
    Member(&'static str),
    /// It is larger than any enrolment.
    TooLarge,
}

impl Enrolment {
    /// Reads an enrolment file.
    ///
    /// # Errors
    /// Why it is none. No key and no other value is in the error.
    pub fn read(bytes: &[u8]) -> Result<Self, EnrolmentError> {
        if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_ENROLMENT) {
            return Err(EnrolmentError::TooLarge);
        }
        let enrolment: Self = serde_json::from_slice(bytes).map_err(|error| {
            let told = error.to_string();
            // A wrong type is told with the value, and the value may be a key.
            let named = ["unknown field", "missing field", "duplicate field"];
            let problem = match told.split_once(" at line ") {
                Some((problem, _)) if named.iter().any(|start| problem.starts_with(start)) => {
                    problem
                }
                _ if error.is_data() => "a value of another type than this format has",
                _ => "not JSON",
            };
            let problem = problem
                .chars()
                .filter(|c| !c.is_control())
                .take(200)
                .collect();
            EnrolmentError::Json {
                line: error.line(),
                column: error.column(),
                problem,
            }
        })?;
        enrolment.check()?;
        Ok(enrolment)
    }

    fn check(&self) -> Result<(), EnrolmentError> {
        if self.format != ENROLMENT_FORMAT {
            return Err(EnrolmentError::Format);
        }
        let printable = |text: &str| {
            !text.is_empty() && text.len() <= 2048 && !text.chars().any(char::is_control)
        };
        let checks = [
            ("coalition", is_name(&self.coalition)),
            ("member", printable(&self.member)),
            ("repository", printable(&self.repository)),
            (
                "root",
                BASE64.decode(&self.root).is_ok_and(|root| !root.is_empty()),
            ),
            (
                "lists",
                !self.lists.is_empty() && self.lists.iter().all(|l| ListId::parse(l).is_ok()),
            ),
            ("keys", self.keys_are_some()),
        ];
        match checks.into_iter().find(|(_, right)| !right) {
            Some((member, _)) => Err(EnrolmentError::Member(member)),
            None => Ok(()),
        }
    }

    /// One key for each epoch, and epochs count from 1.
    fn keys_are_some(&self) -> bool {
        let mut epochs: Vec<u32> = self.keys.iter().map(|key| key.epoch).collect();
        epochs.sort_unstable();
        epochs.dedup();
        epochs.len() == self.keys.len()
            && epochs.first().is_some_and(|first| *first > 0)
            && self.keys.iter().all(EnrolmentKey::is_one)
    }

    /// The pinned root's bytes.
    #[must_use]
    pub fn root_bytes(&self) -> Vec<u8> {
        BASE64.decode(&self.root).unwrap_or_default()
    }

    /// The id of the key of an epoch, as list headers name it.
    #[must_use]
    pub fn key_id(&self, epoch: u32) -> Option<String> {
        let mut keys = self.keys.iter();
        keys.find(|key| key.epoch == epoch)?.id()
    }

    /// The epoch for which a newer enrolment of the same coalition brings another key. Lists of that
    /// epoch would become unreadable, or are those of somebody else.
    pub(crate) fn conflict(&self, newer: &Self) -> Option<u32> {
        let differs = |key: &&EnrolmentKey| {
            let mut known = self.keys.iter();
            known.any(|known| known.epoch == key.epoch && !known.same_as(key))
        };
        newer.keys.iter().find(differs).map(|key| key.epoch)
    }

    /// Takes over a newer enrolment of the same coalition: its lists, member and repository, its
    /// keys besides those known. The pinned root stays. How many keys are new.
    pub(crate) fn renew(&mut self, newer: Self) -> usize {
        self.member = newer.member;
        self.repository = newer.repository;
        self.lists = newer.lists;
        let before = self.keys.len();
        for key in newer.keys {
            if !self.keys.iter().any(|known| known.same_as(&key)) {
                self.keys.push(key);
            }
        }
        self.keys.len().saturating_sub(before)
    }
}

impl EnrolmentKey {
    fn is_one(&self) -> bool {
        hex::array::<32>(&self.key).is_some()
    }

    /// The id list headers name the key by, as 16 hexadecimal digits.
    pub(crate) fn id(&self) -> Option<String> {
        ListKey::from_hex(&self.key).map(|key| hex::text(&key.id().0))
    }

    fn same_as(&self, other: &Self) -> bool {
        self.epoch == other.epoch && self.key.eq_ignore_ascii_case(&other.key)
    }
}

impl fmt::Debug for EnrolmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrolmentKey")
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for EnrolmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json {
                line,
                column,
                problem,
            } => {
                write!(f, "line {line}, column {column}: {problem}")
            }
            Self::Format => write!(f, "not an enrolment of format {ENROLMENT_FORMAT}"),
            Self::Member(member) => {
                write!(
                    f,
                    "the member {member} is not one; ask the coalition for a new file"
                )
            }
            Self::TooLarge => f.write_str("too large for an enrolment"),
        }
    }
}

impl std::error::Error for EnrolmentError {}
