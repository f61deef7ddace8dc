use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use interdict_host::{CoalitionReport, CoalitionState};

use super::desk::Desk;
use super::refresh_status::RefreshStatus;
use super::state::Service;
use crate::error::Error;

/// How often it is looked whether another process has changed the state directory.
const LOOK: Duration = Duration::from_secs(1);
/// After the first refresh that failed; twice as long after each further one, up to the usual time.
const FIRST_RETRY: Duration = Duration::from_secs(15);

/// The thread that keeps the lists new.
pub(crate) struct Refresher {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Refresher {
    /// Refreshes at once, and then from time to time.
    ///
    /// # Errors
    /// What it works on cannot be opened.
    pub(crate) fn start(service: Arc<Service>) -> Result<Self, Error> {
        let mut desk = Desk::open(&service)?;
        let (stop, stopped) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut failures = 0;
            loop {
                let is_refreshing = service.settings.refresh_seconds > 0;
                if is_refreshing {
                    failures = match refresh(&service) {
                        true => 0,
                        false => failures + 1_u32,
                    };
                }
                desk.test_again();
                desk.work(&service);
                let next = Instant::now() + pause(&service, failures);
                while !is_refreshing || Instant::now() < next {
                    match stopped.recv_timeout(LOOK) {
                        Err(RecvTimeoutError::Timeout) => {
                            look(&service);
                            desk.work(&service);
                        }
                        Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                    }
                }
            }
        });
        Ok(Self { stop, thread })
    }

    /// Ends it, after the refresh that is under way.
    pub(crate) fn end(self) {
        // It may have ended already.
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

/// Refreshes all coalitions; false if one failed.
fn refresh(service: &Service) -> bool {
    let Ok(now) = service.now() else {
        tracing::error!("this machine's clock is off: nothing is refreshed");
        return false;
    };
    let host = service.gateway.host();
    let (ended, behind) = match host.refresh(now) {
        Ok(reports) => (statuses(service, &reports, now), behind(&reports)),
        Err(error) => {
            tracing::error!(%error, "the refresh failed");
            let states = host.state(now).unwrap_or_default().into_iter();
            let failed = |state: CoalitionState| {
                RefreshStatus::not_tried(state.name, &error.to_string(), now)
            };
            (states.map(failed).collect(), BTreeMap::new())
        }
    };
    for status in &ended {
        let (coalition, outcome) = (&status.coalition, &status.outcome);
        match &status.code {
            Some(code) => tracing::error!(coalition, outcome, code, "refreshed"),
            None => tracing::info!(coalition, outcome, "refreshed"),
        }
        if !status.succeeded {
            let code = status.code.as_deref().unwrap_or_default();
            service.metrics.refresh_failed(coalition, code);
        }
    }
    let succeeded = ended.iter().all(|status| status.succeeded);
    service.alarms.refreshed(ended, behind);
    succeeded
}

fn statuses(service: &Service, reports: &[CoalitionReport], now: u32) -> Vec<RefreshStatus> {
    let host = service.gateway.host();
    let enrolled = host.enrolled().unwrap_or_default();
    let status = |report: &CoalitionReport| {
        let mut own = enrolled.iter();
        let own = own.find(|one| one.coalition() == report.state.name);
        let locations = own.map_or_else(Vec::new, |own| host.settings().locations(own));
        RefreshStatus::of(report, &locations, now)
    };
    reports.iter().map(status).collect()
}

/// By how many seconds this machine's clock is behind those of the coalitions' servers.
fn behind(reports: &[CoalitionReport]) -> BTreeMap<String, i64> {
    let pairs = reports.iter().filter_map(|report| {
        let difference = report.clock_difference?;
        Some((report.state.name.clone(), difference))
    });
    pairs.collect()
}

fn look(service: &Service) {
    let Ok(now) = service.now() else { return };
    if let Err(error) = service.gateway.host().reload_if_changed(now) {
        tracing::error!(%error, "the state directory changed and was not loaded again; the last lists answer");
    }
}

/// Until the next refresh.
fn pause(service: &Service, failures: u32) -> Duration {
    let usual = Duration::from_secs(service.settings.refresh_seconds);
    let wait = match failures {
        0 => usual,
        failures => FIRST_RETRY
            .saturating_mul(1 << (failures - 1).min(10))
            .min(usual),
    };
    let mut random = [0; 8];
    // Without chance many gateways ask at once, which is no reason not to ask.
    let _ = getrandom::fill(&mut random);
    let most = service.settings.jitter_seconds.saturating_mul(1000);
    let jitter = u64::from_le_bytes(random) % most.saturating_add(1);
    wait.saturating_add(Duration::from_millis(jitter))
}
