//! Enrolment files: what a coalition gives to each member once, outside its repository.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;

use crate::common::schema::{Fault, Field, Fields, Path, SchemaError, read};
use crate::list::{Edition, ListId, is_name};
use crate::token::{KeyId, ListKey};

use super::limits::MAX_KEYS;

/// The most bytes of an enrolment file: a root of at most 512,000 bytes in base64, keys and names.
pub const MAX_ENROLMENT: usize = 2 << 20;

/// The most bytes of a repository's address.
const MAX_ADDRESS: usize = 2048;

const FORMAT: &str = "interdict-enrolment-1";
const PUBLIC_FORMAT: &str = "interdict-public-enrolment-1";

/// What a member's gateways need to enrol: the root to trust, the repository, and the keys of its
/// lists. Whoever has the file can read the lists, so it is handed over in person.
///
/// ```json
/// {"format":"interdict-enrolment-1","coalition":"se","member":"bank-a",
///  "repository":"https://lists.example/se","root":"<base64 of the root file's bytes>",
///  "lists":["se/merchants"],"keys":[{"epoch":1,"key":"<64 hexadecimal digits>"}]}
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    member: String,
    grant: Grant,
}

/// What a browser needs to enrol for the public edition. It is not secret.
///
/// ```json
/// {"format":"interdict-public-enrolment-1","coalition":"se","edition":"public",
///  "repository":"https://lists.example/se","root":"<base64 of the root file's bytes>",
///  "lists":["se/merchants"],"keys":[{"epoch":1,"key":"<64 hexadecimal digits>"}]}
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicEnrolment {
    grant: Grant,
}

/// The list key of one epoch.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentKey {
    epoch: u32,
    hex: String,
    key: ListKey,
}

/// Why a file is not an enrolment file. It holds nothing from the file, which contains keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrolmentError {
    /// The file is of another format, or of the other kind of enrolment.
    Format,
    /// The file is not JSON of this format.
    Schema(SchemaError),
}

/// What both kinds of enrolment file grant.
#[derive(Clone, PartialEq, Eq)]
struct Grant {
    coalition: String,
    repository: String,
    root: Vec<u8>,
    lists: Vec<ListId>,
    /// Oldest first.
    keys: Vec<EnrolmentKey>,
}

/// What `configure` takes of an enrolment file of either kind.
pub(super) struct Enrolled {
    pub(super) coalition: String,
    pub(super) root: Vec<u8>,
    pub(super) lists: Vec<ListId>,
    pub(super) edition: Edition,
    pub(super) keys: Vec<ListKey>,
}

impl Enrolled {
    /// Reads the object of an enrolment file.
    pub(super) fn read(field: &Field<'_, '_>) -> Result<Self, SchemaError> {
        let mut fields = field.fields()?;
        let edition = match fields.required("format")?.word(edition_of_format)? {
            Edition::Public => public_edition(&mut fields)?,
            edition => {
                fields.required("member")?.form(name)?;
                edition
            }
        };
        let grant = Grant::read(fields, field.path)?;
        Ok(Self {
            coalition: grant.coalition,
            root: grant.root,
            lists: grant.lists,
            edition,
            keys: grant.keys.into_iter().map(|key| key.key).collect(),
        })
    }
}

impl Enrolment {
    /// Makes the enrolment of a member.
    ///
    /// # Errors
    /// Any value that [`Enrolment::read`] would refuse.
    pub fn new(
        coalition: &str,
        member: &str,
        repository: &str,
        root: &[u8],
        lists: &[ListId],
        keys: &[EnrolmentKey],
    ) -> Result<Self, EnrolmentError> {
        let member = checked("member", member, is_name)?;
        let grant = Grant::new(coalition, repository, root, lists, keys)?;
        Ok(Self { member, grant })
    }

    /// Reads an enrolment file.
    ///
    /// # Errors
    /// An [`EnrolmentError`].
    pub fn read(bytes: &[u8]) -> Result<Self, EnrolmentError> {
        let message = read(bytes, MAX_ENROLMENT)?;
        let mut fields = Fields::of(&message, Path::default())?;
        format(&mut fields, FORMAT)?;
        let member = fields.required("member")?.form(name)?;
        let grant = Grant::read(fields, Path::default())?;
        Ok(Self { member, grant })
    }

    /// The file: JSON with line breaks, for people who look before they trust.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.grant.to_bytes(FORMAT, Some(&self.member), None)
    }

    /// Replaces the repository's address, for example by a mirror.
    ///
    /// # Errors
    /// The address is empty, too long or not printable.
    pub fn with_repository(mut self, repository: &str) -> Result<Self, EnrolmentError> {
        self.grant.repository = checked("repository", repository, is_printable)?;
        Ok(self)
    }

    /// The coalition's name.
    #[must_use]
    pub fn coalition(&self) -> &str {
        &self.grant.coalition
    }

    /// The member's name with the coalition.
    #[must_use]
    pub fn member(&self) -> &str {
        &self.member
    }

    /// URL or path with `metadata/` and `targets/` below it.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.grant.repository
    }

    /// The bytes of the root file to pin.
    #[must_use]
    pub fn root(&self) -> &[u8] {
        &self.grant.root
    }

    /// The lists the member receives.
    #[must_use]
    pub fn lists(&self) -> &[ListId] {
        &self.grant.lists
    }

    /// One key for each epoch, oldest first.
    #[must_use]
    pub fn keys(&self) -> &[EnrolmentKey] {
        &self.grant.keys
    }
}

impl PublicEnrolment {
    /// Makes the file that browsers enrol with.
    ///
    /// # Errors
    /// Any value that [`PublicEnrolment::read`] would refuse.
    pub fn new(
        coalition: &str,
        repository: &str,
        root: &[u8],
        lists: &[ListId],
        keys: &[EnrolmentKey],
    ) -> Result<Self, EnrolmentError> {
        let grant = Grant::new(coalition, repository, root, lists, keys)?;
        Ok(Self { grant })
    }

    /// Reads a public enrolment file.
    ///
    /// # Errors
    /// An [`EnrolmentError`].
    pub fn read(bytes: &[u8]) -> Result<Self, EnrolmentError> {
        let message = read(bytes, MAX_ENROLMENT)?;
        let mut fields = Fields::of(&message, Path::default())?;
        format(&mut fields, PUBLIC_FORMAT)?;
        public_edition(&mut fields)?;
        let grant = Grant::read(fields, Path::default())?;
        Ok(Self { grant })
    }

    /// The file: JSON with line breaks, for people who look before they trust.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let edition = Some(Edition::Public.name());
        self.grant.to_bytes(PUBLIC_FORMAT, None, edition)
    }

    /// The coalition's name.
    #[must_use]
    pub fn coalition(&self) -> &str {
        &self.grant.coalition
    }

    /// URL or path with `metadata/` and `targets/` below it.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.grant.repository
    }

    /// The bytes of the root file to pin.
    #[must_use]
    pub fn root(&self) -> &[u8] {
        &self.grant.root
    }

    /// The lists that have a public edition.
    #[must_use]
    pub fn lists(&self) -> &[ListId] {
        &self.grant.lists
    }

    /// One key for each epoch, oldest first.
    #[must_use]
    pub fn keys(&self) -> &[EnrolmentKey] {
        &self.grant.keys
    }
}

impl EnrolmentKey {
    /// Makes the key of an epoch, from 1. `hex` is 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn new(epoch: u32, hex: &str) -> Option<Self> {
        let key = ListKey::from_hex(hex).filter(|_| epoch > 0)?;
        let hex = hex.to_owned();
        Some(Self { epoch, hex, key })
    }

    /// The epoch whose lists the key reads.
    #[must_use]
    pub const fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The secret in hexadecimal digits, as `configure` takes it.
    #[must_use]
    pub fn hex(&self) -> &str {
        &self.hex
    }

    /// The ListKey, ready to compute tags with.
    #[must_use]
    pub const fn list_key(&self) -> &ListKey {
        &self.key
    }

    /// The id that list headers name the key by.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.key.id()
    }

    fn read(item: &Field<'_, '_>) -> Result<Self, SchemaError> {
        let mut fields = item.fields()?;
        let epoch = fields.required("epoch")?.number(1, u32::MAX)?;
        let key = fields.required("key")?;
        fields.end()?;
        key.form(|hex| Self::new(epoch, hex))
    }
}

impl Grant {
    fn new(
        coalition: &str,
        repository: &str,
        root: &[u8],
        lists: &[ListId],
        keys: &[EnrolmentKey],
    ) -> Result<Self, EnrolmentError> {
        let grant = Self {
            coalition: checked("coalition", coalition, is_name)?,
            repository: checked("repository", repository, is_printable)?,
            root: root.to_vec(),
            lists: lists.to_vec(),
            keys: keys.to_vec(),
        };
        Ok(grant.whole(Path::default())?)
    }

    /// Reads the members that both files have, and refuses any other.
    fn read(mut fields: Fields<'_, '_>, at: Path) -> Result<Self, SchemaError> {
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
            repository: repository.form(|text| is_printable(text).then(|| text.to_owned()))?,
            root: root.form(|text| BASE64.decode(text).ok())?,
            lists: lists.collect::<Result<_, _>>()?,
            keys: keys.collect::<Result<_, _>>()?,
        };
        grant.whole(at)
    }

    /// Checks the rules that concern more than one value.
    fn whole(mut self, at: Path) -> Result<Self, SchemaError> {
        let member = |name| at.member(name);
        let ours = |list: &ListId| {
            let (owner, _) = list.as_str().split_once('/').unwrap_or_default();
            owner == self.coalition
        };
        if self.root.is_empty() {
            return Err(member("root").error(Fault::OutOfRange));
        }
        if self.lists.is_empty() {
            return Err(member("lists").error(Fault::OutOfRange));
        }
        if let Some(index) = self.lists.iter().position(|list| !ours(list)) {
            return Err(member("lists").index(index).error(Fault::OutOfRange));
        }
        self.keys.sort_by_key(EnrolmentKey::epoch);
        let twice = |pair: &[EnrolmentKey]| matches!(pair, [a, b] if a.epoch == b.epoch);
        if self.keys.windows(2).any(twice) {
            return Err(member("keys").error(Fault::OutOfRange));
        }
        Ok(self)
    }

    fn to_bytes(&self, format: &str, member: Option<&str>, edition: Option<&str>) -> Vec<u8> {
        let file = File {
            format,
            coalition: &self.coalition,
            member,
            edition,
            repository: &self.repository,
            root: BASE64.encode(&self.root),
            lists: self.lists.iter().map(ListId::as_str).collect(),
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
    #[serde(skip_serializing_if = "Option::is_none")]
    edition: Option<&'a str>,
    repository: &'a str,
    root: String,
    lists: Vec<&'a str>,
    keys: Vec<FileKey<'a>>,
}

#[derive(Serialize)]
struct FileKey<'a> {
    epoch: u32,
    key: &'a str,
}

impl<'a> From<&'a EnrolmentKey> for FileKey<'a> {
    fn from(key: &'a EnrolmentKey) -> Self {
        let (epoch, key) = (key.epoch, &key.hex);
        Self { epoch, key }
    }
}

/// Checks the format before anything else, since another format may have other members.
fn format(fields: &mut Fields<'_, '_>, expected: &str) -> Result<(), EnrolmentError> {
    if fields.required("format")?.text()? == expected {
        Ok(())
    } else {
        Err(EnrolmentError::Format)
    }
}

fn edition_of_format(format: &str) -> Option<Edition> {
    match format {
        FORMAT => Some(Edition::Member),
        PUBLIC_FORMAT => Some(Edition::Public),
        _ => None,
    }
}

fn public_edition(fields: &mut Fields<'_, '_>) -> Result<Edition, SchemaError> {
    let edition = |name: &str| Edition::from_name(name).filter(|one| *one == Edition::Public);
    fields.required("edition")?.word(edition)
}

fn name(text: &str) -> Option<String> {
    is_name(text).then(|| text.to_owned())
}

fn is_printable(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_ADDRESS && !text.chars().any(char::is_control)
}

fn checked(
    member: &'static str,
    text: &str,
    is_right: fn(&str) -> bool,
) -> Result<String, SchemaError> {
    match is_right(text) {
        true => Ok(text.to_owned()),
        false => Err(Path::default().member(member).error(Fault::OutOfRange)),
    }
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment")
            .field("member", &self.member)
            .field("grant", &self.grant)
            .finish()
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("coalition", &self.coalition)
            .field("lists", &self.lists)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for EnrolmentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnrolmentKey")
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

impl From<SchemaError> for EnrolmentError {
    fn from(error: SchemaError) -> Self {
        Self::Schema(error)
    }
}

impl fmt::Display for EnrolmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SchemaError { fault, path } = match self {
            Self::Format => {
                return f.write_str("the enrolment file is of a format this version does not know");
            }
            Self::Schema(error) => error,
        };
        if *path != Path::default() {
            write!(f, "{path}: ")?;
        }
        match fault {
            Fault::UnknownField | Fault::CardNumber => {
                f.write_str("a member the enrolment format does not have")
            }
            Fault::MissingField => f.write_str("a member the enrolment format requires is missing"),
            Fault::OutOfRange | Fault::UnknownValue | Fault::TooMany => {
                f.write_str("not a value of the enrolment format; ask the coalition for a new file")
            }
            Fault::TooLarge => f.write_str("too large for an enrolment file"),
            Fault::Json(_) | Fault::WrongType | Fault::UnknownKind => fault.fmt(f),
        }
    }
}

impl core::error::Error for EnrolmentError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> String {
        let key = "ab".repeat(32);
        format!(
            r#"{{"format":"interdict-enrolment-1","coalition":"se","member":"bank-a","repository":"https://lists.example/se","root":"cm9vdCAx","lists":["se/merchants"],"keys":[{{"epoch":1,"key":"{key}"}}]}}"#
        )
    }

    fn public_file() -> String {
        file()
            .replace("interdict-enrolment", "interdict-public-enrolment")
            .replace(r#""member":"bank-a""#, r#""edition":"public""#)
    }

    fn schema(fault: Fault, path: Path) -> EnrolmentError {
        EnrolmentError::Schema(path.error(fault))
    }

    #[test]
    fn a_file_that_was_read_is_written_the_same() {
        let read = Enrolment::read(file().as_bytes()).unwrap();
        let written = String::from_utf8(read.to_bytes()).unwrap();
        assert!(written.starts_with("{\n  \"format\": \"interdict-enrolment-1\",\n"));
        assert_eq!(written.replace(['\n', ' '], ""), file());
        assert_eq!(Enrolment::read(written.as_bytes()), Ok(read));
        let read = PublicEnrolment::read(public_file().as_bytes()).unwrap();
        let written = String::from_utf8(read.to_bytes()).unwrap();
        assert_eq!(written.replace(['\n', ' '], ""), public_file());
    }

    #[test]
    fn one_format_is_not_read_as_the_other() {
        let member = Enrolment::read(public_file().as_bytes());
        assert_eq!(member, Err(EnrolmentError::Format));
        let public = PublicEnrolment::read(file().as_bytes());
        assert_eq!(public, Err(EnrolmentError::Format));
    }

    #[test]
    fn another_file_is_refused_where_it_differs() {
        let key = "ab".repeat(32);
        let top = Path::default;
        let list = top().member("lists").index(0);
        let first = top().member("keys").index(0);
        let second_key = format!(r#"}},{{"epoch":1,"key":"{}"}}]"#, "cd".repeat(32));
        let long = format!("https://{}", "a".repeat(MAX_ADDRESS));
        for (from, to, fault, path) in [
            (
                "\"member\"",
                "\"mumber\"",
                Fault::MissingField,
                top().member("member"),
            ),
            (
                "{\"format\"",
                "{\"a\":1,\"format\"",
                Fault::UnknownField,
                top(),
            ),
            (
                "\"epoch\":1",
                "\"epoch\":1,\"a\":1",
                Fault::UnknownField,
                first,
            ),
            (
                "\"se\"",
                "\"SE\"",
                Fault::OutOfRange,
                top().member("coalition"),
            ),
            (
                "bank-a",
                "bank a",
                Fault::OutOfRange,
                top().member("member"),
            ),
            (
                "https://lists.example/se",
                "",
                Fault::OutOfRange,
                top().member("repository"),
            ),
            (
                "https://lists.example/se",
                "a\\u001b[2J",
                Fault::OutOfRange,
                top().member("repository"),
            ),
            (
                "https://lists.example/se",
                &long,
                Fault::OutOfRange,
                top().member("repository"),
            ),
            ("cm9vdCAx", "?", Fault::OutOfRange, top().member("root")),
            ("cm9vdCAx", "", Fault::OutOfRange, top().member("root")),
            (
                "[\"se/merchants\"]",
                "[]",
                Fault::OutOfRange,
                top().member("lists"),
            ),
            ("se/merchants", "merchants", Fault::OutOfRange, list),
            ("se/merchants", "nl/merchants", Fault::OutOfRange, list),
            (&key, "00", Fault::OutOfRange, first.member("key")),
            (
                &key,
                &"AB".repeat(32),
                Fault::OutOfRange,
                first.member("key"),
            ),
            (
                "\"epoch\":1",
                "\"epoch\":0",
                Fault::OutOfRange,
                first.member("epoch"),
            ),
            (
                "\"epoch\":1",
                "\"epoch\":4294967296",
                Fault::OutOfRange,
                first.member("epoch"),
            ),
            ("}]", &second_key, Fault::OutOfRange, top().member("keys")),
        ] {
            assert!(file().contains(from), "{from}");
            let refused = Enrolment::read(file().replacen(from, to, 1).as_bytes());
            assert_eq!(refused, Err(schema(fault, path)), "{from} {to}");
        }
        let twice = file().replace("{\"format\"", "{\"coalition\":\"se\",\"format\"");
        assert!(Enrolment::read(twice.as_bytes()).is_err());
        let keyless = file().replace(&format!(r#"{{"epoch":1,"key":"{key}"}}"#), "");
        assert!(Enrolment::read(keyless.as_bytes()).is_ok());
        let large = format!("{}{}", file(), " ".repeat(MAX_ENROLMENT));
        let refused = Enrolment::read(large.as_bytes());
        assert_eq!(refused, Err(schema(Fault::TooLarge, top())));
    }

    #[test]
    fn a_public_file_is_checked_like_a_members() {
        for (from, to) in [
            ("\"public\"", "\"member\""),
            ("se/merchants", "nl/merchants"),
            ("cm9vdCAx", ""),
            ("\"epoch\":1", "\"epoch\":0"),
        ] {
            let refused = PublicEnrolment::read(public_file().replacen(from, to, 1).as_bytes());
            assert!(refused.is_err(), "{from}");
        }
    }

    #[test]
    fn keys_are_neither_printed_nor_part_of_an_error() {
        let read = Enrolment::read(file().as_bytes()).unwrap();
        assert!(!format!("{read:?}").contains("abab"));
        let wrong = file().replace("\"keys\":[{", "\"keys\":[\"5ec7e7\",{");
        let error = Enrolment::read(wrong.as_bytes()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("5ec7e7"));
    }

    #[test]
    fn keys_are_in_the_order_of_their_epochs() {
        let key = |epoch| EnrolmentKey::new(epoch, &"ab".repeat(32)).unwrap();
        let list = ListId::parse("se/merchants").unwrap();
        let made = Enrolment::new("se", "a", "/x", b"root", &[list], &[key(2), key(1)]).unwrap();
        let epochs: Vec<u32> = made.keys().iter().map(EnrolmentKey::epoch).collect();
        assert_eq!(epochs, [1, 2]);
        assert_eq!(EnrolmentKey::new(0, &"ab".repeat(32)), None);
    }
}
