//! The doors, where other people's software asks: what each reads is an allow-list, and what it answers is a row of the
//! table in `gateway.toml` (`doors/` of this crate).

mod asked;
mod subrequest;

pub(crate) use asked::Dropped;

use std::sync::Arc;

use axum::Router;

use super::state::Service;

/// Everything that is served to other people's software over HTTP.
pub(crate) fn routes() -> Router<Arc<Service>> {
    subrequest::routes()
}
