use std::fmt;

use super::addresses;

/// Why a location is no repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRepository {
    /// It is neither a path nor a URL this host can use.
    Form,
    /// It is on this machine or in a private network, and nobody allowed that.
    Private,
    /// The proxy is none that this host can use.
    Proxy,
}

impl fmt::Display for NoRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => {
                "a repository is a path, or a URL that starts with https:, http: or file:"
            }
            Self::Private => addresses::REFUSED,
            Self::Proxy => "a proxy is a URL that starts with http:",
        })
    }
}

impl std::error::Error for NoRepository {}
