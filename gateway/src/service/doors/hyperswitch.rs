use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use interdict_host::Flow;
use serde::Serialize;

use super::asked::{Asked, Dropped, Told};
use super::held_message::HeldMessage;
use crate::doors::hyperswitch::{
    ConnectorFault, PayshieldAsk, PayshieldError, Shipped, SignifydError, SignifydOrder,
    SignifydProblem, SignifydReturn, api_key, basic_key, merchant_of,
};
use crate::doors::{Answers, Column, ConnectorDoor};
use crate::service::clients::Client;
use crate::service::problem::{Cause, Problem, ProblemName};
use crate::service::screen::{ID, off_the_worker, unscreened};
use crate::service::state::Service;
use crate::service::trace::Trace;

/// The header in which Payshield's connector shows its key.
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

pub(crate) fn routes() -> Router<Arc<Service>> {
    // `signifyd.base_url` ends with a slash, `sanlam_payshield.base_url` without one.
    let orders = "/v1/doors/signifyd/v3/orders/events";
    Router::new()
        .route(&format!("{orders}/checkouts"), post(order))
        .route(&format!("{orders}/transactions"), post(order))
        .route(&format!("{orders}/sales"), post(order))
        .route(&format!("{orders}/fulfillments"), post(shipped))
        .route(&format!("{orders}/returns/records"), post(returned))
        .route(
            "/v1/doors/payshield/payshield/v1/check/{merchant}",
            post(payment),
        )
}

/// A connector of Hyperswitch that has shown its key.
struct Connected {
    service: Arc<Service>,
    client: Arc<Client>,
    trace: Trace,
    merchant: String,
}

/// `…/checkouts`, `…/transactions` and `…/sales`: what becomes of a card payment.
async fn order(
    State(service): State<Arc<Service>>,
    Extension(trace): Extension<Trace>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let answered = match signifyd(&service, trace, &headers) {
        Ok(connected) => connected.ordered(body).await,
        Err(problem) => Err(problem),
    };
    answered.unwrap_or_else(|problem| signifyd_error(&problem))
}

/// `…/fulfillments`: goods were sent. Nobody decides anything, and nobody is screened.
async fn shipped(
    State(service): State<Arc<Service>>,
    Extension(trace): Extension<Trace>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    repeated(signifyd(&service, trace, &headers), body, Shipped::read).await
}

/// `…/returns/records`: money went back. Nobody decides anything, and nobody is screened.
async fn returned(
    State(service): State<Arc<Service>>,
    Extension(trace): Extension<Trace>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    repeated(
        signifyd(&service, trace, &headers),
        body,
        SignifydReturn::read,
    )
    .await
}

/// `…/payshield/v1/check/{merchant_id}`: what becomes of a bank payment or a payout. The id in the path is Hyperswitch's
/// own, and the key names the merchant.
async fn payment(
    State(service): State<Arc<Service>>,
    Extension(trace): Extension<Trace>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let answered = match payshield(&service, trace, &headers) {
        Ok(connected) => connected.paid(body).await,
        Err(problem) => Err(problem),
    };
    answered.unwrap_or_else(|problem| payshield_error(&problem))
}

fn signifyd(
    service: &Arc<Service>,
    trace: Trace,
    headers: &HeaderMap,
) -> Result<Connected, Problem> {
    let own = (
        &service.doors.settings.signifyd,
        &service.doors.connectors.signifyd,
    );
    let key = only(headers, &header::AUTHORIZATION).and_then(basic_key);
    connected(service, trace, own, key)
}

fn payshield(
    service: &Arc<Service>,
    trace: Trace,
    headers: &HeaderMap,
) -> Result<Connected, Problem> {
    let own = (
        &service.doors.settings.payshield,
        &service.doors.connectors.payshield,
    );
    let key = only(headers, &API_KEY).and_then(api_key);
    connected(service, trace, own, key)
}

fn connected(
    service: &Arc<Service>,
    trace: Trace,
    (door, client): (&ConnectorDoor, &Arc<Client>),
    key: Option<[u8; 32]>,
) -> Result<Connected, Problem> {
    Ok(Connected {
        service: Arc::clone(service),
        client: Arc::clone(client),
        trace,
        merchant: merchant(service, door, key)?,
    })
}

/// A header that may stand once.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// Whom a key stands for.
fn merchant(
    service: &Service,
    door: &ConnectorDoor,
    key: Option<[u8; 32]>,
) -> Result<String, Problem> {
    if door.connectors.is_empty() {
        return Err(Cause::DoorClosed.problem("gateway.toml names no connectors for it"));
    }
    let found = key.and_then(|key| merchant_of(&door.connectors, &key));
    found
        .map(str::to_owned)
        .ok_or_else(|| match service.clients.takes_a_stranger() {
            true => Cause::Unauthenticated.problem("gateway.toml has no connector with this key"),
            false => Cause::RateLimited.problem("no connector has this key; ask later"),
        })
}

impl Connected {
    async fn ordered(self, body: Body) -> Result<Response, Problem> {
        let order = self.read(body, SignifydOrder::read).await?;
        let now = self.service.now()?;
        let answers = self.service.doors.settings.signifyd.answers;
        let told = |word, id: &str| Json(order.answer(word, id, now)).into_response();
        self.screened(answers, Flow::Authorisation, told).await
    }

    async fn paid(self, body: Body) -> Result<Response, Problem> {
        let ask = self.read(body, PayshieldAsk::read).await?;
        let answers = self.service.doors.settings.payshield.answers;
        let flow = ask.flow();
        let told = |word, id: &str| Json(ask.answer(word, id)).into_response();
        self.screened(answers, flow, told).await
    }

    /// Screens the merchant, and answers with the door's word and the line in the audit.
    async fn screened(
        self,
        answers: Answers,
        flow: Flow,
        told: impl FnOnce(&'static str, &str) -> Response,
    ) -> Result<Response, Problem> {
        let service = Arc::clone(&self.service);
        match self.asked(answers, flow).screened(&service).await {
            Told::Nothing => Ok(Dropped::response()),
            Told::Problem(problem) => Err(not_screened(problem)),
            Told::Verdict(answer, column) => {
                let word = word(answers, column)?;
                Ok(with_id(&answer.id, told(word, &answer.id)))
            }
        }
    }

    /// Reads what an answer must repeat. The rest of the body is dropped.
    async fn read<T>(
        &self,
        body: Body,
        read: impl FnOnce(&[u8]) -> Result<T, ConnectorFault>,
    ) -> Result<T, Problem> {
        let most = self.service.settings.max_body;
        let held = HeldMessage::read(&self.service, body, most).await?;
        match read(held.bytes()) {
            Ok(read) => Ok(read),
            Err(fault) => Err(self.malformed(fault).await),
        }
    }

    async fn malformed(&self, fault: ConnectorFault) -> Problem {
        let problem = Cause::Malformed.problem(format!("{fault}; nobody was screened"));
        let (client, trace) = (Arc::clone(&self.client), self.trace.clone());
        let told = off_the_worker(&self.service, move |service| {
            let door = client.word();
            Ok(unscreened(service, &client, &trace, door, problem))
        });
        told.await.unwrap_or_else(|problem| problem)
    }

    fn asked(self, answers: Answers, flow: Flow) -> Asked {
        Asked {
            client: self.client,
            trace: self.trace,
            answers,
            merchant: self.merchant,
            flow,
        }
    }
}

/// Answers with what was read.
async fn repeated<T: Serialize>(
    connected: Result<Connected, Problem>,
    body: Body,
    read: impl FnOnce(&[u8]) -> Result<T, ConnectorFault>,
) -> Response {
    let read = match connected {
        Ok(connected) => connected.read(body, read).await,
        Err(problem) => Err(problem),
    };
    match read {
        Ok(read) => Json(read).into_response(),
        Err(problem) => signifyd_error(&problem),
    }
}

/// The word of a verdict. That nobody was screened has none.
fn word(answers: Answers, column: Column) -> Result<&'static str, Problem> {
    match column {
        Column::Pass | Column::Hold | Column::Refuse => Ok(answers.word(column)),
        Column::NotScreened => Err(not_screened(Cause::CannotHold.problem("a person decides"))),
    }
}

/// Whatever kept the merchant from being screened, there is one status for it.
fn not_screened(problem: Problem) -> Problem {
    let status = StatusCode::SERVICE_UNAVAILABLE.as_u16();
    Problem { status, ..problem }
}

fn with_id(id: &str, mut response: Response) -> Response {
    if let Ok(id) = HeaderValue::from_str(id) {
        response.headers_mut().insert(ID, id);
    }
    response
}

fn signifyd_error(problem: &Problem) -> Response {
    let told = SignifydError {
        messages: [problem.title],
        errors: SignifydProblem {
            kind: &problem.kind,
            id: problem.id.as_deref(),
        },
    };
    error(problem, Json(told))
}

fn payshield_error(problem: &Problem) -> Response {
    let told = PayshieldError {
        error_message: problem.title,
        message: &problem.kind,
    };
    error(problem, Json(told))
}

fn error(problem: &Problem, told: impl axum::response::IntoResponse) -> Response {
    let status = StatusCode::from_u16(problem.status);
    let status = status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let mut response = (status, told).into_response();
    let name = ProblemName(problem.name().to_owned());
    response.extensions_mut().insert(name);
    match problem.id.as_deref() {
        Some(id) => with_id(id, response),
        None => response,
    }
}
