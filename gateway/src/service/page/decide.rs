use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::case::{Typed, case};
use super::form::Fields;
use super::frame::aside;
use super::guard::{Visitor, people};
use super::sorry::Sorry;
use crate::error::Error;
use crate::portfolio::{CaseText, Step};
use crate::service::decided::Deed;
use crate::service::state::Service;

/// `POST /cases/{number}/assign`
pub(crate) async fn assign(
    State(service): State<Arc<Service>>,
    Extension(visitor): Extension<Visitor>,
    Extension(fields): Extension<Fields>,
    Path(number): Path<u32>,
) -> Result<Response, Sorry> {
    let change = Change {
        number,
        step: Step::Assigned,
        text: fields.text("to").to_owned(),
        typed: Typed {
            assignee: fields.shown("to"),
            ..Typed::default()
        },
    };
    change.take(service, visitor).await
}

/// `POST /cases/{number}/note`
pub(crate) async fn note(
    State(service): State<Arc<Service>>,
    Extension(visitor): Extension<Visitor>,
    Extension(fields): Extension<Fields>,
    Path(number): Path<u32>,
) -> Result<Response, Sorry> {
    let change = Change {
        number,
        step: Step::Noted,
        text: fields.text("note").to_owned(),
        typed: Typed {
            note: fields.shown("note"),
            ..Typed::default()
        },
    };
    change.take(service, visitor).await
}

/// `POST /cases/{number}/close`
pub(crate) async fn close(
    State(service): State<Arc<Service>>,
    Extension(visitor): Extension<Visitor>,
    Extension(fields): Extension<Fields>,
    Path(number): Path<u32>,
) -> Result<Response, Sorry> {
    let change = Change {
        number,
        step: Step::Closed,
        text: fields.text("decision").to_owned(),
        typed: Typed {
            decision: fields.shown("decision"),
            ..Typed::default()
        },
    };
    change.take(service, visitor).await
}

/// What a person wants to change about a case.
struct Change {
    number: u32,
    step: Step,
    text: String,
    /// What goes back into the form if it is not taken.
    typed: Typed,
}

impl Change {
    /// Takes what was typed into the journal and the history, in the name of whoever is signed in, and shows the case.
    async fn take(self, service: Arc<Service>, visitor: Visitor) -> Result<Response, Sorry> {
        let number = self.number;
        aside(service, move |service| {
            // Browsers send a line feed as two characters.
            let text = match CaseText::parse(&self.text.replace("\r\n", "\n")) {
                Ok(text) => text,
                Err(error) => {
                    let error = Some(error.to_string());
                    let typed = Typed {
                        error,
                        ..self.typed
                    };
                    return case(service, &visitor, number, typed);
                }
            };
            let by = CaseText::parse(visitor.session.client.name()).map_err(Error::from)?;
            let now = service.now()?;
            let portfolio = people(service)?.portfolio();
            let mut portfolio =
                portfolio.ok_or_else(|| Sorry::missing("the gateway has no portfolio"))?;
            let deed = Deed {
                case: number,
                step: self.step,
                text: &text,
                by: &by,
                client: &visitor.session.client,
                door: &people(service)?.door,
            };
            deed.carry_out(service, &mut portfolio, now)??;
            Ok(Redirect::to(&format!("/cases/{number}")).into_response())
        })
        .await
    }
}
