//! A coalition whose repository is served elsewhere, with gateways that poll, and whose machine can die.

use std::fs;
use std::path::{Path, PathBuf};

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Edition, Membership};
use interdict_publisher::{
    BackupIdentity, BackupKeys, BackupOptions, BackupRecipients, BackupReport, Confirm, Format,
    ImportOptions, Publisher, PublisherError, RecoverOptions, RecoverReport, ReleaseOptions,
    ReleaseReport, RestoreReport, TestKeys, new_backup_key,
};

use super::follower::Follower;
use crate::coalition::{Coalition, Gateway, import_by_source, now, tree};

pub(crate) struct World {
    pub(crate) coalition: Coalition,
    /// The identity file, and its recipient.
    key: (String, String),
    /// Gateways of each edition, which poll between any two files of an upload.
    followers: Vec<Follower>,
    /// One that answers.
    pub(crate) gateway: Gateway,
    pub(crate) polls: usize,
}

impl World {
    /// A coalition that listed `old.example` and `gone.example` and released them at [`now`].
    pub(crate) fn new() -> Self {
        Self::with(TestKeys::Yes)
    }

    pub(crate) fn with(test_keys: TestKeys) -> Self {
        let before = Time::from_seconds(now().seconds() - 60);
        let mut coalition = Coalition::with(test_keys, &[]);
        let csv =
            "kind,value,source,action\ndomain,old.example,x,block\ndomain,gone.example,x,block\n";
        let options = ImportOptions::new(Format::Csv, "x");
        let imported = import_by_source(&mut coalition.publisher, csv, &options, before);
        assert_eq!(imported.accepted, 2);
        let gateway = coalition.gateway();
        let root = fs::read(coalition.repository().join("metadata/1.root.json")).unwrap();
        let editions = [Edition::Member, Edition::Compact, Edition::Public];
        let followers = editions.map(|edition| Follower::new(&root, edition));
        let mut world = Self {
            coalition,
            key: new_backup_key(),
            followers: followers.into(),
            gateway,
            polls: 0,
        };
        world.release(now());
        world
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.coalition.directory()
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.home().with_file_name(name)
    }

    pub(crate) fn served(&self) -> PathBuf {
        self.beside("served")
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.beside("se.age")
    }

    pub(crate) fn import(&mut self, rows: &str, now: Time) {
        let csv = format!("kind,value,source,action\n{rows}");
        let options = ImportOptions::new(Format::Csv, "x");
        let report = import_by_source(&mut self.coalition.publisher, csv, &options, now);
        assert_eq!(report.refused.len(), 0);
    }

    /// Releases and uploads what an earlier release held back.
    pub(crate) fn confirm(&mut self, digest: &str, now: Time) {
        let options = ReleaseOptions {
            confirm: Confirm::Proposal(digest.to_owned()),
            ..ReleaseOptions::default()
        };
        self.coalition.publisher.release(now, &options).unwrap();
        self.upload(now);
    }

    pub(crate) fn try_release(&mut self, now: Time) -> Result<ReleaseReport, PublisherError> {
        let options = ReleaseOptions::default();
        self.coalition.publisher.release(now, &options)
    }

    /// Releases and uploads.
    pub(crate) fn release(&mut self, now: Time) -> ReleaseReport {
        let report = self.try_release(now).unwrap();
        self.upload(now);
        let polls = self.polls;
        self.poll(now);
        assert!(self.polls > polls, "what was just released has not expired");
        report
    }

    pub(crate) fn renew(&mut self, now: Time) {
        self.coalition.publisher.renew(now).unwrap();
        self.upload(now);
    }

    /// Brings what is new to where it is served, file by file, and lets every gateway poll after each.
    pub(crate) fn upload(&mut self, now: Time) {
        let (from, to) = (self.coalition.repository(), self.served());
        let mut files: Vec<_> = tree(&from).into_iter().collect();
        let rank = |path: &str| {
            let order = ["targets/", "root.json", "targets.json", "snapshot.json"];
            order.iter().position(|part| path.contains(part))
        };
        files.sort_by_key(|(path, _)| match path.starts_with("targets/") {
            true => 0,
            false => rank(path).unwrap_or(9),
        });
        for (path, bytes) in files {
            let file = to.join(&path);
            if fs::read(&file).is_ok_and(|served| served == bytes) {
                continue;
            }
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
            self.poll(now);
        }
    }

    /// Every gateway polls what is served; none may fail once there is a release.
    pub(crate) fn poll(&mut self, now: Time) {
        let served = self.served();
        // Before the first release, and once what is published has expired, there is nothing to take.
        let Ok(timestamp) = fs::read(served.join("metadata/timestamp.json")) else {
            return;
        };
        let timestamp: serde_json::Value = serde_json::from_slice(&timestamp).unwrap();
        let expires = timestamp["signed"]["expires"].as_str().unwrap();
        if Time::parse(expires).unwrap() <= now {
            return;
        }
        for follower in &mut self.followers {
            assert_eq!(follower.poll(&served, now), Ok(()));
            self.polls += 1;
            assert!(
                !follower.stands(now).0,
                "a gateway thinks that files went back"
            );
        }
        self.gateway.update(&served, now).unwrap();
        self.polls += 1;
    }

    /// Sequences of each epoch, as a gateway of the member edition has them.
    pub(crate) fn sequences(&self, now: Time) -> Vec<(u32, u64)> {
        self.followers[0].stands(now).1
    }

    /// Whether the gateway that has followed all along blocks a domain.
    pub(crate) fn blocks(&self, name: &str, now: Time) -> bool {
        let found = self.gateway.ask_at("se/merchants", Kind::Domain, name, now);
        matches!(found, Membership::Listed { record, .. } if record.action == Action::Block)
    }

    pub(crate) fn backup(&mut self, keys: BackupKeys) -> BackupReport {
        self.try_backup(&self.file(), keys).unwrap()
    }

    pub(crate) fn try_backup(
        &mut self,
        file: &Path,
        keys: BackupKeys,
    ) -> Result<BackupReport, PublisherError> {
        let recipients = BackupRecipients::of_keys([self.key.1.as_str()]).unwrap();
        let options = BackupOptions {
            recipients: &recipients,
            keys,
        };
        self.coalition.publisher.backup(file, &options, now())
    }

    pub(crate) fn identity(&self) -> BackupIdentity {
        BackupIdentity::of_file(&self.key.0).unwrap()
    }

    pub(crate) fn recipient(&self) -> &str {
        &self.key.1
    }

    pub(crate) fn identity_text(&self) -> &str {
        &self.key.0
    }

    /// The machine dies and its disk with it; only what is served and the backup are left.
    pub(crate) fn die(&mut self) {
        self.close();
        fs::rename(self.home(), self.beside("dead")).unwrap();
    }

    /// Closes the register, so that nothing of it is in the files beside it.
    pub(crate) fn close(&mut self) {
        let other = Coalition::new();
        self.coalition.publisher = other.publisher;
    }

    /// Opens it again.
    pub(crate) fn open(&mut self) {
        self.coalition.publisher = Publisher::open(&self.home()).unwrap();
    }

    pub(crate) fn restore(&mut self, time: Time) -> RestoreReport {
        let identity = self.identity();
        let report = Publisher::restore(&self.file(), &self.home(), &identity, time).unwrap();
        self.open();
        report
    }

    /// The repository is again what is served now.
    pub(crate) fn copy_back(&self) {
        for (path, bytes) in tree(&self.served()) {
            let file = self.coalition.repository().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
    }

    /// What died comes back for a test to look at.
    pub(crate) fn dead(&self) -> PathBuf {
        self.beside("dead")
    }

    pub(crate) fn try_recover(&mut self, now: Time) -> Result<RecoverReport, PublisherError> {
        let options = RecoverOptions {
            repository: Some(self.served()),
            lost_keys: Vec::new(),
        };
        self.coalition.publisher.recover(&options, now)
    }

    pub(crate) fn recover(&mut self, now: Time) -> RecoverReport {
        self.try_recover(now).unwrap()
    }
}

/// The rows of every table but the note of where the history stands, in order.
pub(crate) fn rows(register: &Path) -> Vec<String> {
    let register = rusqlite::Connection::open(register).unwrap();
    let mut tables = register
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'history' ORDER BY name")
        .unwrap();
    let tables = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut all = Vec::new();
    for table in tables.map(Result::unwrap) {
        let mut rows = register.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        let mut own = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let values = (0..columns).map(|at| match row.get_ref(at).unwrap() {
                rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                rusqlite::types::ValueRef::Blob(bytes) => format!("{} bytes", bytes.len()),
                other => format!("{other:?}"),
            });
            own.push(format!(
                "{table}: {}",
                values.collect::<Vec<_>>().join(", ")
            ));
        }
        own.sort();
        all.extend(own);
    }
    all
}
