use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString as _};

use super::edition::Edition;
use crate::identifier::holds_card_number;
use crate::list::error::ListError;

/// `coalition/name`: two names of 1 to 32 lower-case letters, digits and inner hyphens. There is exactly
/// one slash, because a TUF path pattern does not match across slashes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListId(String);

impl ListId {
    /// Reads `coalition/name`.
    ///
    /// # Errors
    /// [`ListError::ListId`].
    pub fn parse(text: &str) -> Result<Self, ListError> {
        let (coalition, name) = text.split_once('/').ok_or(ListError::ListId)?;
        if is_name(coalition) && is_name(name) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ListError::ListId)
        }
    }

    /// `coalition/name`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the coalition, before the slash.
    #[must_use]
    pub fn coalition(&self) -> &str {
        let (coalition, _) = self.0.split_once('/').unwrap_or_default();
        coalition
    }

    /// List, edition and epoch of a filter's target path; `None` for any other target.
    #[must_use]
    pub fn of_filter_path(path: &str) -> Option<(Self, Edition, u32)> {
        let (list, release) = path.strip_suffix(".filter")?.split_once('.')?;
        let (edition, epoch) = release.split_once('-')?;
        let number: u32 = epoch.parse().ok()?;
        // A number has one spelling: no sign, no leading zero.
        (number.to_string() == epoch).then_some((
            Self::parse(list).ok()?,
            Edition::from_name(edition)?,
            number,
        ))
    }
}

/// Whether a text is a coalition or list name: 1 to 32 lower-case letters, digits and inner hyphens,
/// without a card-shaped run, because verdicts show it.
#[must_use]
pub fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    (1..=32).contains(&bytes.len())
        && bytes
            .iter()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
        && bytes.first() != Some(&b'-')
        && bytes.last() != Some(&b'-')
        && !holds_card_number(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list::Part;
    use crate::list::testing::header;

    #[test]
    fn a_target_path_has_one_spelling() {
        let header = header();
        let path = header.part_path(Part::Filter);
        assert_eq!(path, "se/cards.member-1.filter");
        let read = ListId::of_filter_path(&path);
        assert_eq!(read, Some((header.list.clone(), Edition::Member, 1)));
        let later = crate::list::Header {
            epoch: 12,
            ..header
        };
        let path = later.part_path(Part::Stash);
        assert_eq!(path, "se/cards.member-12.stash");
        for other in [
            "se/cards.filter",
            "se/cards.member-1.records",
            "se/cards.member-01.filter",
            "se/cards.member-+1.filter",
            "se/cards.private-1.filter",
            "se/cards.member-1.filter.filter",
            "cards.member-1.filter",
        ] {
            assert_eq!(ListId::of_filter_path(other), None, "{other}");
        }
    }

    #[test]
    fn list_ids_are_two_plain_names() {
        let longest = ["a".repeat(32), "b".repeat(32)].join("/");
        for good in ["se/cards", "a/b", "nl-1/x-9", &longest] {
            assert!(ListId::parse(good).is_ok(), "{good}");
        }
        for longer in [format!("a{longest}"), format!("{longest}b")] {
            assert_eq!(ListId::parse(&longer), Err(ListError::ListId), "{longer}");
        }
        for bad in [
            "se",
            "se/",
            "/cards",
            "se/a/b",
            "SE/cards",
            "se/-a",
            "se/a-",
            "se/../a",
            "se/a b",
            "se/a_b",
            "se/\u{e5}",
        ] {
            assert_eq!(ListId::parse(bad), Err(ListError::ListId), "{bad}");
        }
    }
}
