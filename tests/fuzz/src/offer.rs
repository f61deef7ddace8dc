//! A foreign file at its place in an update, and what must hold whatever the file says.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use interdict_core::common::time::Time;
use interdict_core::trust::{Client, Freshness, Outcome, Source, Step, Versions, Wanted};

use crate::repository::{LIST, NOW, RECOVER, RELEASES, SIGN, client, sign};

/// A client at which release 1 is live.
static LIVE: LazyLock<Client> = LazyLock::new(|| {
    let mut client = client();
    let updated = RELEASES[0].update(&mut client);
    updated.expect("an honest release");
    client
});

/// The same in an update to release 2, by the path it asks for.
static WAITING: LazyLock<BTreeMap<String, Client>> = LazyLock::new(|| {
    let mut client = LIVE.clone();
    let mut waiting = BTreeMap::new();
    client.begin(Source::Repository, NOW, Wanted::All);
    while let Step::Fetch(request) = client.step() {
        waiting.insert(request.path.clone(), client.clone());
        let supplied = client.supply(RELEASES[1].outcome(&request));
        supplied.expect("an honest release");
    }
    waiting
});

/// The state of a client, recorded before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View {
    /// Of the newest root and the live set.
    pub versions: Versions,
    /// Of [`LIST`].
    pub freshness: Option<Freshness>,
    /// The newest time.
    pub time: Option<Time>,
}

impl View {
    /// What this client holds.
    #[must_use]
    pub fn of(client: &Client) -> Self {
        Self {
            versions: client.versions(),
            freshness: client.freshness(LIST, NOW),
            time: client.newest_time(),
        }
    }

    /// Nothing was completed: the same is live, and no fresher.
    ///
    /// # Panics
    /// If not.
    pub fn has_not_improved(&self, after: &Self) {
        let live = |view: &Self| (view.versions.timestamp, view.versions.snapshot);
        assert_eq!(live(self), live(after), "another set is live");
        assert_eq!(self.versions.targets, after.versions.targets);
        assert!(self.versions.root <= after.versions.root, "an older root");
        let lost = self.freshness.is_some() && after.freshness.is_none();
        assert!(self.freshness <= after.freshness && !lost, "fresher");
        assert_eq!(self.time, after.time);
    }

    /// Something was completed: nothing is older, unless a new root took keys away.
    ///
    /// # Panics
    /// If not.
    pub fn is_not_older(&self, after: &Self) {
        assert!(self.versions.root <= after.versions.root, "an older root");
        assert!(self.time <= after.time, "an older time");
        if self.versions.root == after.versions.root {
            let versions = |view: &Self| {
                let Versions {
                    timestamp,
                    snapshot,
                    targets,
                    ..
                } = view.versions;
                [timestamp, snapshot, targets]
            };
            let pairs = versions(self).into_iter().zip(versions(after));
            assert!(pairs.into_iter().all(|(old, new)| old <= new), "rollback");
        }
    }
}

/// Supplies the input when `path` is requested, and continues with honest files.
///
/// # Panics
/// If something does not hold.
pub fn offer(path: &str, keys: &[u8], input: &[u8]) {
    let Some((&choice, file)) = input.split_first() else {
        return;
    };
    let signed = (choice & SIGN != 0).then(|| sign(file, keys));
    let Some(file) = signed.unwrap_or_else(|| Some(file.to_vec())) else {
        return;
    };
    let mut client = WAITING[path].clone();
    let mut before = View::of(&client);
    if path.ends_with("snapshot.json") {
        // The lists wait for this file. It may say that nothing is newer on the way to one of them.
        assert_eq!(before.freshness, Some(Freshness::Late));
        before.freshness = Some(Freshness::Fresh);
    }
    let supplied = client.supply(Outcome::Bytes(&file));
    let after = View::of(&client);
    before.has_not_improved(&after);
    match supplied {
        Ok(_) => go_on(client),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert_eq!(client.step(), Step::Idle, "an error ends the update");
            assert_eq!(before.versions.root, after.versions.root);
            if choice & RECOVER != 0 {
                recover(client);
            }
        }
    }
}

/// An honest update completes, whatever was refused before.
///
/// # Panics
/// If it does not.
pub fn recover(mut client: Client) {
    assert_eq!(RELEASES[2].update(&mut client), Ok(()));
    assert_eq!(client.freshness(LIST, NOW), Some(Freshness::Fresh));
    assert_eq!(client.versions().targets, Some(3));
}

/// Completes the update after a correctly signed file was accepted, and makes another update.
fn go_on(mut client: Client) {
    let before = View::of(&client);
    let _ = RELEASES[1].drive(&mut client);
    before.has_not_improved(&View::of(&client));
    for (path, target) in client.targets() {
        assert!(target.path(path, true).starts_with("targets/"));
    }
    client.complete();
    let after = View::of(&client);
    before.is_not_older(&after);
    let digest = client.state_digest();
    for path in [LIST, "README.md", "se/team.filter", "nl/cards.filter"] {
        if client.begin_target(Source::Repository, NOW, path).is_ok() {
            let _ = RELEASES[1].drive(&mut client);
            client.complete();
        }
    }
    assert_eq!(
        client.state_digest(),
        digest,
        "a search changed what is live"
    );
    after.has_not_improved(&View::of(&client));
    let _ = RELEASES[2].update(&mut client);
    after.is_not_older(&View::of(&client));
}
