use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};

use super::header::is_name;

/// What the name of a sealed key begins with, after the coalition: `se/epoch-2.key.age`.
const PREFIX: &str = "epoch-";

const SUFFIX: &str = ".key.age";

/// The signed target that holds the ListKey of one coalition and epoch, sealed to the members. A file is a
/// sealed key by its path alone; no part of a release can have such a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTarget {
    /// Whose lists the key reads: what their ids begin with.
    pub coalition: String,
    /// The epoch of those lists, from 1.
    pub epoch: u32,
}

impl KeyTarget {
    /// The most bytes of a sealed key: enough for 10,000 recipients of 98 bytes each.
    pub const MAX_SIZE: u32 = 1 << 20;

    /// Reads a target's path; `None` for any other target.
    #[must_use]
    pub fn read(path: &str) -> Option<Self> {
        let (coalition, file) = path.split_once('/')?;
        let number = file.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?;
        let epoch: u32 = number.parse().ok()?;
        // A number has one spelling: no sign, no leading zero.
        let is_target = is_name(coalition) && epoch > 0 && epoch.to_string() == number;
        is_target.then(|| Self {
            coalition: coalition.to_owned(),
            epoch,
        })
    }

    /// The target's path.
    #[must_use]
    pub fn path(&self) -> String {
        let Self { coalition, epoch } = self;
        format!("{coalition}/{PREFIX}{epoch}{SUFFIX}")
    }

    /// What the paths of all sealed keys of a coalition begin with.
    pub(crate) fn paths_of(coalition: &str) -> String {
        format!("{coalition}/{PREFIX}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::ListId;

    #[test]
    fn a_path_is_read_as_it_is_written_and_in_no_other_spelling() {
        for epoch in [1, 2, 10, u32::MAX] {
            let target = KeyTarget {
                coalition: "se-1".to_owned(),
                epoch,
            };
            assert_eq!(KeyTarget::read(&target.path()), Some(target));
        }
        for other in [
            "se/epoch-0.key.age",
            "se/epoch-01.key.age",
            "se/epoch-+1.key.age",
            "se/epoch-4294967296.key.age",
            "se/epoch-.key.age",
            "se/epoch-1.key",
            "se/epoch-1.key.age.key.age",
            "se/se/epoch-1.key.age",
            "SE/epoch-1.key.age",
            "/epoch-1.key.age",
            "epoch-1.key.age",
            "se/merchants.member-1.filter",
        ] {
            assert_eq!(KeyTarget::read(other), None, "{other}");
        }
    }

    #[test]
    fn a_list_named_like_an_epoch_has_other_paths() {
        let list = ListId::parse("se/epoch-2").unwrap();
        for part in ["member-2.filter", "member-2.records", "typologies.json"] {
            assert_eq!(KeyTarget::read(&format!("{}.{part}", list.as_str())), None);
        }
    }
}
