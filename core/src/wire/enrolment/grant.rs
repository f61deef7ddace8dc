use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;

use crate::common::schema::{Fault, Fields, Path, SchemaError};
use crate::common::sort;
use crate::list::{ListId, is_name};
use crate::wire::limits::MAX_KEYS;

use super::key::EnrolmentKey;
use super::page::PageChoices;

/// The most bytes of a repository's address.
pub(super) const MAX_ADDRESS: usize = 2048;

/// The letters and digits of a public half after `age1`, as bech32 has them.
const BECH32: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// What both kinds of enrolment file grant.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) coalition: String,
    pub(super) repository: String,
    pub(super) root: Vec<u8>,
    pub(super) lists: Vec<ListId>,
    /// Whom the keys of later epochs are sealed to; a public file has nobody.
    pub(super) recipient: Option<String>,
    /// Oldest first.
    pub(super) keys: Vec<EnrolmentKey>,
}

/// The members in which the two kinds of file differ.
pub(super) struct Kind<'a> {
    pub(super) format: &'static str,
    pub(super) member: Option<&'a str>,
    pub(super) edition: &'static str,
    /// Written if it is not what a file without it means.
    pub(super) page: PageChoices,
}

impl Grant {
    /// Reads the members that both files have, and refuses any other.
    pub(super) fn read(
        mut fields: Fields<'_, '_>,
        path: Path,
        recipient: Option<String>,
    ) -> Result<Self, SchemaError> {
        let coalition = fields.required("coalition")?;
        let repository = fields.required("repository")?;
        let root = fields.required("root")?;
        let lists = fields.required("lists")?;
        let keys = fields.required("keys")?;
        fields.end()?;
        let lists = lists.items(MAX_KEYS)?;
        let lists = lists.map(|item| item.form(|text| ListId::parse(text).ok()));
        let keys = keys.items(MAX_KEYS)?;
        let keys = keys.map(|item| EnrolmentKey::read(&item));
        let grant = Self {
            coalition: coalition.form(name)?,
            repository: repository.form(address)?,
            root: root.form(|text| BASE64.decode(text).ok())?,
            lists: lists.collect::<Result<_, _>>()?,
            recipient,
            keys: keys.collect::<Result<_, _>>()?,
        };
        grant.whole(path)
    }

    /// Checks the rules that concern more than one value.
    fn whole(mut self, path: Path) -> Result<Self, SchemaError> {
        let wrong = |name| Err(path.member(name).error(Fault::OutOfRange));
        if self.root.is_empty() {
            return wrong("root");
        }
        if self.lists.is_empty() {
            return wrong("lists");
        }
        let foreign = |list: &ListId| list.coalition() != self.coalition;
        if let Some(index) = self.lists.iter().position(foreign) {
            let list = path.member("lists").index(index);
            return Err(list.error(Fault::OutOfRange));
        }
        sort::by(&mut self.keys, |a, b| a.epoch().cmp(&b.epoch()));
        let twice = |pair: &[EnrolmentKey]| matches!(pair, [a, b] if a.epoch() == b.epoch());
        let unreadable = self.keys.is_empty() && self.recipient.is_none();
        if unreadable || self.keys.windows(2).any(twice) {
            return wrong("keys");
        }
        Ok(self)
    }

    pub(super) fn to_bytes(&self, kind: &Kind<'_>) -> Vec<u8> {
        let file = File {
            format: kind.format,
            coalition: &self.coalition,
            member: kind.member,
            edition: kind.edition,
            repository: &self.repository,
            root: BASE64.encode(&self.root),
            lists: self.lists.iter().map(ListId::as_str).collect(),
            page: (kind.page != PageChoices::default()).then_some(FilePage {
                fresh_miss: kind.page.fresh_miss.name(),
                on_no_gateway: kind.page.on_no_gateway.name(),
            }),
            recipient: self.recipient.as_deref(),
            keys: self.keys.iter().map(FileKey::from).collect(),
        };
        // Strings and numbers can always be written.
        let mut bytes = serde_json::to_vec_pretty(&file).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}

#[derive(Serialize)]
struct File<'a> {
    format: &'a str,
    coalition: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<&'a str>,
    edition: &'a str,
    repository: &'a str,
    root: String,
    lists: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<FilePage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<&'a str>,
    keys: Vec<FileKey<'a>>,
}

#[derive(Serialize)]
struct FilePage {
    fresh_miss: &'static str,
    on_no_gateway: &'static str,
}

#[derive(Serialize)]
struct FileKey<'a> {
    epoch: u32,
    key: &'a str,
}

impl<'a> From<&'a EnrolmentKey> for FileKey<'a> {
    fn from(key: &'a EnrolmentKey) -> Self {
        Self {
            epoch: key.epoch(),
            key: key.hex(),
        }
    }
}

/// A coalition's or a member's name.
pub(super) fn name(text: &str) -> Option<String> {
    is_name(text).then(|| text.to_owned())
}

pub(super) fn address(text: &str) -> Option<String> {
    let is_address =
        !text.is_empty() && text.len() <= MAX_ADDRESS && !text.chars().any(char::is_control);
    is_address.then(|| text.to_owned())
}

/// The public half of an age X25519 key pair: `age1` and 58 characters. Its check digits are left to those
/// who seal to it.
pub(super) fn recipient(text: &str) -> Option<String> {
    let data = text.strip_prefix("age1")?.as_bytes();
    let is_recipient = data.len() == 58 && data.iter().all(|byte| BECH32.contains(byte));
    is_recipient.then(|| text.to_owned())
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("coalition", &self.coalition)
            .field("lists", &self.lists)
            .field("recipient", &self.recipient)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
