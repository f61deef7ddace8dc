//! A gateway's choice among the releases that a coalition publishes.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::common::sort;
use crate::list::{Descriptor, Edition, KeyTarget, ListError, ListId};
use crate::token::KeyId;
use crate::trust::{Target, Wanted};

/// Which of a coalition's releases this gateway loads. The default is the member edition of every
/// list, in the epoch that can answer.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Lists that the coalition must publish; `None` loads every list it publishes.
    pub lists: Option<Vec<ListId>>,
    /// Which edition of each list to load.
    pub edition: Edition,
    /// Which epochs of each list to load.
    pub epochs: Epochs,
}

/// Which epochs of a list are loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Epochs {
    /// The newest one whose ListKey is known, or the newest if none is.
    Answering,
    /// All of them: a publisher proves each.
    All,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            lists: None,
            edition: Edition::Member,
            epochs: Epochs::Answering,
        }
    }
}

impl Choice {
    pub(super) fn takes(&self, list: &ListId) -> bool {
        let lists = self.lists.as_ref();
        lists.is_none_or(|lists| lists.contains(list))
    }

    /// Whether a sealed key reads one of the chosen lists. A public edition's key is no secret, and no
    /// target.
    pub(super) fn takes_key(&self, key: &KeyTarget) -> bool {
        let reads = |list: &ListId| list.coalition() == key.coalition;
        let lists = self.lists.as_ref();
        self.edition != Edition::Public && lists.is_none_or(|lists| lists.iter().any(reads))
    }

    /// The target paths that the chosen lists and their sealed keys can have.
    pub(super) fn wanted(&self) -> Wanted {
        let Some(lists) = &self.lists else {
            return Wanted::All;
        };
        let path = |list: &ListId| format!("{}.", list.as_str());
        let mut paths: Vec<String> = lists.iter().map(path).collect();
        if self.edition != Edition::Public {
            paths.extend(
                lists
                    .iter()
                    .map(|list| KeyTarget::paths_of(list.coalition())),
            );
        }
        Wanted::Under(paths)
    }

    /// Reads the release that a target describes; `None` if this gateway does not load it.
    pub(super) fn descriptor(
        &self,
        path: &str,
        target: &Target,
    ) -> Result<Option<Descriptor>, ListError> {
        let Some((list, edition, _)) = ListId::of_filter_path(path) else {
            return Ok(None);
        };
        let wanted = self.takes(&list);
        let Some(custom) = target
            .custom
            .as_ref()
            .filter(|_| wanted && edition == self.edition)
        else {
            return Ok(None);
        };
        Descriptor::of_target(path, custom).transpose()
    }

    /// The releases to load, each followed by those of the same list that take its place if its files
    /// are not in the host's store: a key that became known since may have made another epoch the best.
    pub(super) fn by_preference(
        &self,
        keys: &[KeyId],
        mut releases: Vec<Descriptor>,
    ) -> Vec<Vec<Descriptor>> {
        let rank =
            |Descriptor { header, .. }: &Descriptor| (keys.contains(&header.key_id), header.epoch);
        if self.epochs == Epochs::All {
            return releases.into_iter().map(|release| vec![release]).collect();
        }
        sort::by(&mut releases, |a, b| {
            let lists = a.header.list.cmp(&b.header.list);
            lists.then_with(|| rank(b).cmp(&rank(a)))
        });
        let mut all: Vec<Vec<Descriptor>> = Vec::new();
        for release in releases {
            match all.last_mut() {
                Some(one)
                    if one
                        .iter()
                        .all(|other| other.header.list == release.header.list) =>
                {
                    one.push(release);
                }
                _ => all.push(vec![release]),
            }
        }
        all
    }
}
