//! The red flags a list goes out with: a pack that gateways read beside the list, checked by the
//! same reader before it is kept.

use interdict_core::list::ListId;
use interdict_core::rules::{Pack, PackTarget, Typology};

use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::publisher::Publisher;
use crate::release::last_release::Standing;
use crate::tuf::{TargetFile, sha256, stored_path};

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

/// What a release changes of a list's red flags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TypologiesReport {
    /// What is published now, if anything was.
    pub before: Option<PackReport>,
    /// What goes out.
    pub after: Option<PackReport>,
    /// Ids of rules that are new, in the order of the pack.
    pub added: Vec<String>,
    /// Of rules that are gone.
    pub removed: Vec<String>,
    /// Of rules that say something else.
    pub changed: Vec<String>,
}

/// The pack a list goes out with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackBuild {
    pub(crate) version: u32,
    pub(crate) bytes: Vec<u8>,
}

impl Publisher {
    /// Keeps a pack of red flags for a list, the only one if none is named. The next release
    /// publishes it.
    ///
    /// # Errors
    /// [`PublisherError::Typologies`] and [`PublisherError::TypologiesUnknown`] for what gateways
    /// would not read, [`PublisherError::TypologiesVersion`] for a version that was published with
    /// another content, or is older.
    pub fn set_typologies(&mut self, list: Option<&str>, bytes: &[u8]) -> Result<PackReport> {
        let list = self.one_list(list)?;
        let pack = checked(bytes)?;
        self.check_typologies_version(&list, pack.version, bytes)?;
        let change = self.register_mut().change()?;
        change.put_typologies(&list, bytes)?;
        change.commit()?;
        Ok(PackReport::of(&pack))
    }

    /// Takes a list's red flags back with the next release.
    ///
    /// # Errors
    /// [`PublisherError::NoTypologies`].
    pub fn remove_typologies(&mut self, list: Option<&str>) -> Result<()> {
        let list = self.one_list(list)?;
        let change = self.register_mut().change()?;
        change.remove_typologies(&list)?;
        change.commit()
    }

    /// The pack to go out with a list, judged anew.
    pub(crate) fn typologies_build(&self, list: &ListId) -> Result<Option<PackBuild>> {
        let Some(bytes) = self.register().typologies(list)? else {
            return Ok(None);
        };
        let version = checked(&bytes)?.version;
        self.check_typologies_version(list, version, &bytes)?;
        Ok(Some(PackBuild { version, bytes }))
    }

    /// One version is one content, at every gateway and for ever.
    fn check_typologies_version(&self, list: &ListId, version: u32, bytes: &[u8]) -> Result<()> {
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

    /// What a release of this pack, or of none, changes; `None` if there neither is nor was one.
    pub(crate) fn typologies_report(
        &self,
        standing: &Standing,
        list: &ListId,
        build: Option<&PackBuild>,
    ) -> Result<Option<TypologiesReport>> {
        let mut targets = standing.targets().iter();
        let before = match targets.any(|(path, file)| {
            PackTarget::read(path, file.custom.as_ref()).is_some_and(|pack| pack.list == *list)
        }) {
            // Versions only rise, hence the newest is the one in place.
            true => self.register().typologies_published(list)?,
            false => None,
        };
        let read = |pack: &PackBuild| Pack::parse(&pack.bytes).map_err(PublisherError::Typologies);
        let before = before.as_ref().map(read).transpose()?;
        let after = build.map(read).transpose()?;
        let some = before.is_some() || after.is_some();
        Ok(some.then(|| TypologiesReport::of(before.as_ref(), after.as_ref())))
    }
}

impl PackReport {
    fn of(pack: &Pack) -> Self {
        Self {
            name: pack.name.clone(),
            version: pack.version,
            rules: pack.rules.len(),
        }
    }
}

impl TypologiesReport {
    fn of(before: Option<&Pack>, after: Option<&Pack>) -> Self {
        let rules = |pack: Option<&Pack>| pack.map_or_else(Vec::new, |pack| pack.rules.clone());
        let (old, new) = (rules(before), rules(after));
        let ids = |rules: &[Typology], chosen: &dyn Fn(&Typology) -> bool| -> Vec<String> {
            let chosen = rules.iter().filter(|rule| chosen(rule));
            chosen.map(|rule| rule.id.clone()).collect()
        };
        let other = |rules: &[Typology], rule: &Typology| {
            rules.iter().find(|other| other.id == rule.id).cloned()
        };
        Self {
            before: before.map(PackReport::of),
            after: after.map(PackReport::of),
            added: ids(&new, &|rule| other(&old, rule).is_none()),
            removed: ids(&old, &|rule| other(&new, rule).is_none()),
            changed: ids(&new, &|rule| {
                other(&old, rule).is_some_and(|old| old != *rule)
            }),
        }
    }
}

impl PackBuild {
    /// The file, and what targets metadata says about it.
    pub(crate) fn target(&self, list: &ListId) -> Result<(String, TargetFile)> {
        let length = u32::try_from(self.bytes.len()).map_err(|_| PublisherError::Exhausted)?;
        let file = TargetFile {
            length,
            sha256: sha256(&self.bytes),
            custom: Some(PackTarget::custom(self.version)),
        };
        Ok((PackTarget::path(list), file))
    }

    pub(crate) fn file(&self, list: &ListId) -> NewFile {
        NewFile {
            path: stored_path(&PackTarget::path(list), &sha256(&self.bytes)),
            bytes: self.bytes.clone(),
        }
    }
}

/// Reads a pack of which this program understands every rule: only those were checked.
fn checked(bytes: &[u8]) -> Result<Pack> {
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
        assert_eq!((pack.name.as_str(), pack.version), ("standard", 1));
        let ids: Vec<_> = pack.rules.iter().map(|rule| rule.id.as_str()).collect();
        let expected: Vec<_> = (1..=16).map(|number| format!("T{number:02}")).collect();
        assert_eq!(ids, expected);
        for rule in &pack.rules {
            assert!(!rule.calibrated, "{}: nobody has measured it", rule.id);
            assert!((500..=3000).contains(&rule.weight), "{}", rule.id);
            assert_eq!(rule.otherwise, 0, "{}", rule.id);
        }
    }
}
