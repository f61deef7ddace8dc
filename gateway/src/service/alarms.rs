use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use interdict_core::common::time::Time;
use interdict_core::engine::History;
use interdict_host::{CoalitionState, WaitingRelease};
use serde::Serialize;
use utoipa::ToSchema;

use super::refresh_status::RefreshStatus;
use crate::portfolio::{Held, PortfolioCounts, Previewed};

/// How far clocks may differ before somebody is told: as far as verdicts let the clock be behind.
const TOLERANCE: i64 = 600;

/// What the thread that refreshes has noticed, for those who ask.
#[derive(Debug, Default)]
pub(crate) struct Alarms {
    refreshes: Mutex<Vec<RefreshStatus>>,
    waiting: Mutex<Vec<WaitingStatus>>,
    /// By how many seconds this machine's clock is behind that of a coalition's web server.
    behind: Mutex<BTreeMap<String, i64>>,
    counts: Mutex<PortfolioCounts>,
    held: Mutex<Vec<Held>>,
}

/// A release that is on the disk and does not answer yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct WaitingStatus {
    coalition: String,
    /// Since when something newer than the live release is known, in seconds since 1970.
    since: u32,
    /// When it goes live by itself, in seconds since 1970.
    until: u32,
    /// The merchants of the portfolio, if there is one.
    merchants: Option<u64>,
    /// Those of them that it would newly hold or refuse.
    stops: Option<u64>,
}

impl Alarms {
    /// Notes how refreshes ended.
    pub(crate) fn refreshed(&self, ended: Vec<RefreshStatus>, behind: BTreeMap<String, i64>) {
        *self
            .refreshes
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = ended;
        let mut noted = self.behind.lock().unwrap_or_else(PoisonError::into_inner);
        noted.extend(behind);
    }

    /// How the last refreshes ended.
    pub(crate) fn refreshes(&self) -> Vec<RefreshStatus> {
        let refreshes = self.refreshes.lock();
        refreshes.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes which releases wait.
    pub(crate) fn wait(&self, waiting: Vec<WaitingStatus>) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = waiting;
    }

    /// Which releases wait.
    pub(crate) fn waiting(&self) -> Vec<WaitingStatus> {
        let waiting = self.waiting.lock();
        waiting.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how much there is in the portfolio.
    pub(crate) fn counted(&self, counts: PortfolioCounts) {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = counts;
    }

    /// How much there was in the portfolio a moment ago; nothing without one.
    pub(crate) fn counts(&self) -> PortfolioCounts {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes whom lists hold that do not answer.
    pub(crate) fn hold(&self, held: Vec<Held>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }

    /// Whom lists hold that do not answer.
    pub(crate) fn held(&self) -> Vec<Held> {
        let held = self.held.lock();
        held.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn differences(&self) -> BTreeMap<String, i64> {
        let behind = self.behind.lock();
        behind.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// By how many seconds this machine's clock is behind what each coalition has signed or its web server has told;
    /// below zero if it is ahead of that.
    pub(crate) fn clocks(&self, states: &[CoalitionState], now: u32) -> BTreeMap<String, i64> {
        let differences = self.differences();
        let clocks = states.iter().map(|state| {
            let told = differences.get(&state.name).copied().unwrap_or(0);
            let behind = match i64::from(clock_behind(state, now)) {
                0 => told,
                signed => signed.max(told),
            };
            (state.name.clone(), behind)
        });
        clocks.collect()
    }

    /// Those of which somebody is told.
    pub(crate) fn wrong_clocks(
        &self,
        states: &[CoalitionState],
        now: u32,
    ) -> BTreeMap<String, i64> {
        let mut all = self.clocks(states, now);
        all.retain(|_, behind| behind.abs() > TOLERANCE);
        all
    }

    /// What a person should know of it.
    pub(crate) fn warnings(&self, states: &[CoalitionState], now: u32) -> Vec<String> {
        let held = self.held();
        let mut all: Vec<String> = held.iter().map(ToString::to_string).collect();
        for status in self.refreshes().iter().filter(|status| !status.succeeded) {
            all.push(format!(
                "coalition {}: the last refresh: {}",
                status.coalition, status.outcome
            ));
        }
        for one in self.waiting() {
            all.push(one.warning());
        }
        for (coalition, behind) in self.wrong_clocks(states, now) {
            let side = if behind > 0 { "behind" } else { "ahead of" };
            let seconds = behind.unsigned_abs();
            all.push(format!("this machine's clock is {seconds} seconds {side} that of coalition {coalition}; set it"));
        }
        all
    }
}

impl WaitingStatus {
    /// With what it would change, if that is known.
    pub(crate) fn of(release: &WaitingRelease, previewed: &[&Previewed]) -> Self {
        let known = previewed.iter().find(|one| {
            (&one.release.coalition, one.release.number) == (&release.coalition, release.number)
        });
        Self {
            coalition: release.coalition.clone(),
            since: release.since,
            until: release.until,
            merchants: known.map(|one| one.preview.merchants),
            stops: known.map(|one| one.preview.stopped),
        }
    }

    /// Whose it is.
    pub(crate) fn coalition(&self) -> &str {
        &self.coalition
    }

    fn warning(&self) -> String {
        let Self {
            coalition,
            since,
            until,
            ..
        } = self;
        let (since, until) = (Time::from_seconds(*since), Time::from_seconds(*until));
        let would = match (self.stops, self.merchants) {
            (Some(stops), Some(merchants)) => {
                format!(" and would newly stop {stops} of {merchants} merchants")
            }
            _ => String::new(),
        };
        format!(
            "coalition {coalition}: a release waits since {since}, until {until}{would}; interdict portfolio activate ends the wait"
        )
    }
}

/// By how many seconds the clock is behind the newest time that a coalition has signed and this gateway has seen.
fn clock_behind(state: &CoalitionState, now: u32) -> u32 {
    let history = History::read(&state.history, &state.name).ok();
    let verified = history.and_then(|history| history.verified);
    verified.map_or(0, |verified| verified.seconds().saturating_sub(now))
}
