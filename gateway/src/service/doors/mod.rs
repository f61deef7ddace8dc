//! The doors, where other people's software asks: what each reads is an allow-list, and what it answers is a row of the
//! table in `gateway.toml` (`doors/` of this crate).

mod asked;
mod envoy;
mod held_message;
mod hyperswitch;
pub(crate) mod issuer;
pub(crate) mod message;
pub(crate) mod subrequest;

pub(crate) use asked::{Dropped, reserved_request};
pub(crate) use envoy::routes as envoy_routes;

use std::sync::Arc;

use axum::Router;

use super::state::Service;

/// Everything that is served to other people's software over HTTP.
pub(crate) fn routes(service: &Arc<Service>) -> Router<Arc<Service>> {
    subrequest::routes()
        .merge(issuer::routes())
        .merge(hyperswitch::routes())
        .merge(message::routes(service))
}
