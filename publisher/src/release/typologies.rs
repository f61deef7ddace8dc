//! The red flags that a release publishes beside a list, and what it changes of them.

use std::fmt;

use interdict_core::list::ListId;
use interdict_core::rules::{Pack, PackTarget, Typology};

use super::repository::LastRelease;
use crate::digest::sha256;
use crate::directory::NewFile;
use crate::error::{PublisherError, Result};
use crate::intake::{PackReport, checked};
use crate::publisher::Publisher;
use crate::register::PublishedPack;
use crate::tuf::{TargetFile, stored_path};

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

impl Publisher {
    /// The pack to go out with a list, judged anew.
    pub(crate) fn typologies_build(&self, list: &ListId) -> Result<Option<PublishedPack>> {
        let Some(bytes) = self.register().typologies(list)? else {
            return Ok(None);
        };
        let version = checked(&bytes)?.version;
        self.check_typologies_version(list, version, &bytes)?;
        Ok(Some(PublishedPack { version, bytes }))
    }

    /// What a release of this pack, or of none, changes; `None` if there neither is nor was one.
    pub(crate) fn typologies_report(
        &self,
        last: &LastRelease,
        list: &ListId,
        build: Option<&PublishedPack>,
    ) -> Result<Option<TypologiesReport>> {
        let mut targets = last.targets().iter();
        let before = match targets.any(|(path, file)| {
            PackTarget::read(path, file.custom.as_ref()).is_some_and(|pack| pack.list == *list)
        }) {
            // Versions only rise, so the newest is the published one.
            true => self.register().typologies_published(list)?,
            false => None,
        };
        let read =
            |pack: &PublishedPack| Pack::parse(&pack.bytes).map_err(PublisherError::Typologies);
        let before = before.as_ref().map(read).transpose()?;
        let after = build.map(read).transpose()?;
        let some = before.is_some() || after.is_some();
        Ok(some.then(|| TypologiesReport::of(before.as_ref(), after.as_ref())))
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

/// The file, and what targets metadata says about it.
pub(crate) fn pack_target(pack: &PublishedPack, list: &ListId) -> Result<(String, TargetFile)> {
    let length = u32::try_from(pack.bytes.len()).map_err(|_| PublisherError::Exhausted)?;
    let file = TargetFile {
        length,
        sha256: sha256(&pack.bytes),
        custom: Some(PackTarget::custom(pack.version)),
    };
    Ok((PackTarget::path(list), file))
}

pub(crate) fn pack_file(pack: &PublishedPack, list: &ListId) -> NewFile {
    NewFile {
        path: stored_path(&PackTarget::path(list), &sha256(&pack.bytes)),
        bytes: pack.bytes.clone(),
    }
}

impl fmt::Display for TypologiesReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) if before == after => writeln!(f, "  typologies {after}")?,
            (Some(before), Some(after)) => writeln!(f, "  typologies {after}; before {before}")?,
            (None, Some(after)) => writeln!(f, "  typologies {after}; before none")?,
            (Some(before), None) => writeln!(f, "  typologies none; before {before}")?,
            (None, None) => {}
        }
        for (what, rules) in [
            ("new", &self.added),
            ("gone", &self.removed),
            ("changed", &self.changed),
        ] {
            if !rules.is_empty() {
                writeln!(f, "    {what}: {}", rules.join(", "))?;
            }
        }
        Ok(())
    }
}
