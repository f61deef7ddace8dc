use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use interdict_core::wire::Code;
use interdict_host::{CallError, Refusal};
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// Why there is no verdict, as RFC 9457 says. The merchant was not screened: the caller's own rule for failures applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// `urn:interdict:problem:` and the name.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub(crate) kind: Box<str>,
    /// What happened, in a few words that never change for one type.
    #[schema(value_type = String)]
    pub(crate) title: &'static str,
    /// The status of HTTP.
    pub(crate) status: u16,
    /// What to do about it. It never repeats what was sent.
    #[schema(value_type = String)]
    pub(crate) detail: Box<str>,
    /// The module's number, below 0, if the module refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<i32>,
    /// Where in the request the cause is, if the module says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) path: Option<Box<str>>,
    /// The line in the audit, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) id: Option<Box<str>>,
    /// What is missing to name the merchant: `acquirer`, `merchant`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(value_type = Vec<String>, required = false)]
    pub(crate) incomplete: Box<[&'static str]>,
    /// Seconds after which another try makes sense.
    #[serde(skip)]
    pub(crate) retry_after: Option<u32>,
}

/// The answers that are no verdict, for the document of the service.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "the document is made from it")]
pub(crate) enum NotScreened {
    /// Nobody was screened: mend the request, or ask again later.
    #[response(status = "4XX", content_type = "application/problem+json")]
    Refused(Problem),
    /// Nobody was screened: the service could not.
    #[response(status = "5XX", content_type = "application/problem+json")]
    Failed(Problem),
}

/// What happens outside the module, by name: status and title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Unauthenticated,
    FlowNotAllowed,
    PolicyNotAllowed,
    NoSuchPlace,
    WrongMethod,
    DoorClosed,
    NoMerchant,
    CannotHold,
    NothingSaid,
    NotSigned,
    SignedOtherwhen,
    OddPath,
    OddHeader,
    CardData,
    NoSuchMerchant,
    NoSuchFlow,
    TwoNames,
    CasesNotAllowed,
    OriginNotAllowed,
    HostNotAllowed,
    NoSession,
    SessionsExhausted,
    NoSuchCase,
    CaseClosed,
    TextRefused,
    Malformed,
    Busy,
    TooSlow,
    TooLarge,
    Broken,
    RateLimited,
    NamesExhausted,
    Shed,
    NotRecorded,
    NotAnswered,
}

impl Cause {
    const fn row(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Unauthenticated => (
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                "No client has this credential",
            ),
            Self::FlowNotAllowed => (
                StatusCode::FORBIDDEN,
                "flow_not_allowed",
                "This client may not ask in this flow",
            ),
            Self::PolicyNotAllowed => (
                StatusCode::FORBIDDEN,
                "policy_not_allowed",
                "This client has another policy",
            ),
            Self::NoSuchPlace => (StatusCode::NOT_FOUND, "not_found", "Nothing is here"),
            Self::WrongMethod => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Another method is served here",
            ),
            Self::DoorClosed => (StatusCode::NOT_FOUND, "door_closed", "This door is closed"),
            Self::NoMerchant => (
                StatusCode::BAD_REQUEST,
                "no_merchant",
                "The request names no merchant that could be asked about",
            ),
            Self::CannotHold => (
                StatusCode::SERVICE_UNAVAILABLE,
                "cannot_hold",
                "The merchant would be held, and this door cannot hold",
            ),
            Self::NothingSaid => (
                StatusCode::SERVICE_UNAVAILABLE,
                "nothing_said",
                "Nothing stands against the merchant, and this door approves nothing",
            ),
            Self::NotSigned => (
                StatusCode::FORBIDDEN,
                "not_signed",
                "The event is not signed by the issuer",
            ),
            Self::SignedOtherwhen => (
                StatusCode::FORBIDDEN,
                "signed_otherwhen",
                "The event was signed at another time",
            ),
            Self::CardData => (
                StatusCode::BAD_REQUEST,
                "card_data",
                "Card data must never be sent here",
            ),
            Self::OddPath => (
                StatusCode::BAD_REQUEST,
                "odd_path",
                "The path can be read in two ways",
            ),
            Self::OddHeader => (
                StatusCode::BAD_REQUEST,
                "odd_header",
                "A header can be read in two ways",
            ),
            Self::NoSuchMerchant => (
                StatusCode::NOT_FOUND,
                "unknown_merchant",
                "The portfolio has no such merchant",
            ),
            Self::NoSuchFlow => (
                StatusCode::BAD_REQUEST,
                "unknown_flow",
                "There is no such flow",
            ),
            Self::TwoNames => (
                StatusCode::BAD_REQUEST,
                "two_names",
                "A merchant of the portfolio is named by its id alone",
            ),
            Self::CasesNotAllowed => (
                StatusCode::FORBIDDEN,
                "cases_not_allowed",
                "This client may not work on cases",
            ),
            Self::OriginNotAllowed => (
                StatusCode::FORBIDDEN,
                "origin_not_allowed",
                "Pages of this origin may not ask",
            ),
            Self::HostNotAllowed => (
                StatusCode::FORBIDDEN,
                "host_not_allowed",
                "This service is not known by that name",
            ),
            Self::NoSession => (
                StatusCode::UNAUTHORIZED,
                "no_session",
                "There is no such session, or it is over",
            ),
            Self::SessionsExhausted => (
                StatusCode::TOO_MANY_REQUESTS,
                "sessions_exhausted",
                "This client has as many sessions as it may",
            ),
            Self::NoSuchCase => (
                StatusCode::NOT_FOUND,
                "unknown_case",
                "There is no such case",
            ),
            Self::CaseClosed => (
                StatusCode::CONFLICT,
                "case_closed",
                "The case is closed already",
            ),
            Self::TextRefused => (
                StatusCode::BAD_REQUEST,
                "text_refused",
                "A name or note cannot be kept",
            ),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "malformed",
                "The request has not the form of this place",
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "The portfolio is being written",
            ),
            Self::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "too_slow",
                "The request did not arrive in time",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                "The request is larger than this service takes",
            ),
            Self::Broken => (StatusCode::BAD_REQUEST, "broken", "The request broke off"),
            Self::RateLimited => (
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "This client asks more often than it may",
            ),
            Self::NamesExhausted => (
                StatusCode::TOO_MANY_REQUESTS,
                "names_exhausted",
                "This client has asked about as many names as it may today",
            ),
            Self::Shed => (
                StatusCode::SERVICE_UNAVAILABLE,
                "shed",
                "More requests are in work than this service takes",
            ),
            Self::NotRecorded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "not_recorded",
                "The audit cannot be written",
            ),
            Self::NotAnswered => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "not_answered",
                "The module gave no answer",
            ),
        }
    }

    /// The problem, with what to do about it.
    pub(crate) fn problem(self, detail: impl Into<Box<str>>) -> Problem {
        let (status, name, title) = self.row();
        Problem {
            kind: urn(name),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            code: None,
            path: None,
            id: None,
            incomplete: Box::default(),
            retry_after: match self {
                Self::Shed | Self::NotRecorded | Self::RateLimited | Self::Busy => Some(1),
                Self::NamesExhausted => Some(3600),
                Self::SessionsExhausted => Some(60),
                _ => None,
            },
        }
    }
}

fn urn(name: &str) -> Box<str> {
    format!("urn:interdict:problem:{name}").into()
}

impl Problem {
    /// The module refused a request.
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        Self {
            path: (!refusal.path.is_empty()).then(|| refusal.path.as_str().into()),
            ..Self::by_module(&refusal.name, refusal.code, &refusal.message)
        }
    }

    /// The host has no answer.
    pub(crate) fn failed(error: &interdict_host::Error) -> Self {
        match error {
            interdict_host::Error::Call(CallError::Refused { code, sentence }) => {
                let known = Code::ALL.iter().find(|known| known.number() == *code);
                let name = known.map_or("refused", |known| known.name());
                Self::by_module(name, *code, sentence)
            }
            interdict_host::Error::Call(CallError::TooLarge) => {
                Cause::TooLarge.problem("send less at once")
            }
            other => Cause::NotAnswered.problem(other.to_string()),
        }
    }

    fn by_module(name: &str, code: i32, sentence: &str) -> Self {
        Self {
            kind: urn(name),
            title: "The request was refused",
            status: StatusCode::BAD_REQUEST.as_u16(),
            detail: sentence.into(),
            code: Some(code),
            path: None,
            id: None,
            incomplete: Box::default(),
            retry_after: None,
        }
    }

    /// Whether it is this one.
    pub(crate) fn is(&self, cause: Cause) -> bool {
        self.kind == urn(cause.row().1)
    }

    /// Its name, as in `type`.
    pub(crate) fn name(&self) -> &str {
        self.kind.rsplit(':').next().unwrap_or_default()
    }
}

/// The name of a problem, beside the answer that tells of it.
#[derive(Debug, Clone)]
pub(crate) struct ProblemName(pub(crate) String);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let name = ProblemName(self.name().to_owned());
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let text = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, text).into_response();
        response.extensions_mut().insert(name);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Marks an answer of a door: without a body it is no problem, whatever its status.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfDoor;
