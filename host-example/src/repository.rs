use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ureq::http::Uri;
use ureq::{Agent, ResponseExt as _};

/// Redirects for one file, all within the repository's own server.
const MAX_REDIRECTS: usize = 3;

/// Where a coalition's files come from. It needs no trust: the module verifies every byte.
#[derive(Debug)]
pub enum Repository {
    /// A directory: a USB stick, a mirrored folder.
    Directory(PathBuf),
    /// A web server or a CDN.
    Http(HttpRepository),
}

/// A base URL and a client of its own.
pub struct HttpRepository {
    base: String,
    agent: Agent,
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
        let uri: Uri = location.parse().map_err(|_| NoRepository)?;
        let scheme = uri.scheme_str().unwrap_or_default();
        if !["http", "https"].contains(&scheme) || uri.query().is_some() || uri.host().is_none() {
            return Err(NoRepository);
        }
        let agent = Agent::config_builder()
            .https_only(scheme == "https")
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(patience.connect))
            .timeout_recv_response(Some(patience.response))
            .timeout_recv_body(Some(patience.body))
            .user_agent("interdict")
            .build()
            .new_agent();
        let base = location.trim_end_matches('/').to_owned();
        Ok(Self::Http(HttpRepository { base, agent }))
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
        if !is_below_base(path) {
            return Brought::Failed("the module asks for a path outside the repository".to_owned());
        }
        match self {
            Self::Directory(base) => bring_file(base, path, max_size),
            Self::Http(repository) => repository.bring(path, max_size),
        }
    }
}

impl HttpRepository {
    fn bring(&self, path: &str, max_size: u32) -> Brought {
        let mut address = format!("{}/{path}", self.base);
        for _ in 0..=MAX_REDIRECTS {
            let mut response = match self.agent.get(&address).call() {
                Ok(response) => response,
                Err(error) => return Brought::Failed(cause(&error).to_owned()),
            };
            match response.status().as_u16() {
                200 => {
                    let length = response.body().content_length();
                    if length.is_some_and(|length| length > u64::from(max_size)) {
                        return too_large();
                    }
                    return read_bounded(response.body_mut().as_reader(), max_size);
                }
                404 | 410 => return Brought::NotFound,
                status @ (301 | 302 | 303 | 307 | 308) => {
                    let location = response.headers().get("location");
                    let location = location.and_then(|location| location.to_str().ok());
                    let next = location.and_then(|location| within(response.get_uri(), location));
                    match next {
                        // The base may carry a password that the response's address does not.
                        Some(target) => address = format!("{}{target}", self.origin()),
                        None => return Brought::Failed(format!("{status}: redirected elsewhere")),
                    }
                }
                403 => {
                    return Brought::Failed(
                        "the server answered 403; for a file it does not have it must answer 404"
                            .to_owned(),
                    );
                }
                status => return Brought::Failed(format!("the server answered {status}")),
            }
        }
        Brought::Failed("too many redirects".to_owned())
    }

    /// The base's scheme and authority.
    fn origin(&self) -> &str {
        let after_scheme = self.base.find("://").map_or(0, |at| at.saturating_add(3));
        let path = self
            .base
            .get(after_scheme..)
            .and_then(|rest| rest.find('/'));
        path.and_then(|at| self.base.get(..after_scheme.saturating_add(at)))
            .unwrap_or(&self.base)
    }
}

/// The path and query of a redirect on the same server, `None` for any other.
fn within(from: &Uri, location: &str) -> Option<String> {
    let target: Uri = location.parse().ok()?;
    let same = match (target.scheme(), target.authority()) {
        (None, None) => location.starts_with('/') && !location.starts_with("//"),
        (Some(_), Some(_)) => {
            target.scheme() == from.scheme()
                && target.host() == from.host()
                && target.port_u16() == from.port_u16()
        }
        _ => false,
    };
    same.then(|| target.path_and_query().map(ToString::to_string))
        .flatten()
}

fn bring_file(base: &Path, path: &str, max_size: u32) -> Brought {
    let told = |error: &io::Error| match error.kind() {
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
        Err(error) => return told(&error),
    };
    if !file.starts_with(&base) || !file.is_file() {
        return Brought::Failed("not a file within the repository".to_owned());
    }
    match File::open(&file) {
        Ok(file) => read_bounded(file, max_size),
        Err(error) => told(&error),
    }
}

fn read_bounded(source: impl Read, max_size: u32) -> Brought {
    let mut bytes = Vec::new();
    match source
        .take(u64::from(max_size).saturating_add(1))
        .read_to_end(&mut bytes)
    {
        Ok(_) if u32::try_from(bytes.len()).is_ok_and(|length| length <= max_size) => {
            Brought::Bytes(bytes)
        }
        Ok(_) => too_large(),
        Err(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(inner) => Brought::Failed(cause(inner).to_owned()),
            None => Brought::Failed(error.to_string()),
        },
    }
}

fn too_large() -> Brought {
    Brought::Failed("the file is larger than it can be".to_owned())
}

/// Names in a list of fixed words: no address, since one may carry a password.
fn cause(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::Timeout(_) => "the server was too slow",
        ureq::Error::HostNotFound => "no such host",
        ureq::Error::ConnectionFailed => "the connection failed",
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => "the server's certificate was not accepted",
        ureq::Error::Io(error) => match error.kind() {
            io::ErrorKind::ConnectionRefused => "the connection was refused",
            io::ErrorKind::ConnectionReset => "the connection was reset",
            io::ErrorKind::UnexpectedEof => "the connection ended early",
            io::ErrorKind::TimedOut => "the server was too slow",
            _ => "the connection failed",
        },
        _ => "the server's answer was not understood",
    }
}

/// Segments of plain characters: nothing that climbs, nothing that a server might decode.
fn is_below_base(path: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    path.len() <= 500
        && path.split('/').all(|segment| {
            !segment.is_empty() && !segment.starts_with('.') && segment.bytes().all(plain)
        })
}

impl fmt::Debug for HttpRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = Repository::shown(&self.base);
        f.debug_struct("HttpRepository")
            .field("base", &base)
            .finish_non_exhaustive()
    }
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
        for path in [
            "",
            "/etc/passwd",
            "../x",
            "a/../b",
            "a//b",
            "a/%2e%2e/b",
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

    #[test]
    fn redirects_stay_on_the_server() {
        let from: Uri = "https://lists.example:8443/se/metadata/1.json"
            .parse()
            .unwrap();
        let same = "https://lists.example:8443/other";
        assert_eq!(within(&from, same).as_deref(), Some("/other"));
        assert_eq!(within(&from, "/x?y").as_deref(), Some("/x?y"));
        for location in [
            "http://lists.example:8443/x",
            "https://lists.example/x",
            "https://elsewhere.example:8443/x",
            "//elsewhere.example/x",
            "file:///etc/passwd",
            "x",
        ] {
            assert_eq!(within(&from, location), None, "{location}");
        }
    }
}
