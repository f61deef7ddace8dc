use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_stream::StreamExt as _;

use super::answer_lines::{AnswerLines, Asker, Gone};
use super::clients::Client;
use super::problem::{Cause, NotScreened, Problem};
use super::state::Service;
use super::trace::Trace;

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
    let door = service.doors.batch.clone();
    let (lines, response) = AnswerLines::new(Asker {
        service,
        client,
        trace,
        door,
    });
    tokio::spawn(async move {
        Batch { lines }.run(body).await;
        drop(permit);
    });
    response
}

/// A batch whose lines are answered one after the other.
struct Batch {
    lines: AnswerLines,
}

impl Batch {
    async fn run(mut self, body: Body) {
        // Nobody is there to be told of more than this.
        if let Err(problem) = self.read(body).await.unwrap_or(Ok(())) {
            let _ = self.lines.refuse(&problem).await;
        }
    }

    async fn read(&mut self, body: Body) -> Result<Result<(), Problem>, Gone> {
        let mut chunks = body.into_data_stream();
        let mut rest: Vec<u8> = Vec::new();
        let mut is_skipping = false;
        let mut total = 0_usize;
        // Only what is waited for counts: answers may take as long as their reader likes.
        let mut waited = Duration::ZERO;
        let service = Arc::clone(&self.lines.asker.service);
        let most = service.settings.max_body;
        loop {
            let began = Instant::now();
            let patience = service.patience(total).saturating_sub(waited);
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
            if total > service.settings.max_batch {
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
                    let told = "a line is longer than max_body of gateway.toml";
                    self.lines.refuse(&Cause::TooLarge.problem(told)).await?;
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
        let line = line.trim_ascii();
        if line.is_empty() {
            self.lines.skip();
            return Ok(());
        }
        self.lines.answer(line.to_vec()).await.map(|_| ())
    }
}
