use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use interdict_core::wire::owned::{
    Base64, Configure, ConfiguredCoalition, EnrolmentObject, Fetch, NO_HISTORY,
};

use interdict_host::{
    Begin, Brought, CallError, Courier, Instance, Module, Repository, Store, StoreError, StoreLock,
    WalkError, Walked, files, quoted, read_saved, unquoted, walk,
};
use serde_json::json;

/// The name of the only coalition.
const NAME: &str = "tuf";

const ROOT: &str = "root.json";
const TIMESTAMP: &str = "timestamp.json";
const SNAPSHOT: &str = "snapshot.json";

/// The file for the timestamp that pins the saved snapshot, while a newer timestamp pins another.
const OLDER_TIMESTAMP: &str = "timestamp.older";

/// Files are first written under this name, which no file of a role or target can have.
const STAGED: &str = "tuf-client";

/// The largest root the module reads.
const MAX_ROOT: u64 = 512_000;

/// A client of one TUF repository. Its directory has the newest trusted file of every role, byte
/// for byte as it was served:
///
/// ```text
/// root.json  timestamp.json  snapshot.json  targets.json
/// ROLE.json              a delegated role, its name percent-encoded
/// timestamp.older        only between a timestamp and its snapshot: what the one before pins
/// lock                   held by the one process that changes the directory
/// ```
///
/// Each file is saved as soon as it is verified, and stays if the update fails later or is killed. No file
/// is trusted because it is there: the module verifies all of them at each start.
#[derive(Debug)]
pub struct TufClient {
    instance: Instance,
    directory: PathBuf,
    now: u32,
    _lock: StoreLock,
}

/// Where files come from.
#[derive(Debug)]
pub struct TufRepository {
    /// The base of `timestamp.json`.
    pub metadata: Repository,
    /// The base of the targets, if any are wanted.
    pub targets: Option<Repository>,
}

/// A target that is in its directory and verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Where it is: its target path, percent-encoded, as one name.
    pub path: PathBuf,
    /// Whether it was in the directory before.
    pub was_there: bool,
}

impl TufClient {
    /// Puts a trusted root into a directory that has none.
    ///
    /// # Errors
    /// The module does not trust it, there is one already, or it cannot be written.
    pub fn init(
        module: &Module,
        directory: &Path,
        root: &Path,
        now: u32,
    ) -> Result<(), ClientError> {
        let missing = || StoreError::at(root)(io::ErrorKind::NotFound.into());
        let bytes = files::read(root, MAX_ROOT)?.ok_or_else(missing)?;
        configured(module, root, &bytes, now)?;
        let _lock = Store::create(directory)?.lock()?;
        if directory.join(ROOT).exists() {
            return Err(ClientError::HasRoot(directory.to_owned()));
        }
        Ok(files::write_staged(directory, STAGED, ROOT, &bytes)?)
    }

    /// A client with the files of the directory. A file that does not verify counts as missing, except for
    /// the root. `now` is the time of all later calls (TUF 1.0.34 §5.1).
    ///
    /// # Errors
    /// There is no root, the module does not trust it, or another process is at work here.
    pub fn open(module: &Module, directory: &Path, now: u32) -> Result<Self, ClientError> {
        let path = directory.join(ROOT);
        let missing = || ClientError::NoRoot(directory.to_owned());
        let root = files::read(&path, MAX_ROOT)?.ok_or_else(missing)?;
        let mut client = Self {
            _lock: Store::create(directory)?.lock()?,
            instance: configured(module, &path, &root, now)?,
            directory: directory.to_owned(),
            now,
        };
        // The timestamp that pins the snapshot comes first, so that an older snapshot is recognised.
        for timestamp in [OLDER_TIMESTAMP, TIMESTAMP] {
            let saved = Saved {
                directory: &client.directory,
                timestamp,
                artifacts: None,
            };
            // What is missing, damaged or revoked here comes from the repository.
            let _ = walk(&mut client.instance, NAME, Begin::Store, now, &mut {
                saved
            });
        }
        Ok(client)
    }

    /// Updates root, timestamp, snapshot and targets.
    ///
    /// # Errors
    /// Why the update ended; what it verified before is kept.
    pub fn refresh(&mut self, repository: &TufRepository) -> Result<(), ClientError> {
        self.walk_repository(Begin::Repository, repository, None)?;
        // The timestamp in place fits the snapshot in place.
        Ok(files::clear(&self.directory.join(OLDER_TIMESTAMP))?)
    }

    /// Finds a target in the metadata of the last [`TufClient::refresh`] and saves it in a directory, unless
    /// the same file is there already.
    ///
    /// # Errors
    /// No authorised role lists it, or a file was refused. The directory stays unchanged.
    pub fn download(
        &mut self,
        target: &str,
        repository: &TufRepository,
        directory: &Path,
    ) -> Result<Artifact, ClientError> {
        files::create_directory(directory)?;
        let saved = Saved {
            directory: &self.directory,
            timestamp: TIMESTAMP,
            artifacts: Some(directory),
        };
        let begin = Begin::StoredTarget(target);
        let stored = walk(&mut self.instance, NAME, begin, self.now, &mut { saved });
        let was_there = stored.is_ok_and(|walked| walked.completed);
        if !was_there {
            self.walk_repository(Begin::Target(target), repository, Some(directory))?;
        }
        Ok(Artifact {
            path: directory.join(artifact_name(target.as_bytes())),
            was_there,
        })
    }

    fn walk_repository(
        &mut self,
        begin: Begin<'_>,
        repository: &TufRepository,
        artifacts: Option<&Path>,
    ) -> Result<(), ClientError> {
        let mut courier = Served {
            repository,
            directory: &self.directory,
            artifacts,
        };
        match walk(&mut self.instance, NAME, begin, self.now, &mut courier)? {
            Walked {
                completed: true, ..
            } => Ok(()),
            Walked { .. } => Err(CallError::Answer.into()),
        }
    }
}

/// The coalition that an enrolment with this root would make. The module is the one to refuse the root.
fn coalition(root: &[u8]) -> ConfiguredCoalition {
    let enrolment = json!({"format": "interdict-enrolment-1", "coalition": NAME, "member": NAME,
        "repository": "/", "root": Base64(root.to_vec()), "lists": [format!("{NAME}/none")], "recipient": "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj", "keys": []});
    ConfiguredCoalition {
        enrolment: EnrolmentObject(enrolment),
        history: NO_HISTORY.to_owned(),
        name: None,
        lists: None,
        at_least: None,
        history_kept: None,
    }
}

/// An instance that trusts this root and expects no lists.
fn configured(
    module: &Module,
    path: &Path,
    root: &[u8],
    now: u32,
) -> Result<Instance, ClientError> {
    let mut instance = Instance::new(module)?;
    let coalition = ConfiguredCoalition {
        lists: Some(Vec::new()),
        ..coalition(root)
    };
    let message = Configure {
        coalitions: Some(vec![coalition]),
        ..Configure::default()
    };
    let configured = instance.ask("configure", &message, now);
    configured.map_err(|error| ClientError::Root {
        path: path.to_owned(),
        error,
    })?;
    Ok(instance)
}

/// Why the client could not do what was asked.
#[derive(Debug)]
pub enum ClientError {
    /// The directory has a trusted root already.
    HasRoot(PathBuf),
    /// The directory has no trusted root.
    NoRoot(PathBuf),
    /// The root is not one that the module trusts.
    Root {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        error: CallError,
    },
    /// The directory could not be read or changed.
    Store(StoreError),
    /// The module gave no answer.
    Call(CallError),
    /// An update or download ended early.
    Walk(Box<WalkError>),
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HasRoot(path) => write!(
                f,
                "{}: there is a trusted root here already; start in another directory",
                path.display()
            ),
            Self::NoRoot(path) => write!(
                f,
                "{}: no trusted root is here; begin with init",
                path.display()
            ),
            Self::Root { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Store(error) => error.fmt(f),
            Self::Call(error) => error.fmt(f),
            Self::Walk(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ClientError {}

impl From<StoreError> for ClientError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<CallError> for ClientError {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<WalkError> for ClientError {
    fn from(error: WalkError) -> Self {
        Self::Walk(Box::new(error))
    }
}

/// Brings the files that the client saved.
struct Saved<'d> {
    directory: &'d Path,
    timestamp: &'static str,
    artifacts: Option<&'d Path>,
}

/// Brings the repository's files, and saves them.
struct Served<'d> {
    repository: &'d TufRepository,
    directory: &'d Path,
    artifacts: Option<&'d Path>,
}

/// The place of a file, by its name in the module's terms.
enum Place {
    Metadata(String),
    Artifact(String),
}

impl Courier for Saved<'_> {
    fn bring(&mut self, fetch: &Fetch) -> Brought {
        let path = match Place::of(&fetch.name) {
            // The saved root is the pinned one, and no newer one is saved.
            Some(Place::Metadata(name)) if name == ROOT => None,
            Some(Place::Metadata(name)) if name == TIMESTAMP => {
                Some(self.directory.join(self.timestamp))
            }
            Some(Place::Metadata(name)) => Some(self.directory.join(name)),
            Some(Place::Artifact(name)) => self.artifacts.map(|artifacts| artifacts.join(name)),
            None => None,
        };
        path.map_or(Brought::NotFound, |path| read_saved(&path, fetch.max_size))
    }

    fn keep(&mut self, _: &Fetch, _: &[u8]) -> Result<(), StoreError> {
        Ok(())
    }
}

impl Courier for Served<'_> {
    fn bring(&mut self, fetch: &Fetch) -> Brought {
        let TufRepository { metadata, targets } = self.repository;
        let bases = [
            ("metadata/", Some(metadata)),
            ("targets/", targets.as_ref()),
        ];
        let found = bases.into_iter().find_map(|(folder, base)| {
            let path = fetch.path.strip_prefix(folder)?;
            Some(base?.bring(path, fetch.max_size))
        });
        found.unwrap_or_else(|| Brought::Failed(CallError::Answer.to_string()))
    }

    fn keep(&mut self, fetch: &Fetch, bytes: &[u8]) -> Result<(), StoreError> {
        match (Place::of(&fetch.name), self.artifacts) {
            (Some(Place::Metadata(name)), _) => self.keep_metadata(&name, bytes),
            (Some(Place::Artifact(name)), Some(artifacts)) => {
                files::write_staged(artifacts, STAGED, &name, bytes)
            }
            _ => Err(StoreError::Name),
        }
    }
}

impl Served<'_> {
    /// A saved snapshot always has the timestamp that pins it beside it: the next start needs both to
    /// recognise an older snapshot.
    fn keep_metadata(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let older = self.directory.join(OLDER_TIMESTAMP);
        if name == TIMESTAMP && !older.exists() {
            let in_place = files::read(&self.directory.join(TIMESTAMP), MAX_ROOT)?;
            if let Some(in_place) = in_place {
                files::write_staged(self.directory, STAGED, OLDER_TIMESTAMP, &in_place)?;
            }
        }
        files::write_staged(self.directory, STAGED, name, bytes)?;
        if name == SNAPSHOT {
            files::clear(&older)?;
        }
        Ok(())
    }
}

impl Place {
    /// `None` for a name the module cannot have meant.
    fn of(name: &str) -> Option<Self> {
        if let Some(target) = name.strip_prefix("target.") {
            return Some(Self::Artifact(artifact_name(&unquoted(target)?)));
        }
        let role = name.strip_suffix(".json")?;
        if let Some(delegated) = role.strip_prefix("delegated.") {
            let role = quoted(&unquoted(delegated)?);
            return Some(Self::Metadata(format!("{role}.json")));
        }
        let role = match role.split_once('.') {
            Some((version, "root")) if version.bytes().all(|byte| byte.is_ascii_digit()) => "root",
            Some(_) => return None,
            None => role,
        };
        let top_level = ["root", "timestamp", "snapshot", "targets"].contains(&role);
        top_level.then(|| Self::Metadata(format!("{role}.json")))
    }
}

/// One name for a target path. A dot in front would hide it, or be the directory itself.
fn artifact_name(target: &[u8]) -> String {
    let name = quoted(target);
    match name.strip_prefix('.') {
        Some(rest) => format!("%2E{rest}"),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> Option<(bool, String)> {
        Place::of(name).map(|place| match place {
            Place::Metadata(name) => (true, name),
            Place::Artifact(name) => (false, name),
        })
    }

    #[test]
    fn files_have_the_names_other_clients_give_them() {
        for (name, metadata, file) in [
            ("12.root.json", true, "root.json"),
            ("timestamp.json", true, "timestamp.json"),
            ("delegated.se.json", true, "se.json"),
            ("delegated.%2e%2e%2f%53.json", true, "..%2FS.json"),
            ("target.a%2fb%2ec", false, "a%2Fb.c"),
            ("target.%2e%2e", false, "%2E."),
        ] {
            assert_eq!(place(name), Some((metadata, file.to_owned())), "{name}");
        }
    }

    #[test]
    fn no_other_name_has_a_place() {
        for name in [
            "",
            "root",
            "../root.json",
            "x.root.json",
            "2.timestamp.json",
            "other.json",
            "delegated.%2.json",
            "lock",
        ] {
            assert_eq!(place(name), None, "{name}");
        }
    }
}
