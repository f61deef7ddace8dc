//! Taking files away that nobody needs any more, by age. Metadata is never taken away: a gateway that was
//! off for a year walks the roots one by one.

use std::collections::BTreeSet;

use interdict_core::common::hex;
use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;

use super::copies::original;
use crate::keys::SNAPSHOT_LIFE;
use crate::published::TARGETS_LIFE;
use crate::tree::Tree;
use crate::tuf::{Head, Snapshot, TargetFile, metadata_path, signed_at, stored_path};

/// How long a file stays after the last release that named it: a gateway that was switched off in the middle
/// of an update, or reads from a slow cache, still finds it.
const KEPT: u32 = 14 * 86_400;

/// Deletes target files that no targets metadata names which was current in the last 14 days, and what
/// writes that were cut off left. Says how many files.
///
/// Ages are those that were signed: copying a repository does not change them. Only files go that older
/// targets metadata names: what others put there is theirs. Nothing here can fail a release that is already
/// out: what cannot be read is a reason to keep everything, and what cannot be deleted waits for the next
/// time.
pub(crate) fn prune(tree: &Tree, now: Time) -> usize {
    tree.remove_staged();
    let since = Time::from_seconds(now.seconds().saturating_sub(KEPT));
    let Some((kept, old)) = current_since(tree, since) else {
        return 0;
    };
    let Some(named) = named_by(tree, &kept) else {
        return 0;
    };
    let mut left: BTreeSet<String> = tree.targets().into_iter().collect();
    left.retain(|path| is_target(path) && !named.contains(original(path)));
    let mut removed = 0_usize;
    for version in old.into_iter().rev() {
        if left.is_empty() {
            break;
        }
        let Some(named) = named_by(tree, &[version]) else {
            continue;
        };
        left.retain(|path| {
            let goes = named.contains(original(path));
            if goes && tree.remove(path) {
                removed = removed.saturating_add(1);
            }
            !goes
        });
    }
    removed
}

/// The targets versions that were current since a time, and those that were not. `None` if a file that says
/// so cannot be read.
fn current_since(tree: &Tree, since: Time) -> Option<(Vec<u32>, Vec<u32>)> {
    let mut kept = BTreeSet::new();
    // A snapshot is current until the next one is signed.
    let mut next = None;
    for version in tree.versions(RoleName::Snapshot).into_iter().rev() {
        if next.is_some_and(|next| next < since) {
            break;
        }
        let file = tree.read(&metadata_path(RoleName::Snapshot, version));
        let snapshot = Snapshot::read(&file.ok()??)?;
        kept.insert(snapshot.targets.version);
        next = Some(signed_at(snapshot.expires, SNAPSHOT_LIFE));
    }
    // Targets that are newer than any snapshot are about to go out; where no snapshot is, on the machine
    // of the targets keys, they were current until the next ones.
    let all = tree.versions(RoleName::Targets);
    let published = kept.last().copied();
    let mut next = None;
    for version in all.iter().rev() {
        let is_old = next.is_some_and(|next| next < since);
        let may_go_out = published.is_some_and(|published| *version >= published);
        if is_old && !may_go_out {
            break;
        }
        kept.insert(*version);
        let file = tree.read(&metadata_path(RoleName::Targets, *version));
        let head = Head::read(&file.ok()??, RoleName::Targets)?;
        next = Some(signed_at(head.expires, TARGETS_LIFE));
    }
    let old = all.into_iter().filter(|version| !kept.contains(version));
    let old = old.collect();
    Some((kept.into_iter().collect(), old))
}

/// Where the files lie that targets metadata of these versions names.
fn named_by(tree: &Tree, versions: &[u32]) -> Option<BTreeSet<String>> {
    let mut named = BTreeSet::new();
    for version in versions {
        let file = tree.read(&metadata_path(RoleName::Targets, *version));
        let files = TargetFile::read_all(&file.ok()??)?;
        let paths = files
            .iter()
            .map(|(path, file)| stored_path(path, &file.sha256));
        named.extend(paths);
    }
    Some(named)
}

/// Whether a file is named as ours are: what others put there is theirs.
fn is_target(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or_default();
    let digest = file.split('.').next().unwrap_or_default();
    hex::array::<32>(digest).is_some()
}
