use std::path::Path;

use interdict_core::wire::{Enrolment, EnrolmentError, EnrolmentKey, EnrolmentParts};

use crate::error::Error;
use crate::load::try_enrolment;
use crate::module::Module;
use crate::store::Store;

/// What to do when a coalition is enrolled with another root of trust, or another key of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherRoot {
    /// Keep the saved one, and return an error.
    Refuse,
    /// Delete everything saved about the coalition, and start from the new root and keys.
    Replace,
}

/// What enrolling changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Enrolled {
    /// The coalition is new to this gateway.
    Added,
    /// It was enrolled before; some keys may be new.
    Merged {
        /// How many keys are new.
        new_keys: usize,
    },
    /// Everything saved about it was deleted; it starts from the new root.
    Replaced,
}

/// Takes an enrolment into a gateway's state directory, after the module has accepted its root and
/// keys. The first one also creates the gateway's receipt key.
///
/// # Errors
/// [`Error::NotTrusted`], [`Error::OtherRoot`], [`Error::OtherKey`], or why it could not be saved.
pub fn enrol(
    module: &Module,
    state: &Path,
    enrolment: &Enrolment,
    other_root: OtherRoot,
    now: u32,
) -> Result<Enrolled, Error> {
    try_enrolment(module, enrolment, now).map_err(Error::NotTrusted)?;
    let store = Store::create(state)?;
    let enrolled = enrol_in(&store, module, enrolment, other_root, now)?;
    store.take_stock()?;
    Ok(enrolled)
}

fn enrol_in(
    store: &Store,
    module: &Module,
    enrolment: &Enrolment,
    other_root: OtherRoot,
    now: u32,
) -> Result<Enrolled, Error> {
    if store.receipt_key()?.is_none() {
        let _lock = store.lock()?;
        store.create_receipt_key()?;
    }
    let _shared = store.lock_shared()?;
    let _lock = store.lock_coalition(enrolment.coalition())?;
    let shelf = store.shelf(enrolment.coalition())?;
    let known = match store.enrolment(enrolment.coalition()) {
        // Which root it named is not known, so nothing that was verified from it is kept.
        Err(error) if error.is_damage() && other_root == OtherRoot::Replace => {
            shelf.forget()?;
            store.save_enrolment(enrolment)?;
            return Ok(Enrolled::Replaced);
        }
        known => known?,
    };
    let Some(known) = known else {
        store.save_enrolment(enrolment)?;
        return Ok(Enrolled::Added);
    };
    let root = enrolment.root();
    // After a rotation the coalition hands out its newest root. If that root was verified from the pinned one,
    // it continues the same trust.
    let same_trust = root == known.root() || shelf.holds_root(root)?;
    let conflict = conflict(&known, enrolment).filter(|_| same_trust);
    if let Some(epoch) = conflict.filter(|_| other_root == OtherRoot::Refuse) {
        let coalition = known.coalition().to_owned();
        return Err(Error::OtherKey { coalition, epoch });
    }
    if same_trust && conflict.is_none() {
        let renewed = renewed(&known, enrolment).map_err(Error::NotRenewed)?;
        try_enrolment(module, &renewed, now).map_err(Error::NotTrusted)?;
        store.save_enrolment(&renewed)?;
        let new_keys = renewed.keys().len().saturating_sub(known.keys().len());
        return Ok(Enrolled::Merged { new_keys });
    }
    if other_root == OtherRoot::Refuse {
        return Err(Error::OtherRoot(known.coalition().to_owned()));
    }
    // The lists are deleted first, because they cannot be verified under the new root.
    shelf.forget()?;
    store.save_enrolment(enrolment)?;
    Ok(Enrolled::Replaced)
}

/// The epoch for which a newer enrolment of the same coalition brings another key, if there is one. Saved
/// lists of that epoch would become unreadable, or the file is somebody else's.
fn conflict(known: &Enrolment, newer: &Enrolment) -> Option<u32> {
    let differs = |key: &&EnrolmentKey| {
        let mut known = known.keys().iter();
        known.any(|known| known.epoch() == key.epoch() && known != *key)
    };
    newer.keys().iter().find(differs).map(EnrolmentKey::epoch)
}

/// The saved enrolment with the newer one's lists, member and repository, and with the keys of both. The
/// pinned root stays.
fn renewed(known: &Enrolment, newer: &Enrolment) -> Result<Enrolment, EnrolmentError> {
    let mut keys = known.keys().to_vec();
    let is_new = |key: &&EnrolmentKey| !known.keys().contains(key);
    keys.extend(newer.keys().iter().filter(is_new).cloned());
    Enrolment::new(&EnrolmentParts {
        coalition: known.coalition(),
        member: newer.member(),
        edition: newer.edition(),
        repository: newer.repository(),
        root: known.root(),
        lists: newer.lists(),
        recipient: newer.recipient().or(known.recipient()),
        keys: &keys,
    })
}
