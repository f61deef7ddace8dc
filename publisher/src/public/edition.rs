//! The public edition of one release: a coarse filter of the disclosed names and decoys, and what
//! it would tell together with all public releases before it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    Descriptor, Edition, Files, Header, Kinds, ListId, Provenance, encode_filter_without,
};
use interdict_core::token::{ListKey, Tag};

use super::disclosure::Disclosed;
use super::enumeration::Series;
use crate::dictionary::{PublicSettings, Share};
use crate::error::{PublisherError, Result};
use crate::intake::{public_suffix_digest, shared_domains};
use crate::publisher::Publisher;
use crate::register::{PublicEpoch, PublicRelease};

/// The public edition of one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicReport {
    /// Its epoch.
    pub epoch: u32,
    /// Names that go out.
    pub listed: usize,
    /// Names that are marked as public and follow once gateways have blocked them for 30 days.
    pub waiting: usize,
    /// Names that are marked as public but held back, because of what sources say about them.
    pub held_back: usize,
    /// Entries of the filter, decoys included.
    pub entries: u32,
    /// Bytes of the filter.
    pub bytes: u64,
    /// The worst a dictionary finds in all public releases so far; `None` while nothing was ever
    /// disclosed.
    pub share: Option<Share>,
}

/// What a release says of every list and edition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NextRelease {
    pub(crate) sequence: u64,
    pub(crate) issued: Time,
    /// The day from which the list is published in a later format alone.
    pub(crate) ends: Option<Time>,
    /// The head of the register's history.
    pub(crate) history: [u8; 32],
}

/// A public edition, ready to be signed.
#[derive(Debug)]
pub(crate) struct PublicBuild {
    pub(crate) epoch: PublicEpoch,
    /// Whether the epoch begins with this release.
    pub(crate) first: FirstRelease,
    pub(crate) descriptor: Descriptor,
    pub(crate) files: Files,
    pub(crate) key: ListKey,
    pub(crate) names: Vec<Identifier>,
    pub(crate) waiting: usize,
    pub(crate) held_back: usize,
    /// What the register has to keep; `None` if it has the same already.
    pub(crate) keep: Option<PublicRelease>,
    /// The worst a dictionary finds; `None` while nothing was ever disclosed.
    pub(crate) share: Option<Share>,
}

/// Whether the register knows an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstRelease {
    Yes,
    No,
}

impl PublicBuild {
    pub(crate) fn report(&self) -> PublicReport {
        PublicReport {
            epoch: self.epoch.number,
            listed: self.names.len(),
            waiting: self.waiting,
            held_back: self.held_back,
            entries: self.epoch.capacity,
            bytes: u64::from(self.descriptor.filter.length),
            share: self.share,
        }
    }
}

impl Publisher {
    /// Builds a list's public edition, if it has one or gets one now.
    ///
    /// # Errors
    /// [`PublisherError::PublicOutgrown`], [`PublisherError::Enumerable`],
    /// [`PublisherError::ProtectedListed`].
    pub(crate) fn public_build(
        &self,
        list: &ListId,
        next: NextRelease,
        disclosed: &Disclosed<'_>,
        protected: &[Identifier],
    ) -> Result<Option<PublicBuild>> {
        let names: Vec<Identifier> = disclosed.identifiers.iter().copied().cloned().collect();
        let (epoch, first) = match self.register().public_epoch(list)? {
            Some(epoch) => (epoch, FirstRelease::No),
            None if names.is_empty() => return Ok(None),
            None => (
                PublicEpoch::first(list, disclosed.soon(), next.issued)?,
                FirstRelease::Yes,
            ),
        };
        // Never for an epoch that browsers know: another key would silently make it another list.
        if first == FirstRelease::Yes {
            self.keys().make_public_key(epoch.number)?;
        }
        let key = self.keys().public_key(epoch.number)?;
        let listed: Vec<Tag> = names.iter().map(|name| tag(&key, name)).collect();
        check_protected(list, &key, &listed, protected)?;
        let (descriptor, files) = self.public_files(&epoch, next, &key, &listed)?;
        let release = PublicRelease {
            epoch: epoch.number,
            names: names.iter().map(|name| name.text().to_owned()).collect(),
            filter: files.filter.clone(),
        };
        let mut releases = self.register().public_releases(list)?;
        // The same names in the same epoch are the same bitmaps: nothing more to find.
        let last = releases.last();
        let same =
            last.is_some_and(|last| (last.epoch, &last.names) == (epoch.number, &release.names));
        let keep = (!same).then(|| release.clone());
        releases.extend(keep.clone());
        let settings = self.public_settings()?;
        let share = self.share(list, &releases, settings)?;
        Ok(Some(PublicBuild {
            epoch,
            first,
            descriptor,
            files,
            key,
            names,
            waiting: disclosed.waiting,
            held_back: disclosed.held_back,
            keep,
            share,
        }))
    }

    fn public_files(
        &self,
        epoch: &PublicEpoch,
        next: NextRelease,
        key: &ListKey,
        listed: &[Tag],
    ) -> Result<(Descriptor, Files)> {
        let refused = PublisherError::in_list(&epoch.list);
        let header = Header {
            list: epoch.list.clone(),
            edition: Edition::Public,
            epoch: epoch.number,
            sequence: next.sequence,
            issued: next.issued,
            entries: epoch.capacity,
            rate: epoch.rate,
            kinds: Kinds::of([Kind::Domain]),
            key_id: key.id(),
        };
        let decoys = epoch.decoys(listed.len())?;
        let mut tags = listed.to_vec();
        tags.extend(
            self.keys()
                .decoys()?
                .public_tags(epoch.list.as_str(), epoch.number, decoys),
        );
        // The public suffixes, what stands above them, and nothing else: everybody can compute which of them
        // a filter hits. One name more, or one left out because it is protected, would tell something.
        let suffixes: Vec<Tag> = shared_domains().map(|name| tag(key, &name)).collect();
        let filter = encode_filter_without(&header, &tags, &suffixes).map_err(refused)?;
        let files = Files {
            filter,
            ..Files::default()
        };
        let provenance = Provenance {
            epoch_start: epoch.since,
            history: next.history,
            ends: next.ends,
            base: None,
        };
        let digest = public_suffix_digest();
        let descriptor = Descriptor::of_public(&header, provenance, digest, &files);
        let descriptor = descriptor.map_err(refused)?;
        Ok((descriptor, files))
    }

    /// The worst a dictionary finds in all public releases of a list, which must be within the
    /// bound.
    fn share(
        &self,
        list: &ListId,
        releases: &[PublicRelease],
        settings: PublicSettings,
    ) -> Result<Option<Share>> {
        let mut epochs: BTreeMap<u32, Vec<&[u8]>> = BTreeMap::new();
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for release in releases {
            let filters = epochs.entry(release.epoch).or_default();
            filters.push(&release.filter);
            names.extend(release.names.iter().map(String::as_str));
        }
        let mut keys = Vec::new();
        let mut series = Vec::new();
        for (epoch, filters) in epochs {
            keys.push(self.keys().public_key(epoch)?);
            series.push(Series::read(&filters).ok_or(PublisherError::RegisterContent)?);
        }
        let mut listed = Vec::new();
        for name in names {
            let name = Identifier::parse(Kind::Domain, name);
            let name = name.map_err(|_| PublisherError::RegisterEntries { count: 1 })?;
            listed.push(keys.iter().map(|key| tag(key, &name)).collect());
        }
        let share = Share::worst(&series, &listed, settings.dictionary);
        match share {
            Some(share)
                if share.per_million() > u32::from(settings.share).saturating_mul(1_000) =>
            {
                Err(PublisherError::Enumerable {
                    list: list.clone(),
                    share,
                    settings,
                })
            }
            share => Ok(share),
        }
    }
}

impl fmt::Display for PublicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "  public epoch {}: {} listed, {} waiting, {} held back; filter for {} entries, {} bytes",
            self.epoch, self.listed, self.waiting, self.held_back, self.entries, self.bytes
        )?;
        match self.share {
            Some(share) => writeln!(f, "  a dictionary would find listed {share}"),
            None => Ok(()),
        }
    }
}

/// A public filter hits a protected name by chance once in 2^t, so it is the listed tags that must
/// not answer for one, under itself or a name above it.
fn check_protected(
    list: &ListId,
    key: &ListKey,
    listed: &[Tag],
    protected: &[Identifier],
) -> Result<()> {
    let listed: BTreeSet<Tag> = listed.iter().copied().collect();
    let names = protected
        .iter()
        .filter(|identifier| identifier.kind() == Kind::Domain);
    let hit = names.filter(|identifier| {
        identifier
            .look_ups()
            .any(|look_up| listed.contains(&key.tag(look_up.kind, look_up.canonical)))
    });
    match hit.count() {
        0 => Ok(()),
        count => Err(PublisherError::ProtectedListed {
            list: list.clone(),
            count,
        }),
    }
}

fn tag(key: &ListKey, name: &Identifier) -> Tag {
    key.tag(name.kind(), name.canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(name: &str) -> Identifier {
        Identifier::parse(Kind::Domain, name).unwrap()
    }

    #[test]
    fn a_listed_tag_that_answers_for_a_protected_name_is_refused() {
        let list = ListId::parse("se/cards").unwrap();
        let key = ListKey::new([7; 32]);
        let listed = [tag(&key, &domain("shop.example"))];
        let check = |protected: &[Identifier]| check_protected(&list, &key, &listed, protected);
        let account = Identifier::parse(Kind::Iban, "GB82WEST12345698765432").unwrap();
        check(&[domain("other.example"), domain("example.test"), account]).unwrap();
        for name in ["shop.example", "pay.shop.example"] {
            let refused = check(&[domain("other.example"), domain(name)]);
            assert!(
                matches!(
                    refused,
                    Err(PublisherError::ProtectedListed { count: 1, .. })
                ),
                "{name}"
            );
        }
    }
}
