use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use tokio::sync::mpsc::{self, Sender};
use tokio::time::{sleep, timeout};
use tokio_stream::wrappers::ReceiverStream;

use super::answer::ScreenAnswer;
use super::clients::Client;
use super::problem::Problem;
use super::screen::{off_the_worker, screen, unscreened};
use super::state::Service;
use super::trace::Trace;
use crate::journal::Word;

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

/// Who asks, and where.
pub(super) struct Asker {
    pub(super) service: Arc<Service>,
    pub(super) client: Arc<Client>,
    pub(super) trace: Trace,
    pub(super) door: Word,
}

/// Answers to many requests, one on each line, in order, while they come.
pub(super) struct AnswerLines {
    pub(super) asker: Arc<Asker>,
    send: Sender<Result<Bytes, Infallible>>,
    number: u64,
}

/// The caller does not read any more.
pub(super) struct Gone;

impl AnswerLines {
    /// The lines, and the response that they arrive in.
    pub(super) fn new(asker: Asker) -> (Self, Response) {
        let (send, answers) = mpsc::channel(AHEAD);
        let lines = Self {
            asker: Arc::new(asker),
            send,
            number: 0,
        };
        let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
        let body = Body::from_stream(ReceiverStream::new(answers));
        (lines, (kind, body).into_response())
    }

    /// The next line has a number and no answer.
    pub(super) const fn skip(&mut self) {
        self.number = self.number.saturating_add(1);
    }

    /// Screens what the next line asks, and answers it.
    pub(super) async fn answer(
        &mut self,
        request: Vec<u8>,
    ) -> Result<Result<ScreenAnswer, Problem>, Gone> {
        self.skip();
        while !self.asker.client.limits.takes_one() {
            sleep(PAUSE).await;
        }
        let asker = Arc::clone(&self.asker);
        let answer = off_the_worker(&self.asker.service, move |service| {
            screen(service, &asker.client, &asker.trace, &asker.door, &request)
        });
        let answer = answer.await;
        match &answer {
            Ok(answer) => {
                let text = serde_json::to_string(answer).unwrap_or_default();
                let members = text.strip_prefix('{').unwrap_or_default();
                self.tell(format!("{{\"line\":{},{members}", self.number))
                    .await?;
            }
            Err(problem) => {
                self.asker.service.metrics.problem(problem.name());
                self.told(problem).await?;
            }
        }
        Ok(answer)
    }

    /// Answers the next line with a problem that comes before any screening.
    pub(super) async fn refuse(&mut self, problem: &Problem) -> Result<(), Gone> {
        self.skip();
        self.told(problem).await
    }

    /// Answers the next line with a problem, which has a line in the audit: nothing there names anybody.
    pub(super) async fn unnamed(&mut self, problem: Problem) -> Result<(), Gone> {
        let asker = Arc::clone(&self.asker);
        let told = off_the_worker(&self.asker.service, move |service| {
            let Asker {
                client,
                trace,
                door,
                ..
            } = &*asker;
            Ok(unscreened(service, client, trace, door, problem))
        });
        let problem = told.await.unwrap_or_else(|problem| problem);
        self.asker.service.metrics.problem(problem.name());
        self.refuse(&problem).await
    }

    async fn told(&self, problem: &Problem) -> Result<(), Gone> {
        let line = Unanswered {
            line: self.number,
            error: problem,
        };
        self.tell(serde_json::to_string(&line).unwrap_or_default())
            .await
    }

    /// Sends one line.
    pub(super) async fn tell(&self, line: String) -> Result<(), Gone> {
        match timeout(UNREAD, self.send.send(Ok((line + "\n").into()))).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Gone),
        }
    }
}
