use std::collections::BTreeMap;

use axum::Json;
use serde::Deserialize;
use utoipa::{OpenApi, ToSchema};

use super::answer::ScreenAnswer;
use super::health::{Ready, Status};
use super::problem::Problem;

/// What may be asked of the module about one merchant; `docs/abi.md`, screen, has every member.
#[derive(Deserialize, ToSchema)]
#[expect(
    dead_code,
    reason = "the document is made from it; the module reads requests"
)]
pub(crate) struct ScreenRequest {
    /// `onboarding`, `authorisation`, `payout` or `checkout`.
    flow: String,
    /// What names the merchant.
    identifiers: Option<Vec<IdentifierRequest>>,
    /// The merchant's web address.
    url: Option<String>,
    /// Red flags: numbers, words and truth values by name.
    #[schema(value_type = Option<Object>)]
    signals: Option<BTreeMap<String, serde_json::Value>>,
    /// `analyst` for all reasons, or `neutral`.
    view: Option<String>,
    /// `en`, `sv` or `nl`, for sentences beside codes.
    language: Option<String>,
    /// The caller's own mark. It comes back, and the audit has a keyed digest of it.
    reference: Option<String>,
}

/// One identifier.
#[derive(Deserialize, ToSchema)]
#[expect(
    dead_code,
    reason = "the document is made from it; the module reads requests"
)]
pub(crate) struct IdentifierRequest {
    /// A kind of `docs/identifiers.md`.
    kind: String,
    /// The value as it was found.
    value: String,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Interdict gateway",
        description = "Is this merchant on a coalition's list, how sure is that, what should be done, and why?"
    ),
    paths(
        super::screen::one,
        super::batch::many,
        super::health::status,
        super::health::live_now,
        super::health::ready,
        super::health::metrics
    ),
    components(schemas(ScreenRequest, ScreenAnswer, Problem, Status, Ready))
)]
struct Document;

/// `GET /openapi.json`: this service, as OpenAPI 3.1.
pub(crate) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}
