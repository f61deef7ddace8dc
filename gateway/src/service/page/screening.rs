use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use interdict_core::identifier::Kind;
use interdict_host::{Action, Flow};
use serde_json::{Map, Value, json};

use super::form::Fields;
use super::frame::{Frame, Live, aside};
use super::guard::{Visitor, people};
use super::sorry::{Sorry, page};
use super::without::{Without, without_each};
use super::words;
use crate::service::answer::{DecisionName, ScreenAnswer};
use crate::service::problem::Cause;
use crate::service::screen::screen;
use crate::service::state::Service;
use crate::service::trace::Trace;
use crate::words::age;

/// The languages of `docs/abi.md`, with their own names.
const LANGUAGES: [(&str, &str); 3] = [("en", "English"), ("sv", "Svenska"), ("nl", "Nederlands")];

/// The flows, as a person says them.
const FLOWS: [(&str, &str); 4] = [
    ("onboarding", "be taken on (onboarding)"),
    ("authorisation", "take a payment (authorisation)"),
    ("checkout", "be paid on a page (checkout)"),
    ("payout", "get its money (payout)"),
];

#[derive(Template)]
#[template(path = "page/screening.html")]
struct Screening {
    frame: Frame,
    asked: Asked,
    kinds: Vec<(&'static str, String)>,
    flows: [(&'static str, &'static str); 4],
    languages: [(&'static str, &'static str); 3],
    error: Option<String>,
    verdict: Option<Explained>,
}

/// What was asked, as far as it may be shown.
struct Asked {
    merchant: String,
    kind: String,
    value: String,
    flow: String,
    language: String,
}

/// A verdict for a person.
struct Explained {
    action: &'static str,
    action_word: &'static str,
    because: Option<String>,
    natural: Option<&'static str>,
    decision: &'static str,
    score: u16,
    reasons: Vec<(String, i32)>,
    unused: Vec<(String, String)>,
    unchecked: Vec<String>,
    lists: Vec<ListRow>,
    is_degraded: bool,
    notice: Option<String>,
    without: Vec<Without>,
    id: String,
    policy: String,
}

/// A list that was asked.
struct ListRow {
    list: String,
    edition: String,
    sequence: u64,
    freshness: String,
    age: String,
}

/// `GET /screen`
pub(crate) async fn form(
    State(service): State<Arc<Service>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Sorry> {
    aside(service, move |service| {
        let shown = Screening {
            frame: Live::of(service)?.frame(&visitor, "screen"),
            asked: Asked::of(&Fields::default()),
            kinds: kinds(),
            flows: FLOWS,
            languages: LANGUAGES,
            error: None,
            verdict: None,
        };
        Ok(page(StatusCode::OK, &shown))
    })
    .await
}

/// `POST /screen`: the same screening as a payment's, in the name of whoever is signed in.
pub(crate) async fn answer(
    State(service): State<Arc<Service>>,
    Extension(visitor): Extension<Visitor>,
    Extension(trace): Extension<Trace>,
    Extension(fields): Extension<Fields>,
) -> Result<Response, Sorry> {
    aside(service, move |service| {
        let explained = explained(service, &visitor, &trace, &fields);
        let (status, error, verdict) = match explained {
            Ok(explained) => (StatusCode::OK, None, Some(explained)),
            Err((status, error)) => (status, Some(error), None),
        };
        let shown = Screening {
            frame: Live::of(service)?.frame(&visitor, "screen"),
            asked: Asked::of(&fields),
            kinds: kinds(),
            flows: FLOWS,
            languages: LANGUAGES,
            error,
            verdict,
        };
        Ok(page(status, &shown))
    })
    .await
}

fn explained(
    service: &Service,
    visitor: &Visitor,
    trace: &Trace,
    fields: &Fields,
) -> Result<Explained, (StatusCode, String)> {
    let told = |problem: crate::service::problem::Problem| {
        let status = StatusCode::from_u16(problem.status);
        let text = format!("{}: {}", problem.title, problem.detail);
        (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), text)
    };
    let client = &visitor.session.client;
    if !client.limits.takes_one() {
        return Err(told(Cause::RateLimited.problem("ask again in a moment")));
    }
    let request = request(fields).map_err(|told| (StatusCode::BAD_REQUEST, told.to_owned()))?;
    let body = Value::Object(request.clone()).to_string();
    let door = &people(service).map_err(told)?.door;
    let answer = screen(service, client, trace, door, body.as_bytes()).map_err(told)?;
    let whole = match fields.text("merchant") {
        "" => body,
        merchant => {
            let flow = Flow::from_name(fields.text("flow"));
            service.request_of(merchant, flow).map_err(told)?
        }
    };
    let now = service.now().map_err(told)?;
    let without = match answer.action.action() {
        Action::Allow => Vec::new(),
        // The verdict stands whether or not this can be said.
        _ => without_each(service, &whole, now).unwrap_or_default(),
    };
    Ok(Explained::of(answer, without))
}

/// The message of `screen`, or what is missing in the form.
fn request(fields: &Fields) -> Result<Map<String, Value>, &'static str> {
    let [merchant, kind, value, flow] =
        ["merchant", "kind", "value", "flow"].map(|n| fields.text(n));
    let mut request = Map::new();
    match (merchant, value) {
        ("", "") => return Err("Give an id of the portfolio, or a kind and a value."),
        ("", value) if kind == "url" => {
            request.insert("url".to_owned(), value.into());
        }
        ("", value) => {
            let identifier = json!({"kind": kind, "value": value});
            request.insert("identifiers".to_owned(), json!([identifier]));
        }
        (merchant, "") => {
            request.insert("merchant".to_owned(), merchant.into());
        }
        _ => return Err("Give either an id of the portfolio or a value, not both."),
    }
    if !flow.is_empty() {
        request.insert("flow".to_owned(), flow.into());
    } else if merchant.is_empty() {
        return Err("Say what the merchant is about to do.");
    }
    request.insert("view".to_owned(), "analyst".into());
    let language = match fields.text("language") {
        "" => "en",
        language => language,
    };
    request.insert("language".to_owned(), language.into());
    Ok(request)
}

/// The kinds of identifiers and `url`, the usual ones first, each as a person says it.
fn kinds() -> Vec<(&'static str, String)> {
    let kinds = Kind::ALL.iter().map(|kind| kind.name());
    let others = kinds.filter(|kind| *kind != "domain");
    let all = ["domain", "url"].into_iter().chain(others);
    all.map(|kind| (kind, words::spoken(kind))).collect()
}

impl Asked {
    fn of(fields: &Fields) -> Self {
        let or = |name: &str, usual: &str| match fields.shown(name).as_str() {
            "" => usual.to_owned(),
            shown => shown.to_owned(),
        };
        Self {
            merchant: fields.shown("merchant"),
            kind: or("kind", "domain"),
            value: fields.shown("value"),
            flow: fields.shown("flow"),
            language: or("language", "en"),
        }
    }
}

impl Explained {
    fn of(answer: ScreenAnswer, without: Vec<Without>) -> Self {
        let action: Action = answer.action.action();
        let reasons = answer.reasons.iter().map(|reason| {
            let text = reason.more.get("text").and_then(Value::as_str);
            (text.unwrap_or(&reason.code).to_owned(), reason.weight)
        });
        let unused = answer
            .unused
            .into_iter()
            .map(|one| (one.path, words::spoken(&one.rule)));
        let lists = answer.lists.into_iter().map(|list| ListRow {
            list: list.list,
            edition: list.edition,
            sequence: list.sequence,
            freshness: list.freshness,
            age: age(list.age_s),
        });
        Self {
            action: action.name(),
            action_word: words::action(action),
            natural: answer
                .natural
                .map(|natural| words::action(natural.action())),
            decision: match answer.decision {
                DecisionName::Pass => "pass",
                DecisionName::Hold => "hold",
                DecisionName::Refuse => "refuse",
            },
            because: answer.because.map(|word| words::because(&word).to_owned()),
            score: answer.score,
            reasons: reasons.collect(),
            unused: unused.collect(),
            unchecked: answer.unchecked,
            lists: lists.collect(),
            is_degraded: answer.degraded,
            notice: answer.notice,
            without,
            id: answer.id,
            policy: answer.policy,
        }
    }
}
