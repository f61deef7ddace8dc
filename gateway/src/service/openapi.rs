use axum::Json;
use utoipa::OpenApi;

use super::answer::ScreenAnswer;
use super::health::{Ready, Status};
use super::problem::Problem;
use super::request::ScreenRequest;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Interdict gateway",
        description = "Is this merchant on a coalition's list, how sure is that, what should be done, and why?"
    ),
    paths(
        super::screen::one,
        super::batch::many,
        super::doors::issuer::ask,
        super::doors::subrequest::ask,
        super::doors::message::pain_001,
        super::doors::message::pacs_008,
        super::doors::message::verification,
        super::doors::message::card,
        super::checkout::open,
        super::checkout::ask,
        super::cases::list,
        super::cases::one,
        super::cases::assign,
        super::cases::note,
        super::cases::close,
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
