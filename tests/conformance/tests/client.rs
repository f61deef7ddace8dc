//! The module as a plain TUF client: what it keeps, what it asks for, and what it does not take.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use interdict_conformance::{ClientError, TufClient, TufRepository};
use interdict_forge::{Target, hex, sha256, time};
use interdict_helpers::{NOW, fixtures, reply_from, serve};
use interdict_host::{Addresses, Module, Patience, Repository, StoreError};
use tempfile::TempDir;

const PATH: &str = "docs/terms 1.txt";

/// A repository of the simplest kind, and a client's two directories.
struct Room {
    room: TempDir,
}

/// One key signs everything.
fn forged() -> interdict_forge::Repository {
    interdict_forge::Repository::new(&time(NOW + 1_000_000))
}

impl Room {
    /// With version 1 of everything.
    fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        let room = Self { room };
        room.put("metadata/1.root.json", &forged().root_file());
        room.publish(1, 1, b"terms 1");
        room
    }

    fn directory(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.directory("repository").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Timestamp and snapshot of one version, targets of another with one file of this content.
    fn publish(&self, version: i64, targets_version: i64, content: &[u8]) {
        let mut repository = forged();
        repository.set_version(version);
        repository.targets.role.version = targets_version;
        let target = (PATH.to_owned(), Target::new(content));
        repository.targets.add([target]);
        for (path, bytes) in repository.files() {
            self.put(&path, &bytes);
        }
    }

    fn repository(&self) -> TufRepository {
        let open = |part| {
            let path = self.directory("repository").join(part);
            let location = path.to_str().unwrap();
            Repository::open(
                location,
                Path::new("/"),
                Patience::default(),
                Addresses::Private,
            )
            .unwrap()
        };
        TufRepository {
            metadata: open("metadata"),
            targets: Some(open("targets")),
        }
    }

    fn init(&self) -> Result<(), ClientError> {
        let root = self.directory("repository/metadata/1.root.json");
        TufClient::init(&module(), &self.directory("trusted"), &root, NOW)
    }

    fn open(&self) -> Result<TufClient, ClientError> {
        TufClient::open(&module(), &self.directory("trusted"), NOW)
    }

    fn refresh(&self) -> Result<(), ClientError> {
        self.open()?.refresh(&self.repository())
    }

    fn download(&self, target: &str) -> Result<bool, ClientError> {
        let (repository, files) = (self.repository(), self.directory("files"));
        let mut client = self.open()?;
        client.refresh(&repository)?;
        let artifact = client.download(target, &repository, &files)?;
        assert!(artifact.path.is_file());
        Ok(artifact.was_there)
    }

    fn trusted(&self) -> Vec<String> {
        names(&self.directory("trusted"))
    }
}

fn module() -> Module {
    Module::built_in().unwrap()
}

fn names(directory: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const ALL: [&str; 5] = [
    "lock",
    "root.json",
    "snapshot.json",
    "targets.json",
    "timestamp.json",
];

#[test]
fn a_target_is_brought_once_and_again_when_it_has_changed() {
    let room = Room::new();
    room.init().unwrap();
    assert!(!room.download(PATH).unwrap());
    assert!(room.download(PATH).unwrap());
    let file = room.directory("files/docs%2Fterms%201.txt");
    assert_eq!(fs::read(&file).unwrap(), b"terms 1");
    assert_eq!(names(&room.directory("files")).len(), 1);
    // A file that somebody changed is not mistaken for the target.
    fs::write(&file, b"terms 0").unwrap();
    assert!(!room.download(PATH).unwrap());
    room.publish(2, 2, b"terms 2, longer");
    assert!(!room.download(PATH).unwrap());
    assert_eq!(fs::read(&file).unwrap(), b"terms 2, longer");
    assert_eq!(room.trusted(), ALL);
}

#[test]
fn a_target_that_is_not_the_signed_one_is_not_kept() {
    let room = Room::new();
    room.init().unwrap();
    room.download(PATH).unwrap();
    room.publish(2, 2, b"terms 2");
    let sha256 = hex(&sha256(b"terms 2"));
    for other in [&b"terms 3"[..], b"terms 2 and more", b""] {
        room.put(&format!("targets/docs/{sha256}.terms%201.txt"), other);
        assert!(matches!(room.download(PATH), Err(ClientError::Walk(_))));
        let file = room.directory("files/docs%2Fterms%201.txt");
        assert_eq!(fs::read(file).unwrap(), b"terms 1");
    }
    assert_eq!(names(&room.directory("files")).len(), 1);
}

#[test]
fn a_path_that_nobody_signed_or_that_climbs_is_not_downloaded() {
    let room = Room::new();
    room.init().unwrap();
    let long = "a".repeat(300);
    for path in [
        "docs/terms.txt",
        "docs",
        "../trusted/root.json",
        "docs/../docs/terms 1.txt",
        "/etc",
        "",
        &long,
    ] {
        assert!(
            matches!(room.download(path), Err(ClientError::Walk(_))),
            "{path}"
        );
    }
    assert!(names(&room.directory("files")).is_empty());
}

#[test]
fn what_was_verified_before_a_failure_is_kept_and_no_rollback_hides_behind_it() {
    let room = Room::new();
    room.init().unwrap();
    room.publish(2, 2, b"terms 2");
    room.refresh().unwrap();
    // The next snapshot takes targets back to version 1. Its timestamp is good, and is kept.
    room.publish(3, 1, b"terms 1");
    let trusted = room.directory("trusted");
    for _ in 0..2 {
        let refused = room.refresh().unwrap_err().to_string();
        assert!(refused.contains("trust_rollback"), "{refused}");
        let served = room.directory("repository/metadata/timestamp.json");
        assert_eq!(
            fs::read(trusted.join("timestamp.json")).unwrap(),
            fs::read(served).unwrap()
        );
        let served = room.directory("repository/metadata/2.snapshot.json");
        assert_eq!(
            fs::read(trusted.join("snapshot.json")).unwrap(),
            fs::read(served).unwrap()
        );
    }
    room.publish(4, 2, b"terms 2");
    room.refresh().unwrap();
    assert_eq!(room.trusted(), ALL);
}

#[test]
fn what_a_killed_run_left_is_no_obstacle() {
    let room = Room::new();
    room.init().unwrap();
    let trusted = room.directory("trusted");
    fs::write(trusted.join(".staged-tuf-client"), b"{\"si").unwrap();
    room.refresh().unwrap();
    // Killed after the timestamp, and after the snapshot but before the older timestamp was removed.
    let older = fs::read(trusted.join("timestamp.json")).unwrap();
    room.publish(2, 2, b"terms 2");
    let timestamp = fs::read(room.directory("repository/metadata/timestamp.json")).unwrap();
    fs::write(trusted.join("timestamp.older"), older).unwrap();
    fs::write(trusted.join("timestamp.json"), timestamp).unwrap();
    room.refresh().unwrap();
    assert_eq!(room.trusted(), ALL);
    fs::write(trusted.join("timestamp.older"), b"").unwrap();
    assert!(!room.download(PATH).unwrap());
    assert_eq!(room.trusted(), ALL);
}

#[test]
fn garbage_among_the_trusted_files_is_fetched_anew_but_a_root_is_not() {
    let room = Room::new();
    room.init().unwrap();
    room.refresh().unwrap();
    let trusted = room.directory("trusted");
    for name in ["timestamp.json", "snapshot.json", "targets.json"] {
        for garbage in [&b""[..], b"{}", b"\xff\0", &[b'['; 100_000]] {
            fs::write(trusted.join(name), garbage).unwrap();
            room.refresh().unwrap();
            assert!(fs::read(trusted.join(name)).unwrap().len() > 100);
        }
        fs::remove_file(trusted.join(name)).unwrap();
        room.refresh().unwrap();
    }
    assert_eq!(room.trusted(), ALL);
    fs::write(trusted.join("root.json"), b"{}").unwrap();
    assert!(matches!(room.refresh(), Err(ClientError::Root { .. })));
    fs::write(trusted.join("root.json"), vec![b' '; 600_000]).unwrap();
    assert!(matches!(
        room.refresh(),
        Err(ClientError::Store(StoreError::Damaged(_)))
    ));
    fs::remove_file(trusted.join("root.json")).unwrap();
    assert!(matches!(room.refresh(), Err(ClientError::NoRoot(_))));
}

#[test]
fn trust_begins_once() {
    let room = Room::new();
    room.init().unwrap();
    assert!(matches!(room.init(), Err(ClientError::HasRoot(_))));
    let client = room.open().unwrap();
    assert!(matches!(
        room.open(),
        Err(ClientError::Store(StoreError::Busy(_)))
    ));
    drop(client);
    let other = room.directory("other");
    let unsigned = room.directory("repository/metadata/1.targets.json");
    let refused = TufClient::init(&module(), &other, &unsigned, NOW);
    assert!(matches!(refused, Err(ClientError::Root { .. })));
    assert!(!other.exists());
}

/// The command against a served sample: its exit code.
struct Served {
    room: TempDir,
    base: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Served {
    fn sample() -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&requests);
        let base = serve(move |path, stream| {
            log.lock().unwrap().push(path.to_owned());
            reply_from(&sample(), path, stream);
        });
        Self {
            room: tempfile::tempdir().unwrap(),
            base,
            requests,
        }
    }

    fn run(&self, now: &str, arguments: &[&str]) -> Option<i32> {
        self.requests.lock().unwrap().clear();
        let mut command = Command::new(env!("CARGO_BIN_EXE_tuf-client"));
        command.current_dir(self.room.path()).args(["--now", now]);
        command.args(["--metadata-dir", "trusted"]);
        command.args(["--metadata-url", &format!("{}/metadata", self.base)]);
        let output = command.args(arguments).output().unwrap();
        assert!(output.stdout.is_empty());
        assert_eq!(output.status.success(), output.stderr.is_empty());
        output.status.code()
    }

    fn download(&self, target: &str) -> Option<i32> {
        let base = format!("{}/targets", self.base);
        let arguments = ["--target-name", target, "--target-dir", "files"];
        let arguments = [&arguments[..], &["--target-base-url", &base, "download"]].concat();
        self.run(IN_TIME, &arguments)
    }

    fn requested(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let names = requests.iter();
        names
            .map(|path| path["/base/".len()..].to_owned())
            .collect()
    }
}

fn sample() -> PathBuf {
    fixtures().join("repositories/sample")
}

const IN_TIME: &str = "2026-11-03T12:00:00Z";
const TOO_LATE: &str = "2026-11-05T00:00:00Z";

#[test]
fn the_command_speaks_the_command_line_of_the_public_suite() {
    let served = Served::sample();
    let root = sample().join("metadata/1.root.json");
    assert_eq!(served.run(IN_TIME, &["refresh"]), Some(1));
    assert_eq!(
        served.run(IN_TIME, &["init", root.to_str().unwrap()]),
        Some(0)
    );
    assert_eq!(served.requested(), [""; 0]);
    assert_eq!(served.run(TOO_LATE, &["refresh"]), Some(1));
    assert_eq!(served.run(IN_TIME, &["refresh"]), Some(0));
    let newest = ["metadata/2.root.json", "metadata/timestamp.json"];
    let rest = ["metadata/2.snapshot.json", "metadata/2.targets.json"];
    assert_eq!(served.requested(), [newest, rest].concat());
    let trusted = served.room.path().join("trusted");
    for (name, served) in [
        ("root.json", "1.root.json"),
        ("timestamp.json", "timestamp.json"),
        ("snapshot.json", "2.snapshot.json"),
        ("targets.json", "2.targets.json"),
    ] {
        let kept = fs::read(trusted.join(name)).unwrap();
        assert_eq!(
            kept,
            fs::read(sample().join("metadata").join(served)).unwrap(),
            "{name}"
        );
    }
    let filter = "se/merchants.member-1.filter";
    assert_eq!(served.download(filter), Some(0));
    assert_eq!(served.requested().len(), 3);
    assert!(
        served
            .room
            .path()
            .join("files/se%2Fmerchants.member-1.filter")
            .exists()
    );
    assert_eq!(served.download(filter), Some(0));
    assert_eq!(served.requested(), newest);
    assert_eq!(served.download("se/other"), Some(1));
    assert_eq!(served.requested(), newest);
    assert_eq!(served.run(IN_TIME, &["download"]), Some(1));
    assert_eq!(served.requested(), [""; 0]);
}
