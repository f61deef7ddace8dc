use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::IS_FULL;
use crate::common::hex;
use crate::common::time::Time;
use crate::list::Action;
use crate::policy::{Flow, Policy};
use crate::trust::{Signers, Source};

use super::clearances::{self, Clearances, MAX_CLEARANCES};
use super::configuration::{Configuration, Configured};
use super::doubt::{Clock, Doubt};
use super::error::{EngineError, Error};
use super::history::History;
use super::overrides::{self, Override};
use super::policies::Policies;
use super::request::Request;
use super::score::{
    AskedCoalitions, ReceiptKey, ReceiptWriter, Receipts, RefusalReceipt, ScreeningContext, Shadow,
    SilentKey, Verdict, screen,
};
use super::update::{Coalition, Delivery, WalkProgress};

/// Everything that one instance holds: the coalitions with their live lists, the gateway's policy
/// and its secrets. [`Default`] has no coalition and the default policy.
#[derive(Debug, Default)]
pub struct Engine {
    pub(super) coalitions: Vec<Coalition>,
    pub(super) policies: Policies,
    overrides: Vec<Override>,
    clearances: Vec<Clearances>,
    receipt_key: Option<ReceiptKey>,
    receipts: Receipts,
    silent_key: Option<SilentKey>,
    /// As whoever counts the calls of this instance says.
    clock: Clock,
    /// As the configuration says of a receipt that is replayed.
    replayed_clock: Clock,
    /// Whether the host's state directory has what it had.
    saved: Saved,
    /// SHA-256 of the module's file, hexadecimal, if the host gave it.
    module: Option<String>,
}

/// Whether the host's state directory has the coalitions and secrets that it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Saved {
    #[default]
    Whole,
    Lost,
}

/// Overrides and clearances that a configuration gives.
type Signed = (Option<Vec<Override>>, Option<Vec<Clearances>>);

/// Which files a new walk fetches: those of an update, or one signed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WalkRequest {
    /// An update: all metadata and lists, from the host's store or from the repository.
    Update(Source),
    /// One signed file, with the delegated roles that lead to it.
    Target {
        /// Where to look first for delegated metadata that is not verified yet.
        source: Source,
        /// The target's path: relative, without empty, `.` or `..` segments.
        path: String,
    },
}

impl Engine {
    /// The policy that decides unless a request names another. It says where ids may be as long as a card number.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policies.deciding
    }

    /// The policy of this name, for [`screen_under`](Self::screen_under).
    #[must_use]
    pub fn named_policy(&self, name: &str) -> Option<&Policy> {
        self.policies.named.find(name)
    }

    /// Sets coalitions, keys, policies, overrides and secrets. `now` is the host's clock.
    ///
    /// # Errors
    /// A key for an unknown coalition, an invalid override, or a policy that requires more
    /// coalitions than it asks. The engine is then unchanged.
    pub fn configure(
        &mut self,
        configuration: Configuration,
        now: Time,
    ) -> Result<Configured, Error> {
        let (overrides, clearances) = self.check(&configuration, now)?;
        let given_policy = configuration.policy.is_some();
        if let Some(coalitions) = configuration.coalitions {
            self.coalitions = coalitions.into_inner();
        }
        // A new policy may name other keys, so what was signed before it is dropped.
        match overrides {
            Some(overrides) => self.overrides = overrides,
            None if given_policy => self.overrides.clear(),
            None => {}
        }
        match clearances {
            Some(clearances) => self.clearances = clearances,
            None if given_policy => self.clearances.clear(),
            None => {}
        }
        self.policies.replace(
            configuration.policy,
            configuration.shadow,
            configuration.policies,
        );
        if let Some(sha256) = configuration.module {
            self.module = Some(hex::text(&sha256));
        }
        if let Some(key) = configuration.receipt_key {
            self.receipt_key = Some(key);
        }
        if let Some(receipts) = configuration.receipts {
            self.receipts = receipts;
        }
        if let Some(key) = configuration.silent_key {
            self.silent_key = Some(key);
        }
        if let Some(stopped) = configuration.clock_stopped {
            self.replayed_clock = match stopped {
                true => Clock::Stopped,
                false => Clock::Runs,
            };
        }
        if let Some(is_lost) = configuration.state_lost {
            self.saved = match is_lost {
                true => Saved::Lost,
                false => Saved::Whole,
            };
        }
        for coalition in &mut self.coalitions {
            if let Some(keys) = &configuration.keys {
                let own = keys.iter().filter(|key| key.coalition == coalition.name);
                let own: Vec<_> = own.map(|key| key.key.clone()).collect();
                coalition.set_keys(own);
            }
            if configuration.reset_clock {
                coalition.reset_clock();
            }
        }
        Ok(self.configured())
    }

    /// Checks a configuration against what is already configured, before anything changes. Returns
    /// the overrides and the clearances, verified.
    fn check(&self, configuration: &Configuration, now: Time) -> Result<Signed, Error> {
        let policy = configuration.policy.as_ref().unwrap_or(self.policy());
        let overrides = configuration.overrides.as_ref().filter(|_| IS_FULL);
        let keys = &policy.override_keys;
        let overrides = overrides.map(|documents| overrides::open_all(documents, keys, now));
        let overrides = overrides.transpose()?;
        let clearances = configuration.clearances.as_ref().filter(|_| IS_FULL);
        let keys = &policy.clearance_keys;
        let clearances = clearances.map(|documents| clearances::open_all(documents, keys, now));
        let clearances = clearances.transpose()?;
        let count = clearances.iter().flatten().map(Clearances::count);
        if count.fold(0, usize::saturating_add) > MAX_CLEARANCES {
            return Err(Error::TooManyClearances);
        }
        let is_some = |count: Option<usize>| count.is_some_and(|count| count > 0);
        let needs_key = configuration.silent_key.is_some()
            || is_some(overrides.as_ref().map(Vec::len))
            || is_some(clearances.as_ref().map(Vec::len));
        if needs_key && configuration.receipt_key.is_none() && self.receipt_key.is_none() {
            return Err(EngineError::NoReceiptKey.into());
        }
        let coalitions = configuration.coalitions.as_ref();
        let known = coalitions.map_or(&self.coalitions[..], |given| given.as_slice());
        for key in configuration.keys.iter().flatten() {
            if !known.iter().any(|known| known.name == key.coalition) {
                return Err(EngineError::UnknownCoalition.into());
            }
        }
        self.policies.check(configuration, known)?;
        Ok((overrides, clearances))
    }

    fn configured(&self) -> Configured {
        let names = self.coalitions.iter().map(|one| one.name.clone());
        let keys = self.coalitions.iter().map(|one| one.keys().count());
        let shadow = self.policies.shadow.as_ref();
        let policies = self.policies.named.iter();
        let policies = policies.map(|(name, policy)| (name.to_owned(), policy.digest().to_owned()));
        Configured {
            coalitions: names.collect(),
            keys: keys.sum(),
            policy: self.policy().digest().to_owned(),
            shadow: shadow.map(|policy| policy.digest().to_owned()),
            policies: policies.collect(),
            overrides: self.overrides.len(),
            clearances: self.clearances.iter().map(Clearances::count).sum(),
            warnings: self.policies.warnings(&self.coalitions),
        }
    }

    /// Begins a walk of one coalition and returns the first file it needs. A walk that has not
    /// ended is dropped.
    ///
    /// # Errors
    /// An unknown coalition, or a path that no authorised role lists.
    pub fn begin(
        &mut self,
        coalition: &str,
        walk: &WalkRequest,
        now: Time,
    ) -> Result<WalkProgress, Error> {
        let coalition = self.coalition_mut(coalition)?;
        match walk {
            WalkRequest::Update(source) => coalition.begin(*source, now),
            WalkRequest::Target { .. } if !IS_FULL => {}
            WalkRequest::Target { source, path } => coalition.begin_target(*source, now, path)?,
        }
        Ok(coalition.progress(None))
    }

    /// Repeats which file the walk of a coalition needs now.
    ///
    /// # Errors
    /// [`EngineError::NotConfigured`], [`EngineError::UnknownCoalition`].
    pub fn progress(&mut self, coalition: &str) -> Result<WalkProgress, Error> {
        Ok(self.coalition_mut(coalition)?.progress(None))
    }

    /// Takes the file that the walk asked for under `name`, or the news that it could not be
    /// fetched.
    ///
    /// # Errors
    /// Why the file was refused. The walk ends, and the live lists are unchanged.
    pub fn supply(
        &mut self,
        coalition: &str,
        name: &str,
        delivery: Delivery,
    ) -> Result<WalkProgress, Error> {
        self.coalition_mut(coalition)?.supply(name, delivery)
    }

    /// Screens one merchant. `now` is the host's clock.
    #[must_use]
    #[inline(never)]
    pub fn screen(&self, request: &Request, now: Time) -> Verdict<'_> {
        self.screen_under(self.policy(), request, now)
    }

    /// Screens one merchant under one of this engine's policies. The shadow policy is compared with the deciding
    /// one only.
    #[must_use]
    #[inline(never)]
    pub fn screen_under<'e>(
        &'e self,
        policy: &'e Policy,
        request: &Request,
        now: Time,
    ) -> Verdict<'e> {
        let context = self.context(policy, now);
        let mut full = screen(request, context, policy);
        let writer = self.receipt_writer(full.verdict.action);
        let receipt = writer.map(|writer| writer.receipt(request, &full, context, policy));
        let is_shadowed = IS_FULL && policy.digest() == self.policy().digest();
        let shadow = self.policies.shadow.as_ref().filter(|_| is_shadowed);
        let shadow = shadow.and_then(|shadow| {
            let second = screen(request, self.context(shadow, now), shadow).verdict;
            Shadow::of(shadow, &full.verdict, &second)
        });
        full.verdict.shadow = shadow;
        full.verdict.receipt = receipt.map(Box::new);
        full.shown_to(request, policy)
    }

    /// Says whether the clock runs that the calls of this instance are given. A program that embeds the engine
    /// has a clock of its own and need not.
    pub const fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    /// Doubts about the instance as a whole.
    const fn doubts(&self) -> &'static [Doubt] {
        match (self.clock, self.replayed_clock, self.saved) {
            (Clock::Runs, Clock::Runs, Saved::Whole) => &[],
            (Clock::Runs, Clock::Runs, Saved::Lost) => &[Doubt::StateLost],
            (_, _, Saved::Whole) => &[Doubt::ClockStopped],
            (_, _, Saved::Lost) => &[Doubt::ClockStopped, Doubt::StateLost],
        }
    }

    /// The receipt of a refused request: when, in which flow if that could be read, and the code and
    /// place of the error. `None` without a ReceiptKey, and if no answer has a receipt.
    #[must_use]
    pub fn refusal_receipt(
        &self,
        time: u32,
        flow: Option<Flow>,
        code: i32,
        path: String,
    ) -> Option<RefusalReceipt<'_>> {
        // A request without a verdict is no `allow`.
        let writer = self.receipt_writer(Action::Review);
        writer.map(|writer| writer.refusal(time, flow, code, path))
    }

    /// What writes the receipt of an answer with this action; `None` if it has none.
    fn receipt_writer(&self, action: Action) -> Option<ReceiptWriter<'_>> {
        let has_receipt = self.silent_key.is_some()
            || match self.receipts {
                Receipts::Always => true,
                Receipts::Findings => action != Action::Allow,
                Receipts::Never => false,
            };
        let key = self.receipt_key.as_ref().filter(|_| IS_FULL && has_receipt);
        key.map(|key| ReceiptWriter {
            key,
            silent_key: self.silent_key.as_ref(),
            module: self.module.as_deref(),
        })
    }

    /// What a policy is screened against. Overrides and clearances count only if it names the same keys for them as
    /// the deciding policy, by whose keys they were verified.
    fn context<'e>(&'e self, policy: &'e Policy, now: Time) -> ScreeningContext<'e> {
        let are_same = |one: &Signers, other: &Signers| one.texts().eq(other.texts());
        let deciding = self.policy();
        let overrides = are_same(&policy.override_keys, &deciding.override_keys);
        let clearances = are_same(&policy.clearance_keys, &deciding.clearance_keys);
        ScreeningContext {
            coalitions: AskedCoalitions::new(&self.coalitions, policy),
            overrides: if overrides { &self.overrides } else { &[] },
            clearances: if clearances { &self.clearances } else { &[] },
            receipt_key: self.receipt_key.as_ref(),
            now,
            doubts: self.doubts(),
        }
    }

    /// What the host saves of a coalition beside the verified files.
    #[must_use]
    pub fn history(&self, coalition: &str) -> Option<History> {
        let mut coalitions = self.coalitions.iter();
        let found = coalitions.find(|known| known.name == coalition);
        found.map(Coalition::history)
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
