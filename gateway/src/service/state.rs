use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use interdict_core::common::hex;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use utoipa::ToSchema;

use super::clients::Clients;
use super::metrics::Metrics;
use super::problem::{Cause, Problem};
use super::settings::ServiceSettings;
use crate::error::Error;
use crate::gateway::Gateway;

/// Everything that answers a request, shared between all of them.
#[derive(Debug)]
pub struct Service {
    pub(crate) gateway: Gateway,
    pub(crate) settings: ServiceSettings,
    pub(crate) clients: Clients,
    pub(crate) metrics: Metrics,
    in_work: Arc<Semaphore>,
    clock: Clock,
    refreshes: Mutex<Vec<RefreshStatus>>,
    is_ending: AtomicBool,
}

/// How the last refresh of a coalition ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RefreshStatus {
    pub(crate) coalition: String,
    /// When it began, in seconds since 1970.
    pub(crate) time: u32,
    pub(crate) succeeded: bool,
    /// What it brought, or why it failed.
    pub(crate) outcome: String,
}

/// The clock of the machine, or one that was set for a test or a replay and goes on from there.
#[derive(Debug, Clone, Copy)]
enum Clock {
    Machine,
    From(u32, Instant),
}

impl Service {
    /// Opens the gateway of a configuration file and all that its service needs. `now` is a time to start from
    /// instead of the machine's clock; a stateless one makes its
    /// state directory from mounted files.
    ///
    /// # Errors
    /// What keeps it from screening, or what is wrong in the configuration.
    pub fn open(config: &Path, now: Option<u32>, is_stateless: bool) -> Result<Self, Error> {
        let clock = now.map_or(Clock::Machine, |now| Clock::From(now, Instant::now()));
        let now = clock.seconds();
        let now =
            now.ok_or_else(|| Error::Service("this machine's clock is off; set it".to_owned()))?;
        let read = crate::Config::read(config)?;
        let (settings, clients) = read.service()?;
        let gateway = match is_stateless {
            true => Gateway::stateless_with_workers(config, settings.workers, now)?,
            false => Gateway::with_workers(config, settings.workers, now)?,
        };
        let metrics = Metrics::new(hex::text(&gateway.host().module().sha256()));
        Ok(Self {
            in_work: Arc::new(Semaphore::new(settings.max_requests)),
            clients: Clients::of(&clients),
            gateway,
            settings,
            metrics,
            clock,
            refreshes: Mutex::default(),
            is_ending: AtomicBool::new(false),
        })
    }

    /// The time, in seconds since 1970.
    ///
    /// # Errors
    /// A problem document: this machine's clock is before 1970 or after 2106.
    pub(crate) fn now(&self) -> Result<u32, Problem> {
        let told = "this machine's clock is off";
        self.clock
            .seconds()
            .ok_or_else(|| Cause::NotAnswered.problem(told))
    }

    /// A place among the requests in work.
    pub(crate) fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.in_work)
            .try_acquire_owned()
            .map_err(|_| Cause::Shed.problem("ask again in a moment"))
    }

    /// Notes how refreshes ended.
    pub(crate) fn refreshed(&self, ended: Vec<RefreshStatus>) {
        for status in ended.iter().filter(|status| !status.succeeded) {
            self.metrics.refresh_failed(&status.coalition);
        }
        *self
            .refreshes
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = ended;
    }

    /// How the last refreshes ended.
    pub(crate) fn refreshes(&self) -> Vec<RefreshStatus> {
        let refreshes = self.refreshes.lock();
        refreshes.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says that no further requests should be sent here.
    pub(crate) fn end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }

    /// Whether it is about to end.
    pub(crate) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Relaxed)
    }

    /// How long headers, and then a body of so many bytes, may take.
    pub(crate) fn patience(&self, bytes: usize) -> Duration {
        let further = u64::try_from(bytes / (64 << 10)).unwrap_or(u64::MAX);
        Duration::from_secs(self.settings.read_seconds.saturating_add(further))
    }
}

impl Clock {
    fn seconds(self) -> Option<u32> {
        match self {
            Self::Machine => {
                let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
                u32::try_from(elapsed.as_secs()).ok()
            }
            Self::From(start, began) => {
                start.checked_add(u32::try_from(began.elapsed().as_secs()).ok()?)
            }
        }
    }
}
