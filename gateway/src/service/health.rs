use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use interdict_host::CoalitionState;
use serde::Serialize;
use utoipa::ToSchema;

use super::alarms::WaitingStatus;
use super::metrics::Metrics;
use super::problem::{Cause, NotScreened, Problem};
use super::refresh_status::RefreshStatus;
use super::state::Service;
use super::warnings::warnings;
use crate::portfolio::Held;

/// Why it is not ready if the test merchants were not found as they must be.
pub(crate) const NOT_TESTED: &str =
    "the self-test failed, or was not made yet: interdict selftest says where";

/// What is loaded, how old it is, and what a person should know.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Status {
    /// The service's clock, in seconds since 1970.
    time: u32,
    version: &'static str,
    ready: bool,
    coalitions: Vec<CoalitionStatus>,
    refreshes: Vec<RefreshStatus>,
    /// Releases that do not answer yet.
    waiting: Vec<WaitingStatus>,
    /// Merchants that are held because lists that must answer do not.
    held: Vec<Held>,
    /// What somebody should look at.
    warnings: Vec<String>,
}

/// One coalition.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CoalitionStatus {
    name: String,
    /// When its repository was last polled to the end, in seconds since 1970.
    polled: Option<u32>,
    /// When its metadata expires, in seconds since 1970.
    expires: Option<u32>,
    /// Why its files may not be the newest that this gateway has had.
    doubts: Vec<String>,
    lists: Vec<ListStatus>,
}

/// One list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListStatus {
    list: String,
    edition: String,
    epoch: u32,
    sequence: u64,
    freshness: String,
    /// Seconds since it was built.
    age_s: u32,
    /// Whether its key is there.
    key: bool,
}

/// Whether requests should be sent here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Ready {
    ready: bool,
    /// Why not.
    reasons: Vec<String>,
}

/// `GET /v1/status`.
#[utoipa::path(
    get,
    path = "/v1/status",
    responses(
        (status = 200, description = "What is loaded", body = Status),
        NotScreened
    )
)]
pub(crate) async fn status(State(service): State<Arc<Service>>) -> Result<Json<Status>, Problem> {
    let now = service.now()?;
    let coalitions = live(&service, now)?;
    let is_ready = hindrances(&service, &coalitions).is_empty();
    Ok(Json(Status {
        refreshes: service.alarms.refreshes(),
        waiting: service.alarms.waiting(),
        held: service.alarms.held(),
        warnings: warnings(&service, &coalitions, now),
        ..Status::of(coalitions, is_ready, now)
    }))
}

/// `GET /livez`: the process answers.
#[utoipa::path(get, path = "/livez", responses((status = 200, description = "The process answers", body = String)))]
pub(crate) async fn live_now() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: requests should be sent here.
#[utoipa::path(
    get,
    path = "/readyz",
    responses(
        (status = 200, description = "Requests should be sent here", body = Ready),
        (status = 503, description = "They should not, for these reasons", body = Ready)
    )
)]
pub(crate) async fn ready(State(service): State<Arc<Service>>) -> Response {
    let hindrances = match service.now().and_then(|now| live(&service, now)) {
        Ok(coalitions) => hindrances(&service, &coalitions),
        Err(problem) => vec![problem.detail.into()],
    };
    let ready = Ready::of(hindrances);
    (ready.status(), Json(ready)).into_response()
}

/// `GET /metrics`.
#[utoipa::path(get, path = "/metrics", responses((status = 200, description = "For Prometheus", body = String)))]
pub(crate) async fn metrics(State(service): State<Arc<Service>>) -> Result<Response, Problem> {
    let now = service.now()?;
    let waiting = service.alarms.waiting();
    let coalitions = live(&service, now)?;
    for coalition in &coalitions {
        service.metrics.live(coalition);
        let waits = waiting.iter().any(|one| one.coalition() == coalition.name);
        service.metrics.waiting(&coalition.name, waits);
    }
    for (coalition, behind) in service.alarms.clocks(&coalitions, now) {
        service.metrics.clock_behind(&coalition, behind);
    }
    service.metrics.portfolio(&service.alarms.counts());
    let names = coalitions.iter().map(|one| one.name.as_str());
    service.metrics.held(names, &service.alarms.held());
    if let Some(journal) = &service.journal {
        service.metrics.journal(journal.room());
    }
    service.metrics.traps(service.gateway.host().traps());
    for (name, probing) in service.clients.probing() {
        service.metrics.probing(name, probing.is_some());
    }
    told(&service.metrics)
}

/// What Prometheus reads.
pub(crate) fn told(metrics: &Metrics) -> Result<Response, Problem> {
    let text = metrics.text();
    let text = text.map_err(|_| Cause::NotAnswered.problem("the metrics cannot be written"))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

pub(crate) fn live(service: &Service, now: u32) -> Result<Vec<CoalitionState>, Problem> {
    let state = service.gateway.host().state(now);
    state.map_err(|error| Problem::failed(&error))
}

/// Why no requests should be sent here, in words.
pub(crate) fn hindrances(service: &Service, coalitions: &[CoalitionState]) -> Vec<String> {
    let mut all = Vec::new();
    if service.is_ending() {
        all.push("the service is about to end".to_owned());
    }
    if service.self_test() != Some(true) {
        all.push(NOT_TESTED.to_owned());
    }
    for coalition in coalitions {
        if coalition.lists.is_empty() {
            all.push(format!("coalition {} has no list yet", coalition.name));
        }
        let old = coalition.lists.iter().filter(|list| {
            !["fresh", "late"].contains(&list.freshness.as_str())
                && !service.settings.ready_when_stale
        });
        all.extend(old.map(|list| format!("list {} is {}", list.list, list.freshness)));
    }
    all
}

impl Status {
    /// Of what is loaded. No refresh, release or warning is told yet.
    pub(crate) fn of(coalitions: Vec<CoalitionState>, is_ready: bool, now: u32) -> Self {
        Self {
            time: now,
            version: env!("CARGO_PKG_VERSION"),
            ready: is_ready,
            coalitions: coalitions.into_iter().map(CoalitionStatus::of).collect(),
            refreshes: Vec::new(),
            waiting: Vec::new(),
            held: Vec::new(),
            warnings: Vec::new(),
        }
    }
}

impl Ready {
    pub(crate) fn of(hindrances: Vec<String>) -> Self {
        Self {
            ready: hindrances.is_empty(),
            reasons: hindrances,
        }
    }

    pub(crate) const fn status(&self) -> StatusCode {
        match self.ready {
            true => StatusCode::OK,
            false => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl CoalitionStatus {
    fn of(state: CoalitionState) -> Self {
        Self {
            name: state.name,
            polled: state.polled,
            expires: state.expires,
            doubts: state.doubts,
            lists: state
                .lists
                .into_iter()
                .map(|list| ListStatus {
                    list: list.list,
                    edition: list.edition,
                    epoch: list.epoch,
                    sequence: list.sequence,
                    freshness: list.freshness,
                    age_s: list.age_s,
                    key: list.key,
                })
                .collect(),
        }
    }
}
