use std::borrow::Cow;

use crate::hex;
use crate::json::{Object, Value};
use crate::time::Time;
use crate::token::{KeyId, TOKEN_SCHEME};

use super::header::FORMAT_MAJOR;
use super::{Edition, Header, Kinds, ListError, ListId, Part};

/// Length and digest of one file, as the signed descriptor states them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartDigest {
    /// Bytes.
    pub length: u32,
    /// SHA-256 of all of them.
    pub sha256: [u8; 32],
}

/// One release, signed as the `custom` member of the filter's TUF target.
///
/// ```json
/// {"interdict": {"format": 1, "list": "se/cards", "edition": "member", "epoch": 1, "sequence": 41,
///   "issued": "2026-11-22T00:00:00Z", "entries": 10000, "rate": 14, "kinds": 22,
///   "token_scheme": 1, "key_id": "0123456789abcdef",
///   "parts": {"filter": {"length": 50643, "sha256": "…"}, "records": {"length": 1203, "sha256": "…"}}}}
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// What every part's header must say.
    pub header: Header,
    /// The filter file.
    pub filter: PartDigest,
    /// The records file, if the release has one.
    pub records: Option<PartDigest>,
}

impl Descriptor {
    /// Reads the `custom` member of a target, `None` if it is not of this project.
    ///
    /// # Errors
    /// [`ListError::Descriptor`], [`ListError::DescriptorFormat`], [`ListError::TokenScheme`],
    /// [`ListError::UnknownPart`], and what [`Header::check`] refuses.
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
            issued: Time::parse(text(object, "issued")?).ok_or(ListError::Descriptor)?,
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
        let filter = part(parts, Part::Filter)?.ok_or(ListError::Descriptor)?;
        let records = part(parts, Part::Records)?;
        if header.edition == Edition::Public && records.is_some() {
            return Err(ListError::PublicRecords);
        }
        Ok(Self {
            header,
            filter,
            records,
        })
    }

    /// The `custom` member to sign.
    #[must_use]
    pub fn to_custom(&self) -> Value<'static> {
        let header = &self.header;
        let parts = self.parts().map(|(part, digest)| {
            let members = vec![
                member("length", Value::Integer(i64::from(digest.length))),
                member("sha256", string(hex::text(&digest.sha256))),
            ];
            member(part.name(), object(members))
        });
        let release = vec![
            member("format", Value::Integer(i64::from(FORMAT_MAJOR))),
            member("list", string(header.list.as_str().to_owned())),
            member("edition", string(header.edition.name().to_owned())),
            member("epoch", Value::Integer(i64::from(header.epoch))),
            member(
                "sequence",
                Value::Integer(i64::try_from(header.sequence).unwrap_or(i64::MAX)),
            ),
            member("issued", string(header.issued.to_string())),
            member("entries", Value::Integer(i64::from(header.entries))),
            member("rate", Value::Integer(i64::from(header.rate))),
            member("kinds", Value::Integer(i64::from(header.kinds.0))),
            member("token_scheme", Value::Integer(i64::from(TOKEN_SCHEME))),
            member("key_id", string(hex::text(&header.key_id.0))),
            member("parts", object(parts.collect())),
        ];
        object(vec![member("interdict", object(release))])
    }

    /// The files of the release, filter first.
    pub fn parts(&self) -> impl Iterator<Item = (Part, PartDigest)> {
        let records = self.records.map(|digest| (Part::Records, digest));
        core::iter::once((Part::Filter, self.filter)).chain(records)
    }
}

fn part(parts: &Object<'_>, part: Part) -> Result<Option<PartDigest>, ListError> {
    let Some(value) = parts.get(part.name()) else {
        return Ok(None);
    };
    let object = value.as_object().ok_or(ListError::Descriptor)?;
    let sha256 = hex::array(text(object, "sha256")?).ok_or(ListError::Descriptor)?;
    Ok(Some(PartDigest {
        length: number(object, "length")?,
        sha256,
    }))
}

fn text<'v>(object: &'v Object<'_>, name: &str) -> Result<&'v str, ListError> {
    object
        .get(name)
        .and_then(Value::as_str)
        .ok_or(ListError::Descriptor)
}

fn number<T: TryFrom<i64>>(object: &Object<'_>, name: &str) -> Result<T, ListError> {
    let number = object
        .get(name)
        .and_then(Value::as_integer)
        .ok_or(ListError::Descriptor)?;
    T::try_from(number).map_err(|_| ListError::Descriptor)
}

type Member = (Cow<'static, str>, Value<'static>);

fn member(name: &'static str, value: Value<'static>) -> Member {
    (Cow::Borrowed(name), value)
}

fn string(text: String) -> Value<'static> {
    Value::String(Cow::Owned(text))
}

fn object(members: Vec<Member>) -> Value<'static> {
    // The names above are written out once each.
    Value::Object(Object::from_members(members).unwrap_or_default())
}
