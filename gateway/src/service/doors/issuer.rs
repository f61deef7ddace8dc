use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Extension, Router};
use interdict_host::Flow;
use serde::Serialize;
use tokio_stream::StreamExt as _;
use zeroize::Zeroizing;

use super::subrequest::not_screened;
use crate::doors::issuers::{
    Decided, EventError, Issuer, IssuerEvent, Kept, OwnWords, SignatureError,
};
use crate::doors::{APPROVE, Column, DECLINE, VERDICT};
use crate::service::answer::ScreenAnswer;
use crate::service::issuer_entrances::{IssuerEntrance, Told};
use crate::service::problem::{Cause, NotScreened, Problem};
use crate::service::screen::{ID, off_the_worker, screen, unscreened};
use crate::service::state::Service;
use crate::service::trace::Trace;

/// The largest event: many times what any issuer sends.
const LARGEST: usize = 64 << 10;
/// How long the whole of an event may take. Issuers give the whole answer two to six seconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the issuer's own handler is told.
#[derive(Serialize)]
struct VerdictAnswer<'a> {
    event: &'a Kept,
    incomplete: Vec<&'static str>,
    verdict: &'a ScreenAnswer,
    /// Where the decision is to refuse: what to send to the issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    decline: Option<DeclineAnswer>,
}

#[derive(Serialize)]
struct DeclineAnswer {
    status: u16,
    headers: serde_json::Map<String, serde_json::Value>,
    body: serde_json::Value,
}

pub(crate) fn routes() -> Router<Arc<Service>> {
    let mut routes = Router::new();
    for issuer in Issuer::ALL {
        let place = format!("/v1/screen/from/{}", issuer.name());
        let ask = move |service, trace, request| ask(issuer, service, trace, request);
        routes = routes.route(&place, post(ask));
    }
    routes
}

/// `POST /v1/screen/from/{issuer}`: the event as the issuer sent it, with its headers. Whatever is no verdict has the
/// status for "not screened".
#[utoipa::path(
    post,
    path = "/v1/screen/from/{issuer}",
    params(("issuer" = String, Path, description = "`stripe-issuing`, `adyen-relayed`, `lithic-asa` or `marqeta-jit`")),
    request_body(content = String, content_type = "application/json", description = "The event, byte for byte"),
    responses(
        (status = 200, description = "`event`, `incomplete`, `verdict`, and `decline` beside a refusal; or the issuer's own words",
         body = Object),
        NotScreened
    )
)]
pub(crate) async fn ask(
    issuer: Issuer,
    State(service): State<Arc<Service>>,
    Extension(trace): Extension<Trace>,
    request: Request,
) -> Response {
    let entrance = service.doors.issuers.of(issuer);
    match answered(&service, entrance, trace, request).await {
        Ok(told) => response(told),
        Err(problem) => not_screened(&entrance.answers, problem),
    }
}

async fn answered(
    service: &Arc<Service>,
    entrance: &Arc<IssuerEntrance>,
    trace: Trace,
    request: Request,
) -> Result<Told, Problem> {
    if !entrance.is_open {
        return Err(
            Cause::DoorClosed.problem("[doors] of gateway.toml names no secrets of the issuer")
        );
    }
    // Before its signature is read, an event is nobody's: it takes no place from those who are known.
    let reading = entrance.reading.try_acquire();
    let reading = reading.map_err(|_| Cause::Shed.problem("ask again in a moment"))?;
    let (head, body) = request.into_parts();
    let body = tokio::time::timeout(PATIENCE, event_of(body)).await;
    let body = body.map_err(|_| Cause::TooSlow.problem("send it faster"))??;
    let now = service.now()?;
    let signed = entrance.secrets.verify(&head.headers, &body, now);
    let signed = signed.map_err(|error| unsigned(service, error))?;
    drop(reading);
    let _permit = service.enter()?;
    let place = entrance.replays.place(signed, now);
    let mut given = place.lock().await;
    if let Some(told) = given.as_ref() {
        return Ok(told.clone());
    }
    let read = entrance.issuer.read(&body);
    drop(body);
    let own = Arc::clone(entrance);
    let told = off_the_worker(service, move |service| own.screened(service, &trace, read)).await?;
    *given = Some(told.clone());
    Ok(told)
}

impl IssuerEntrance {
    /// Screens the merchant of an event whose signature is right.
    fn screened(
        &self,
        service: &Service,
        trace: &Trace,
        read: Result<IssuerEvent, EventError>,
    ) -> Result<Told, Problem> {
        let event = read.map_err(|error| {
            let problem = match error {
                EventError::Malformed => {
                    Cause::Malformed.problem("send the event as the issuer sent it")
                }
                EventError::NoMerchant => Cause::NoMerchant
                    .problem("only an authorisation that names its merchant is screened"),
            };
            unscreened(service, &self.client, trace, &self.word, problem)
        })?;
        let answer = screen(service, &self.client, trace, &self.word, &event.request())?;
        Ok(self.told(&event, &answer))
    }

    /// The words of this door for a verdict.
    fn told(&self, event: &IssuerEvent, answer: &ScreenAnswer) -> Told {
        let because = answer.because.as_deref();
        let column = self
            .answers
            .column(answer.action.action(), because, Flow::Authorisation);
        let told = match self.answers.word(column) {
            VERDICT => verdict(event, answer, column),
            APPROVE => own(&event.own_words(Decided::Approve)),
            DECLINE => own(&event.own_words(Decided::Decline)),
            // The issuer's own rule for failures applies: this door says nothing for it.
            _ => unsaid(column),
        };
        Told {
            id: HeaderValue::from_str(&answer.id).ok(),
            ..told
        }
    }
}

fn verdict(event: &IssuerEvent, answer: &ScreenAnswer, column: Column) -> Told {
    let decline = (column == Column::Refuse).then(|| {
        let words = event.own_words(Decided::Decline);
        let headers = words.headers.into_iter();
        DeclineAnswer {
            status: words.status,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect(),
            body: words.body,
        }
    });
    let told = VerdictAnswer {
        event: event.kept(),
        incomplete: event.incomplete(),
        verdict: answer,
        decline,
    };
    Told::of(
        StatusCode::OK,
        serde_json::to_vec(&told).unwrap_or_default(),
    )
}

fn own(words: &OwnWords) -> Told {
    let status = StatusCode::from_u16(words.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let body = serde_json::to_vec(&words.body).unwrap_or_default();
    let headers = words.headers.iter();
    let headers = headers.filter_map(|(name, value)| {
        let value = HeaderValue::from_str(value).ok()?;
        Some((HeaderName::from_static(name), value))
    });
    Told {
        headers: headers.collect(),
        ..Told::of(status, body)
    }
}

/// A door that declines and never approves has no word for a merchant that may pass.
fn unsaid(column: Column) -> Told {
    let cause = match column {
        Column::Pass => Cause::NothingSaid,
        _ => Cause::CannotHold,
    };
    Told::problem(&cause.problem("the issuer's own rule for no answer applies"))
}

/// Why an event is not believed. Whoever guesses is asked to wait.
fn unsigned(service: &Service, error: SignatureError) -> Problem {
    if error != SignatureError::Time && !service.clients.takes_a_stranger() {
        return Cause::RateLimited.problem("no issuer signs so; ask later");
    }
    match error {
        SignatureError::Header => {
            Cause::NotSigned.problem("pass on the headers with which the issuer signed the event")
        }
        SignatureError::Wrong => {
            Cause::NotSigned.problem("no secret of this door signs these bytes so")
        }
        SignatureError::Time => Cause::SignedOtherwhen
            .problem("it was signed more than five minutes before or after this clock"),
    }
}

/// Takes a body into memory that is wiped after use.
async fn event_of(body: Body) -> Result<Zeroizing<Vec<u8>>, Problem> {
    // With room for all of it, nothing is left behind by growing.
    let mut whole = Zeroizing::new(Vec::with_capacity(LARGEST));
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        let part: Bytes = part.map_err(|_| Cause::Broken.problem("send the whole event"))?;
        if whole.len().saturating_add(part.len()) > LARGEST {
            return Err(Cause::TooLarge.problem("an event has at most 65536 bytes"));
        }
        whole.extend_from_slice(&part);
    }
    Ok(whole)
}

fn response(told: Told) -> Response {
    let kind = HeaderValue::from_static(told.kind());
    let mut response = (told.status, told.body).into_response();
    if let Some(name) = told.problem {
        response.extensions_mut().insert(name);
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.extend(told.headers);
    if let Some(id) = told.id {
        headers.insert(ID, id);
    }
    response
}
