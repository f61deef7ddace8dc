use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header;
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use super::guard::{guarded, signed_in};
use super::{case, decide, entrance, lists, queue, screening, today};
use crate::service::state::Service;

const STYLE: &str = include_str!("style.css");

/// Everything that people see.
pub(crate) fn routes(service: &Arc<Service>) -> Router<Arc<Service>> {
    let behind = Router::new()
        .route("/", get(queue::open))
        .route("/cases", get(queue::all))
        .route("/cases/{number}", get(case::show))
        .route("/cases/{number}/assign", post(decide::assign))
        .route("/cases/{number}/note", post(decide::note))
        .route("/cases/{number}/close", post(decide::close))
        .route("/screen", get(screening::form).post(screening::answer))
        .route("/lists", get(lists::show))
        .route("/today", get(today::show))
        .route("/sign-out", post(entrance::sign_out))
        .layer(from_fn_with_state(Arc::clone(service), signed_in));
    Router::new()
        .merge(behind)
        .route("/sign-in", get(entrance::show).post(entrance::sign_in))
        .route("/sign-in/{link}", get(entrance::link))
        .route("/page.css", get(style))
        .layer(from_fn_with_state(Arc::clone(service), guarded))
        .layer(DefaultBodyLimit::max(service.settings.max_body))
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}
