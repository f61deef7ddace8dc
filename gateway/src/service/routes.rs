use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use super::admission::{closing, known};
use super::metrics::Metrics;
use super::problem::{Cause, OfDoor, Problem, ProblemName};
use super::screen::ID;
use super::state::Service;
use super::trace::Trace;
use super::{batch, cases, checkout, doors, health, openapi, page, screen};

/// Everything that is served.
pub(crate) fn router(service: &Arc<Service>) -> Router {
    let asked = Router::new()
        .route("/v1/screen", post(screen::one))
        .route("/v1/cases", get(cases::list))
        .route("/v1/cases/{case}", get(cases::one))
        .route("/v1/cases/{case}/assign", post(cases::assign))
        .route("/v1/cases/{case}/note", post(cases::note))
        .route("/v1/cases/{case}/close", post(cases::close))
        .layer(DefaultBodyLimit::max(service.settings.max_body))
        .route("/v1/screen/batch", post(batch::many))
        .route("/v1/status", get(health::status))
        .route("/metrics", get(health::metrics))
        .layer(from_fn_with_state(Arc::clone(service), known));
    let opened = post(checkout::open).route_layer(from_fn_with_state(Arc::clone(service), known));
    let checkout = Router::new()
        .route(
            "/v1/checkout/session",
            // The layer answers it.
            get(checkout::ask).merge(opened).options(|| async {}),
        )
        .layer(DefaultBodyLimit::max(service.settings.max_body))
        .layer(checkout::pages(service));
    // A service without the page has nothing there.
    let page = service.visitors.as_ref().map(|_| page::routes(service));
    Router::new()
        .merge(asked)
        .merge(checkout)
        .merge(doors::routes(service))
        .merge(page.unwrap_or_default())
        .route("/livez", get(health::live_now))
        .route("/readyz", get(health::ready))
        .route("/openapi.json", get(openapi::document))
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(Arc::clone(service), around))
        .layer(CatchPanicLayer::custom(panicked))
        .with_state(Arc::clone(service))
}

/// What is served to Envoy over gRPC.
pub(crate) fn envoy_router(service: &Arc<Service>) -> Router {
    doors::envoy_routes(service)
        .layer(from_fn_with_state(Arc::clone(service), around))
        .layer(CatchPanicLayer::custom(panicked))
}

/// What holds for every request: one meaning, a trace, counts and a line in the log.
async fn around(State(service): State<Arc<Service>>, mut request: Request, next: Next) -> Response {
    let header = request.headers().get("traceparent");
    let trace = Trace::of(header.and_then(|text| text.to_str().ok()), random());
    let trace = match &service.spans {
        Some(_) => trace.sampled_if_own(),
        None => trace,
    };
    let (began, method) = (SystemTime::now(), request.method().clone());
    let route = route_of(&request);
    let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    request.extensions_mut().insert(trace.clone());
    let mut response = told(next.run(request).await);
    if is_chunked {
        // A request with chunks and a length may end elsewhere for whoever passed it on: nothing after it is read.
        response = closing(response);
    }
    let status = response.status();
    count(&service.metrics, &route, &response);
    if let Some(spans) = &service.spans {
        spans.answered(&trace, (&method, &route), status.as_u16(), began);
    }
    let id = response.headers().get(ID).and_then(|id| id.to_str().ok());
    tracing::info!(
        route,
        status = status.as_u16(),
        trace = trace.id,
        id,
        "answered"
    );
    if let Ok(header) = HeaderValue::from_str(&trace.header()) {
        response.headers_mut().insert("traceparent", header);
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

/// The place that a request is for, without what differs between requests.
pub(super) fn route_of(request: &Request) -> String {
    let matched = request.extensions().get::<MatchedPath>();
    matched.map_or("none", MatchedPath::as_str).to_owned()
}

/// Counts an answer, and the problem that it tells of.
pub(super) fn count(metrics: &Metrics, route: &str, response: &Response) {
    metrics.request(route, response.status().as_u16());
    if let Some(ProblemName(name)) = response.extensions().get() {
        metrics.problem(name);
    }
}

/// Where nothing is.
pub(super) async fn nothing() -> Problem {
    Cause::NoSuchPlace.problem("docs/service.md has what is served")
}

/// Where another method is served.
pub(super) async fn wrong_method() -> Problem {
    Cause::WrongMethod.problem("docs/service.md has what is served")
}

/// Answers that the framework itself wrote, such as for a body that is too large, become problems too.
pub(super) fn told(response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_plain = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"))
        && response.extensions().get::<OfDoor>().is_none();
    let cause = match response.status() {
        status if status.is_success() || status.is_redirection() || !is_plain => return response,
        StatusCode::PAYLOAD_TOO_LARGE => Cause::TooLarge,
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Cause::Broken,
        _ => Cause::NotAnswered,
    };
    cause
        .problem("the request was not read; nobody was screened")
        .into_response()
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Cause::NotAnswered
        .problem("a defect of this service; nobody was screened")
        .into_response()
}

fn random() -> [u8; 24] {
    let mut bytes = [1; 24];
    // A trace that is not unique is still no reason to answer nobody.
    let _ = getrandom::fill(&mut bytes);
    bytes
}
