//! A gateway's choice among the releases that a coalition publishes.

use crate::list::{Descriptor, Edition, KeyTarget, ListError, ListId};
use crate::token::KeyId;
use crate::trust::{Target, Wanted};

/// Which of a coalition's releases this gateway loads. The default is the member edition of every
/// list.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Lists that the coalition must publish; `None` loads every list it publishes.
    pub lists: Option<Vec<ListId>>,
    /// Which edition of each list to load.
    pub edition: Edition,
    /// Ids of the ListKeys that the gateway will have. Of each list, only the newest epoch with one
    /// of these keys is loaded, or the newest epoch if none has. `None` loads every epoch.
    pub key_ids: Option<Vec<KeyId>>,
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            lists: None,
            edition: Edition::Member,
            key_ids: None,
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

    /// Keeps only the best epoch of each list, if the gateway named its keys.
    pub(super) fn retain_epochs(&self, releases: &mut Vec<Descriptor>) {
        let Some(key_ids) = &self.key_ids else {
            return;
        };
        let ranks: Vec<_> = releases
            .iter()
            .map(|Descriptor { header, .. }| {
                let rank = (key_ids.contains(&header.key_id), header.epoch);
                (header.list.clone(), rank)
            })
            .collect();
        let mut own = ranks.iter();
        releases.retain(|_| {
            own.next().is_some_and(|(list, rank)| {
                let better = |(other, other_rank): &(ListId, _)| other == list && other_rank > rank;
                !ranks.iter().any(better)
            })
        });
    }
}
