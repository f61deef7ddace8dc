use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::{IntoResponse as _, Response};
use interdict_host::{Answer, Flow};
use serde::Deserialize;
use uuid::Uuid;

use super::answer::ScreenAnswer;
use super::clients::Client;
use super::metrics::VerdictLabels;
use super::problem::{Cause, Problem};
use super::state::Service;

/// The header that names the line in the audit.
pub(crate) const ID: &str = "interdict-id";

/// What the service itself reads of a request. The module reads and checks the rest.
#[derive(Deserialize)]
struct Asked {
    flow: Option<String>,
    merchant: Option<String>,
}

/// The keyed digests of what a request named, as the receipt has them.
#[derive(Deserialize)]
struct Named {
    asked: Vec<NamedOne>,
}

#[derive(Deserialize)]
struct NamedOne {
    digest: Option<String>,
}

/// `POST /v1/screen`: one merchant.
#[utoipa::path(
    post,
    path = "/v1/screen",
    request_body = super::openapi::ScreenRequest,
    responses(
        (status = 200, description = "A verdict", body = ScreenAnswer),
        (status = "4XX", description = "Nobody was screened", body = Problem, content_type = "application/problem+json"),
        (status = "5XX", description = "Nobody was screened", body = Problem, content_type = "application/problem+json")
    )
)]
pub(crate) async fn one(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    body: Bytes,
) -> Result<Response, Problem> {
    if !client.limits.takes_one() {
        return Err(Cause::RateLimited.problem("ask again in a moment"));
    }
    let answer = screen(&service, &client, &body)?;
    let id = HeaderValue::from_str(&answer.id);
    let mut response = axum::Json(&answer).into_response();
    if let Ok(id) = id {
        response.headers_mut().insert(ID, id);
    }
    Ok(response)
}

/// Screens one request: checks that the client may ask, asks the module, and counts. Whatever goes wrong is a problem.
pub(crate) fn screen(
    service: &Service,
    client: &Client,
    body: &[u8],
) -> Result<ScreenAnswer, Problem> {
    let began = Instant::now();
    let now = service.now()?;
    let Ok(asked) = serde_json::from_slice::<Asked>(body) else {
        return Err(refusal_of(service, body, now));
    };
    if asked.merchant.is_some() {
        let told = "no portfolio is configured; name the merchant by its identifiers";
        return Err(Cause::NoSuchMerchant.problem(told));
    }
    let flow = asked.flow.as_deref().and_then(Flow::from_name);
    if flow.is_some_and(|flow| !client.may_ask(flow)) {
        return Err(Cause::FlowNotAllowed.problem("ask whoever runs the gateway for the flow"));
    }
    let lines = line(body);
    let answers = service.gateway.host().batch(&lines, now);
    let answers = answers.map_err(|error| Problem::failed(&error))?;
    let [raw] = answers.as_slice() else {
        return Err(not_understood());
    };
    // The module refuses a request without a flow, so that a verdict has one.
    let verdict = flow.and_then(|flow| {
        let id = Uuid::now_v7().to_string();
        ScreenAnswer::read(raw, flow, id).map(|answer| (flow, answer))
    });
    let Some((flow, answer)) = verdict else {
        return Err(match Answer::read(raw) {
            Some(Answer::Refused { error }) => Problem::refused(&error),
            _ => not_understood(),
        });
    };
    let names = names(&answer, body);
    if !client.limits.takes_names(&names, answer.is_found(), now) {
        return Err(
            Cause::NamesExhausted.problem("name merchants of the portfolio, or ask tomorrow")
        );
    }
    let labels = VerdictLabels {
        action: answer.action.name(),
        flow: flow.name(),
        because: answer.because.clone().unwrap_or_default(),
    };
    service
        .metrics
        .verdict(&labels, began.elapsed().as_secs_f64());
    Ok(answer)
}

/// Why the module refuses what is not JSON, or has a member twice.
fn refusal_of(service: &Service, body: &[u8], now: u32) -> Problem {
    let text = String::from_utf8_lossy(body);
    match service.gateway.host().screen(&text, now) {
        Err(error) => Problem::failed(&error),
        Ok(_) => not_understood(),
    }
}

fn not_understood() -> Problem {
    Cause::NotAnswered.problem("the answer was not understood; the merchant was not screened")
}

/// A request as one line. It was read as JSON, so that a line feed in it stands between members, where a space
/// means the same.
fn line(body: &[u8]) -> Vec<u8> {
    let plain = |byte: &u8| match byte {
        b'\n' | b'\r' => b' ',
        other => *other,
    };
    body.iter().map(plain).chain([b'\n']).collect()
}

/// A number for each name that was asked about: of its keyed digest in the receipt, or of the whole request.
fn names(answer: &ScreenAnswer, body: &[u8]) -> Vec<u64> {
    let number = |bytes: &[u8]| {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        hasher.finish()
    };
    let receipt = answer.receipt.as_ref();
    let named = receipt.and_then(|receipt| serde_json::from_str::<Named>(receipt.get()).ok());
    match named {
        Some(named) => {
            let digests = named.asked.iter().filter_map(|one| one.digest.as_ref());
            digests.map(|digest| number(digest.as_bytes())).collect()
        }
        None => vec![number(body)],
    }
}
