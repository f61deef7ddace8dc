use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{self, Sender};
use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;

use super::clients::Client;
use super::problem::{Cause, NotScreened, Problem};
use super::screen::screen;
use super::state::Service;
use super::trace::Trace;

/// Answers on the way to a caller who reads slowly.
const AHEAD: usize = 64;
/// How long a caller may leave answers unread.
const UNREAD: Duration = Duration::from_secs(60);
/// Until a client that asks too often is tried again.
const PAUSE: Duration = Duration::from_millis(5);

/// The number of a line that has no answer, and why.
#[derive(Serialize)]
struct Unanswered<'a> {
    line: u64,
    error: &'a Problem,
}

/// `POST /v1/screen/batch`: a request on each line, an answer on each line, in order, while they come.
#[utoipa::path(
    post,
    path = "/v1/screen/batch",
    request_body(content = String, content_type = "application/x-ndjson", description = "A request on each line"),
    responses(
        (status = 200, description = "`line` and a verdict, or `line` and `error`, on each line", body = String,
         content_type = "application/x-ndjson"),
        NotScreened
    )
)]
pub(crate) async fn many(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    Extension(trace): Extension<Trace>,
    Extension(permit): Extension<Arc<OwnedSemaphorePermit>>,
    body: Body,
) -> Response {
    let (send, answers) = mpsc::channel(AHEAD);
    let batch = Batch {
        service,
        client,
        trace,
        send,
        number: 0,
    };
    tokio::spawn(async move {
        batch.run(body).await;
        drop(permit);
    });
    let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
    (kind, Body::from_stream(ReceiverStream::new(answers))).into_response()
}

/// A batch whose lines are answered one after the other.
struct Batch {
    service: Arc<Service>,
    client: Arc<Client>,
    trace: Trace,
    send: Sender<Result<Bytes, Infallible>>,
    number: u64,
}

/// The caller does not read any more.
struct Gone;

impl Batch {
    async fn run(mut self, body: Body) {
        // Nobody is there to be told of more than this.
        if let Err(problem) = self.read(body).await.unwrap_or(Ok(())) {
            self.number = self.number.saturating_add(1);
            let _ = self.refuse(&problem).await;
        }
    }

    async fn read(&mut self, body: Body) -> Result<Result<(), Problem>, Gone> {
        let mut chunks = body.into_data_stream();
        let mut rest: Vec<u8> = Vec::new();
        let mut is_skipping = false;
        let mut total = 0_usize;
        // Only what is waited for counts: answers may take as long as their reader likes.
        let mut waited = Duration::ZERO;
        let most = self.service.settings.max_body;
        loop {
            let began = Instant::now();
            let patience = self.service.patience(total).saturating_sub(waited);
            let next = timeout(patience, chunks.next()).await;
            waited = waited.saturating_add(began.elapsed());
            let chunk = match next {
                Err(_) => {
                    return Ok(Err(
                        Cause::TooSlow.problem("the rest of the batch was not read")
                    ));
                }
                Ok(Some(Err(_))) => {
                    return Ok(Err(Cause::TooSlow.problem("the batch broke off")));
                }
                Ok(None) => break,
                Ok(Some(Ok(chunk))) => chunk,
            };
            total = total.saturating_add(chunk.len());
            if total > self.service.settings.max_batch {
                return Ok(Err(
                    Cause::TooLarge.problem("send the rest as another batch")
                ));
            }
            for piece in chunk.split_inclusive(|byte| *byte == b'\n') {
                if !is_skipping {
                    rest.extend_from_slice(piece);
                }
                let is_whole = piece.ends_with(b"\n");
                if rest.len() > most {
                    self.number = self.number.saturating_add(1);
                    let told = "a line is longer than max_body of gateway.toml";
                    self.refuse(&Cause::TooLarge.problem(told)).await?;
                    rest.clear();
                    is_skipping = true;
                }
                if is_whole && !is_skipping {
                    self.answer(&std::mem::take(&mut rest)).await?;
                }
                is_skipping &= !is_whole;
            }
        }
        if !rest.is_empty() {
            self.answer(&rest).await?;
        }
        Ok(Ok(()))
    }

    /// Answers one line. An empty one has a number and no answer.
    async fn answer(&mut self, line: &[u8]) -> Result<(), Gone> {
        self.number = self.number.saturating_add(1);
        let line = line.trim_ascii();
        if line.is_empty() {
            return Ok(());
        }
        while !self.client.limits.takes_one() {
            sleep(PAUSE).await;
        }
        match screen(
            &self.service,
            &self.client,
            &self.trace,
            &self.service.doors.batch,
            line,
        ) {
            Ok(answer) => {
                let text = serde_json::to_string(&answer).unwrap_or_default();
                let members = text.strip_prefix('{').unwrap_or_default();
                self.tell(format!("{{\"line\":{},{members}\n", self.number))
                    .await
            }
            Err(problem) => {
                self.service.metrics.problem(problem.name());
                self.refuse(&problem).await
            }
        }
    }

    async fn refuse(&self, problem: &Problem) -> Result<(), Gone> {
        let line = Unanswered {
            line: self.number,
            error: problem,
        };
        let text = serde_json::to_string(&line).unwrap_or_default();
        self.tell(text + "\n").await
    }

    async fn tell(&self, line: String) -> Result<(), Gone> {
        match timeout(UNREAD, self.send.send(Ok(line.into()))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Gone),
        }
    }
}
