//! What a program says about itself, for whoever runs a fleet of them.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Display, Formatter};

use serde::Serialize;
use serde_json::json;

use super::call::{ABI_MAJOR, ABI_MINOR};
use crate::list::FORMAT_MAJOR;
use crate::token::TOKEN_SCHEME;

/// The versions of a program and of the contracts in `docs/compatibility.md` that it speaks, as `--version --json` of
/// both commands prints them.
#[derive(Debug, Clone, Serialize)]
pub struct Versions<'p> {
    /// The command's name.
    pub program: &'p str,
    /// The version of the package.
    pub version: &'p str,
    /// The commit that a release was made from, 40 hexadecimal digits. `None` in other builds.
    pub commit: Option<&'p str>,
    /// Major and minor version of the module's ABI, such as `1.1`.
    pub abi: String,
    /// The major version of the format of releases.
    pub release_format: u16,
    /// The token scheme of list keys.
    pub token_scheme: u16,
    /// SHA-256 of the module, in hexadecimal digits.
    pub module_sha256: String,
}

impl<'p> Versions<'p> {
    /// Those of this library, and of a program with this name, version, commit and module.
    #[must_use]
    pub fn of(
        program: &'p str,
        version: &'p str,
        commit: Option<&'p str>,
        module_sha256: String,
    ) -> Self {
        Self {
            program,
            version,
            commit,
            abi: alloc::format!("{ABI_MAJOR}.{ABI_MINOR}"),
            release_format: FORMAT_MAJOR,
            token_scheme: TOKEN_SCHEME,
            module_sha256,
        }
    }

    /// Whether a program's arguments, without its own name, ask for nothing but these.
    #[must_use]
    pub fn are_asked<A: PartialEq<str>>(arguments: impl IntoIterator<Item = A>) -> bool {
        let arguments: Vec<A> = arguments.into_iter().collect();
        match arguments.as_slice() {
            [one, two] => {
                (*one == *"--version" && *two == *"--json")
                    || (*one == *"--json" && *two == *"--version")
            }
            _ => false,
        }
    }
}

/// As one line of JSON.
impl Display for Versions<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{}", json!(self))
    }
}
