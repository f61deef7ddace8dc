use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::frame::{Frame, Live, aside};
use super::guard::{Visitor, people};
use super::sorry::{Sorry, page};
use super::words::{self, Moment};
use crate::portfolio::{MerchantCase, Portfolio};
use crate::service::state::Service;
use crate::words::age;

/// Cases on one page.
const PAGE: usize = 50;
/// Reasons of one case in the queue; the case has all.
const REASONS: usize = 2;

/// After which case a page begins.
#[derive(Deserialize)]
pub(crate) struct Beginning {
    #[serde(default)]
    after: u32,
}

#[derive(Template)]
#[template(path = "page/queue.html")]
struct Queue {
    frame: Frame,
    /// `None` if the gateway has no portfolio.
    rows: Option<Vec<Row>>,
    is_all: bool,
    /// The case after which the next page begins.
    next: Option<u32>,
    alarms: Vec<String>,
}

/// One case of the queue.
struct Row {
    number: u32,
    merchant: String,
    is_open: bool,
    opened: Moment,
    age: String,
    action: &'static str,
    action_word: &'static str,
    reasons: Vec<String>,
    /// Reasons that only the case itself shows.
    further: usize,
    assignee: Option<String>,
}

/// `GET /`: what waits for a person.
pub(crate) async fn open(
    State(service): State<Arc<Service>>,
    Extension(visitor): Extension<Visitor>,
    Query(from): Query<Beginning>,
) -> Result<Response, Sorry> {
    queue(service, visitor, from.after, false).await
}

/// `GET /cases`: closed ones too.
pub(crate) async fn all(
    State(service): State<Arc<Service>>,
    Extension(visitor): Extension<Visitor>,
    Query(from): Query<Beginning>,
) -> Result<Response, Sorry> {
    queue(service, visitor, from.after, true).await
}

async fn queue(
    service: Arc<Service>,
    visitor: Visitor,
    after: u32,
    is_all: bool,
) -> Result<Response, Sorry> {
    aside(service, move |service| {
        let live = Live::of(service)?;
        let portfolio = people(service)?.portfolio();
        let read = portfolio.map(|portfolio| rows(&portfolio, after, is_all, live.now));
        let mut rows = read.transpose()?;
        let next = rows.as_mut().and_then(|rows| {
            let is_more = rows.len() > PAGE;
            rows.truncate(PAGE);
            rows.last().filter(|_| is_more).map(|row| row.number)
        });
        let shown = Queue {
            frame: live.frame(&visitor, "cases"),
            rows,
            is_all,
            next,
            alarms: live.alarms,
        };
        Ok(page(StatusCode::OK, &shown))
    })
    .await
}

/// One row more than a page has, if there are so many.
fn rows(portfolio: &Portfolio, after: u32, is_all: bool, now: u32) -> Result<Vec<Row>, Sorry> {
    let most = u32::try_from(PAGE.saturating_add(1)).unwrap_or(u32::MAX);
    let cases = match is_all {
        true => portfolio.cases_after(after, most)?,
        false => portfolio.open_cases_after(after, most)?,
    };
    let rows = cases.into_iter().map(|case| row(portfolio, case, now));
    rows.collect()
}

fn row(portfolio: &Portfolio, case: MerchantCase, now: u32) -> Result<Row, Sorry> {
    let status = portfolio.status(&case.merchant)?;
    let standing = status.and_then(|status| status.standing);
    let mut reasons = standing.as_ref().map(words::sentences).unwrap_or_default();
    let further = reasons.len().saturating_sub(REASONS);
    reasons.truncate(REASONS);
    let action = standing.map(|standing| standing.action);
    Ok(Row {
        number: case.number,
        merchant: case.merchant.to_string(),
        is_open: case.is_open,
        opened: Moment::of(case.opened),
        age: age(now.saturating_sub(case.opened)),
        action: action.map_or("none", |action| action.name()),
        action_word: action.map_or("No verdict", words::action),
        reasons,
        further,
        assignee: case.assignee,
    })
}
