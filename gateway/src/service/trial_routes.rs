use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::HeaderValue;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use interdict_core::common::hex;
use interdict_host::Gateway;
use serde::Serialize;
use tokio::net::TcpListener;
use uuid::Uuid;

use super::answer::ScreenAnswer;
use super::browsers;
use super::clock::Clock;
use super::doors::{reserved_request, subrequest};
use super::health::{self, NOT_TESTED, Ready, Status};
use super::metrics::{Metrics, VerdictLabels};
use super::problem::{Cause, Problem};
use super::request::Asked;
use super::routes::{count, nothing, route_of, told as as_problem, wrong_method};
use super::screen::ID;
use crate::doors::{Column, DoorSettings};
use crate::error::Error;
use crate::service_settings::{ServiceSettings, is_loopback, listen_problem};
use crate::trial::{Trial, self_test};

/// The built-in coalition, behind the routes that payment systems use.
struct Rehearsal {
    trial: Trial,
    clock: Clock,
    metrics: Metrics,
    doors: DoorSettings,
}

/// An answer that must not be taken for that of a real coalition.
#[derive(Serialize)]
struct Test<T> {
    test: bool,
    #[serde(flatten)]
    answer: T,
}

/// Serves the built-in coalition of `interdict try` on this machine until `stop`: `POST /v1/screen`, and what says how the
/// service is, with `"test": true` in every answer that is JSON. Whoever has a coalition is refused. `told` gets the place.
///
/// # Errors
/// A coalition is enrolled with the gateway of this configuration, or the place is taken or not of this machine alone.
pub async fn serve_trial(
    config: &Path,
    listen: Option<&str>,
    now: Option<u32>,
    told: impl FnOnce(&str),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Error> {
    let clock = Clock::of(now);
    let now = clock.seconds().ok_or_else(Clock::off)?;
    let trial = Trial::temporary(config, now)?;
    let settings = ServiceSettings::default();
    let listen = listen.unwrap_or(&settings.listen);
    if let Some(problem) = listen_problem(listen) {
        return Err(Error::Service(problem));
    }
    if !is_loopback(listen) {
        let told = format!(
            "{listen}: test answers are for this machine alone, at a place such as 127.0.0.1:8470"
        );
        return Err(Error::Service(told));
    }
    let failed = |error: std::io::Error| Error::Service(format!("{listen}: {error}"));
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    told(&format!(
        "http://{}",
        listener.local_addr().map_err(failed)?
    ));
    let module = hex::text(&trial.host(now)?.module().sha256());
    let rehearsal = Arc::new(Rehearsal {
        trial,
        clock,
        metrics: Metrics::new(module),
        doors: DoorSettings::usual().map_err(Error::Service)?,
    });
    let routes = routes(&rehearsal, settings.max_body);
    axum::serve(listener, routes)
        .with_graceful_shutdown(stop)
        .await
        .map_err(failed)
}

fn routes(rehearsal: &Arc<Rehearsal>, max_body: usize) -> Router {
    let asked = Router::new()
        .route("/v1/screen", post(one))
        .layer(DefaultBodyLimit::max(max_body))
        .route("/v1/status", get(status))
        .route("/metrics", get(metrics))
        .layer(from_fn(from_this_machine));
    let doors = subrequest::PLACES.into_iter();
    let doors = doors.fold(Router::new(), |router, place| {
        router.route(place, any(proxied))
    });
    Router::new()
        .merge(asked)
        .merge(doors)
        .route("/livez", get(health::live_now))
        .route("/readyz", get(ready))
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(rehearsal), counted))
        .with_state(Arc::clone(rehearsal))
}

async fn counted(
    State(rehearsal): State<Arc<Rehearsal>>,
    request: Request,
    next: Next,
) -> Response {
    let route = route_of(&request);
    let answer = as_problem(next.run(request).await);
    count(&rehearsal.metrics, &route, &answer);
    answer
}

async fn from_this_machine(request: Request, next: Next) -> Result<Response, Problem> {
    browsers::check(request.headers())?;
    Ok(next.run(request).await)
}

impl Rehearsal {
    fn now(&self) -> Result<u32, Problem> {
        let now = self.clock.seconds();
        now.ok_or_else(|| Cause::NotAnswered.problem("this machine's clock is off"))
    }

    /// The gateway whose list is fresh.
    fn host(&self, now: u32) -> Result<Arc<Gateway>, Problem> {
        let host = self.trial.host(now);
        host.map_err(|error| Cause::NotAnswered.problem(error.to_string()))
    }

    /// Why no requests should be sent here, in words: the self-test is made for every answer.
    fn hindrances(&self) -> Vec<String> {
        let passed = self.now().and_then(|now| {
            let host = self.host(now)?;
            let tested = self_test(&host, now);
            Ok(tested.is_ok_and(|tested| tested.passed()))
        });
        self.metrics.self_test(passed == Ok(true));
        match passed {
            Ok(true) => Vec::new(),
            Ok(false) => vec![NOT_TESTED.to_owned()],
            Err(Problem { detail, .. }) => vec![detail.into()],
        }
    }
}

async fn ready(State(rehearsal): State<Arc<Rehearsal>>) -> Response {
    let answer = Ready::of(rehearsal.hindrances());
    let status = answer.status();
    (status, axum::Json(Test { test: true, answer })).into_response()
}

async fn status(State(rehearsal): State<Arc<Rehearsal>>) -> Result<Response, Problem> {
    let now = rehearsal.now()?;
    let states = rehearsal.host(now)?.state(now);
    let states = states.map_err(|error| Problem::failed(&error))?;
    let answer = Status::of(states, rehearsal.hindrances().is_empty(), now);
    Ok(axum::Json(Test { test: true, answer }).into_response())
}

async fn metrics(State(rehearsal): State<Arc<Rehearsal>>) -> Result<Response, Problem> {
    let now = rehearsal.now()?;
    let states = rehearsal.host(now)?.state(now);
    for state in states.map_err(|error| Problem::failed(&error))? {
        rehearsal.metrics.live(&state);
    }
    rehearsal.hindrances();
    health::told(&rehearsal.metrics)
}

async fn one(State(rehearsal): State<Arc<Rehearsal>>, body: Bytes) -> Result<Response, Problem> {
    let answer = screened(&rehearsal, &body)?;
    let mut response = axum::Json(&answer).into_response();
    if let Ok(id) = HeaderValue::from_str(&answer.id) {
        response.headers_mut().insert(ID, id);
    }
    Ok(response)
}

fn screened(rehearsal: &Rehearsal, body: &[u8]) -> Result<ScreenAnswer, Problem> {
    let not_understood = || Cause::NotAnswered.problem("the answer was not understood");
    let began = Instant::now();
    let now = rehearsal.now()?;
    let request = String::from_utf8_lossy(body);
    let answer = rehearsal.trial.screen(&request, now);
    let answer = answer.map_err(|error| match error {
        Error::Host(error) => Problem::failed(&error),
        other => Cause::NotAnswered.problem(other.to_string()),
    })?;
    let asked = serde_json::from_slice::<Asked>(body).ok();
    let flow = asked.and_then(|asked| asked.flow());
    let read = flow.and_then(|flow| Some((flow, ScreenAnswer::read(&answer, flow)?)));
    let (flow, mut read) = read.ok_or_else(not_understood)?;
    read.id = Uuid::now_v7().to_string();
    let labels = VerdictLabels::of(&read, flow);
    let seconds = began.elapsed().as_secs_f64();
    rehearsal.metrics.verdict(&labels, seconds);
    Ok(read)
}

/// A proxy asks about one of the reserved merchants: there is no portfolio.
async fn proxied(State(rehearsal): State<Arc<Rehearsal>>, request: Request) -> Response {
    let door = &rehearsal.doors.subrequest;
    let flow = browsers::check(request.headers()).and_then(|()| subrequest::flow_of(&request));
    let answered = flow.and_then(|flow| {
        let merchant = subrequest::merchant(&door.merchant, &request, flow)?;
        let told = "a trial knows interdict-test-allow, -monitor, -review, -hold-payout and -block";
        let request = reserved_request(&merchant, flow);
        let request = request.ok_or_else(|| Cause::NoSuchMerchant.problem(told))?;
        Ok((screened(&rehearsal, request.as_bytes())?, flow))
    });
    match answered {
        Err(problem) => subrequest::not_screened(&door.answers, problem),
        Ok((answer, flow)) => match answer.column(&door.answers, flow) {
            Column::NotScreened => subrequest::not_screened(
                &door.answers,
                Cause::CannotHold.problem("a person decides"),
            ),
            column => subrequest::verdict(&door.answers, &answer, column),
        },
    }
}
