use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::middleware::map_response;
use envoy_types::ext_authz::v3::pb::{
    Authorization, AuthorizationServer, CheckRequest, CheckResponse, DeniedHttpResponse,
    HeaderAppendAction, HeaderValue, HeaderValueOption, HttpResponse, HttpStatus, OkHttpResponse,
};
use envoy_types::pb::envoy::service::auth::v3::AttributeContext;
use envoy_types::pb::google::protobuf::value::Kind;
use envoy_types::pb::google::protobuf::{Struct, Value};
use envoy_types::pb::google::rpc;
use interdict_host::Flow;
use tokio_stream::Once;
use tonic::metadata::MetadataValue;
use tonic::{Code, Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use super::asked::{Asked, Dropped, Told};
use crate::doors::{Column, EnvoyDoor, MerchantAt, flow_named, plain_path};
use crate::service::admission::admitted;
use crate::service::answer::ScreenAnswer;
use crate::service::clients::Credential;
use crate::service::health::{hindrances, live};
use crate::service::problem::{Cause, Problem};
use crate::service::screen::ID;
use crate::service::state::Service;
use crate::service::trace::Trace;

/// Headers that begin so are the service's own.
const OWN: &str = "interdict-";
/// Marks an answer that is not sent.
const DROPPED: &str = "interdict-dropped";
/// The key of `context_extensions` that names the flow of a route.
const FLOW: &str = "flow";

/// Envoy's `ext_authz`, and the health of it as gRPC has it.
pub(crate) fn routes(service: &Arc<Service>) -> Router {
    let door = || Door(Arc::clone(service));
    let check = AuthorizationServer::new(door());
    let health = HealthServer::new(door());
    Router::new()
        .route_service("/envoy.service.auth.v3.Authorization/{method}", check)
        .route_service("/grpc.health.v1.Health/{method}", health)
        .layer(map_response(dropped))
}

/// The answer that ends the connection, as a status cannot say it.
async fn dropped(response: axum::response::Response) -> axum::response::Response {
    match response.headers().contains_key(DROPPED) {
        true => Dropped::response(),
        false => response,
    }
}

struct Door(Arc<Service>);

#[tonic::async_trait]
impl Authorization for Door {
    async fn check(
        &self,
        request: Request<CheckRequest>,
    ) -> Result<Response<CheckResponse>, Status> {
        let service = &self.0;
        let (metadata, extensions, message) = request.into_parts();
        let headers = metadata.into_headers();
        let credential = extensions.get::<Credential>().copied().unwrap_or_default();
        let found = service
            .clients
            .find(&credential, crate::service::clients::bearer(&headers));
        let trace = extensions.get::<Trace>().cloned();
        let attributes = message.attributes.unwrap_or_default();
        let door = &service.doors.settings.envoy;
        let asked = admitted(service, found, &headers).and_then(|client| {
            let flow = flow(door, &attributes)?;
            let no_trace = || Cause::NotAnswered.problem("the request has no trace");
            Ok(Asked {
                client,
                trace: trace.ok_or_else(no_trace)?,
                answers: door.answers,
                merchant: merchant(&door.merchant, &attributes)?,
                flow,
            })
        });
        let told = match asked {
            Err(problem) => Told::Problem(problem),
            Ok(asked) => asked.screened(service).await,
        };
        match told {
            Told::Verdict(answer, column) => {
                Ok(Response::new(verdict(&answer, column, &attributes)))
            }
            Told::Problem(problem) => Err(not_screened(&problem)),
            Told::Nothing => {
                let mut status = Status::unavailable("");
                status
                    .metadata_mut()
                    .insert(DROPPED, MetadataValue::from_static("1"));
                Err(status)
            }
        }
    }
}

/// The flow of a request: its route's, if Envoy's configuration names one.
fn flow(door: &EnvoyDoor, attributes: &AttributeContext) -> Result<Flow, Problem> {
    match attributes.context_extensions.get(FLOW) {
        None => Ok(door.flow.0),
        Some(name) => {
            let told = "context_extensions: onboarding, authorisation, checkout or payout";
            flow_named(name).ok_or_else(|| Cause::NoSuchFlow.problem(told))
        }
    }
}

/// Whom a request names. Its body is never read, whatever Envoy sends of it.
fn merchant(at: &MerchantAt, attributes: &AttributeContext) -> Result<String, Problem> {
    let unnamed =
        || Cause::NoMerchant.problem("[doors.envoy] merchant says where its id is expected");
    let odd = || {
        Cause::OddPath.problem("the merchant is not screened where two programs may read two paths")
    };
    let http = attributes
        .request
        .as_ref()
        .and_then(|request| request.http.as_ref());
    let http = http.ok_or_else(unnamed)?;
    let path = plain_path(&http.path).ok_or_else(odd)?;
    let found = match at {
        MerchantAt::Header(name) => only(&http.headers, name)?,
        MerchantAt::PathIn(name, pattern) => {
            let path = only(&http.headers, name)?.ok_or_else(unnamed)?;
            pattern.merchant(plain_path(path).ok_or_else(odd)?)
        }
        MerchantAt::Path(pattern) => pattern.merchant(path),
        MerchantAt::Context(name) => attributes.context_extensions.get(name).map(String::as_str),
        MerchantAt::Certificate(pattern) => {
            let source = attributes.source.as_ref();
            source.and_then(|source| pattern.merchant(&source.principal))
        }
    };
    let found = found.filter(|found| !found.is_empty());
    found.map(str::to_owned).ok_or_else(unnamed)
}

/// A header that stands once: Envoy joins those that stand twice with a comma.
fn only<'h>(headers: &'h HashMap<String, String>, name: &str) -> Result<Option<&'h str>, Problem> {
    let odd = || Cause::OddHeader.problem("a header stands twice, is empty, or is no plain text");
    match headers.get(name) {
        None => Ok(None),
        Some(value) if value.is_empty() || value.contains(',') => Err(odd()),
        Some(value) => Ok(Some(value)),
    }
}

fn verdict(answer: &ScreenAnswer, column: Column, attributes: &AttributeContext) -> CheckResponse {
    let id = header(ID, &answer.id);
    let (code, http_response) = match column {
        Column::Pass => {
            let headers = vec![
                id,
                header("interdict-decision", Column::Pass.name()),
                header("interdict-action", answer.action.name()),
            ];
            let headers_to_remove = forged(attributes, &headers);
            let passed = OkHttpResponse {
                headers,
                headers_to_remove,
                ..OkHttpResponse::default()
            };
            (Code::Ok, HttpResponse::OkResponse(passed))
        }
        // The proxy's client learns nothing of the reason.
        Column::Hold | Column::Refuse | Column::NotScreened => {
            let status = Some(HttpStatus { code: 403 });
            let denied = DeniedHttpResponse {
                status,
                headers: vec![id],
                ..DeniedHttpResponse::default()
            };
            (Code::PermissionDenied, HttpResponse::DeniedResponse(denied))
        }
    };
    CheckResponse {
        status: Some(rpc::Status {
            code: code.into(),
            ..rpc::Status::default()
        }),
        dynamic_metadata: Some(metadata(answer, column)),
        http_response: Some(http_response),
    }
}

/// Headers of the request that look as if the service had set them, and that it does not set itself. What is behind the
/// proxy may read any sign as `-`.
fn forged(attributes: &AttributeContext, own: &[HeaderValueOption]) -> Vec<String> {
    let http = attributes
        .request
        .as_ref()
        .and_then(|request| request.http.as_ref());
    let headers = http.map(|http| &http.headers);
    let names = headers.into_iter().flat_map(HashMap::keys);
    let folded = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let forged = names.filter(|name| {
        name.chars()
            .map(folded)
            .collect::<String>()
            .starts_with(OWN)
    });
    let is_own = |name: &str| {
        own.iter()
            .filter_map(|one| one.header.as_ref())
            .any(|one| one.key == name)
    };
    forged.filter(|name| !is_own(name)).cloned().collect()
}

/// One that takes the place of whatever the proxy's client sent.
fn header(key: impl Into<String>, value: impl Into<String>) -> HeaderValueOption {
    HeaderValueOption {
        header: Some(HeaderValue {
            key: key.into(),
            value: value.into(),
            ..HeaderValue::default()
        }),
        append_action: HeaderAppendAction::OverwriteIfExistsOrAdd.into(),
        ..HeaderValueOption::default()
    }
}

/// For Envoy's own log and filters.
fn metadata(answer: &ScreenAnswer, column: Column) -> Struct {
    let text = |text: &str| Value {
        kind: Some(Kind::StringValue(text.to_owned())),
    };
    let because = answer.because.as_deref().unwrap_or_default();
    let fields = [
        ("id", text(&answer.id)),
        ("decision", text(column.name())),
        ("action", text(answer.action.name())),
        ("because", text(because)),
        (
            "degraded",
            Value {
                kind: Some(Kind::BoolValue(answer.degraded)),
            },
        ),
    ];
    Struct {
        fields: fields.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}

/// An error of the call itself, for which Envoy has `failure_mode_allow` and `status_on_error`.
fn not_screened(problem: &Problem) -> Status {
    Status::unavailable(format!("{}: {}", problem.name(), problem.title))
}

#[tonic::async_trait]
impl Health for Door {
    async fn check(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        Ok(Response::new(health(&self.0)))
    }

    type WatchStream = Once<Result<HealthCheckResponse, Status>>;

    async fn watch(
        &self,
        _: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        Err(Status::unimplemented("ask with Check"))
    }
}

/// Whether requests should be sent here, as `/readyz` says.
fn health(service: &Service) -> HealthCheckResponse {
    let coalitions = service.now().and_then(|now| live(service, now));
    let is_ready = coalitions.is_ok_and(|coalitions| hindrances(service, &coalitions).is_empty());
    let status = match is_ready {
        true => ServingStatus::Serving,
        false => ServingStatus::NotServing,
    };
    HealthCheckResponse {
        status: status.into(),
    }
}

#[cfg(test)]
mod tests {
    use envoy_types::pb::envoy::service::auth::v3::attribute_context::{
        HttpRequest, Peer, Request as Asked,
    };

    use super::*;
    use crate::doors::Pattern;

    fn attributes(path: &str, headers: &[(&str, &str)]) -> AttributeContext {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let http = HttpRequest {
            path: path.to_owned(),
            headers: headers.iter().map(pair).collect(),
            ..HttpRequest::default()
        };
        AttributeContext {
            request: Some(Asked {
                http: Some(http),
                ..Asked::default()
            }),
            ..AttributeContext::default()
        }
    }

    fn pattern(text: &str) -> Pattern {
        Pattern::try_from(text.to_owned()).unwrap()
    }

    fn problem(found: Result<String, Problem>) -> String {
        found.unwrap_err().name().to_owned()
    }

    #[test]
    fn the_merchant_stands_where_the_configuration_says() {
        let header = MerchantAt::Header("x-merchant".to_owned());
        let named = attributes("/pay", &[("x-merchant", "m_1")]);
        assert_eq!(merchant(&header, &named).as_deref(), Ok("m_1"));
        assert_eq!(
            problem(merchant(&header, &attributes("/pay", &[]))),
            "no_merchant"
        );
        let twice = attributes("/pay", &[("x-merchant", "m_1,m_2")]);
        assert_eq!(problem(merchant(&header, &twice)), "odd_header");
        for path in ["/pay%2fx", "/pay/../x", "//pay", ""] {
            let odd = attributes(path, &[("x-merchant", "m_1")]);
            assert_eq!(problem(merchant(&header, &odd)), "odd_path", "{path}");
        }
        let path = MerchantAt::Path(pattern("/m/{merchant}/*"));
        assert_eq!(
            merchant(&path, &attributes("/m/m_1/pay?a", &[])).as_deref(),
            Ok("m_1")
        );
        let in_header = MerchantAt::PathIn("x-uri".to_owned(), pattern("/m/{merchant}"));
        let uri = attributes("/pay", &[("x-uri", "/m/m_1")]);
        assert_eq!(merchant(&in_header, &uri).as_deref(), Ok("m_1"));
        let context = MerchantAt::Context("merchant".to_owned());
        let mut of_route = named.clone();
        assert_eq!(problem(merchant(&context, &of_route)), "no_merchant");
        let own = ("merchant".to_owned(), "m_2".to_owned());
        of_route.context_extensions = [own].into();
        assert_eq!(merchant(&context, &of_route).as_deref(), Ok("m_2"));
        let certificate = MerchantAt::Certificate(pattern("spiffe://pay.example/{merchant}"));
        let mut shown = named;
        assert_eq!(problem(merchant(&certificate, &shown)), "no_merchant");
        shown.source = Some(Peer {
            principal: "spiffe://pay.example/m_3".to_owned(),
            ..Peer::default()
        });
        assert_eq!(merchant(&certificate, &shown).as_deref(), Ok("m_3"));
    }

    #[test]
    fn headers_that_look_like_the_services_own_are_taken_away() {
        let own = [header(ID, "1"), header("interdict-action", "allow")];
        let sent = attributes(
            "/",
            &[
                ("interdict-id", "x"),
                ("interdict_action", "x"),
                ("interdict-anything", "x"),
                ("interdict.decision", "x"),
                ("x-interdict", "x"),
            ],
        );
        let mut removed = forged(&sent, &own);
        removed.sort_unstable();
        assert_eq!(
            removed,
            [
                "interdict-anything",
                "interdict.decision",
                "interdict_action"
            ]
        );
    }
}
