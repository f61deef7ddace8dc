use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use crate::error::Error;
use crate::portfolio_problem::PortfolioError;
use crate::service::problem::{Cause, Problem};

/// Why there is no page, for a person.
#[derive(Debug, Template)]
#[template(path = "page/sorry.html")]
pub(crate) struct Sorry {
    status: StatusCode,
    title: &'static str,
    detail: String,
}

impl Sorry {
    pub(crate) fn new(status: StatusCode, title: &'static str, detail: &str) -> Self {
        Self {
            status,
            title,
            detail: detail.to_owned(),
        }
    }

    /// There is no such place, case or merchant.
    pub(crate) fn missing(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Nothing is here", detail)
    }
}

impl From<Problem> for Sorry {
    fn from(problem: Problem) -> Self {
        let status = StatusCode::from_u16(problem.status);
        Self::new(
            status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            problem.title,
            &problem.detail,
        )
    }
}

impl From<Error> for Sorry {
    fn from(error: Error) -> Self {
        if let Error::Portfolio(PortfolioError::NoCase(_)) = error {
            return Self::missing(&error.to_string());
        }
        tracing::error!(%error, "the page");
        Cause::NotAnswered
            .problem("the service could not do it; its log says why")
            .into()
    }
}

impl IntoResponse for Sorry {
    fn into_response(self) -> Response {
        page(self.status, &self)
    }
}

/// A page as an answer.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a template");
            Cause::NotAnswered
                .problem("the page cannot be written")
                .into_response()
        }
    }
}
