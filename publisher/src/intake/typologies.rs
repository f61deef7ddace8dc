//! Red flags of a list: a pack that gateways read beside it, checked by the same reader before it is
//! kept.

use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::list::ListId;
use interdict_core::rules::Pack;

use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::register::Deed;

/// The published red flags on the side of merchants, each with its source. Their weights are
/// judgement and say so.
pub const STANDARD_TYPOLOGIES: &[u8] = include_bytes!("../../typologies/standard.json");

/// A pack, by what people call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackReport {
    /// What its author calls it.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// How many rules it has.
    pub rules: usize,
}

impl Publisher {
    /// Keeps a pack of red flags for a list, the only one if none is named. The next release
    /// publishes it.
    ///
    /// # Errors
    /// [`PublisherError::Typologies`] and [`PublisherError::TypologiesUnknown`] for what gateways
    /// would not read, [`PublisherError::TypologiesVersion`] for a version that was published with
    /// another content, or is older.
    pub fn set_typologies(
        &mut self,
        list: Option<&str>,
        bytes: &[u8],
        now: Time,
    ) -> Result<PackReport> {
        let _lock = self.directory().lock()?;
        let list = self.one_list(list)?;
        let pack = checked(bytes)?;
        self.check_typologies_version(&list, pack.version, bytes)?;
        let change = self.register_mut().change()?;
        change.put_typologies(&list, bytes)?;
        change.commit(&Deed::new("typologies", now))?;
        Ok(PackReport::of(&pack))
    }

    /// Takes a list's red flags back with the next release.
    ///
    /// # Errors
    /// [`PublisherError::NoTypologies`].
    pub fn remove_typologies(&mut self, list: Option<&str>, now: Time) -> Result<()> {
        let _lock = self.directory().lock()?;
        let list = self.one_list(list)?;
        let change = self.register_mut().change()?;
        change.remove_typologies(&list)?;
        change.commit(&Deed::new("typologies", now))
    }

    /// One version is one content, at every gateway and for ever.
    pub(crate) fn check_typologies_version(
        &self,
        list: &ListId,
        version: u32,
        bytes: &[u8],
    ) -> Result<()> {
        match self.register().typologies_published(list)? {
            Some(newest) if version < newest.version => {}
            Some(newest) if version == newest.version && newest.bytes != bytes => {}
            _ => return Ok(()),
        }
        Err(PublisherError::TypologiesVersion {
            list: list.clone(),
            version,
        })
    }
}

impl PackReport {
    pub(crate) fn of(pack: &Pack) -> Self {
        Self {
            name: pack.name.clone(),
            version: pack.version,
            rules: pack.rules.len(),
        }
    }
}

impl fmt::Display for PackReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}, {} rules", self.name, self.version, self.rules)
    }
}

/// Reads a pack of which this program understands every rule: only those were checked.
pub(crate) fn checked(bytes: &[u8]) -> Result<Pack> {
    let pack = Pack::parse(bytes).map_err(PublisherError::Typologies)?;
    match pack.skipped.first() {
        Some(skipped) => Err(PublisherError::TypologiesUnknown(skipped.id.clone())),
        None => Ok(pack),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_pack_has_the_sixteen_published_red_flags() {
        let pack = checked(STANDARD_TYPOLOGIES).unwrap();
        assert_eq!((pack.name.as_str(), pack.version), ("standard", 2));
        let ids: Vec<_> = pack.rules.iter().map(|rule| rule.id.as_str()).collect();
        // T01 would count again what a record of the brand says.
        let expected: Vec<_> = (2..=17).map(|number| format!("T{number:02}")).collect();
        assert_eq!(ids, expected);
        for rule in &pack.rules {
            assert!(!rule.calibrated, "{}: nobody has measured it", rule.id);
            assert!((2000..=10_000).contains(&rule.weight), "{}", rule.id);
            assert_eq!(rule.otherwise, 0, "{}", rule.id);
            let titles = ["en", "sv", "nl"].map(|language| rule.text(language));
            let [en, sv, nl] = titles;
            assert!(en != sv && en != nl && sv != nl, "{}", rule.id);
        }
    }
}
