use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse as _, Response};
use interdict_host::Flow;
use serde_json::json;

use crate::doors::{Answers, Column, DOCTOR_FILE, DOCTOR_MARK};
use crate::portfolio::RESERVED;
use crate::service::answer::ScreenAnswer;
use crate::service::clients::Client;
use crate::service::problem::{Cause, Problem};
use crate::service::screen::{off_the_worker, screen};
use crate::service::state::Service;
use crate::service::trace::Trace;

/// How long a doctor may take.
const DOCTOR: Duration = Duration::from_secs(120);
/// How long a peer waits for an answer to the slow one. Every peer has given up by then.
const SLOW: Duration = Duration::from_secs(8);

/// A merchant whom a proxy asks about, by id.
pub(crate) struct Asked {
    pub(crate) client: Arc<Client>,
    pub(crate) trace: Trace,
    pub(crate) answers: Answers,
    pub(crate) merchant: String,
    pub(crate) flow: Flow,
}

/// What the door does.
pub(crate) enum Told {
    /// There is a verdict, and this is its column.
    Verdict(Box<ScreenAnswer>, Column),
    /// Nobody was screened.
    Problem(Problem),
    /// The connection ends without an answer, as if the service had stopped.
    Nothing,
}

/// Ends a connection instead of answering.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dropped;

impl Asked {
    /// Screens the merchant.
    pub(crate) async fn screened(self, service: &Arc<Service>) -> Told {
        match played(service, &self.merchant) {
            Some("stopped") => return Told::Nothing,
            Some("slow") => {
                tokio::time::sleep(SLOW).await;
                return Told::Problem(Cause::Shed.problem("this test merchant is answered late"));
            }
            _ => {}
        }
        let (answers, flow) = (self.answers, self.flow);
        let answer = off_the_worker(service, move |service| self.screen_now(service)).await;
        match answer {
            Err(problem) => Told::Problem(problem),
            Ok(answer) => match answer.column(&answers, flow) {
                Column::NotScreened => Told::Problem(Problem {
                    id: Some(answer.id.into()),
                    ..Cause::CannotHold
                        .problem("a person decides; interdict-id names the line in the audit")
                }),
                column => Told::Verdict(Box::new(answer), column),
            },
        }
    }

    fn screen_now(self, service: &Service) -> Result<ScreenAnswer, Problem> {
        let _permit = service.enter()?;
        if !self.client.limits.takes_one() {
            return Err(Cause::RateLimited.problem("ask again in a moment"));
        }
        let door = self.answers.audit_word();
        let door = door.map_err(|_| Cause::NotAnswered.problem("the door has no name"))?;
        screen(service, &self.client, &self.trace, &door, &self.request())
    }

    /// The request to screen the merchant: of the portfolio, or reserved for tests.
    fn request(&self) -> Vec<u8> {
        let of_portfolio =
            || json!({"flow": self.flow.name(), "merchant": self.merchant}).to_string();
        reserved_request(&self.merchant, self.flow)
            .unwrap_or_else(of_portfolio)
            .into_bytes()
    }
}

/// What `interdict doctor` has the service play, `stopped` or `slow`: the id ends with what the doctor left in a file beside
/// `gateway.toml` a moment ago. Anybody else could take a proxy's gateways out of service with it.
fn played<'m>(service: &Service, merchant: &'m str) -> Option<&'m str> {
    let (played, mark) = merchant.strip_prefix(RESERVED)?.split_once('.')?;
    let path = service.gateway.config().directory().join(DOCTOR_FILE);
    let age = std::fs::metadata(&path)
        .ok()?
        .modified()
        .ok()?
        .elapsed()
        .ok()?;
    let written = std::fs::read_to_string(&path).ok()?;
    (age < DOCTOR && written.len() == DOCTOR_MARK && written == mark).then_some(played)
}

/// The request to screen a merchant that is reserved for tests, about whom every list answers in a known way.
pub(crate) fn reserved_request(merchant: &str, flow: Flow) -> Option<String> {
    let domain = match merchant.strip_prefix(RESERVED)? {
        "allow" => "clean.test",
        "monitor" => "monitor.listed.test",
        "review" => "review.listed.test",
        "hold-payout" => "hold-payout.listed.test",
        "block" => "block.listed.test",
        _ => return None,
    };
    let identifiers = json!([{"kind": "domain", "value": domain}]);
    Some(json!({"flow": flow.name(), "identifiers": identifiers}).to_string())
}

impl Dropped {
    /// An answer that is never sent.
    pub(crate) fn response() -> Response {
        let mut response = ().into_response();
        response.extensions_mut().insert(Self);
        response
    }
}
