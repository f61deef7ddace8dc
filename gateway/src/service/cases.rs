use std::sync::{Arc, PoisonError};

use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::{Extension, Json};
use serde::de::DeserializeOwned;

use super::case_answer::{
    AssignRequest, CaseAnswer, CaseDetail, CasePage, CaseQuery, CaseStepAnswer, CloseRequest,
    NoteRequest, StateFilter,
};
use super::clients::Client;
use super::decided::Deed;
use super::problem::{Cause, NotScreened, Problem};
use super::state::Service;
use crate::error::Error;
use crate::portfolio::{CaseFilter, CaseText, MerchantCase, Portfolio, Step};
use crate::portfolio_problem::PortfolioError;

/// Cases on a page, if the caller does not say.
const PAGE: u32 = 100;
/// The most cases on a page.
const MOST: u32 = 1_000;

/// `GET /v1/cases`: the queue, oldest first.
#[utoipa::path(
    get,
    path = "/v1/cases",
    params(CaseQuery),
    responses((status = 200, description = "Some cases", body = CasePage), NotScreened)
)]
pub(crate) async fn list(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    query: Result<Query<CaseQuery>, QueryRejection>,
) -> Result<Json<CasePage>, Problem> {
    let told = "state, assignee, merchant, after and limit may be asked for, each once";
    let Query(query) = query.map_err(|_| Cause::Malformed.problem(told))?;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=MOST).contains(&limit) {
        return Err(Cause::Malformed.problem("limit is 1 to 1000"));
    }
    let filter = CaseFilter {
        is_open: match query.state {
            StateFilter::Open => Some(true),
            StateFilter::Closed => Some(false),
            StateFilter::All => None,
        },
        assignee: query.assignee,
        merchant: query.merchant,
    };
    let page = at_desk(service, &client, move |portfolio| {
        let found = portfolio.find_cases(&filter, query.after, limit)?;
        let is_full = u32::try_from(found.len()).is_ok_and(|length| length == limit);
        let last = found.last().map(|case| case.number);
        let cases = found.into_iter().map(|case| answer(portfolio, case));
        Ok(CasePage {
            cases: cases.collect::<Result<_, Error>>()?,
            next: last.filter(|_| is_full),
        })
    });
    page.await.map(Json)
}

/// `GET /v1/cases/{case}`: one case with its reasons and its history.
#[utoipa::path(
    get,
    path = "/v1/cases/{case}",
    params(("case" = u32, Path, description = "Its number")),
    responses((status = 200, description = "The case", body = CaseDetail), NotScreened)
)]
pub(crate) async fn one(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    Path(case): Path<String>,
) -> Result<Json<CaseDetail>, Problem> {
    let number = number(&case)?;
    let detail = at_desk(service, &client, move |portfolio| {
        let found = portfolio.case(number)?;
        let case = found.ok_or(PortfolioError::NoCase(number))?;
        let status = portfolio.status(&case.merchant)?;
        let history = portfolio.case_history(number)?;
        Ok(CaseDetail {
            case: CaseAnswer::of(case, status.as_ref()),
            reasons: status
                .and_then(|status| status.standing)
                .map(|standing| standing.reasons)
                .unwrap_or_default(),
            history: history.into_iter().map(CaseStepAnswer::of).collect(),
        })
    });
    detail.await.map(Json)
}

/// `POST /v1/cases/{case}/assign`: says who looks into it.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/assign",
    params(("case" = u32, Path, description = "Its number")),
    request_body = AssignRequest,
    responses((status = 200, description = "The case", body = CaseAnswer), NotScreened)
)]
pub(crate) async fn assign(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    Path(case): Path<String>,
    body: Bytes,
) -> Result<Json<CaseAnswer>, Problem> {
    let AssignRequest { to, by } = read(&body)?;
    let (to, by) = (text(&to)?, person(&by, &client)?);
    act(service, client, &case, (Step::Assigned, to, by)).await
}

/// `POST /v1/cases/{case}/note`: adds to its history.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/note",
    params(("case" = u32, Path, description = "Its number")),
    request_body = NoteRequest,
    responses((status = 200, description = "The case", body = CaseAnswer), NotScreened)
)]
pub(crate) async fn note(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    Path(case): Path<String>,
    body: Bytes,
) -> Result<Json<CaseAnswer>, Problem> {
    let NoteRequest { text: note, by } = read(&body)?;
    let (note, by) = (text(&note)?, person(&by, &client)?);
    act(service, client, &case, (Step::Noted, note, by)).await
}

/// `POST /v1/cases/{case}/close`: closes it with what was decided. No verdict changes by it.
#[utoipa::path(
    post,
    path = "/v1/cases/{case}/close",
    params(("case" = u32, Path, description = "Its number")),
    request_body = CloseRequest,
    responses((status = 200, description = "The case", body = CaseAnswer), NotScreened)
)]
pub(crate) async fn close(
    State(service): State<Arc<Service>>,
    Extension(client): Extension<Arc<Client>>,
    Path(case): Path<String>,
    body: Bytes,
) -> Result<Json<CaseAnswer>, Problem> {
    let CloseRequest { decision, by } = read(&body)?;
    let (decision, by) = (text(&decision)?, person(&by, &client)?);
    act(service, client, &case, (Step::Closed, decision, by)).await
}

/// Records what somebody does to a case, does it, and says what the case is then.
async fn act(
    service: Arc<Service>,
    client: Arc<Client>,
    case: &str,
    (step, text, by): (Step, CaseText, CaseText),
) -> Result<Json<CaseAnswer>, Problem> {
    let (number, now) = (number(case)?, service.now()?);
    let (own, bringer) = (Arc::clone(&service), Arc::clone(&client));
    let changed = at_desk(service, &client, move |portfolio| {
        let deed = Deed {
            case: number,
            step,
            text: &text,
            by: &by,
            client: &bringer,
            door: &own.doors.cases,
        };
        if let Err(problem) = deed.carry_out(&own, portfolio, now)? {
            return Ok(Err(problem));
        }
        let case = portfolio.case(number)?;
        answer(portfolio, case.ok_or(PortfolioError::NoCase(number))?).map(Ok)
    });
    changed.await?.map(Json)
}

/// Works on the file of cases, away from the threads that screen: a writer may have to wait for another.
async fn at_desk<T: Send + 'static>(
    service: Arc<Service>,
    client: &Client,
    work: impl FnOnce(&mut Portfolio) -> Result<T, Error> + Send + 'static,
) -> Result<T, Problem> {
    if !client.may_work_on_cases() {
        return Err(Cause::CasesNotAllowed.problem("gateway.toml: cases = true for this client"));
    }
    if !client.limits.takes_one() {
        return Err(Cause::RateLimited.problem("ask again in a moment"));
    }
    let worked = tokio::task::spawn_blocking(move || {
        let told = "gateway.toml has no [portfolio], and so there are no cases";
        let desk = service.cases.as_ref();
        let desk = desk.ok_or_else(|| Cause::NoSuchPlace.problem(told))?;
        let mut portfolio = desk.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut portfolio).map_err(|error| problem(&portfolio, &error))
    });
    let failed = |_| Cause::NotAnswered.problem("a defect of this service");
    worked.await.map_err(failed)?
}

fn problem(portfolio: &Portfolio, error: &Error) -> Problem {
    match error {
        Error::Portfolio(PortfolioError::NoCase(case)) => match portfolio.case(*case) {
            Ok(Some(_)) => Cause::CaseClosed.problem("it opens again if its merchant changes"),
            _ => Cause::NoSuchCase.problem("GET /v1/cases lists them"),
        },
        Error::Portfolio(error) if error.is_busy() => {
            Cause::Busy.problem("nothing was changed; ask again in a moment")
        }
        error => {
            tracing::error!(%error, "the portfolio");
            Cause::NotAnswered.problem("the portfolio cannot be used")
        }
    }
}

fn answer(portfolio: &Portfolio, case: MerchantCase) -> Result<CaseAnswer, Error> {
    let status = portfolio.status(&case.merchant)?;
    Ok(CaseAnswer::of(case, status.as_ref()))
}

fn number(case: &str) -> Result<u32, Problem> {
    case.parse()
        .map_err(|_| Cause::NoSuchCase.problem("a case has a number"))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let told = "one JSON object with the members of openapi.json";
    serde_json::from_slice(body).map_err(|_| Cause::Malformed.problem(told))
}

fn text(text: &str) -> Result<CaseText, Problem> {
    CaseText::parse(text).map_err(|error| Cause::TextRefused.problem(error.to_string()))
}

/// Who did it, as the client says, and which client says so.
fn person(by: &str, client: &Client) -> Result<CaseText, Problem> {
    text(by)?;
    text(&format!("{} ({})", by.trim(), client.name()))
}
