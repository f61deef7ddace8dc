use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Form;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::form::Fields;
use super::sorry::Sorry;
use crate::service::browsers::{asked_for, is_of_another_site};
use crate::service::problem::{Cause, Problem};
use crate::service::state::Service;
use crate::service::visitors::{Session, Visitors};

/// What browsers may do with a page: show it with its style sheet, and send its forms back to it.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                      base-uri 'none'";

/// Headers of every answer; those of the whole service forbid that it is kept or guessed at.
/// `same-origin` and not `no-referrer`, with which browsers would not say where a form comes from.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Who asks for a page.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) session: Session,
    /// What the cookie holds.
    pub(crate) cookie: String,
}

/// What holds for every request: no payment client, no more at once than are taken, and no form from elsewhere.
pub(crate) async fn guarded(
    State(service): State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response {
    let patience = service.patience(service.settings.max_body);
    let answered = tokio::time::timeout(patience, answered(&service, request, next)).await;
    let late = || Cause::TooSlow.problem("send it again");
    let mut response = answered
        .unwrap_or_else(|_| Err(late().into()))
        .unwrap_or_else(Sorry::into_response);
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().insert(name, value);
    }
    response
}

async fn answered(service: &Service, request: Request, next: Next) -> Result<Response, Sorry> {
    let people = people(service)?;
    if !is_asked_for(service, people, request.headers()) {
        return Err(Sorry::new(
            StatusCode::FORBIDDEN,
            "This page is not known by that name",
            "Open it at its own address.",
        ));
    }
    let asking = service.clients.asking(&request);
    if asking.is_some_and(|client| !client.is_person() && !client.is_anyone()) {
        return Err(Sorry::missing("this credential is for payment systems"));
    }
    let _place = service.enter()?;
    let request = match *request.method() {
        Method::POST => posted(people, request).await?,
        _ => request,
    };
    Ok(next.run(request).await)
}

/// Reads a form that this page's own origin sent.
async fn posted(people: &Visitors, request: Request) -> Result<Request, Sorry> {
    if !is_from_here(people, request.headers()) {
        return Err(Sorry::new(
            StatusCode::FORBIDDEN,
            "This form came from elsewhere",
            "Nothing was done.",
        ));
    }
    let (mut parts, body) = request.into_parts();
    let whole = Request::from_parts(parts.clone(), body);
    let read = Form::<BTreeMap<String, String>>::from_request(whole, &()).await;
    let Form(fields) = read.map_err(|rejection| {
        Sorry::new(
            rejection.status(),
            "The form was not read",
            "Nothing was done.",
        )
    })?;
    parts.extensions.insert(Fields(fields));
    Ok(Request::from_parts(parts, axum::body::Body::empty()))
}

/// Only whoever is signed in comes further, and only with forms of that session.
pub(crate) async fn signed_in(
    State(service): State<Arc<Service>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Sorry> {
    let people = people(&service)?;
    let cookie = cookie(people, request.headers()).unwrap_or_default();
    let Some(session) = people.session(&cookie, service.now()?) else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    if request.method() == Method::POST {
        let fields = request.extensions().get::<Fields>();
        let sent = fields.map_or("", |fields| fields.text("form_token"));
        if !session.has_sent(sent) {
            return Err(Sorry::new(
                StatusCode::FORBIDDEN,
                "This form is not of your session",
                "Nothing was done. Open the page again and send it once more.",
            ));
        }
    }
    request.extensions_mut().insert(Visitor { session, cookie });
    Ok(next.run(request).await)
}

/// Who sees the page. It is served nowhere else.
pub(crate) fn people(service: &Service) -> Result<&Visitors, Problem> {
    let none = || Cause::NoSuchPlace.problem("gateway.toml has no [page]");
    service.visitors.as_ref().ok_or_else(none)
}

/// The name of the cookie. With this prefix a browser takes it over TLS from this host alone.
pub(crate) const fn cookie_name(people: &Visitors) -> &'static str {
    match people.is_secure {
        true => "__Host-interdict",
        false => "interdict",
    }
}

fn cookie(people: &Visitors, headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter();
    let all = all.filter_map(|text| text.to_str().ok());
    let mut pairs = all.flat_map(|text| text.split(';'));
    pairs.find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == cookie_name(people)).then(|| value.to_owned())
    })
}

/// Whether a browser asked for this page by its own name. A name of somebody else may mean this machine too.
fn is_asked_for(service: &Service, people: &Visitors, headers: &HeaderMap) -> bool {
    let listen = service.settings.listen.as_str();
    match &people.address {
        Some(address) => asked_for(headers, &[address, listen]),
        // The browser has compared the name with the certificate.
        None => service.settings.tls.is_some() || asked_for(headers, &[listen]),
    }
}

/// Whether a browser says that a form is of this origin.
fn is_from_here(people: &Visitors, headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|text| text.to_str().ok());
    let scheme = if people.is_secure { "https" } else { "http" };
    let own = match &people.address {
        Some(address) => Some(address.trim_end_matches('/').to_owned()),
        None => text(&header::HOST).map(|host| format!("{scheme}://{host}")),
    };
    !is_of_another_site(headers)
        && own.is_some_and(|own| text(&header::ORIGIN) == Some(own.as_str()))
}
