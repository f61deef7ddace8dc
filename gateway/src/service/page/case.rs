use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::frame::{Frame, Live, aside};
use super::guard::{Visitor, people};
use super::sorry::{Sorry, page};
use super::without::{Named, Without, named, without_each};
use super::words::{self, Moment};
use crate::portfolio::{CaseStep, MerchantCase, MerchantStatus};
use crate::service::state::Service;
use crate::words::age;

#[derive(Template)]
#[template(path = "page/case.html")]
struct CasePage {
    frame: Frame,
    case: MerchantCase,
    opened: Moment,
    age: String,
    now: Now,
    reasons: Vec<String>,
    named: Vec<Named>,
    without: Vec<Without>,
    history: Vec<Event>,
    typed: Typed,
}

/// What a merchant's verdict is at present.
#[derive(Default)]
struct Now {
    action: &'static str,
    action_word: &'static str,
    because: Option<String>,
    since: Option<Moment>,
    receipt: Option<String>,
    refusal: Option<String>,
}

/// One step of the history.
struct Event {
    time: Moment,
    what: &'static str,
    person: Option<String>,
    text: Option<String>,
    action: Option<(&'static str, &'static str)>,
    reasons: Vec<String>,
    receipt: Option<String>,
}

/// What was typed and not taken, and why.
#[derive(Debug, Default)]
pub(super) struct Typed {
    pub(super) error: Option<String>,
    pub(super) assignee: String,
    pub(super) note: String,
    pub(super) decision: String,
}

/// `GET /cases/{number}`
pub(crate) async fn show(
    State(service): State<Arc<Service>>,
    Extension(visitor): Extension<Visitor>,
    Path(number): Path<u32>,
) -> Result<Response, Sorry> {
    aside(service, move |service| {
        case(service, &visitor, number, Typed::default())
    })
    .await
}

/// The page of a case; with what was typed if that was not taken.
pub(super) fn case(
    service: &Service,
    visitor: &Visitor,
    number: u32,
    typed: Typed,
) -> Result<Response, Sorry> {
    let live = Live::of(service)?;
    let portfolio = people(service)?.portfolio();
    let portfolio = portfolio.ok_or_else(|| Sorry::missing("the gateway has no portfolio"))?;
    let case = portfolio.case(number)?;
    let case = case.ok_or_else(|| Sorry::missing("there is no case of this number"))?;
    let status = portfolio.status(&case.merchant)?;
    let standing = status.as_ref().and_then(|status| status.standing.as_ref());
    let reasons = standing.map(words::sentences).unwrap_or_default();
    let request = portfolio.request(&case.merchant, None)?;
    let history = portfolio.case_history(number)?;
    drop(portfolio);
    let without = request
        .as_deref()
        .map(|request| without_each(service, request, live.now));
    let shown = CasePage {
        frame: live.frame(visitor, "cases"),
        opened: Moment::of(case.opened),
        age: age(live.now.saturating_sub(case.opened)),
        case,
        now: now(status),
        reasons,
        named: request.as_deref().map(named).unwrap_or_default(),
        without: without.transpose()?.unwrap_or_default(),
        history: history.into_iter().map(event).collect(),
        typed,
    };
    let is_refused = shown.typed.error.is_some();
    let code = if is_refused {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    Ok(page(code, &shown))
}

fn now(status: Option<MerchantStatus>) -> Now {
    let Some(status) = status else {
        return Now {
            action: "none",
            action_word: "Not in the portfolio any more",
            ..Now::default()
        };
    };
    let standing = status.standing;
    let action = standing.as_ref().map(|standing| standing.action);
    let because = standing.and_then(|standing| standing.because);
    Now {
        action: action.map_or("none", |action| action.name()),
        action_word: action.map_or("No verdict yet", words::action),
        because: because.map(|word| words::because(&word).to_owned()),
        since: status.since.map(Moment::of),
        receipt: status.receipt,
        refusal: status.refusal,
    }
}

fn event(step: CaseStep) -> Event {
    let action = step.standing.as_ref().map(|standing| standing.action);
    Event {
        time: Moment::of(step.time),
        what: words::step(step.step),
        person: step.person,
        text: step.text,
        action: action.map(|action| (action.name(), words::action(action))),
        reasons: step
            .standing
            .as_ref()
            .map(words::sentences)
            .unwrap_or_default(),
        receipt: step.receipt,
    }
}
