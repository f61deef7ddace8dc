use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use interdict_core::wire::owned::Range;

use crate::http::{self, HttpRepository};
use crate::quote::{quoted, unquoted};

/// Where a coalition's files come from. It needs no trust: the module verifies every byte.
#[derive(Debug)]
pub enum Repository {
    /// A directory: a USB stick, a mirrored folder.
    Directory(PathBuf),
    /// A web server or a CDN.
    Http(HttpRepository),
}

/// How long to wait for a server.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Until the connection stands.
    pub connect: Duration,
    /// Until the answer begins.
    pub response: Duration,
    /// Until the last byte.
    pub body: Duration,
}

/// How much of a file is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Portion {
    Whole { max_size: u32 },
    Range(Range),
}

/// What came of asking for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brought {
    /// The file.
    Bytes(Vec<u8>),
    /// The source has no such file: certain, not merely unreachable.
    NotFound,
    /// Anything else, in words.
    Failed(String),
}

/// The location is neither a path nor a URL this host can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRepository;

impl Default for Patience {
    /// Ten minutes carry 40 MB over 1 Mbit/s and a half; a refresh is not in anybody's way.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            response: Duration::from_secs(30),
            body: Duration::from_secs(600),
        }
    }
}

impl Repository {
    /// A path, a `file:` URL or an HTTP(S) URL. Plain paths start at `directory`.
    ///
    /// # Errors
    /// [`NoRepository`].
    pub fn open(
        location: &str,
        directory: &Path,
        patience: Patience,
    ) -> Result<Self, NoRepository> {
        if let Some(rest) = location.strip_prefix("file:") {
            let path = rest.strip_prefix("//localhost/").map_or_else(
                || rest.strip_prefix("//").unwrap_or(rest).to_owned(),
                |path| format!("/{path}"),
            );
            return Ok(Self::Directory(directory.join(path)));
        }
        if !location.contains("://") {
            return Ok(Self::Directory(directory.join(location)));
        }
        HttpRepository::open(location, patience).map(Self::Http)
    }

    /// A location as it may be shown: without the name and password it may carry.
    #[must_use]
    pub fn shown(location: &str) -> String {
        let Some((scheme, rest)) = location.split_once("://") else {
            return location.to_owned();
        };
        let (authority, path) = rest
            .split_once('/')
            .map_or((rest, None), |(a, p)| (a, Some(p)));
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        path.map_or_else(
            || format!("{scheme}://{host}"),
            |path| format!("{scheme}://{host}/{path}"),
        )
    }

    /// Brings one file below the base, at most `max_size` bytes of it.
    #[must_use]
    pub fn bring(&self, path: &str, max_size: u32) -> Brought {
        self.bring_portion(path, Portion::Whole { max_size })
    }

    /// Brings a part of one file below the base. A server must answer 206 with just that part; a
    /// whole file instead is taken if the part ends within its first MiB.
    #[must_use]
    pub fn bring_range(&self, path: &str, range: Range) -> Brought {
        self.bring_portion(path, Portion::Range(range))
    }

    fn bring_portion(&self, path: &str, portion: Portion) -> Brought {
        if !is_below_base(path) {
            return Brought::Failed("the module asks for a path outside the repository".to_owned());
        }
        match self {
            Self::Directory(base) => bring_file(base, path, portion),
            Self::Http(repository) => repository.bring(path, portion),
        }
    }
}

/// The first byte after a range.
pub(crate) fn end_of(range: Range) -> u64 {
    u64::from(range.offset).saturating_add(u64::from(range.length))
}

fn bring_file(base: &Path, path: &str, portion: Portion) -> Brought {
    let missing = |error: &io::Error| match error.kind() {
        io::ErrorKind::NotFound => Brought::NotFound,
        _ => Brought::Failed(error.to_string()),
    };
    // Without its base nothing is missing: a stick that is not plugged in has no newest root.
    let base = match fs::canonicalize(base) {
        Ok(base) => base,
        Err(error) => return Brought::Failed(format!("the repository: {error}")),
    };
    let file = match fs::canonicalize(base.join(path)) {
        Ok(file) => file,
        Err(error) => return missing(&error),
    };
    if !file.starts_with(&base) || !file.is_file() {
        return Brought::Failed("not a file within the repository".to_owned());
    }
    match (File::open(&file), portion) {
        (Ok(file), Portion::Whole { max_size }) => read_bounded(file, max_size),
        (Ok(file), Portion::Range(range)) => read_from_file(file, range),
        (Err(error), _) => missing(&error),
    }
}

/// A part of a file that can be read from anywhere.
pub(crate) fn read_from_file(mut file: File, range: Range) -> Brought {
    match file.seek(SeekFrom::Start(u64::from(range.offset))) {
        Ok(_) => read_portion(file, Range { offset: 0, ..range }),
        Err(error) => Brought::Failed(error.to_string()),
    }
}

/// A part of what can be read from its start only; all in front of it is read and dropped.
pub(crate) fn read_portion(mut source: impl Read, range: Range) -> Brought {
    let offset = u64::from(range.offset);
    if let Err(error) = io::copy(&mut source.by_ref().take(offset), &mut io::sink()) {
        return Brought::Failed(told(&error));
    }
    match read_bounded(source.take(u64::from(range.length)), range.length) {
        Brought::Bytes(bytes) if u32::try_from(bytes.len()) != Ok(range.length) => {
            Brought::Failed("the file ends before the part that was asked for".to_owned())
        }
        brought => brought,
    }
}

pub(crate) fn read_bounded(source: impl Read, max_size: u32) -> Brought {
    let mut bytes = Vec::new();
    match source
        .take(u64::from(max_size).saturating_add(1))
        .read_to_end(&mut bytes)
    {
        Ok(_) if u32::try_from(bytes.len()).is_ok_and(|length| length <= max_size) => {
            Brought::Bytes(bytes)
        }
        Ok(_) => too_large(),
        Err(error) => Brought::Failed(told(&error)),
    }
}

/// What went wrong while reading, in words; a body's error wraps the client's own.
fn told(error: &io::Error) -> String {
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(inner) => http::cause(inner).to_owned(),
        None => error.to_string(),
    }
}

pub(crate) fn too_large() -> Brought {
    Brought::Failed("the file is larger than it can be".to_owned())
}

/// Segments of plain characters, the others percent-encoded in the one usual way: nothing that
/// climbs, no dot or slash that a server might decode to one that was not there.
fn is_below_base(path: &str) -> bool {
    let usual = |segment: &str| unquoted(segment).is_some_and(|name| quoted(&name) == segment);
    path.len() <= 1000
        && path
            .split('/')
            .all(|segment| !segment.is_empty() && !segment.starts_with('.') && usual(segment))
}

impl fmt::Display for NoRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a repository is a path, or a URL that starts with https:, http: or file:")
    }
}

impl std::error::Error for NoRepository {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_climb_are_never_asked_for() {
        assert!(is_below_base("metadata/2.root.json"));
        assert!(is_below_base("targets/se/0a.merchants.member-1.filter"));
        assert!(is_below_base("metadata/7...%2Fa~b%20%C3%A5.json"));
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "a/%2e%2e/b",
            "a/%2E%2E%2Fb",
            "a%2f",
            "a%2",
            "a%+2",
            "a%",
            "a b",
            "a?b",
            "a\\b",
            "a/.b",
        ] {
            assert!(!is_below_base(path), "{path}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let shown = Repository::shown("https://bank:p@ss@lists.example/se");
        assert_eq!(shown, "https://lists.example/se");
        assert_eq!(Repository::shown("/mnt/a@b"), "/mnt/a@b");
    }
}
