use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::response::{IntoResponse as _, Response};
use interdict_host::{Answer, Flow, Refusal};
use serde::Deserialize;
use uuid::Uuid;

use super::answer::ScreenAnswer;
use super::clients::Client;
use super::metrics::VerdictLabels;
use super::problem::{Cause, NotScreened, Problem};
use super::request::Asked;
use super::state::Service;
use super::trace::Trace;
use crate::journal::{Content, Entry, SyncPolicy, TraceId, Word};

/// The header that names the line in the audit.
pub(crate) const ID: &str = "interdict-id";

const DEFECT: &str = "a defect of this service; nobody was screened";

/// A request about a merchant of the portfolio.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByMerchant {
    flow: Option<String>,
    #[expect(dead_code, reason = "read already")]
    merchant: String,
    #[expect(dead_code, reason = "read already")]
    policy: Option<String>,
    view: Option<String>,
    language: Option<String>,
    reference: Option<String>,
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
    request_body = super::request::ScreenRequest,
    responses(
        (status = 200, description = "A verdict", body = ScreenAnswer),
        NotScreened
    )
)]
pub(crate) async fn one(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    Extension(trace): Extension<Trace>,
    body: Bytes,
) -> Result<Response, Problem> {
    let answer = off_the_worker(&service, move |service| {
        screen_if_due(service, &client, &trace, &body)
    });
    let answer = answer.await?;
    let id = HeaderValue::from_str(&answer.id);
    let mut response = axum::Json(&answer).into_response();
    if let Ok(id) = id {
        response.headers_mut().insert(ID, id);
    }
    Ok(response)
}

/// Does something on a thread that may wait for the disk, if it does: what is answered meanwhile shares one sync.
pub(crate) async fn off_the_worker<T: Send + 'static>(
    service: &Arc<Service>,
    work: impl FnOnce(&Service) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let journal = service.journal.as_ref();
    if journal.is_none_or(|journal| journal.settings().sync != SyncPolicy::Every) {
        return work(service);
    }
    let service = Arc::clone(service);
    let done = tokio::task::spawn_blocking(move || work(&service)).await;
    done.unwrap_or_else(|_| Err(Cause::NotAnswered.problem(DEFECT)))
}

/// Screens one request of a client that does not ask too often.
fn screen_if_due(
    service: &Service,
    client: &Client,
    trace: &Trace,
    body: &[u8],
) -> Result<ScreenAnswer, Problem> {
    let door = &service.doors.one;
    if client.limits.takes_one() {
        return screen(service, client, trace, door, body);
    }
    let record = Record::of(service, client, trace, door)?;
    Err(record.problem(Cause::RateLimited.problem("ask again in a moment")))
}

/// Screens one request: checks that the client may ask, asks the module, writes the line of the audit, and counts.
/// Whatever goes wrong is a problem, which has a line too.
pub(crate) fn screen(
    service: &Service,
    client: &Client,
    trace: &Trace,
    door: &Word,
    body: &[u8],
) -> Result<ScreenAnswer, Problem> {
    let record = Record::of(service, client, trace, door)?;
    screened(&record, body).map_err(|problem| record.problem(problem))
}

fn screened(record: &Record<'_>, body: &[u8]) -> Result<ScreenAnswer, Problem> {
    let began = Instant::now();
    let Record {
        service,
        client,
        now,
        ..
    } = *record;
    let Asking {
        raw,
        flow,
        is_known,
    } = Asking::of(service, client, body, now)?;
    // The module refuses a request without a flow, so that a verdict has one.
    let verdict = flow.and_then(|flow| Some((flow, ScreenAnswer::read(&raw, flow)?)));
    let Some((flow, mut answer)) = verdict else {
        return Err(match Answer::read(&raw) {
            Some(Answer::Refused { error }) => record.refusal(&error),
            _ => not_understood(),
        });
    };
    if !is_known {
        let names = names(&answer, body);
        if !client.limits.takes_names(&names, answer.is_found(), now) {
            let told = "name merchants of the portfolio, or ask tomorrow";
            return Err(Cause::NamesExhausted.problem(told));
        }
    }
    answer.id = record.verdict(&answer)?;
    if let Some(people) = &service.visitors {
        people.day.count(answer.action.action(), now);
    }
    let labels = VerdictLabels::of(&answer, flow);
    service
        .metrics
        .verdict(&labels, began.elapsed().as_secs_f64());
    Ok(answer)
}

/// The problem of a request that was never asked of the module, with its line in the audit.
pub(crate) fn unscreened(
    service: &Service,
    client: &Client,
    trace: &Trace,
    door: &Word,
    problem: Problem,
) -> Problem {
    match Record::of(service, client, trace, door) {
        Ok(record) => record.problem(problem),
        Err(no_time) => no_time,
    }
}

/// Whether a request would be refused for its form or for what the client may ask. Nothing of a verdict comes out.
pub(crate) fn check(service: &Service, client: &Client, body: &[u8]) -> Result<(), Problem> {
    let asking = Asking::of(service, client, body, service.now()?)?;
    match Answer::read(&asking.raw) {
        Some(Answer::Verdict(_)) => Ok(()),
        Some(Answer::Refused { error }) => Err(Problem::refused(&error)),
        None => Err(not_understood()),
    }
}

/// A request that the module has answered or refused.
struct Asking {
    raw: Vec<u8>,
    flow: Option<Flow>,
    /// Whether the portfolio has the merchant.
    is_known: bool,
}

impl Asking {
    fn of(service: &Service, client: &Client, body: &[u8], now: u32) -> Result<Self, Problem> {
        let Ok(asked) = serde_json::from_slice::<Asked>(body) else {
            return Err(refusal_of(service, body, now));
        };
        let policy = client.policy(asked.policy.as_deref())?;
        let (request, flow) = match (&asked.merchant, asked.flow()) {
            (Some(merchant), flow) => resolved(service, body, (merchant, policy), flow)?,
            (None, Some(flow)) => {
                let added = policy.filter(|_| asked.policy.is_none());
                (line(body, added), Some(flow))
            }
            // The module refuses it.
            (None, None) => (line(body, None), None),
        };
        if flow.is_some_and(|flow| !client.may_ask(flow)) {
            let told = "ask whoever runs the gateway for the flow";
            return Err(Cause::FlowNotAllowed.problem(told));
        }
        let answers = service.gateway.host().batch(&request, now);
        let answers = answers.map_err(|error| Problem::failed(&error))?;
        match <[Vec<u8>; 1]>::try_from(answers) {
            Ok([raw]) => Ok(Self {
                raw,
                flow,
                is_known: asked.merchant.is_some(),
            }),
            Err(_) => Err(not_understood()),
        }
    }
}

/// The request for a merchant of the portfolio, and its flow: the portfolio's, if the caller named none. What identifies
/// the merchant is the portfolio's alone, and so the caller's request has nothing but what does not name anybody.
fn resolved(
    service: &Service,
    body: &[u8],
    (merchant, policy): (&str, Option<&str>),
    flow: Option<Flow>,
) -> Result<(Vec<u8>, Option<Flow>), Problem> {
    let Ok(asked) = serde_json::from_slice::<ByMerchant>(body) else {
        let told = "beside merchant there may be flow, policy, view, language and reference";
        return Err(Cause::TwoNames.problem(told));
    };
    if asked.flow.is_some() && flow.is_none() {
        return Err(Cause::NoSuchFlow.problem("onboarding, authorisation, checkout or payout"));
    }
    let request = service.request_of(merchant, flow)?;
    let mut request: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&request).map_err(|_| not_understood())?;
    let further = [
        ("policy", policy.map(str::to_owned)),
        ("view", asked.view),
        ("language", asked.language),
        ("reference", asked.reference),
    ];
    for (name, value) in further {
        if let Some(value) = value {
            request.insert(name.to_owned(), value.into());
        }
    }
    let mut text = serde_json::to_vec(&request).map_err(|_| not_understood())?;
    text.push(b'\n');
    let own = request.get("flow").and_then(serde_json::Value::as_str);
    Ok((text, own.and_then(Flow::from_name)))
}

/// What goes into the audit with an answer.
struct Record<'r> {
    service: &'r Service,
    client: &'r Client,
    trace: &'r Trace,
    door: &'r Word,
    now: u32,
}

impl<'r> Record<'r> {
    fn of(
        service: &'r Service,
        client: &'r Client,
        trace: &'r Trace,
        door: &'r Word,
    ) -> Result<Self, Problem> {
        Ok(Self {
            service,
            client,
            trace,
            door,
            now: service.now()?,
        })
    }

    /// Writes the line of a verdict and returns its id. An answer without a receipt has an id and no line.
    fn verdict(&self, answer: &ScreenAnswer) -> Result<String, Problem> {
        let Some(receipt) = &answer.receipt else {
            return Ok(Uuid::now_v7().to_string());
        };
        self.write(Content::Receipt(receipt.get()), answer.reference.as_deref())
    }

    /// Writes the line of a refusal.
    fn refusal(&self, refusal: &Refusal) -> Problem {
        let mut problem = Problem::refused(refusal);
        if let Some(receipt) = &refusal.receipt {
            match self.write(Content::Refusal(receipt.as_str()), None) {
                Ok(id) => problem.id = Some(id.into()),
                Err(not_written) => return not_written,
            }
        }
        problem
    }

    /// Writes the line of a problem that has none. Of a client that asks too often there is one in a second.
    fn problem(&self, mut problem: Problem) -> Problem {
        let is_told = problem.id.is_some() || problem.is(Cause::NotRecorded);
        if is_told || problem.is(Cause::RateLimited) && !self.client.limits.tells(self.now) {
            return problem;
        }
        let Ok(name) = Word::new(problem.name()) else {
            return problem;
        };
        match self.write(Content::Problem(&name), None) {
            Ok(id) => problem.id = Some(id.into()),
            Err(not_written) => return not_written,
        }
        problem
    }

    fn write(&self, content: Content<'_>, reference: Option<&str>) -> Result<String, Problem> {
        let Some(journal) = &self.service.journal else {
            return Ok(Uuid::now_v7().to_string());
        };
        let entry = Entry {
            client: Some(self.client.word()),
            door: Some(self.door),
            reference,
            trace: TraceId::parse(&self.trace.id),
            content,
        };
        let line = self.service.recorded(journal.append(&entry, self.now));
        let told = "no verdict is given without its line in the audit";
        let line = line.map_err(|_| Cause::NotRecorded.problem(told))?;
        Ok(line.unwrap_or_else(Uuid::now_v7).to_string())
    }
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

/// A request as one line, with the policy of its client. It was read as an object of JSON, so that a line feed in it
/// stands between members, where a space means the same.
fn line(body: &[u8], policy: Option<&str>) -> Vec<u8> {
    let plain = |byte: &u8| match byte {
        b'\n' | b'\r' => b' ',
        other => *other,
    };
    let mut line: Vec<u8> = body.iter().map(plain).chain([b'\n']).collect();
    let begin = line.iter().position(|byte| *byte == b'{');
    if let Some((begin, name)) = begin.zip(policy) {
        // Behind it is the flow at least.
        let member = format!("\"policy\":\"{name}\",");
        let inside = begin.saturating_add(1);
        line.splice(inside..inside, member.bytes());
    }
    line
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
