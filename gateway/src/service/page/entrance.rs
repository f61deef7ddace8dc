use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::form::Fields;
use super::frame::aside;
use super::guard::{Visitor, cookie_name, people};
use super::sorry::{Sorry, page};
use crate::service::clients::Client;
use crate::service::state::Service;
use crate::service::visitors::Visitors;

/// What whoever is not signed in sees.
#[derive(Template)]
#[template(path = "page/entrance.html")]
struct Entrance {
    /// The person of the certificate that was shown.
    person: Option<String>,
}

/// What a link opens. The link is taken by the form alone, so that a program which looks at links takes none.
#[derive(Template)]
#[template(path = "page/link.html")]
struct LinkPage {
    link: String,
}

/// `GET /sign-in`
pub(crate) async fn show(State(service): State<Arc<Service>>, request: Request) -> Response {
    let person = person(&service, &request).map(|client| client.name().to_owned());
    page(StatusCode::OK, &Entrance { person })
}

/// `GET /sign-in/{link}`
pub(crate) async fn link(Path(link): Path<String>) -> Response {
    page(StatusCode::OK, &LinkPage { link })
}

/// `POST /sign-in`: with a link, or with the certificate of a person.
pub(crate) async fn sign_in(
    State(service): State<Arc<Service>>,
    Extension(fields): Extension<Fields>,
    request: Request,
) -> Result<Response, Sorry> {
    let shown = person(&service, &request);
    let entered = aside(Arc::clone(&service), move |service| {
        let (people, now) = (people(service)?, service.now()?);
        let link = fields.text("link");
        Ok(match (link, shown) {
            ("", Some(client)) => Some(people.enter(client.client_name().clone(), now)?),
            (link, _) => people.sign_in(link, now)?,
        })
    });
    let Some(cookie) = entered.await? else {
        return Err(Sorry::new(
            StatusCode::FORBIDDEN,
            "This link does not open the page",
            "A link is good once and for ten minutes. Ask for a new one: interdict sign-in NAME",
        ));
    };
    let people = people(&service)?;
    let mut response = Redirect::to("/").into_response();
    set_cookie(
        people,
        response.headers_mut(),
        &cookie,
        people.session_seconds(),
    );
    Ok(response)
}

/// `POST /sign-out`
pub(crate) async fn sign_out(
    State(service): State<Arc<Service>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Sorry> {
    let people = people(&service)?;
    people.sign_out(&visitor.cookie);
    let mut response = Redirect::to("/sign-in").into_response();
    set_cookie(people, response.headers_mut(), "", 0);
    Ok(response)
}

/// The person whose certificate came with the connection.
fn person(service: &Service, request: &Request) -> Option<Arc<Client>> {
    let client = service.clients.asking(request)?;
    (client.is_person() && !client.is_anyone()).then_some(client)
}

fn set_cookie(people: &Visitors, headers: &mut HeaderMap, cookie: &str, seconds: u32) {
    let name = cookie_name(people);
    let secure = if people.is_secure { "; Secure" } else { "" };
    let text =
        format!("{name}={cookie}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(text) = HeaderValue::from_str(&text) {
        headers.insert(header::SET_COOKIE, text);
    }
}
