use alloc::borrow::{Cow, ToOwned as _};
use alloc::string::{String, ToString as _};
use alloc::vec;
use alloc::vec::Vec;

use sha2::{Digest, Sha256};

use crate::common::hex;
use crate::common::json::{Object, Value};
use crate::common::time::Time;
use crate::token::{KeyId, TOKEN_SCHEME};

use super::digest::PartDigest;
use super::error::ListError;
use super::files::Files;
use super::header::{Edition, Header, Kinds, ListId};
use super::limits::FORMAT_MAJOR;
use super::part::Part;
use super::record::{Action, MAX_CONFIDENCE};

/// The confidence that a compact list may declare: that of a record that asks for `review`.
pub const CONFIDENCE: core::ops::RangeInclusive<u16> =
    Action::Review.least_confidence()..=MAX_CONFIDENCE;

/// The release that filter and records were built for, if a stash holds the changes since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BaseRelease {
    /// Sequence of the base release.
    pub sequence: u64,
    /// When the base was built.
    pub issued: Time,
}

/// Where a release comes from: what its descriptor says and no file of it repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provenance {
    /// When the release's epoch starts. From then on a gateway that has only the key of an older epoch takes
    /// that epoch's list as stale.
    pub epoch_start: Time,
    /// The head of the register's history chain.
    pub history: [u8; 32],
    /// The day from which the list is published in a later format alone, once the publisher has announced it.
    pub ends: Option<Time>,
    /// The base release, present if and only if there is a stash.
    pub base: Option<BaseRelease>,
}

impl Provenance {
    /// The history of a register that keeps none.
    pub const NO_HISTORY: [u8; 32] = [0; 32];
}

/// One release, signed as the `custom` member of the filter's TUF target.
///
/// ```json
/// {"interdict": {"format": 1, "list": "se/cards", "edition": "member", "epoch": 1, "sequence": 42,
///   "issued": "2026-11-22T00:00:00Z", "entries": 10000, "rate": 14, "kinds": 22,
///   "token_scheme": 2, "key_id": "0123456789abcdef",
///   "epoch_start": "2026-10-01T00:00:00Z", "history": "000…000",
///   "base": {"sequence": 41, "issued": "2026-11-20T00:00:00Z"},
///   "parts": {"filter": {"length": 50643, "sha256": "…"},
///     "records": {"length": 1203, "sha256": "…"},
///     "stash": {"length": 187, "sha256": "…"}}}}
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// What the header of every part must say. The base release replaces sequence and time for filter and
    /// records.
    pub header: Header,
    /// Where the release comes from.
    pub provenance: Provenance,
    /// SHA-256 of the Public Suffix List that the exceptions of a public filter were made from; in the
    /// public edition, and in no other.
    pub public_suffixes: Option<[u8; 32]>,
    /// How sure the coalition is that what a compact list holds is rightly listed, 300 to 999 per mille; in the
    /// compact edition, and in no other.
    pub confidence: Option<u16>,
    /// Of the filter file.
    pub filter: PartDigest,
    /// Of the records file, in the member edition.
    pub records: Option<PartDigest>,
    /// Of the stash file, if the release has one.
    pub stash: Option<PartDigest>,
}

/// What only one edition says.
#[derive(Clone, Copy, Default)]
struct Terms {
    public_suffixes: Option<[u8; 32]>,
    confidence: Option<u16>,
}

impl Descriptor {
    /// Reads the release that a target describes; `None` if it describes none. Also checks that the
    /// target's path is the one for the list, edition and epoch in the descriptor.
    ///
    /// # Errors
    /// [`ListError::ListId`] at another path, otherwise as [`Descriptor::from_custom`].
    #[must_use]
    pub fn of_target(path: &str, custom: &Value<'_>) -> Option<Result<Self, ListError>> {
        let read = Self::from_custom(custom)?;
        Some(read.and_then(|descriptor| {
            if descriptor.header.part_path(Part::Filter) == path {
                Ok(descriptor)
            } else {
                Err(ListError::ListId)
            }
        }))
    }

    /// Reads the `custom` member of a target; `None` if it describes no release.
    ///
    /// # Errors
    /// [`ListError::Descriptor`], [`ListError::DescriptorFormat`], [`ListError::TokenScheme`],
    /// [`ListError::UnknownPart`], [`ListError::EditionParts`], and what [`Header::check`] refuses.
    pub fn from_custom(custom: &Value<'_>) -> Option<Result<Self, ListError>> {
        let object = custom.as_object()?.get("interdict")?;
        Some(
            object
                .as_object()
                .ok_or(ListError::Descriptor)
                .and_then(Self::from_object),
        )
    }

    fn from_object(object: &Object<'_>) -> Result<Self, ListError> {
        if object.get("format").and_then(Value::as_integer) != Some(i64::from(FORMAT_MAJOR)) {
            return Err(ListError::DescriptorFormat);
        }
        if number::<u16>(object, "token_scheme")? != TOKEN_SCHEME {
            return Err(ListError::TokenScheme(Part::Filter));
        }
        let header = Header {
            list: ListId::parse(text(object, "list")?)?,
            edition: Edition::from_name(text(object, "edition")?).ok_or(ListError::Descriptor)?,
            epoch: number(object, "epoch")?,
            sequence: number(object, "sequence")?,
            issued: time(object, "issued")?,
            entries: number(object, "entries")?,
            rate: number(object, "rate")?,
            kinds: Kinds(number(object, "kinds")?),
            key_id: hex::array(text(object, "key_id")?)
                .map(KeyId)
                .ok_or(ListError::Descriptor)?,
        };
        header.check()?;
        let parts = object
            .get("parts")
            .and_then(Value::as_object)
            .ok_or(ListError::Descriptor)?;
        let known = |name: &str| Part::ALL.iter().any(|part| part.name() == name);
        if !parts.members().iter().all(|(name, _)| known(name)) {
            return Err(ListError::UnknownPart);
        }
        let descriptor = Self {
            provenance: Provenance {
                epoch_start: time(object, "epoch_start")?,
                history: hex::array(text(object, "history")?).ok_or(ListError::Descriptor)?,
                ends: object
                    .get("ends")
                    .map(|_| time(object, "ends"))
                    .transpose()?,
                base: object.get("base").map(base).transpose()?,
            },
            public_suffixes: object.get("public_suffixes").map(sha256).transpose()?,
            confidence: object
                .get("confidence")
                .map(|_| number(object, "confidence"))
                .transpose()?,
            filter: part(parts, Part::Filter)?.ok_or(ListError::Descriptor)?,
            records: part(parts, Part::Records)?,
            stash: part(parts, Part::Stash)?,
            header,
        };
        descriptor.check()?;
        Ok(descriptor)
    }

    /// Describes these files as one release.
    ///
    /// # Errors
    /// [`ListError::EditionParts`], and [`ListError::Descriptor`] for a base that has no stash or is
    /// not earlier than the release.
    pub fn of(header: &Header, provenance: Provenance, files: &Files) -> Result<Self, ListError> {
        Self::described(header, provenance, Terms::default(), files)
    }

    /// Describes a compact release of this confidence.
    ///
    /// # Errors
    /// As [`Descriptor::of`], and [`ListError::Descriptor`] for a confidence outside [`CONFIDENCE`].
    pub fn of_compact(
        header: &Header,
        provenance: Provenance,
        confidence: u16,
        files: &Files,
    ) -> Result<Self, ListError> {
        let terms = Terms {
            confidence: Some(confidence),
            ..Terms::default()
        };
        Self::described(header, provenance, terms, files)
    }

    /// Describes a public filter, whose exceptions were made from the Public Suffix List of this SHA-256.
    ///
    /// # Errors
    /// As [`Descriptor::of`].
    pub fn of_public(
        header: &Header,
        provenance: Provenance,
        public_suffixes: [u8; 32],
        files: &Files,
    ) -> Result<Self, ListError> {
        let terms = Terms {
            public_suffixes: Some(public_suffixes),
            ..Terms::default()
        };
        Self::described(header, provenance, terms, files)
    }

    fn described(
        header: &Header,
        provenance: Provenance,
        terms: Terms,
        files: &Files,
    ) -> Result<Self, ListError> {
        let descriptor = Self {
            header: header.clone(),
            provenance,
            public_suffixes: terms.public_suffixes,
            confidence: terms.confidence,
            filter: PartDigest::of(&files.filter)?,
            records: files.records.as_deref().map(PartDigest::of).transpose()?,
            stash: files.stash.as_deref().map(PartDigest::of).transpose()?,
        };
        descriptor.check()?;
        Ok(descriptor)
    }

    /// Checks that the members agree with each other.
    fn check(&self) -> Result<(), ListError> {
        let header = &self.header;
        if (header.edition == Edition::Member) != self.records.is_some()
            || header.edition == Edition::Public && self.stash.is_some()
        {
            return Err(ListError::EditionParts);
        }
        let confident = self.confidence.is_none_or(|one| CONFIDENCE.contains(&one));
        if (header.edition == Edition::Public) != self.public_suffixes.is_some()
            || (header.edition == Edition::Compact) != self.confidence.is_some()
            || !confident
        {
            return Err(ListError::Descriptor);
        }
        // A day, and no release of this format is made from then on.
        let ends = self.provenance.ends;
        if ends.is_some_and(|ends| !ends.is_midnight() || ends <= header.issued) {
            return Err(ListError::Descriptor);
        }
        let earlier = |base: BaseRelease| {
            (1..header.sequence).contains(&base.sequence) && base.issued <= header.issued
        };
        let base = self.provenance.base;
        if base.is_some() == self.stash.is_some() && base.is_none_or(earlier) {
            Ok(())
        } else {
            Err(ListError::Descriptor)
        }
    }

    /// The header that one part must have.
    #[must_use]
    pub fn part_header(&self, part: Part) -> Header {
        let mut header = self.header.clone();
        if let Some(base) = self.provenance.base.filter(|_| part != Part::Stash) {
            header.sequence = base.sequence;
            header.issued = base.issued;
        }
        header
    }

    /// Whether another release has the same filter and records.
    #[must_use]
    pub fn has_base_of(&self, other: &Self) -> bool {
        self.part_header(Part::Filter) == other.part_header(Part::Filter)
            && self.base_digest() == other.base_digest()
    }

    /// The digest by which a stash names its base: SHA-256 of the SHA-256 of the filter and, if there
    /// are records, theirs.
    #[must_use]
    pub fn base_digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.filter.sha256);
        if let Some(records) = self.records {
            digest.update(records.sha256);
        }
        digest.finalize().into()
    }

    /// The `custom` member to sign.
    #[must_use]
    pub fn to_custom(&self) -> Value<'static> {
        let (header, provenance) = (&self.header, &self.provenance);
        let parts = self
            .parts()
            .map(|(part, digest)| member(part.name(), object(digest_members(digest))));
        let mut release = vec![
            member("format", Value::Integer(i64::from(FORMAT_MAJOR))),
            member("list", string(header.list.as_str().to_owned())),
            member("edition", string(header.edition.name().to_owned())),
            member("epoch", Value::Integer(i64::from(header.epoch))),
            member("sequence", sequence(header.sequence)),
            member("issued", string(header.issued.to_string())),
            member("entries", Value::Integer(i64::from(header.entries))),
            member("rate", Value::Integer(i64::from(header.rate))),
            member("kinds", Value::Integer(i64::from(header.kinds.0))),
            member("token_scheme", Value::Integer(i64::from(TOKEN_SCHEME))),
            member("key_id", string(hex::text(&header.key_id.0))),
            member("epoch_start", string(provenance.epoch_start.to_string())),
            member("history", string(hex::text(&provenance.history))),
        ];
        if let Some(ends) = provenance.ends {
            release.push(member("ends", string(ends.to_string())));
        }
        if let Some(base) = provenance.base {
            let members = vec![
                member("sequence", sequence(base.sequence)),
                member("issued", string(base.issued.to_string())),
            ];
            release.push(member("base", object(members)));
        }
        if let Some(digest) = self.public_suffixes {
            release.push(member("public_suffixes", string(hex::text(&digest))));
        }
        if let Some(confidence) = self.confidence {
            release.push(member("confidence", Value::Integer(i64::from(confidence))));
        }
        release.push(member("parts", object(parts.collect())));
        object(vec![member("interdict", object(release))])
    }

    /// The part of this release that a signed target is, or `None`. Gateways call this before they fetch a
    /// file, publishers before they publish one. Path, length and SHA-256 must all match; a target signed
    /// without a SHA-256 is never a part.
    #[must_use]
    pub fn part_of(&self, path: &str, length: u64, sha256: Option<[u8; 32]>) -> Option<Part> {
        let mut parts = self.parts();
        let part = parts.find(|(part, digest)| {
            digest.is_of_target(length, sha256) && self.header.part_path(*part) == path
        });
        part.map(|(part, _)| part)
    }

    /// The files of the release, filter first.
    pub fn parts(&self) -> impl Iterator<Item = (Part, PartDigest)> {
        let records = self.records.map(|digest| (Part::Records, digest));
        let stash = self.stash.map(|digest| (Part::Stash, digest));
        core::iter::once((Part::Filter, self.filter))
            .chain(records)
            .chain(stash)
    }
}

fn part(parts: &Object<'_>, part: Part) -> Result<Option<PartDigest>, ListError> {
    parts.get(part.name()).map(digest).transpose()
}

fn digest(value: &Value<'_>) -> Result<PartDigest, ListError> {
    let object = value.as_object().ok_or(ListError::Descriptor)?;
    Ok(PartDigest {
        length: number(object, "length")?,
        sha256: sha256(object.get("sha256").ok_or(ListError::Descriptor)?)?,
    })
}

fn sha256(value: &Value<'_>) -> Result<[u8; 32], ListError> {
    let digits = value.as_str().and_then(hex::array);
    digits.ok_or(ListError::Descriptor)
}

fn base(value: &Value<'_>) -> Result<BaseRelease, ListError> {
    let object = value.as_object().ok_or(ListError::Descriptor)?;
    Ok(BaseRelease {
        sequence: number(object, "sequence")?,
        issued: time(object, "issued")?,
    })
}

fn text<'v>(object: &'v Object<'_>, name: &str) -> Result<&'v str, ListError> {
    object
        .get(name)
        .and_then(Value::as_str)
        .ok_or(ListError::Descriptor)
}

fn time(object: &Object<'_>, name: &str) -> Result<Time, ListError> {
    Time::parse(text(object, name)?).ok_or(ListError::Descriptor)
}

fn number<T: TryFrom<i64>>(object: &Object<'_>, name: &str) -> Result<T, ListError> {
    let number = object
        .get(name)
        .and_then(Value::as_integer)
        .ok_or(ListError::Descriptor)?;
    T::try_from(number).map_err(|_| ListError::Descriptor)
}

fn digest_members(digest: PartDigest) -> Vec<Member> {
    vec![
        member("length", Value::Integer(i64::from(digest.length))),
        member("sha256", string(hex::text(&digest.sha256))),
    ]
}

/// A sequence is below 2^53.
fn sequence(number: u64) -> Value<'static> {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

type Member = (Cow<'static, str>, Value<'static>);

fn member(name: &'static str, value: Value<'static>) -> Member {
    (Cow::Borrowed(name), value)
}

fn string(text: String) -> Value<'static> {
    Value::String(Cow::Owned(text))
}

fn object(members: Vec<Member>) -> Value<'static> {
    // No name is given twice above.
    Value::Object(Object::from_members(members).unwrap_or_default())
}
