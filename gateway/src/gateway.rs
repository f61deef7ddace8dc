use std::path::Path;
use std::sync::Arc;

use interdict_core::wire::owned::{Configure, NamedPolicy, Secret};
use interdict_host::{
    CallError, Choices, DocumentKind, Instance, Keeping, Loaded, Operator, Settings, Store, Warning,
};

use crate::archive::Archive;
use crate::config::Config;
use crate::error::Error;
use crate::policy::PolicyFile;
use crate::signed::{self, DocumentInForce};
use crate::stateless;

/// A gateway without a policy answers, but never that a merchant is clean.
const NO_POLICY: &str = "gateway.toml has no policy, so no verdict is clean: add [policy] with required, \
     the lists that must answer, or without_lists = true";

/// Silent records show in receipts alone.
const ALL_RECEIPTS: &str = "receipts in gateway.toml has no effect beside silent_key: every answer has a receipt, \
     in which silent findings are sealed; take one of the two out";

/// A gateway that starts from nothing has only the configuration to compare a repository with.
const NO_FLOOR: &str = "no state is kept and gateway.toml has no floor for it, so a mirror could serve an older \
     release until its timestamp expires: add what interdict describe --floor prints";

/// The host's gateway, opened and operated as `gateway.toml` says.
#[derive(Debug)]
pub struct Gateway {
    operation: Arc<Operation>,
    host: interdict_host::Gateway,
    /// Warnings about how it was opened.
    warnings: Vec<Warning>,
}

/// What the configuration makes of a gateway.
#[derive(Debug)]
struct Operation {
    config: Config,
    archive: Option<Archive>,
}

impl Gateway {
    /// Opens the gateway of a configuration file with one instance, from what is on the disk; no
    /// network is used.
    ///
    /// # Errors
    /// What keeps it from screening.
    pub fn open(config: &Path, now: u32) -> Result<Self, Error> {
        Self::with_workers(config, 1, now)
    }

    /// Opens it where no disk is kept, with several instances as [`Gateway::with_workers`]: the state directory is made
    /// from mounted files if there is none.
    ///
    /// # Errors
    /// What keeps it from screening.
    pub fn stateless(config: &Path, workers: usize, now: u32) -> Result<Self, Error> {
        let read = Config::read(config)?;
        stateless::prepare(&read, now)?;
        let mut gateway = Self::opened(read, workers, Keeping::Lost, now)?;
        for enrolment in gateway.host.enrolled()? {
            let coalition = enrolment.coalition();
            if !gateway.config().has_floor(coalition) {
                gateway.warnings.push(Warning {
                    coalition: Some(coalition.to_owned()),
                    text: NO_FLOOR.to_owned(),
                });
            }
        }
        Ok(gateway)
    }

    /// Opens it with several instances, for threads that ask at once. Each holds its own lists; more than one for
    /// each processor, or than four, help no gateway.
    ///
    /// # Errors
    /// What keeps it from screening.
    pub fn with_workers(config: &Path, workers: usize, now: u32) -> Result<Self, Error> {
        Self::opened(Config::read(config)?, workers, Keeping::Kept, now)
    }

    fn opened(config: Config, workers: usize, keeping: Keeping, now: u32) -> Result<Self, Error> {
        let (module, warning) = config.module()?;
        let settings = Settings {
            workers,
            keeping,
            directory: config.directory().to_owned(),
            coalitions: config.coalitions(),
            silent_key: config.silent_key()?,
            receipts: config.receipts_in_force(),
            hold: config.staging().map(|staging| staging.hold),
            ..Settings::new(module, config.state())
        };
        let is_overridden = config.receipts() != config.receipts_in_force();
        let overridden = is_overridden.then(|| Warning {
            coalition: None,
            text: ALL_RECEIPTS.to_owned(),
        });
        let archive = config.archive().map(Archive::new);
        let operation = Arc::new(Operation { config, archive });
        let host = interdict_host::Gateway::open(settings, operation.clone(), now)
            .map_err(|error| operation.explained(error))?;
        Ok(Self {
            operation,
            host,
            warnings: warning.into_iter().chain(overridden).collect(),
        })
    }

    /// The gateway that refreshes and screens.
    #[must_use]
    pub const fn host(&self) -> &interdict_host::Gateway {
        &self.host
    }

    /// The configuration it was opened with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.operation.config
    }

    /// Lets a second policy watch, on one instance and until the next refresh: verdicts say where it
    /// would have decided otherwise.
    ///
    /// # Errors
    /// [`Error::Policy`] with what the module refuses in it.
    pub fn watch(&self, policy: &PolicyFile, now: u32) -> Result<(), Error> {
        let message = Configure {
            shadow: Some(policy.json()),
            ..Configure::default()
        };
        let message = serde_json::to_vec(&message).map_err(|_| Error::ANSWER)?;
        match self.host.call("configure", &message, now) {
            Ok(_) => Ok(()),
            Err(interdict_host::Error::Call(CallError::Refused { sentence, .. })) => {
                Err(policy.refused_as_shadow(&sentence))
            }
            Err(other) => Err(other.into()),
        }
    }

    /// Every signed document of a kind and what the module says of it now, and warnings about those
    /// that could not be read.
    ///
    /// # Errors
    /// The module cannot be asked.
    pub fn signed(
        &self,
        kind: DocumentKind,
        now: u32,
    ) -> Result<(Vec<DocumentInForce>, Vec<String>), Error> {
        let mut instance = Instance::new(self.host.module())?;
        let store = Store::open(&self.config().state())?;
        let receipt_key = Configure {
            receipt_key: store.receipt_key()?.map(Secret),
            ..Configure::default()
        };
        instance.ask("configure", &receipt_key, now)?;
        if let Some(policy) = self.config().policy() {
            let message = Configure {
                policy: Some(policy.json()),
                ..Configure::default()
            };
            instance.ask("configure", &message, now)?;
        }
        let mut warnings = Vec::new();
        let directory = self.config().signed(kind);
        let all = signed::list(kind, &mut instance, &directory, &mut warnings, now)?;
        Ok((all, warnings))
    }

    /// The overrides and clearances that lack a signature and so have no effect yet, each with what to do. They are
    /// an ordinary step between two people, and not among [`Gateway::warnings`].
    #[must_use]
    pub fn unsigned(&self, now: u32) -> Vec<String> {
        let kinds = [DocumentKind::Override, DocumentKind::Clearance].into_iter();
        let config = self.config();
        kinds
            .flat_map(|kind| signed::unsigned_documents(kind, &config.signed(kind), now))
            .collect()
    }

    /// What a person should know: the host's warnings, and why something was not archived.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = self.host.warnings();
        warnings.extend_from_slice(&self.warnings);
        let archive = self.operation.archive.iter();
        warnings.extend(archive.flat_map(Archive::troubles).map(|text| Warning {
            coalition: None,
            text,
        }));
        warnings
    }
}

impl Operator for Operation {
    fn choices(&self) -> Choices {
        let mut warnings = Vec::new();
        let [overrides, clearances] = [DocumentKind::Override, DocumentKind::Clearance]
            .map(|kind| signed::whole_documents(kind, &self.config.signed(kind), &mut warnings));
        if self.config.policy().is_none() {
            warnings.push(NO_POLICY.to_owned());
        }
        Choices {
            policy: self.config.policy().map(PolicyFile::json),
            shadow: self.config.shadow().map(PolicyFile::json),
            policies: named_policies(&self.config),
            overrides,
            clearances,
            warnings,
        }
    }

    fn loaded(&self, loaded: &Loaded<'_>, instance: &mut Instance, now: u32) {
        if let Some(archive) = &self.archive {
            archive.keep(loaded, instance, now);
        }
    }
}

impl Operation {
    /// The host's error, with the place in the file that it is about.
    fn explained(&self, error: interdict_host::Error) -> Error {
        use interdict_host::Error as Host;
        match (error, self.config.policy(), self.config.shadow()) {
            (Host::Policy(CallError::Refused { sentence, .. }), Some(policy), _) => {
                policy.refused(&sentence)
            }
            (Host::Shadow(CallError::Refused { sentence, .. }), _, Some(shadow)) => {
                shadow.refused_as_shadow(&sentence)
            }
            (Host::NamedPolicies(CallError::Refused { code, sentence }), ..) => {
                let all = self.config.policies();
                let refused = PolicyFile::refused_by_name(all, &sentence);
                refused.unwrap_or_else(|| CallError::Refused { code, sentence }.into())
            }
            (Host::NotEnrolled(coalition), ..) => self.config.not_enrolled(&coalition),
            (other, ..) => other.into(),
        }
    }
}

fn named_policies(config: &Config) -> Vec<NamedPolicy> {
    let all = config.policies().iter().map(|(name, policy)| NamedPolicy {
        name: name.clone(),
        policy: policy.json(),
    });
    all.collect()
}
