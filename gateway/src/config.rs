use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use interdict_core::common::hex;
use interdict_core::list::is_name;
use interdict_core::policy::Choices as PolicyChoices;
use interdict_core::wire::owned::{AtLeast, Secret};
use interdict_host::{
    Addresses, CoalitionSettings, CompiledCode, DistrustedCode, DocumentKind, Module, Receipts,
    Store, StoreError, Warning, files,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest as _, Sha256};
use toml::Spanned;

use crate::audit::silent;
use crate::config_text::ConfigText;
use crate::doors::{DoorSettings, DoorsText};
use crate::environment::Variables;
use crate::error::Error;
use crate::journal::JournalSettings;
use crate::page_settings::{PageSettings, without_page};
use crate::policy::{PolicyFile, required_lists};
use crate::portfolio::PortfolioConfig;
use crate::service_settings::{ClientSettings, ServiceSettings};
use crate::staging_settings::StagingConfig;

/// The content of a new `gateway.toml`.
const TEMPLATE: &str = include_str!("template.toml");

/// What a new file has while no list is named: a policy must say so.
const NONE_REQUIRED: &str = "\
# There is none yet, and so no verdict is clean. Instead of without_lists, write:
# required = { se = [\"se/merchants\"] }
without_lists = true";

/// Many times what a person writes.
const MAX_CONFIG: u64 = 4 << 20;

/// Many times the built module.
const MAX_MODULE: u64 = 64 << 20;

/// What the setting `records` of a repository is answered with, whatever its value.
const RECORDS_REMOVED: &str =
    "pages of records were removed, and records are always loaded whole; delete this line";

/// A gateway's own choices: one file, `gateway.toml`.
#[derive(Debug, Clone)]
pub struct Config {
    path: PathBuf,
    directory: PathBuf,
    state: PathBuf,
    module: Option<PathBuf>,
    module_sha256: Option<[u8; 32]>,
    policy: Option<PolicyFile>,
    shadow: Option<PolicyFile>,
    policies: Vec<(String, PolicyFile)>,
    archive: Option<PathBuf>,
    overrides: Option<PathBuf>,
    clearances: Option<PathBuf>,
    silent_key: Option<PathBuf>,
    receipts: Receipts,
    audit: Option<PathBuf>,
    journal: Option<JournalSettings>,
    repositories: Vec<RepositoryConfig>,
    at_least: BTreeMap<String, AtLeast>,
    stateless: Option<Mounted>,
    service: ServiceSettings,
    clients: Vec<ClientSettings>,
    page: Option<PageSettings>,
    portfolio: Option<PortfolioConfig>,
    staging: Option<StagingConfig>,
    doors: DoorSettings,
}

/// The files that a gateway without a lasting state directory makes one from.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mounted {
    /// Enrolment files.
    pub(crate) enrolments: Vec<PathBuf>,
    /// The file of the receipt key.
    pub(crate) receipt_key: PathBuf,
    /// The file of the member key, if list keys are sealed to one.
    pub(crate) member_key: Option<PathBuf>,
}

#[derive(Debug, Clone)]
struct RepositoryConfig {
    coalition: String,
    url: Option<String>,
    mirrors: Vec<String>,
    proxy: Option<String>,
    addresses: Addresses,
    line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default = "default_state")]
    state: PathBuf,
    module: Option<PathBuf>,
    module_sha256: Option<Spanned<String>>,
    policy: Option<toml::Value>,
    shadow: Option<toml::Value>,
    #[serde(default)]
    policies: BTreeMap<Spanned<String>, PathBuf>,
    archive: Option<PathBuf>,
    overrides: Option<PathBuf>,
    clearances: Option<PathBuf>,
    silent_key: Option<PathBuf>,
    receipts: Option<Spanned<String>>,
    audit: Option<PathBuf>,
    journal: Option<JournalSettings>,
    #[serde(default)]
    repository: Vec<RawRepository>,
    #[serde(default)]
    at_least: BTreeMap<String, AtLeast>,
    stateless: Option<Mounted>,
    #[serde(default)]
    service: ServiceSettings,
    #[serde(default)]
    client: Vec<ClientSettings>,
    page: Option<PageSettings>,
    portfolio: Option<Spanned<PortfolioConfig>>,
    staging: Option<Spanned<StagingConfig>>,
    #[serde(default)]
    doors: DoorsText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRepository {
    coalition: Spanned<String>,
    url: Option<String>,
    #[serde(default)]
    mirrors: Vec<String>,
    proxy: Option<String>,
    allow_private: Option<bool>,
    /// A setting that was removed, read in order to say so.
    records: Option<Spanned<IgnoredAny>>,
}

impl Config {
    /// Reads a configuration file, and what variables of this process say instead of it.
    ///
    /// # Errors
    /// What is wrong in it, with the line or the variable.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::read_with(path, &Variables::of_process())
    }

    /// Reads a configuration file, and what these variables say instead of it.
    ///
    /// # Errors
    /// What is wrong in it, with the line or the variable.
    pub fn read_with(path: &Path, variables: &Variables) -> Result<Self, Error> {
        let text = ConfigText::with(read_text(path)?, variables);
        let problem = |problem: String| Error::Config {
            path: path.to_owned(),
            problem,
        };
        let raw = raw(&text).map_err(problem)?;
        let repositories = repositories(&text, raw.repository).map_err(problem)?;
        let module_sha256 = match (&raw.module, raw.module_sha256) {
            (_, None) => None,
            (Some(_), Some(sha256)) => {
                let read = hex::array(sha256.get_ref());
                let what = "module_sha256 is not 64 digits of 0-9 a-f";
                let what = text.sentence(sha256.span().start, what);
                Some(read.ok_or_else(|| problem(what))?)
            }
            (None, Some(sha256)) => {
                let what = "module_sha256 without module";
                return Err(problem(text.sentence(sha256.span().start, what)));
            }
        };
        let receipts = match &raw.receipts {
            None => Receipts::default(),
            Some(word) => {
                let what = "receipts is none of always, findings and never";
                let what = text.sentence(word.span().start, what);
                Receipts::from_name(word.get_ref()).ok_or_else(|| problem(what))?
            }
        };
        if let Some(portfolio) = &raw.portfolio
            && let Some(what) = portfolio.get_ref().problem()
        {
            return Err(problem(text.sentence(portfolio.span().start, what)));
        }
        let doors = DoorSettings::read(raw.doors)
            .map_err(|wrong| problem(text.sentence(wrong.at, &wrong.told)))?;
        let absolute = std::path::absolute(path).map_err(StoreError::at(path))?;
        let directory = absolute.parent().unwrap_or(Path::new("/")).to_owned();
        let policy = match &raw.policy {
            Some(toml::Value::String(name)) => Some(policy_file("policy", &directory.join(name))?),
            // Read again with the place of every value, which also refuses a value of any other type.
            Some(_) => PolicyFile::of_member(path, &text, "policy")?,
            None => None,
        };
        let shadow = match &raw.shadow {
            Some(toml::Value::String(name)) => Some(policy_file("shadow", &directory.join(name))?),
            Some(_) => PolicyFile::of_member(path, &text, "shadow")?,
            None => None,
        };
        let mut policies = Vec::new();
        for (name, file) in &raw.policies {
            if !is_name(name.get_ref()) {
                let what =
                    "the name of a policy has at most 32 small letters, digits and inner hyphens";
                return Err(problem(text.sentence(name.span().start, what)));
            }
            let file = policy_file("policies", &directory.join(file))?;
            policies.push((name.get_ref().clone(), file));
        }
        let mut named = raw.client.iter().filter_map(|one| one.policy.as_ref());
        if let Some(unknown) = named.find(|name| !policies.iter().any(|(own, _)| own == *name)) {
            return Err(problem(format!(
                "[policies] has no policy {unknown:?} for a [[client]]"
            )));
        }
        if let Some(staging) = &raw.staging {
            let all = policies.iter().map(|(_, policy)| Some(policy));
            let all = all.chain([policy.as_ref()]).map(poll_max_age_hours);
            let hours = all.min().unwrap_or(0);
            if let Some(what) = staging.get_ref().problem(hours, raw.portfolio.is_some()) {
                return Err(problem(text.sentence(staging.span().start, what)));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            directory,
            state: raw.state,
            module: raw.module,
            module_sha256,
            policy,
            shadow,
            policies,
            archive: raw.archive,
            overrides: raw.overrides,
            clearances: raw.clearances,
            silent_key: raw.silent_key,
            receipts,
            audit: raw.audit,
            journal: raw.journal,
            repositories,
            at_least: raw.at_least,
            stateless: raw.stateless,
            service: raw.service,
            clients: raw.client,
            page: raw.page,
            portfolio: raw.portfolio.map(Spanned::into_inner),
            staging: raw.staging.map(Spanned::into_inner),
            doors,
        })
    }

    /// The error for a table about a coalition that is not enrolled. A setting without effect must not go
    /// unnoticed.
    pub(crate) fn not_enrolled(&self, coalition: &str) -> Error {
        let line = self.repository(coalition).map_or(1, |one| one.line);
        Error::Config {
            path: self.path.clone(),
            problem: format!("line {line}: no coalition {coalition:?} is enrolled"),
        }
    }

    /// Writes a commented configuration file unless there is one. Its policy requires these lists of this
    /// coalition.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create_if_missing(
        path: &Path,
        (coalition, lists): (&str, &[String]),
    ) -> Result<Created, Error> {
        Self::create(path, &[(coalition.to_owned(), lists.to_vec())])
    }

    /// Writes a commented configuration file with every setting, unless there is one. Its policy requires these
    /// lists, by coalition; while it requires none, no verdict is clean.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn create(path: &Path, required: &[(String, Vec<String>)]) -> Result<Created, Error> {
        match fs::File::create_new(path) {
            Ok(mut file) => {
                let required = match required {
                    [] => NONE_REQUIRED.to_owned(),
                    required => format!("required = {}", required_lists(required)),
                };
                let text = TEMPLATE.replacen("REQUIRED", &required, 1);
                file.write_all(text.as_bytes())
                    .map_err(StoreError::at(path))?;
                Ok(Created::Yes)
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Created::No),
            Err(error) => Err(StoreError::at(path)(error).into()),
        }
    }

    /// The state directory of the gateway with this configuration file, or of one that is still to be
    /// enrolled and has none.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn state_beside(path: &Path) -> Result<PathBuf, Error> {
        match path.exists() {
            true => Ok(Self::read(path)?.state()),
            false => {
                let directory = path.parent().unwrap_or(Path::new(""));
                Ok(directory.join(default_state()))
            }
        }
    }

    /// The directory of enrolments, keys and lists.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.directory.join(&self.state)
    }

    /// Relative paths start here: the directory of the file.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The policy as written; `None` leaves the module's defaults.
    #[must_use]
    pub const fn policy(&self) -> Option<&PolicyFile> {
        self.policy.as_ref()
    }

    /// Those of a coalition's lists that the policy does not require.
    #[must_use]
    pub fn not_required(&self, coalition: &str, lists: &[String]) -> Vec<String> {
        let required = self.policy().map(PolicyFile::required).unwrap_or_default();
        let required = required.get(coalition);
        let is_required = |list: &&String| required.is_some_and(|all| all.contains(list));
        let others = lists.iter().filter(|list| !is_required(list));
        others.cloned().collect()
    }

    /// A second policy that decides nothing.
    #[must_use]
    pub const fn shadow(&self) -> Option<&PolicyFile> {
        self.shadow.as_ref()
    }

    /// The policies that requests and clients choose by name.
    #[must_use]
    pub fn policies(&self) -> &[(String, PolicyFile)] {
        &self.policies
    }

    /// The directory of the archive, if there is one.
    #[must_use]
    pub fn archive(&self) -> Option<PathBuf> {
        let archive = self.archive.as_ref();
        archive.map(|path| self.directory.join(path))
    }

    /// The directory of the signed documents of a kind.
    #[must_use]
    pub fn signed(&self, kind: DocumentKind) -> PathBuf {
        let (path, usual) = match kind {
            DocumentKind::Override => (&self.overrides, "overrides"),
            DocumentKind::Clearance => (&self.clearances, "clearances"),
        };
        match path {
            Some(path) => self.directory.join(path),
            None => self.state().join(usual),
        }
    }

    /// The file of the SilentKey, if the configuration names one.
    #[must_use]
    pub fn silent_key_file(&self) -> Option<PathBuf> {
        let path = self.silent_key.as_ref();
        path.map(|path| self.directory.join(path))
    }

    /// The SilentKey, from the file that the configuration names.
    ///
    /// # Errors
    /// [`Error::SilentKey`] if the file is in the state or the archive, which are copied and handed on, or
    /// holds no key.
    pub fn silent_key(&self) -> Result<Option<Secret>, Error> {
        let Some(path) = self.silent_key_file() else {
            return Ok(None);
        };
        let rooms: Vec<_> = [self.state()].into_iter().chain(self.archive()).collect();
        let read = silent::read_key(&path, &rooms).map(Some);
        read.map_err(Error::of_setting("silent_key"))
    }

    /// Which answers have a receipt, as the file says.
    #[must_use]
    pub const fn receipts(&self) -> Receipts {
        self.receipts
    }

    /// Which answers have a receipt: all of them if there is a SilentKey, because silent records show nowhere else.
    #[must_use]
    pub const fn receipts_in_force(&self) -> Receipts {
        match &self.silent_key {
            Some(_) => Receipts::Always,
            None => self.receipts,
        }
    }

    /// The file in which a person's decisions about the state directory are recorded, if there is one.
    #[must_use]
    pub fn audit(&self) -> Option<PathBuf> {
        let audit = self.audit.as_ref();
        audit.map(|path| self.directory.join(path))
    }

    /// How the service answers, and whom.
    ///
    /// # Errors
    /// [`Error::Config`] for settings that do not go together.
    pub fn service(&self) -> Result<(ServiceSettings, Vec<ClientSettings>), Error> {
        let problem = self.service.problem(&self.clients);
        let problem = problem.or_else(|| self.doors.problem(&self.service, &self.clients));
        match problem.or_else(|| self.page_problem()) {
            None => Ok((self.service.clone(), self.clients.clone())),
            Some(problem) => Err(Error::Config {
                path: self.path.clone(),
                problem,
            }),
        }
    }

    /// What the file says about the page for people, if there is one.
    #[must_use]
    pub fn page(&self) -> Option<PageSettings> {
        let page = self.page.as_ref();
        page.map(|settings| PageSettings {
            links: self.directory.join(&settings.links),
            ..settings.clone()
        })
    }

    fn page_problem(&self) -> Option<String> {
        match &self.page {
            Some(page) => page.problem(&self.service).map(str::to_owned),
            None => without_page(&self.clients),
        }
    }

    /// What the file says about the journal, if there is one.
    #[must_use]
    pub fn journal(&self) -> Option<JournalSettings> {
        let journal = self.journal.as_ref();
        journal.map(|settings| JournalSettings {
            directory: self.directory.join(&settings.directory),
            time_stamp_roots: settings
                .time_stamp_roots
                .as_ref()
                .map(|path| self.directory.join(path)),
            ..settings.clone()
        })
    }

    /// The table of the portfolio, if there is one.
    #[must_use]
    pub const fn portfolio(&self) -> Option<&PortfolioConfig> {
        self.portfolio.as_ref()
    }

    /// How long newer releases wait, if they do.
    #[must_use]
    pub const fn staging(&self) -> Option<StagingConfig> {
        self.staging
    }

    /// What each door answers, and what it needs in order to be open.
    #[must_use]
    pub const fn doors(&self) -> &DoorSettings {
        &self.doors
    }

    /// The files that the state directory is made from where none is kept.
    pub(crate) fn mounted(&self) -> Result<Mounted, Error> {
        let absolute = |path: &PathBuf| self.directory.join(path);
        match &self.stateless {
            Some(mounted) => Ok(Mounted {
                enrolments: mounted.enrolments.iter().map(absolute).collect(),
                receipt_key: absolute(&mounted.receipt_key),
                member_key: mounted.member_key.as_ref().map(absolute),
            }),
            None => Err(Error::Config {
                path: self.path.clone(),
                problem: "--stateless needs a table [stateless] with the files to start from"
                    .to_owned(),
            }),
        }
    }

    /// Whether the file has a floor for a coalition's files.
    pub(crate) fn has_floor(&self, coalition: &str) -> bool {
        self.at_least.contains_key(coalition)
    }

    /// The mirror to use instead of what a coalition's enrolment says.
    #[must_use]
    pub fn mirror(&self, coalition: &str) -> Option<&str> {
        self.repository(coalition)?.url.as_deref()
    }

    /// Where a coalition's repository may be.
    #[must_use]
    pub fn addresses(&self, coalition: &str) -> Addresses {
        self.repository(coalition)
            .map_or(Addresses::Public, |one| one.addresses)
    }

    /// Writes into the file that a coalition's repository may be on this machine or in a private network.
    ///
    /// # Errors
    /// There is a table of this coalition, to which a person must add the line; or the file cannot be written.
    pub fn allow_private(path: &Path, coalition: &str) -> Result<(), Error> {
        let config = Self::read(path)?;
        if let Some(table) = config.repository(coalition) {
            let line = table.line;
            return Err(Error::Config {
                path: path.to_owned(),
                problem: format!("line {line}: add allow_private = true to this table"),
            });
        }
        let table =
            format!("\n[[repository]]\ncoalition = \"{coalition}\"\nallow_private = true\n");
        // The file may hold its tables in another way.
        toml::from_str::<Raw>(&(read_text(path)? + &table)).map_err(|error| Error::Config {
            path: path.to_owned(),
            problem: format!(
                "add allow_private = true for {coalition:?} by hand: {}",
                error.message()
            ),
        })?;
        let mut options = fs::File::options();
        let file = options.append(true).open(path);
        let written = file.and_then(|mut file| file.write_all(table.as_bytes()));
        Ok(written.map_err(StoreError::at(path))?)
    }

    /// What differs from the enrolments, by coalition.
    pub(crate) fn coalitions(&self) -> BTreeMap<String, CoalitionSettings> {
        let mut all: BTreeMap<String, CoalitionSettings> = BTreeMap::new();
        for one in &self.repositories {
            let settings = all.entry(one.coalition.clone()).or_default();
            settings.mirror.clone_from(&one.url);
            settings.mirrors.clone_from(&one.mirrors);
            settings.proxy.clone_from(&one.proxy);
            settings.addresses = one.addresses;
        }
        for (coalition, at_least) in &self.at_least {
            all.entry(coalition.clone()).or_default().at_least = Some(at_least.clone());
        }
        all
    }

    fn repository(&self, coalition: &str) -> Option<&RepositoryConfig> {
        let mut repositories = self.repositories.iter();
        repositories.find(|one| one.coalition == coalition)
    }

    /// The module that the file names, otherwise the built-in one, and a warning if what the state directory has
    /// of its compiled code could not be trusted.
    ///
    /// # Errors
    /// The file cannot be read, is not the one that was meant, or the host does not run it.
    pub fn module(&self) -> Result<(Module, Option<Warning>), Error> {
        let store = Store::open(&self.state()).ok();
        let code = store.and_then(|store| store.compiled_code());
        let (module, distrusted) = match (&self.module, &code) {
            (None, None) => (Module::built_in()?, None),
            (None, Some(code)) => Module::built_in_cached(code)?,
            (Some(name), code) => self.named_module(name, code.as_ref())?,
        };
        let warning = distrusted.map(|distrusted| Warning {
            coalition: None,
            text: distrusted.to_string(),
        });
        Ok((module, warning))
    }

    fn named_module(
        &self,
        name: &Path,
        code: Option<&CompiledCode>,
    ) -> Result<(Module, Option<DistrustedCode>), Error> {
        let path = self.directory.join(name);
        let bytes = needed(&path, MAX_MODULE).map_err(Error::of_setting("module"))?;
        let problem = |problem: String| Error::Config {
            path: self.path.clone(),
            problem: format!("module {}: {problem}", path.display()),
        };
        let sha256: [u8; 32] = Sha256::digest(&bytes).into();
        if let Some(meant) = self.module_sha256.filter(|meant| *meant != sha256) {
            let (found, meant) = (hex::text(&sha256), hex::text(&meant));
            return Err(problem(format!("its SHA-256 is {found} and not {meant}")));
        }
        let loaded = match code {
            Some(code) => Module::cached(&bytes, code),
            None => Module::load(&bytes).map(|module| (module, None)),
        };
        loaded.map_err(|error| problem(error.to_string()))
    }
}

/// A policy in a file of its own, which a setting names.
fn policy_file(setting: &'static str, path: &Path) -> Result<PolicyFile, Error> {
    PolicyFile::read_plain(path).map_err(Error::of_setting(setting))
}

/// A file that must be there.
fn needed(path: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let bytes = files::read(path, most)?;
    Ok(bytes.ok_or_else(|| StoreError::at(path)(ErrorKind::NotFound.into()))?)
}

/// The text of a configuration.
fn read_text(path: &Path) -> Result<String, Error> {
    let bytes = files::read(path, MAX_CONFIG)?;
    let bytes = bytes.ok_or_else(|| Error::NoConfig(path.to_owned()))?;
    String::from_utf8(bytes).map_err(|_| Error::Config {
        path: path.to_owned(),
        problem: "not UTF-8".to_owned(),
    })
}

/// Whether a file was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Created {
    /// It was written.
    Yes,
    /// It existed already.
    No,
}

/// Checks that each coalition has one table, and that each table sets something.
fn repositories(
    text: &ConfigText,
    raw: Vec<RawRepository>,
) -> Result<Vec<RepositoryConfig>, String> {
    let mut repositories: Vec<RepositoryConfig> = Vec::new();
    for one in raw {
        if let Some(records) = one.records {
            return Err(text.sentence(records.span().start, RECORDS_REMOVED));
        }
        let at = one.coalition.span().start;
        let coalition = one.coalition.into_inner();
        if repositories
            .iter()
            .any(|other| other.coalition == coalition)
        {
            return Err(text.sentence(at, &format!("a second table of {coalition:?}")));
        }
        let is_empty = one.url.is_none() && one.mirrors.is_empty() && one.proxy.is_none();
        if is_empty && one.allow_private.is_none() {
            return Err(text.sentence(at, "it sets nothing"));
        }
        let mut proxy = one.proxy.iter();
        if proxy.any(|proxy| !proxy.starts_with("http://")) {
            return Err(text.sentence(at, "proxy is no URL that starts with http:"));
        }
        let addresses = match one.allow_private {
            Some(true) => Addresses::Private,
            Some(false) | None => Addresses::Public,
        };
        repositories.push(RepositoryConfig {
            coalition,
            url: one.url,
            mirrors: one.mirrors,
            proxy: one.proxy,
            addresses,
            line: text.line(at),
        });
    }
    Ok(repositories)
}

/// How long a policy lets a list count as polled.
fn poll_max_age_hours(policy: Option<&PolicyFile>) -> u32 {
    let stated = policy.and_then(|policy| policy.json().get("poll_max_age_hours")?.as_u64());
    let usual = PolicyChoices::default().poll_max_age_hours;
    stated.map_or(usual.into(), |hours| {
        u32::try_from(hours).unwrap_or(u32::MAX)
    })
}

fn default_state() -> PathBuf {
    PathBuf::from("state")
}

/// The settings of a text, or the first thing that is wrong with them.
fn raw(text: &ConfigText) -> Result<Raw, String> {
    let table = text.table().map_err(|problems| {
        let first = problems.into_iter().next();
        first.map_or_else(String::new, |first| match first.variable {
            None => format!("line {}: {}", first.line, first.text),
            Some(_) => first.to_string(),
        })
    })?;
    Raw::deserialize(toml::Deserializer::from(table)).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        text.sentence(at, error.message())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_template_is_a_configuration_and_so_is_every_line_of_it_uncommented() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("gateway.toml");
        let lists = ["se/merchants".to_owned()];
        assert_eq!(
            Config::create_if_missing(&path, ("se", &lists)).unwrap(),
            Created::Yes
        );
        assert_eq!(
            Config::create_if_missing(&path, ("se", &lists)).unwrap(),
            Created::No
        );
        let config = Config::read(&path).unwrap();
        assert_eq!(config.state(), room.path().join("state"));
        let policy = config.policy().unwrap().json();
        assert_eq!(policy, json!({"required": {"se": ["se/merchants"]}}));
        let others = ["se/merchants".to_owned(), "se/cards".to_owned()];
        assert_eq!(config.not_required("se", &others), ["se/cards"]);
        let template = fs::read_to_string(&path).unwrap();
        let settings = |line: &str| line.starts_with("# ") && line.contains([' ', '[']);
        let whole: String = template
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                // Each stands instead of something else.
                Some(rest)
                    if [
                        "policy = ",
                        "shadow = ",
                        "acquiring = ",
                        "alert_webhook",
                        "alert_secret",
                        "alert_ca",
                    ]
                    .iter()
                    .any(|name| rest.starts_with(name)) =>
                {
                    format!("# {rest}\n")
                }
                Some(rest) if settings(line) && (rest.contains(" = ") || rest.starts_with('[')) => {
                    format!("{rest}\n")
                }
                _ => format!("{line}\n"),
            })
            .collect();
        fs::write(&path, whole).unwrap();
        let config = Config::read(&path).unwrap();
        assert_eq!(config.mirror("se"), Some("https://mirror.example/se"));
        let policy = config.policy().unwrap().json();
        assert_eq!(policy["flows"]["payout"]["review_score"], 650);
        let journal = config.journal().unwrap();
        assert_eq!(journal.directory, room.path().join("journal"));
        let defaults = JournalSettings::default();
        let directory = journal.directory.clone();
        let url = journal.time_stamp_url.clone();
        assert_eq!(url.as_deref(), Some("http://time.example/tsa"));
        let roots = journal.time_stamp_roots.clone();
        assert_eq!(roots, Some(room.path().join("tsa.pem")));
        assert_eq!(
            journal,
            JournalSettings {
                directory,
                time_stamp_url: url,
                time_stamp_roots: roots,
                ..defaults
            }
        );
    }

    #[test]
    fn a_policy_may_be_a_file_of_its_own() {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("gateway.toml");
        fs::write(&path, "policy = \"policy.toml\"\n").unwrap();
        assert!(matches!(
            Config::read(&path),
            Err(Error::Setting {
                name: "policy",
                error: StoreError::File { .. }
            })
        ));
        fs::write(room.path().join("policy.toml"), "typology_cap = 7\n").unwrap();
        let config = Config::read(&path).unwrap();
        assert_eq!(config.policy().unwrap().json()["typology_cap"], 7);
        fs::write(&path, "policy = 7\n").unwrap();
        assert!(matches!(Config::read(&path), Err(Error::Policy { .. })));
        fs::write(&path, "[policy]\ntypology_cap = 2026-01-01\n").unwrap();
        let error = Config::read(&path).unwrap_err().to_string();
        assert!(error.contains("line 2, column 16"), "{error}");
    }
}
