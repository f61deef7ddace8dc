use crate::common::hex;
use crate::common::time::Time;
use crate::list::ListId;
use crate::policy::{Policy, RequiredCoalitions};
use crate::trust::Source;

use super::configuration::{Configuration, Configured, Replace};
use super::error::{EngineError, Error, PolicyRole};
use super::overrides::{Override, open_all};
use super::request::Request;
use super::score::{ReceiptKey, ScreeningContext, Shadow, Verdict, receipt, screen};
use super::update::{Coalition, Delivery, WalkProgress};

/// All state of one instance: the coalitions with their live lists, the gateway's choices, and its
/// secrets.
#[derive(Debug, Default)]
pub struct Engine {
    pub(super) coalitions: Vec<Coalition>,
    pub(super) policy: Policy,
    /// A policy that decides nothing and is watched.
    shadow: Option<Policy>,
    overrides: Vec<Override>,
    receipt_key: Option<ReceiptKey>,
    /// SHA-256 of the module's file, hexadecimal, if the host said.
    module: Option<String>,
}

/// Which walk to begin: an update, one signed file, or one page of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WalkRequest {
    /// All metadata and lists, from the host's store or from the repository.
    Update(Source),
    /// One signed file, and the delegated roles on the way to it.
    Target {
        /// Where metadata that is not verified yet is looked for.
        source: Source,
        /// The target's path: relative, without empty, `.` or `..` parts.
        path: String,
    },
    /// One page of a list's records.
    Page {
        /// The list.
        list: ListId,
        /// The epoch of its release.
        epoch: u32,
        /// The page's number, from 0.
        page: u32,
    },
}

impl Engine {
    /// Sets coalitions, keys, policies, overrides and secrets.
    ///
    /// # Errors
    /// A key of an unknown coalition, an override that has no effect, or a policy that requires more
    /// coalitions than there are. Nothing has changed then.
    pub fn configure(
        &mut self,
        configuration: Configuration,
        now: Time,
    ) -> Result<Configured, Error> {
        let overrides = self.check(&configuration, now)?;
        let given_policy = configuration.policy.is_some();
        if let Some(coalitions) = configuration.coalitions {
            self.coalitions = coalitions.into_inner();
        }
        // Overrides hold under the keys of the policy they were given with.
        match overrides {
            Some(overrides) => self.overrides = overrides,
            None if given_policy => self.overrides.clear(),
            None => {}
        }
        if let Some(policy) = configuration.policy {
            self.policy = policy;
        }
        self.shadow = configuration.shadow.over(self.shadow.take());
        if let Some(sha256) = configuration.module {
            self.module = Some(hex::text(&sha256));
        }
        if let Some(key) = configuration.receipt_key {
            self.receipt_key = Some(key);
        }
        for coalition in &mut self.coalitions {
            if let Some(keys) = &configuration.keys {
                let own = keys.iter().filter(|key| key.coalition == coalition.name);
                coalition.keys = own.map(|key| key.key.clone()).collect();
            }
            if configuration.reset_clock {
                coalition.client.set_newest_time(None);
            }
        }
        Ok(self.configured())
    }

    /// Everything that can be wrong with a configuration under what is in force already, before
    /// anything changes; its overrides, opened.
    fn check(
        &self,
        configuration: &Configuration,
        now: Time,
    ) -> Result<Option<Vec<Override>>, Error> {
        let policy = configuration.policy.as_ref().unwrap_or(&self.policy);
        let overrides = configuration.overrides.as_ref();
        let overrides = overrides.map(|documents| open_all(documents, &policy.override_keys, now));
        let overrides = overrides.transpose()?;
        let coalitions = configuration.coalitions.as_ref();
        let known = coalitions.map_or(&self.coalitions[..], |given| given.as_slice());
        for key in configuration.keys.iter().flatten() {
            if !known.iter().any(|known| known.name == key.coalition) {
                return Err(EngineError::UnknownCoalition.into());
            }
        }
        let shadow = match &configuration.shadow {
            Replace::Keep => self.shadow.as_ref(),
            Replace::Remove => None,
            Replace::With(policy) => Some(policy),
        };
        for (role, policy) in [
            (PolicyRole::Deciding, Some(policy)),
            (PolicyRole::Shadow, shadow),
        ] {
            let required = policy.map(|policy| policy.required_coalitions);
            // More than there are would mean that nothing is ever blocked.
            if !known.is_empty() && required.is_some_and(|required| exceeds(required, known)) {
                return Err(Error::TooManyRequired(role));
            }
        }
        Ok(overrides)
    }

    fn configured(&self) -> Configured {
        let names = self.coalitions.iter().map(|one| one.name.clone());
        let keys = self.coalitions.iter().map(|one| one.keys.len());
        let shadow = self.shadow.as_ref();
        Configured {
            coalitions: names.collect(),
            keys: keys.sum(),
            policy: self.policy.digest().to_owned(),
            shadow: shadow.map(|policy| policy.digest().to_owned()),
            overrides: self.overrides.len(),
        }
    }

    /// Begins a walk of one coalition, whatever came of the last one, and says which file it needs
    /// first.
    ///
    /// # Errors
    /// An unknown coalition, a page that does not exist, or a path that no authorised role lists.
    pub fn begin(
        &mut self,
        coalition: &str,
        walk: &WalkRequest,
        now: Time,
    ) -> Result<WalkProgress, Error> {
        let coalition = self.coalition_mut(coalition)?;
        match walk {
            WalkRequest::Update(source) => coalition.begin(*source, now),
            WalkRequest::Target { source, path } => coalition.begin_target(*source, now, path)?,
            WalkRequest::Page { list, epoch, page } => coalition.begin_page(list, *epoch, *page)?,
        }
        Ok(coalition.progress(None))
    }

    /// Says which file the walk of a coalition needs now.
    ///
    /// # Errors
    /// [`EngineError::NotConfigured`], [`EngineError::UnknownCoalition`].
    pub fn progress(&mut self, coalition: &str) -> Result<WalkProgress, Error> {
        Ok(self.coalition_mut(coalition)?.progress(None))
    }

    /// Takes the file that was asked for by its `name`, or that it could not be had.
    ///
    /// # Errors
    /// Why the file was refused. The walk has ended; the live lists are as they were.
    pub fn supply(
        &mut self,
        coalition: &str,
        name: &str,
        delivery: Delivery,
    ) -> Result<WalkProgress, Error> {
        self.coalition_mut(coalition)?.supply(name, delivery)
    }

    /// Answers one request. `now` is the host's clock.
    #[must_use]
    pub fn screen(&self, request: &Request, now: Time) -> Verdict<'_> {
        let context = ScreeningContext {
            coalitions: &self.coalitions,
            overrides: &self.overrides,
            now,
        };
        let mut full = screen(request, context, &self.policy);
        let key = self.receipt_key.as_ref();
        let receipt = key.map(|key| {
            let module = self.module.as_deref();
            receipt(key, module, request, &full, context, &self.policy)
        });
        let shadow = self.shadow.as_ref();
        let shadow = shadow.and_then(|policy| {
            let second = screen(request, self.shadowed(context, policy), policy).verdict;
            Shadow::of(policy, &full.verdict, &second)
        });
        full.verdict.shadow = shadow;
        full.verdict.receipt = receipt.map(Box::new);
        full.shown_to(request, &self.policy)
    }

    /// What the shadow policy decides from. Overrides hold under the keys of the policy they were
    /// given with.
    fn shadowed<'e>(&self, context: ScreeningContext<'e>, shadow: &Policy) -> ScreeningContext<'e> {
        let own = self.policy.override_keys.texts();
        let same_keys = shadow.override_keys.texts().eq(own);
        ScreeningContext {
            overrides: if same_keys { context.overrides } else { &[] },
            ..context
        }
    }

    fn coalition_mut(&mut self, name: &str) -> Result<&mut Coalition, Error> {
        if self.coalitions.is_empty() {
            return Err(EngineError::NotConfigured.into());
        }
        let mut coalitions = self.coalitions.iter_mut();
        let found = coalitions.find(|coalition| coalition.name == name);
        Ok(found.ok_or(EngineError::UnknownCoalition)?)
    }
}

fn exceeds(required: RequiredCoalitions, coalitions: &[Coalition]) -> bool {
    usize::from(required.block) > coalitions.len()
}
