use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use crate::common::json::{Object, Value};
use crate::list::ListId;

/// What follows the list id in the path of its pack: `se/merchants.typologies.json`.
const SUFFIX: &str = ".typologies.json";

/// The member of a target's `custom` that marks a pack.
const MARKER: &str = "interdict_typologies";

/// The format of the marker that this version writes.
const FORMAT: i64 = 1;

/// A signed target that is the pack of red flags of a list. Gateways and publishers both decide here
/// whether a target is a pack: by its path and the marker in its `custom`, never by one of them alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackTarget {
    /// The list that the pack belongs to.
    pub list: ListId,
    /// The version that the marker states, if any. The pack's own version is the one that counts.
    pub version: Option<u32>,
}

impl PackTarget {
    /// Reads a target's path and `custom`; `None` for any other target.
    #[must_use]
    pub fn read(path: &str, custom: Option<&Value<'_>>) -> Option<Self> {
        let marker = custom?.as_object()?.get(MARKER)?;
        let version = marker.as_object().and_then(|about| about.get("version"));
        let version = version.and_then(Value::as_integer);
        Some(Self {
            list: ListId::parse(path.strip_suffix(SUFFIX)?).ok()?,
            version: version.and_then(|version| u32::try_from(version).ok()),
        })
    }

    /// The path of a list's pack.
    #[must_use]
    pub fn path(list: &ListId) -> String {
        format!("{}{SUFFIX}", list.as_str())
    }

    /// The `custom` member to sign for a pack of this version.
    #[must_use]
    pub fn custom(version: u32) -> Value<'static> {
        let version = Value::Integer(i64::from(version));
        let about = [("format", Value::Integer(FORMAT)), ("version", version)];
        object([(MARKER, object(about))])
    }
}

fn object<const N: usize>(members: [(&'static str, Value<'static>); N]) -> Value<'static> {
    let members = members.map(|(name, value)| (Cow::Borrowed(name), value));
    // The names above differ.
    Value::Object(Object::from_members(members.into()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::json::{Limits, parse};

    const LIMITS: Limits = Limits {
        depth: 4,
        nodes: 20,
    };

    #[test]
    fn what_is_written_is_read_back() {
        let list = ListId::parse("se/merchants").unwrap();
        let (path, custom) = (PackTarget::path(&list), PackTarget::custom(3));
        assert_eq!(path, "se/merchants.typologies.json");
        assert_eq!(
            custom.canonical(),
            br#"{"interdict_typologies":{"format":1,"version":3}}"#
        );
        let version = Some(3);
        assert_eq!(
            PackTarget::read(&path, Some(&custom)),
            Some(PackTarget { list, version })
        );
    }

    #[test]
    fn a_target_is_a_pack_by_path_and_marker_only() {
        let marked = PackTarget::custom(1);
        let list = ListId::parse("se/merchants").unwrap();
        let path = PackTarget::path(&list);
        for other in [
            "se/merchants.member-1.filter",
            "se/merchants.typologies",
            "merchants.typologies.json",
            "se/a/b.typologies.json",
            ".typologies.json",
        ] {
            assert_eq!(PackTarget::read(other, Some(&marked)), None, "{other}");
        }
        assert_eq!(PackTarget::read(&path, None), None);
        for custom in ["null", "[]", "{}", r#"{"interdict":{"version":1}}"#] {
            let custom = parse(custom.as_bytes(), LIMITS).unwrap();
            assert_eq!(PackTarget::read(&path, Some(&custom)), None);
        }
    }

    #[test]
    fn a_marker_of_a_newer_form_still_marks_a_pack() {
        let list = ListId::parse("se/merchants").unwrap();
        let path = PackTarget::path(&list);
        for about in ["7", r#"{"version":-1}"#, r#"{"version":"next"}"#] {
            let custom = format!(r#"{{"interdict_typologies":{about}}}"#);
            let custom = parse(custom.as_bytes(), LIMITS).unwrap();
            let target = PackTarget::read(&path, Some(&custom)).unwrap();
            assert_eq!((&target.list, target.version), (&list, None), "{about}");
        }
    }
}
