use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use interdict_core::common::hex;
use interdict_host::Flow;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::ToSchema;

use super::answer::DecisionName;
use super::clients::{Client, bearer};
use super::problem::{Cause, NotScreened, Problem};
use super::request::{Asked, ScreenRequest};
use super::screen::{ID, check, off_the_worker, screen};
use super::sessions::{Session, SessionError};
use super::state::Service;
use super::trace::Trace;

/// Minutes of a session, if the client does not say.
const MINUTES: u32 = 15;
/// The longest session, in minutes.
const LONGEST: u32 = 60;
/// Bytes of the question of a session, since many are held at a time.
const LARGEST: usize = 4 << 10;
/// How long browsers remember that a page may ask.
const REMEMBERED: Duration = Duration::from_secs(600);

/// What a page of the client is to ask.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionRequest {
    /// The page's origin, one of the client's `checkout_origins`.
    origin: String,
    /// 1 to 60; otherwise 15.
    minutes: Option<u32>,
    /// As `POST /v1/screen` takes it, in the flow `checkout`.
    #[schema(value_type = ScreenRequest)]
    request: Box<RawValue>,
}

/// What the page shows to ask.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionAnswer {
    /// For this page alone; it lets nobody ask anything else.
    token: String,
    /// When the session is over, in seconds since 1970.
    ends: u32,
}

/// All that a page is told.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageAnswer {
    decision: PageDecision,
    /// What the payer may be told of a refusal, if the question named a language.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
}

/// What the page does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PageDecision {
    Proceed,
    Refuse,
}

/// `POST /v1/checkout/session`: a client's server opens a session for one of its pages.
#[utoipa::path(
    post,
    path = "/v1/checkout/session",
    request_body = SessionRequest,
    responses(
        (status = 200, description = "The session's token, for the page", body = SessionAnswer),
        NotScreened
    )
)]
pub(crate) async fn open(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    body: Bytes,
) -> Result<Json<SessionAnswer>, Problem> {
    if !client.limits.takes_one() {
        return Err(Cause::RateLimited.problem("ask again in a moment"));
    }
    let malformed = |told: &'static str| Cause::Malformed.problem(told);
    let asked: SessionRequest = serde_json::from_slice(&body)
        .map_err(|_| malformed("origin, request and perhaps minutes, as in openapi.json"))?;
    let minutes = asked.minutes.unwrap_or(MINUTES);
    if !(1..=LONGEST).contains(&minutes) {
        return Err(malformed("minutes is 1 to 60"));
    }
    if !client.may_open_for(&asked.origin) {
        let told = "gateway.toml: checkout_origins of this client";
        return Err(Cause::OriginNotAllowed.problem(told));
    }
    let request = asked.request.get().as_bytes();
    if request.len() > LARGEST {
        return Err(Cause::TooLarge.problem("request has at most 4096 bytes"));
    }
    // The module says itself what is wrong with a request that is not understood here.
    let flow = serde_json::from_slice::<Asked>(request).map(|asked| asked.flow());
    if flow.is_ok_and(|flow| flow != Some(Flow::Checkout)) {
        return Err(malformed("request.flow is checkout"));
    }
    check(&service, &client, request)?;
    let now = service.now()?;
    let ends = now.saturating_add(minutes.saturating_mul(60));
    let token = token()?;
    let session = Session {
        origin: asked.origin,
        request: request.into(),
        ends,
        asks: 0,
    };
    match client.sessions.open(&token, session, now) {
        true => Ok(Json(SessionAnswer { token, ends })),
        false => Err(Cause::SessionsExhausted.problem("they are over after their minutes")),
    }
}

/// `GET /v1/checkout/session`: the page shows its token and is told what to do.
#[utoipa::path(
    get,
    path = "/v1/checkout/session",
    responses((status = 200, description = "What the page does", body = PageAnswer), NotScreened)
)]
pub(crate) async fn ask(
    State(service): State<Arc<Service>>,
    Extension(trace): Extension<Trace>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    off_the_worker(&service, move |service| told(service, &trace, &headers)).await
}

/// Answers a page. What it is told of a failure says nothing about the merchant.
fn told(service: &Service, trace: &Trace, headers: &HeaderMap) -> Result<Response, Problem> {
    let origin = headers.get(header::ORIGIN);
    let origin = origin.and_then(|origin| origin.to_str().ok());
    let token = bearer(headers).unwrap_or_default();
    let now = service.now()?;
    let asked = service
        .clients
        .asked_in_session(token, origin.unwrap_or_default(), now);
    let (client, request) = asked.map_err(|error| match error {
        SessionError::Unknown => Cause::NoSession.problem("let the server open another"),
        SessionError::OtherOrigin => {
            Cause::OriginNotAllowed.problem("the session is for a page of another origin")
        }
    })?;
    let _permit = service.enter()?;
    let door = &service.doors.checkout;
    let answer = screen(service, &client, trace, door, &request)?;
    let told = match answer.decision {
        DecisionName::Pass => PageAnswer {
            decision: PageDecision::Proceed,
            notice: None,
        },
        DecisionName::Refuse => PageAnswer {
            decision: PageDecision::Refuse,
            notice: answer.notice,
        },
        // A page cannot hold, and no verdict of this flow asks for it.
        DecisionName::Hold => {
            return Err(Cause::NotAnswered.problem("a page cannot hold"));
        }
    };
    let mut response = Json(told).into_response();
    if let Ok(id) = HeaderValue::from_str(&answer.id) {
        response.headers_mut().insert(ID, id);
    }
    Ok(response)
}

/// Lets pages of the origins that clients name read the answer, and no others. They bring their token themselves, and
/// no cookie.
pub(crate) fn pages(service: &Service) -> CorsLayer {
    let origins = service.clients.origins();
    let origins = origins.filter_map(|origin| HeaderValue::from_str(origin).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([Method::GET])
        .allow_headers([header::AUTHORIZATION])
        .max_age(REMEMBERED)
}

fn token() -> Result<String, Problem> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)
        .map_err(|_| Cause::NotAnswered.problem("this machine gives no random bytes"))?;
    Ok(hex::text(&secret))
}
