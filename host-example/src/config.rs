use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Error;
use crate::module::Module;

/// What a new `gateway.toml` says.
pub(crate) const TEMPLATE: &str = "\
# An Interdict gateway. Paths are relative to this file. Unknown names are refused.

# Enrolments, keys and verified lists. Only the gateway's own user should be able to read it.
state = \"state\"

# Another module than the one built into the host:
# module = \"interdict.wasm\"

# How evidence becomes an action; docs/scoring.md explains each. These are the defaults:
# [policy]
# prevalence_per_million = 100
# agreement_per_mille = 500
# monitor_score = 500
# review_score = 900
# candidate = \"review\"
# list_max_age_days = 30
# expired_grace_days = 7
#
# What happens when no fresh list answers, by flow: allow or review.
# [policy.unavailable]
# onboarding = \"review\"
# authorisation = \"allow\"
# payout = \"review\"
# checkout = \"allow\"

# Where to fetch a coalition's files instead of where its enrolment says. A mirror needs no trust.
# [[repository]]
# coalition = \"se\"
# url = \"https://mirror.example/se\"
";

/// A gateway's own choices: one file, `gateway.toml`.
#[derive(Debug, Clone)]
pub struct Config {
    directory: PathBuf,
    raw: Raw,
    policy: Option<serde_json::Value>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default = "default_state")]
    state: PathBuf,
    module: Option<PathBuf>,
    policy: Option<toml::Table>,
    #[serde(default)]
    repository: Vec<Mirror>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mirror {
    coalition: String,
    url: String,
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// What is wrong in it, with the line.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::at(path))?;
        let problem = |problem: String| Error::Config {
            path: path.to_owned(),
            problem,
        };
        let raw: Raw = toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| line(&text, span.start));
            problem(format!("line {line}: {}", error.message()))
        })?;
        let policy = raw
            .policy
            .as_ref()
            .map(serde_json::to_value)
            .transpose()
            .map_err(|_| problem("[policy] holds something JSON cannot".to_owned()))?;
        let absolute = std::path::absolute(path).map_err(Error::at(path))?;
        let directory = absolute.parent().unwrap_or(Path::new("/")).to_owned();
        Ok(Self {
            directory,
            raw,
            policy,
        })
    }

    /// Writes a commented configuration file unless there is one.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create_if_missing(path: &Path) -> Result<Created, Error> {
        use std::io::Write as _;
        match fs::File::create_new(path) {
            Ok(mut file) => {
                file.write_all(TEMPLATE.as_bytes())
                    .map_err(Error::at(path))?;
                Ok(Created::Yes)
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(Created::No),
            Err(error) => Err(Error::at(path)(error)),
        }
    }

    /// Where enrolments, keys and lists are.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.directory.join(&self.raw.state)
    }

    /// Where plain paths start.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The `policy` member of a `configure` message; `None` leaves the module's defaults.
    #[must_use]
    pub const fn policy(&self) -> Option<&serde_json::Value> {
        self.policy.as_ref()
    }

    /// The mirror to use instead of what a coalition's enrolment says.
    #[must_use]
    pub fn mirror(&self, coalition: &str) -> Option<&str> {
        let mirrors = &self.raw.repository;
        let mirror = mirrors
            .iter()
            .find(|mirror| mirror.coalition == coalition)?;
        Some(&mirror.url)
    }

    /// Coalitions a mirror is given for.
    pub fn mirrored(&self) -> impl Iterator<Item = &str> {
        self.raw
            .repository
            .iter()
            .map(|mirror| mirror.coalition.as_str())
    }

    /// The module the file names, else the one built in.
    ///
    /// # Errors
    /// The file cannot be read, or is no module for this host.
    pub fn module(&self) -> Result<Module, Error> {
        match &self.raw.module {
            Some(path) => {
                let path = self.directory.join(path);
                Ok(Module::load(&fs::read(&path).map_err(Error::at(&path))?)?)
            }
            None => Ok(Module::built_in()?),
        }
    }
}

/// Whether a file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It was not there.
    Yes,
    /// It was.
    No,
}

fn default_state() -> PathBuf {
    PathBuf::from("state")
}

fn line(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        .saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_a_configuration_and_so_is_every_line_of_it_uncommented() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("gateway.toml");
        assert_eq!(Config::create_if_missing(&path).unwrap(), Created::Yes);
        assert_eq!(Config::create_if_missing(&path).unwrap(), Created::No);
        let config = Config::read(&path).unwrap();
        assert_eq!(config.state(), room.path().join("state"));
        let settings = |line: &str| line.starts_with("# ") && line.contains([' ', '[']);
        let whole: String = TEMPLATE
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(rest) if settings(line) && (rest.contains(" = ") || rest.starts_with('[')) => {
                    format!("{rest}\n")
                }
                _ => format!("{line}\n"),
            })
            .collect();
        fs::write(&path, whole).unwrap();
        let config = Config::read(&path).unwrap();
        assert_eq!(config.mirror("se"), Some("https://mirror.example/se"));
        assert_eq!(config.policy().unwrap()["unavailable"]["payout"], "review");
    }
}
