use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;

use super::held_message::HeldMessage;
use crate::doors::{Answers, CardMessage, Column, MessageFault, Payee, PaymentMessage, payees};
use crate::journal::Word;
use crate::service::admission::known_with_messages;
use crate::service::answer::ScreenAnswer;
use crate::service::answer_lines::{AnswerLines, Asker, Gone};
use crate::service::clients::Client;
use crate::service::problem::{Cause, NotScreened, Problem};
use crate::service::screen::{ID, off_the_worker, screen, unscreened};
use crate::service::state::Service;
use crate::service::trace::Trace;

/// The last line of an answer: without it the answer was cut.
#[derive(Serialize)]
struct LastLine {
    summary: Summary,
}

/// How many transactions were answered in which way.
#[derive(Default, Serialize)]
struct Summary {
    transactions: u64,
    pass: u64,
    hold: u64,
    refuse: u64,
    not_screened: u64,
}

pub(crate) fn routes(service: &Arc<Service>) -> Router<Arc<Service>> {
    Router::new()
        .route("/v1/screen/from/pain.001", post(pain_001))
        .route("/v1/screen/from/pacs.008", post(pacs_008))
        .route("/v1/screen/from/payee-verification", post(verification))
        .route("/v1/screen/from/iso8583", post(card))
        .layer(from_fn_with_state(Arc::clone(service), known_with_messages))
}

/// Who sent a message.
struct Sender {
    service: Arc<Service>,
    client: Arc<Client>,
    trace: Trace,
    permit: Arc<OwnedSemaphorePermit>,
}

/// `POST /v1/screen/from/pain.001`: whom a customer's credit transfers pay.
#[utoipa::path(
    post,
    path = "/v1/screen/from/pain.001",
    request_body(content = String, content_type = "application/xml", description = "The message, in XML or JSON"),
    responses(
        (status = 200, description = "`line` and a verdict or `error` for each transaction, then `summary`",
         body = String, content_type = "application/x-ndjson"),
        NotScreened
    )
)]
pub(crate) async fn pain_001(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    Extension(trace): Extension<Trace>,
    Extension(permit): Extension<Arc<OwnedSemaphorePermit>>,
    body: Body,
) -> Result<Response, Problem> {
    let sender = Sender {
        service,
        client,
        trace,
        permit,
    };
    sender.screened(PaymentMessage::Pain001, body).await
}

/// `POST /v1/screen/from/pacs.008`: whom credit transfers between institutions pay.
#[utoipa::path(
    post,
    path = "/v1/screen/from/pacs.008",
    request_body(content = String, content_type = "application/xml", description = "The message, in XML or JSON"),
    responses(
        (status = 200, description = "`line` and a verdict or `error` for each transaction, then `summary`",
         body = String, content_type = "application/x-ndjson"),
        NotScreened
    )
)]
pub(crate) async fn pacs_008(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    Extension(trace): Extension<Trace>,
    Extension(permit): Extension<Arc<OwnedSemaphorePermit>>,
    body: Body,
) -> Result<Response, Problem> {
    let sender = Sender {
        service,
        client,
        trace,
        permit,
    };
    sender.screened(PaymentMessage::Pacs008, body).await
}

/// `POST /v1/screen/from/payee-verification`: whose account is verified before money is sent.
#[utoipa::path(
    post,
    path = "/v1/screen/from/payee-verification",
    request_body(content = String, content_type = "application/json", description = "The message, in XML or JSON"),
    responses(
        (status = 200, description = "`line` and a verdict or `error` for each party, then `summary`",
         body = String, content_type = "application/x-ndjson"),
        NotScreened
    )
)]
pub(crate) async fn verification(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    Extension(trace): Extension<Trace>,
    Extension(permit): Extension<Arc<OwnedSemaphorePermit>>,
    body: Body,
) -> Result<Response, Problem> {
    let sender = Sender {
        service,
        client,
        trace,
        permit,
    };
    sender
        .screened(PaymentMessage::PayeeVerification, body)
        .await
}

/// `POST /v1/screen/from/iso8583`: where a card is used.
#[utoipa::path(
    post,
    path = "/v1/screen/from/iso8583",
    request_body(content = Object, content_type = "application/json",
        description = "`DE18`, `DE32`, `DE42` and `DE43`, and no other data element"),
    responses(
        (status = 200, description = "A verdict", body = ScreenAnswer),
        NotScreened
    )
)]
pub(crate) async fn card(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    Extension(trace): Extension<Trace>,
    body: Body,
) -> Result<Response, Problem> {
    let most = service.settings.max_body;
    let held = HeldMessage::read(&service, body, most).await?;
    let read = CardMessage::read(held.bytes());
    drop(held);
    let answer = off_the_worker(&service, move |service| {
        card_screened(service, &client, &trace, read)
    });
    let answer = answer.await?;
    let id = HeaderValue::from_str(&answer.id);
    let mut response = Json(&answer).into_response();
    if let Ok(id) = id {
        response.headers_mut().insert(ID, id);
    }
    Ok(response)
}

fn card_screened(
    service: &Service,
    client: &Client,
    trace: &Trace,
    read: Result<CardMessage, MessageFault>,
) -> Result<ScreenAnswer, Problem> {
    let door = door(service)?;
    let asked = match read {
        _ if !client.limits.takes_one() => Err(Cause::RateLimited.problem("ask again in a moment")),
        Err(fault) => Err(problem(fault)),
        Ok(message) => message.request().ok_or_else(|| Problem {
            incomplete: message.incomplete().into(),
            ..Cause::NoMerchant.problem("DE32 and DE42 name a merchant together")
        }),
    };
    match asked {
        Ok(request) => screen(service, client, trace, &door, &request),
        Err(problem) => Err(unscreened(service, client, trace, &door, problem)),
    }
}

impl Sender {
    /// Reads a message whole, and then answers each of its transactions.
    async fn screened(self, kind: PaymentMessage, body: Body) -> Result<Response, Problem> {
        let door = door(&self.service)?;
        if !self.client.may_ask(PaymentMessage::FLOW) {
            let told = "ask whoever runs the gateway for the flow";
            return Err(self
                .unscreened(&door, Cause::FlowNotAllowed.problem(told))
                .await);
        }
        let most = self.service.settings.max_batch;
        let held = HeldMessage::read(&self.service, body, most).await?;
        let read = tokio::task::spawn_blocking(move || payees(kind, held.bytes())).await;
        let payees = match read {
            Ok(Ok(payees)) => payees,
            Ok(Err(fault)) => return Err(self.unscreened(&door, problem(fault)).await),
            Err(_) => return Err(Cause::NotAnswered.problem("the message was not read")),
        };
        let answers = self.service.doors.settings.messages;
        let permit = self.permit;
        let (lines, response) = AnswerLines::new(Asker {
            service: self.service,
            client: self.client,
            trace: self.trace,
            door,
        });
        tokio::spawn(async move {
            // Whoever does not read any more is not told that.
            let _ = answer(lines, payees, answers).await;
            drop(permit);
        });
        Ok(response)
    }

    /// The line in the audit of a message of which nobody was screened.
    async fn unscreened(&self, door: &Word, problem: Problem) -> Problem {
        let (client, trace, door) = (Arc::clone(&self.client), self.trace.clone(), door.clone());
        let told = off_the_worker(&self.service, move |service| {
            Ok(unscreened(service, &client, &trace, &door, problem))
        });
        told.await.unwrap_or_else(|problem| problem)
    }
}

async fn answer(mut lines: AnswerLines, payees: Vec<Payee>, answers: Answers) -> Result<(), Gone> {
    let mut summary = Summary::default();
    for payee in payees {
        let column = match payee.request(PaymentMessage::FLOW) {
            Some(request) => match lines.answer(request).await? {
                Ok(answer) => answers.column(
                    answer.action.action(),
                    answer.because.as_deref(),
                    PaymentMessage::FLOW,
                ),
                Err(_) => Column::NotScreened,
            },
            None => {
                let told = "the transaction has neither an IBAN nor an LEI of the creditor";
                lines.unnamed(Cause::NoMerchant.problem(told)).await?;
                Column::NotScreened
            }
        };
        summary.count(column);
    }
    let last = LastLine { summary };
    lines
        .tell(serde_json::to_string(&last).unwrap_or_default())
        .await
}

impl Summary {
    const fn count(&mut self, column: Column) {
        let count = match column {
            Column::Pass => &mut self.pass,
            Column::Hold => &mut self.hold,
            Column::Refuse => &mut self.refuse,
            Column::NotScreened => &mut self.not_screened,
        };
        *count = count.saturating_add(1);
        self.transactions = self.transactions.saturating_add(1);
    }
}

fn door(service: &Service) -> Result<Word, Problem> {
    let door = service.doors.settings.messages.audit_word();
    door.map_err(|_| Cause::NotAnswered.problem("the door has no name"))
}

fn problem(fault: MessageFault) -> Problem {
    match fault {
        MessageFault::CardData => Cause::CardData.problem("send DE18, DE32, DE42 and DE43 alone"),
        fault => Cause::Malformed.problem(format!("{fault}; nobody was screened")),
    }
}
