use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::browsers;
use super::clients::Client;
use super::problem::{Cause, Problem};
use super::state::Service;

/// Only known clients come further, and no more requests at once than are taken.
pub(super) async fn known(state: State<Arc<Service>>, request: Request, next: Next) -> Response {
    let most = state.settings.max_body;
    answered_within(state, request, next, most).await
}

/// The same where a body may be as long as a batch.
pub(super) async fn known_with_messages(
    state: State<Arc<Service>>,
    request: Request,
    next: Next,
) -> Response {
    let most = state.settings.max_batch;
    answered_within(state, request, next, most).await
}

async fn answered_within(
    State(service): State<Arc<Service>>,
    mut request: Request,
    next: Next,
    most: usize,
) -> Response {
    let client = match client(&service, &request) {
        Ok(client) => client,
        // Whoever tries tokens needs a connection for each.
        Err(problem) => return closing(problem.into_response()),
    };
    let permit = match service.enter() {
        Ok(permit) => permit,
        Err(problem) => return problem.into_response(),
    };
    // Held until the answer is there, and by a batch until its last line.
    let permit = Arc::new(permit);
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(Arc::clone(&permit));
    let patience = service.patience(most);
    let answered = tokio::time::timeout(patience, next.run(request)).await;
    answered.unwrap_or_else(|_| Cause::TooSlow.problem("send it faster").into_response())
}

fn client(service: &Service, request: &Request) -> Result<Arc<Client>, Problem> {
    let found = service.clients.asking(request);
    admitted(service, found, request.headers())
}

/// The client that was found, or why nobody is answered.
pub(super) fn admitted(
    service: &Service,
    found: Option<Arc<Client>>,
    headers: &HeaderMap,
) -> Result<Arc<Client>, Problem> {
    let client = found.ok_or_else(|| match service.clients.takes_a_stranger() {
        true => Cause::Unauthenticated
            .problem("show a bearer token or a certificate that gateway.toml names"),
        false => Cause::RateLimited.problem("no client has this credential; ask later"),
    })?;
    // No browser reaches a socket.
    if client.is_anyone() && !service.settings.is_socket() {
        browsers::check(headers)?;
    }
    Ok(client)
}

/// The last answer of a connection.
pub(super) fn closing(mut response: Response) -> Response {
    let close = HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}
