//! Enrolment files: what a coalition gives to each member once, outside its repository.

mod error;
mod grant;
mod key;
mod page;
mod sealed_key;
#[cfg(test)]
mod tests;

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::IS_FULL;
use crate::common::schema::{Fault, Field, Fields, Path, SchemaError, read};
use crate::list::{Edition, ListId};
use crate::token::ListKey;

use grant::{Grant, Kind};

pub use error::EnrolmentError;
pub use key::EnrolmentKey;
pub use page::{FreshMiss, OnNoGateway, PageChoices};
pub use sealed_key::SealedKey;

/// The most bytes of an enrolment file: a root of at most 512,000 bytes in base64, keys and names.
pub const MAX_ENROLMENT: usize = 2 << 20;

const FORMAT: &str = "interdict-enrolment-1";
const PUBLIC_FORMAT: &str = "interdict-public-enrolment-1";

/// What a member's gateways need to enrol: the root to trust, the repository, and how they come to the keys
/// of its lists.
///
/// With a `recipient`, the keys are sealed to the secret that the gateway made itself. Such a file may hold
/// no key, and then it holds no secret. Whoever has a file with keys can read the lists, so it is handed
/// over in person.
///
/// ```json
/// {"format":"interdict-enrolment-1","coalition":"se","member":"bank-a","edition":"member",
///  "repository":"https://lists.example/se","root":"<base64 of the root file's bytes>",
///  "lists":["se/merchants"],"recipient":"age1…",
///  "keys":[{"epoch":1,"key":"<64 hexadecimal digits>"}]}
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    member: String,
    edition: Edition,
    grant: Grant,
}

/// What the enrolment of a member is made of.
#[derive(Debug, Clone, Copy)]
pub struct EnrolmentParts<'a> {
    /// The coalition's name.
    pub coalition: &'a str,
    /// The member's name with the coalition.
    pub member: &'a str,
    /// Which edition of the lists it receives.
    pub edition: Edition,
    /// URL or path with `metadata/` and `targets/` below it.
    pub repository: &'a str,
    /// The bytes of the root file to pin.
    pub root: &'a [u8],
    /// The lists it receives, at least one.
    pub lists: &'a [ListId],
    /// The public half of the gateway's own key pair, `age1…`.
    pub recipient: Option<&'a str>,
    /// At least one key, unless there is a recipient.
    pub keys: &'a [EnrolmentKey],
}

/// What a browser needs to enrol for the public edition. It is not secret.
///
/// ```json
/// {"format":"interdict-public-enrolment-1","coalition":"se","edition":"public",
///  "repository":"https://lists.example/se","root":"<base64 of the root file's bytes>",
///  "lists":["se/merchants"],"keys":[{"epoch":1,"key":"<64 hexadecimal digits>"}]}
/// ```
///
/// An optional member `page` says what checkout pages do: [`PageChoices`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicEnrolment {
    page: PageChoices,
    grant: Grant,
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
        let kind = |format: &str| {
            [FORMAT, PUBLIC_FORMAT]
                .into_iter()
                .find(|one| *one == format)
        };
        let format = fields.required("format")?;
        let (edition, grant) = match format.word(kind)? {
            FORMAT if !IS_FULL => return Err(format.path.error(Fault::NotInThisBuild)),
            FORMAT => {
                let Enrolment { edition, grant, .. } = Enrolment::rest(fields, field.path)?;
                (edition, grant)
            }
            _ => {
                let PublicEnrolment { grant, .. } = PublicEnrolment::rest(fields, field.path)?;
                (Edition::Public, grant)
            }
        };
        let keys = grant.keys.iter().map(|key| key.list_key().clone());
        Ok(Self {
            keys: keys.collect(),
            coalition: grant.coalition,
            root: grant.root,
            lists: grant.lists,
            edition,
        })
    }
}

impl Enrolment {
    /// Makes the enrolment of a member.
    ///
    /// # Errors
    /// Any value that [`Enrolment::read`] would refuse.
    pub fn new(parts: &EnrolmentParts<'_>) -> Result<Self, EnrolmentError> {
        let made = Self {
            member: parts.member.to_owned(),
            edition: parts.edition,
            grant: Grant {
                coalition: parts.coalition.to_owned(),
                repository: parts.repository.to_owned(),
                root: parts.root.to_vec(),
                lists: parts.lists.to_vec(),
                recipient: parts.recipient.map(str::to_owned),
                keys: parts.keys.to_vec(),
            },
        };
        Self::read(&made.to_bytes())
    }

    /// Reads an enrolment file.
    ///
    /// # Errors
    /// An [`EnrolmentError`].
    pub fn read(bytes: &[u8]) -> Result<Self, EnrolmentError> {
        let message = read(bytes, MAX_ENROLMENT)?;
        let mut fields = Fields::of(&message, Path::default())?;
        format(&mut fields, FORMAT)?;
        Ok(Self::rest(fields, Path::default())?)
    }

    /// Reads what follows the format.
    fn rest(mut fields: Fields<'_, '_>, path: Path) -> Result<Self, SchemaError> {
        let member = fields.required("member")?.form(grant::name)?;
        let edition = match fields.optional("edition") {
            Some(field) => field.word(member_edition)?,
            None => Edition::Member,
        };
        let recipient = fields.optional("recipient");
        let recipient = recipient.map(|field| field.form(grant::recipient));
        let grant = Grant::read(fields, path, recipient.transpose()?)?;
        Ok(Self {
            member,
            edition,
            grant,
        })
    }

    /// The file: JSON with line breaks, for people who look before they trust.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.grant.to_bytes(&Kind {
            format: FORMAT,
            member: Some(&self.member),
            edition: self.edition.name(),
            page: PageChoices::default(),
        })
    }

    /// Replaces the repository's address, for example by a mirror.
    ///
    /// # Errors
    /// The address is empty, too long or not printable.
    pub fn with_repository(mut self, repository: &str) -> Result<Self, EnrolmentError> {
        let wrong = || {
            Path::default()
                .member("repository")
                .error(Fault::OutOfRange)
        };
        self.grant.repository = grant::address(repository).ok_or_else(wrong)?;
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

    /// Which edition of the lists the member receives.
    #[must_use]
    pub const fn edition(&self) -> Edition {
        self.edition
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

    /// The public half of the gateway's own key pair, if keys are sealed to it.
    #[must_use]
    pub fn recipient(&self) -> Option<&str> {
        self.grant.recipient.as_deref()
    }

    /// The keys in the file, one for each epoch, oldest first.
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
        let made = Self {
            page: PageChoices::default(),
            grant: Grant {
                coalition: coalition.to_owned(),
                repository: repository.to_owned(),
                root: root.to_vec(),
                lists: lists.to_vec(),
                recipient: None,
                keys: keys.to_vec(),
            },
        };
        Self::read(&made.to_bytes())
    }

    /// Reads a public enrolment file.
    ///
    /// # Errors
    /// An [`EnrolmentError`].
    pub fn read(bytes: &[u8]) -> Result<Self, EnrolmentError> {
        let message = read(bytes, MAX_ENROLMENT)?;
        let mut fields = Fields::of(&message, Path::default())?;
        format(&mut fields, PUBLIC_FORMAT)?;
        Ok(Self::rest(fields, Path::default())?)
    }

    /// Reads what follows the format.
    fn rest(mut fields: Fields<'_, '_>, path: Path) -> Result<Self, SchemaError> {
        let edition = |name: &str| Edition::from_name(name).filter(|one| *one == Edition::Public);
        fields.required("edition")?.word(edition)?;
        let page = fields.optional("page");
        let page = page.map(|field| PageChoices::read(&field)).transpose()?;
        let grant = Grant::read(fields, path, None)?;
        Ok(Self {
            page: page.unwrap_or_default(),
            grant,
        })
    }

    /// The file: JSON with line breaks, for people who look before they trust.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.grant.to_bytes(&Kind {
            format: PUBLIC_FORMAT,
            member: None,
            edition: Edition::Public.name(),
            page: self.page,
        })
    }

    /// The same file with other choices for pages.
    #[must_use]
    pub const fn with_page(mut self, page: PageChoices) -> Self {
        self.page = page;
        self
    }

    /// What checkout pages do where the public edition does not decide.
    #[must_use]
    pub const fn page(&self) -> PageChoices {
        self.page
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

/// Checks the format before anything else, since another format may have other members.
fn format(fields: &mut Fields<'_, '_>, expected: &str) -> Result<(), EnrolmentError> {
    if fields.required("format")?.text()? == expected {
        Ok(())
    } else {
        Err(EnrolmentError::Format)
    }
}

/// An edition that only members receive.
fn member_edition(name: &str) -> Option<Edition> {
    Edition::from_name(name).filter(|edition| *edition != Edition::Public)
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment")
            .field("member", &self.member)
            .field("edition", &self.edition)
            .field("grant", &self.grant)
            .finish()
    }
}
