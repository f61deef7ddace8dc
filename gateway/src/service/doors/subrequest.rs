use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use interdict_host::Flow;

use super::asked::{Asked, Dropped, Told};
use crate::doors::{Answers, Column, MerchantAt, flow_named, plain_path};
use crate::service::admission::{admitted, closing};
use crate::service::answer::ScreenAnswer;
use crate::service::clients::{Client, Credential, bearer};
use crate::service::problem::{Cause, NotScreened, OfDoor, Problem};
use crate::service::screen::ID;
use crate::service::state::Service;
use crate::service::trace::Trace;

/// Where it is; what follows the flow is the path that the proxy was asked for, if it passes it on so.
const PLACE: &str = "/v1/doors/subrequest/";

/// The header for the service's own token: `authorization` may be the one that the proxy's client sent.
pub(crate) const TOKEN: HeaderName = HeaderName::from_static("interdict-token");
pub(crate) const DECISION: HeaderName = HeaderName::from_static("interdict-decision");
pub(crate) const ACTION: HeaderName = HeaderName::from_static("interdict-action");

/// Where NGINX and APISIX put the path that they were asked for.
const PATHS: [&str; 2] = ["x-original-uri", "x-forwarded-uri"];

/// Every place below its own, so that a proxy is told of none that there is no such place, which it could take for a refusal.
pub(crate) const PLACES: [&str; 5] = [
    "/v1/doors/subrequest",
    "/v1/doors/subrequest/",
    "/v1/doors/subrequest/{flow}",
    "/v1/doors/subrequest/{flow}/",
    "/v1/doors/subrequest/{flow}/{*path}",
];

pub(crate) fn routes() -> Router<Arc<Service>> {
    let routes = PLACES.into_iter();
    routes.fold(Router::new(), |router, place| router.route(place, any(ask)))
}

/// `/v1/doors/subrequest/{flow}`: a proxy asks whether it may let a request through. Every status but the words of pass and
/// refuse is the one for "not screened": a proxy would take 401 or 403 for an answer about the merchant.
#[utoipa::path(
    get,
    path = "/v1/doors/subrequest/{flow}",
    params(("flow" = String, Path, description = "`onboarding`, `authorisation`, `checkout` or `payout`")),
    responses(
        (status = 200, description = "It may pass: `interdict-id`, `interdict-decision` and `interdict-action`"),
        (status = 403, description = "It is refused: `interdict-id`"),
        NotScreened
    )
)]
pub(crate) async fn ask(State(service): State<Arc<Service>>, request: Request) -> Response {
    let answers = &service.doors.settings.subrequest.answers;
    if announces_a_body(request.headers()) {
        // The body may never come, as from an NGINX that passes on the length alone, and the next request of the
        // connection must not be taken for it.
        let told = "ask without a body, and without content-length and transfer-encoding";
        return closing(not_screened(answers, Cause::OddHeader.problem(told)));
    }
    match asked(&service, &request) {
        Err(problem) => not_screened(answers, problem),
        Ok(asked) => match asked.screened(&service).await {
            Told::Nothing => Dropped::response(),
            Told::Problem(problem) => not_screened(answers, problem),
            Told::Verdict(answer, column) => verdict(answers, &answer, column),
        },
    }
}

fn asked(service: &Service, request: &Request) -> Result<Asked, Problem> {
    let door = &service.doors.settings.subrequest;
    let flow = flow_of(request)?;
    let client = asking(service, request)?;
    let trace = request.extensions().get::<Trace>().cloned();
    let trace = trace.ok_or_else(|| Cause::NotAnswered.problem("the request has no trace"))?;
    Ok(Asked {
        client,
        trace,
        answers: door.answers,
        merchant: merchant(&door.merchant, request, flow)?,
        flow,
    })
}

fn announces_a_body(headers: &HeaderMap) -> bool {
    let lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    headers.contains_key(header::TRANSFER_ENCODING)
        || lengths.into_iter().any(|length| length != "0")
}

/// The flow that the place names.
pub(crate) fn flow_of(request: &Request) -> Result<Flow, Problem> {
    let rest = request.uri().path().strip_prefix(PLACE);
    let name = rest.and_then(|rest| rest.split('/').next());
    let told = "the place ends with onboarding, authorisation, checkout or payout";
    name.and_then(flow_named)
        .ok_or_else(|| Cause::NoSuchFlow.problem(told))
}

/// Who asks: the service's own token stands before the one that a proxy passes on.
fn asking(service: &Service, request: &Request) -> Result<Arc<Client>, Problem> {
    let headers = request.headers();
    let token = match only(headers, TOKEN.as_str())? {
        Some(token) => Some(token),
        None => bearer(headers),
    };
    let credential = request.extensions().get::<Credential>();
    let credential = credential.copied().unwrap_or_default();
    admitted(service, service.clients.find(&credential, token), headers)
}

/// Whom the request names.
pub(crate) fn merchant(at: &MerchantAt, request: &Request, flow: Flow) -> Result<String, Problem> {
    let unnamed =
        || Cause::NoMerchant.problem("[doors.subrequest] merchant says where its id is expected");
    let prefix = PLACE.len().saturating_add(flow.name().len());
    let rest = request.uri().path().get(prefix..).unwrap_or_default();
    let paths = PATHS.map(|name| only(request.headers(), name));
    let mut is_plain = rest.is_empty() || plain_path(rest).is_some();
    for path in paths {
        is_plain &= path?.is_none_or(|path| plain_path(path).is_some());
    }
    let odd = || {
        Cause::OddPath.problem("the merchant is not screened where two programs may read two paths")
    };
    if !is_plain {
        return Err(odd());
    }
    let found = match at {
        MerchantAt::Header(name) => only(request.headers(), name)?,
        MerchantAt::PathIn(name, pattern) => {
            let path = only(request.headers(), name)?.ok_or_else(unnamed)?;
            pattern.merchant(plain_path(path).ok_or_else(odd)?)
        }
        MerchantAt::Path(pattern) => pattern.merchant(rest),
        MerchantAt::Context(_) | MerchantAt::Certificate(_) => None,
    };
    found.map(str::to_owned).ok_or_else(unnamed)
}

/// A header that may stand once. Of two, a proxy and what is behind it may read one each.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Problem> {
    let mut all = headers.get_all(name).iter();
    let odd = || Cause::OddHeader.problem("a header stands twice, is empty, or is no plain text");
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let value = value.to_str().map_err(|_| odd())?;
            let is_one = !value.is_empty() && (!value.contains(',') || PATHS.contains(&name));
            is_one.then_some(Some(value)).ok_or_else(odd)
        }
        (Some(_), Some(_)) => Err(odd()),
    }
}

fn status(answers: &Answers, column: Column) -> StatusCode {
    let status = answers.word(column).parse::<u16>().ok();
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE)
}

/// What the proxy is told; of a refusal nothing but the id, because the proxy may pass it on.
pub(crate) fn verdict(answers: &Answers, answer: &ScreenAnswer, column: Column) -> Response {
    let mut response = status(answers, column).into_response();
    response.extensions_mut().insert(OfDoor);
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&answer.id) {
        headers.insert(ID, id);
    }
    if column == Column::Pass {
        headers.insert(DECISION, HeaderValue::from_static(Column::Pass.name()));
        headers.insert(ACTION, HeaderValue::from_static(answer.action.name()));
    }
    response
}

/// Whatever the problem, the status is the one that the door has for it.
pub(crate) fn not_screened(answers: &Answers, problem: Problem) -> Response {
    let id = problem.id.as_deref();
    let id = id.and_then(|id| HeaderValue::from_str(id).ok());
    let status = status(answers, Column::NotScreened).as_u16();
    let mut response = Problem { status, ..problem }.into_response();
    if let Some(id) = id {
        response.headers_mut().insert(ID, id);
    }
    response
}
