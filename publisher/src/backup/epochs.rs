//! Epochs that began or ended after a backup. A number that gateways know must never get another key.

use std::collections::BTreeMap;

use interdict_core::common::time::Time;
use interdict_core::list::{Descriptor, Edition};
use interdict_core::token::{KeyId, ListKey};

use super::published::Published;
use crate::error::{BackupError, Result};
use crate::keys::NOTICE;
use crate::publisher::Publisher;
use crate::register::{Epoch, PublicEpoch};

/// The member epochs as the repository leaves them.
#[derive(Debug)]
pub(super) struct RecoveredEpochs {
    /// Those that the register lacks or has otherwise.
    pub(super) changed: Vec<Epoch>,
    /// The keys of those that are published.
    pub(super) keys: BTreeMap<u32, ListKey>,
}

impl Publisher {
    /// What the repository says of member epochs. `lost` are those whose keys are gone for good: they end.
    ///
    /// # Errors
    /// [`BackupError::KeyMissing`].
    pub(super) fn recovered_epochs(
        &self,
        published: &Published,
        lost: &[u32],
        now: Time,
    ) -> Result<RecoveredEpochs> {
        let known = self.epochs()?;
        let issued = published.issued().unwrap_or(now);
        let (mut changed, mut keys) = (Vec::new(), BTreeMap::new());
        let lists = member_epochs(published);
        for (number, (starts, key_id)) in &lists {
            let key = self.keys().list_key(*number).ok();
            let key = key.filter(|key| key.id() == *key_id);
            let is_lost = key.is_none();
            if is_lost && !lost.contains(number) {
                return Err(self.key_missing(*number));
            }
            keys.extend(key.map(|key| (*number, key)));
            let new = epoch(*number, *starts, 0, *starts);
            let mut epoch = find(&known, *number).unwrap_or(new);
            let notice = epoch.notice;
            let announced = starts.seconds().saturating_sub(notice);
            epoch.announced.get_or_insert(Time::from_seconds(announced));
            if is_lost {
                epoch.retired_at.get_or_insert(now);
            }
            changed.push(epoch);
        }
        for number in published.announced().filter(|one| !lists.contains_key(one)) {
            let is_lost = self.keys().list_key(number).is_err();
            if is_lost && !lost.contains(&number) {
                return Err(self.key_missing(number));
            }
            let new = epoch(number, issued, NOTICE, issued);
            let mut epoch = find(&known, number).unwrap_or(new);
            // The first release to tell of it is not known: no later than this.
            epoch.announced.get_or_insert(issued);
            if is_lost {
                epoch.retired_at.get_or_insert(now);
            }
            changed.push(epoch);
        }
        // An epoch whose lists are gone while a later one has some was ended after the backup.
        let newest = lists.keys().next_back().copied().unwrap_or_default();
        let ended = known.iter().filter(|epoch| {
            epoch.is_published(issued)
                && epoch.number < newest
                && !lists.contains_key(&epoch.number)
        });
        changed.extend(ended.map(|epoch| Epoch {
            retired_at: Some(issued),
            ..*epoch
        }));
        changed.retain(|epoch| find(&known, epoch.number) != Some(*epoch));
        Ok(RecoveredEpochs { changed, keys })
    }

    /// The public epochs that are published, whose constants must stay.
    ///
    /// # Errors
    /// [`BackupError::KeyMissing`]: another key in its place would tell what is listed.
    pub(super) fn recovered_public_epochs(
        &self,
        published: &Published,
    ) -> Result<Vec<(PublicEpoch, Descriptor)>> {
        let public = published.release.descriptors().filter(is_public);
        let epochs = public.map(|descriptor| {
            let header = &descriptor.header;
            let number = header.epoch;
            let key = self.keys().public_key(number);
            if !key.is_ok_and(|key| key.id() == header.key_id) {
                return Err(BackupError::PublicKeyMissing {
                    file: self.keys().public_key_file(number),
                }
                .into());
            }
            let epoch = PublicEpoch {
                list: header.list.clone(),
                number,
                since: descriptor.provenance.epoch_start,
                rate: header.rate,
                capacity: header.entries,
            };
            Ok((epoch, descriptor))
        });
        epochs.collect()
    }

    fn key_missing(&self, epoch: u32) -> crate::PublisherError {
        let file = self.keys().list_key_file(epoch);
        BackupError::KeyMissing { file, epoch }.into()
    }
}

/// The epochs with lists for members: when each starts, and its key.
fn member_epochs(published: &Published) -> BTreeMap<u32, (Time, KeyId)> {
    let keyed = published
        .release
        .descriptors()
        .filter(|one| !is_public(one));
    let epochs = keyed.map(|descriptor| {
        let header = &descriptor.header;
        let starts = descriptor.provenance.epoch_start;
        (header.epoch, (starts, header.key_id))
    });
    epochs.collect()
}

fn is_public(descriptor: &Descriptor) -> bool {
    descriptor.header.edition == Edition::Public
}

const fn epoch(number: u32, since: Time, notice: u32, announced: Time) -> Epoch {
    Epoch {
        number,
        since,
        notice,
        announced: Some(announced),
        retired_at: None,
    }
}

fn find(epochs: &[Epoch], number: u32) -> Option<Epoch> {
    epochs.iter().find(|epoch| epoch.number == number).copied()
}
