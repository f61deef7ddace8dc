use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderValue;
use axum::middleware::map_response;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::answer::ScreenAnswer;
use super::clock::Clock;
use super::health;
use super::problem::{Cause, Problem};
use super::request::Asked;
use super::routes::told as as_problem;
use super::screen::ID;
use crate::error::Error;
use crate::service_settings::{ServiceSettings, is_loopback, listen_problem};
use crate::trial::Trial;

/// The built-in coalition, behind the route that payment systems use.
struct Rehearsal {
    trial: Trial,
    clock: Clock,
}

/// Serves the built-in coalition of `interdict try` on this machine until `stop`: `POST /v1/screen`, with `"test": true`
/// in every answer. Whoever has a coalition is refused. `told` gets the place.
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
    let routes = Router::new()
        .route("/v1/screen", post(one))
        .layer(DefaultBodyLimit::max(settings.max_body))
        .route("/livez", get(health::live_now))
        .layer(map_response(|answer: Response| async {
            as_problem(answer)
        }))
        .with_state(Arc::new(Rehearsal { trial, clock }));
    axum::serve(listener, routes)
        .with_graceful_shutdown(stop)
        .await
        .map_err(failed)
}

async fn one(State(rehearsal): State<Arc<Rehearsal>>, body: Bytes) -> Result<Response, Problem> {
    let not_understood = || Cause::NotAnswered.problem("the answer was not understood");
    let now = rehearsal.clock.seconds();
    let now = now.ok_or_else(|| Cause::NotAnswered.problem("this machine's clock is off"))?;
    let request = String::from_utf8_lossy(&body);
    let answer = rehearsal.trial.screen(&request, now);
    let answer = answer.map_err(|error| match error {
        Error::Host(error) => Problem::failed(&error),
        other => Cause::NotAnswered.problem(other.to_string()),
    })?;
    let asked = serde_json::from_slice::<Asked>(&body).ok();
    let flow = asked.and_then(|asked| asked.flow());
    let read = flow.and_then(|flow| ScreenAnswer::read(&answer, flow));
    let mut read = read.ok_or_else(not_understood)?;
    read.id = Uuid::now_v7().to_string();
    let mut response = axum::Json(&read).into_response();
    if let Ok(id) = HeaderValue::from_str(&read.id) {
        response.headers_mut().insert(ID, id);
    }
    Ok(response)
}
