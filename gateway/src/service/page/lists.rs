use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use interdict_core::common::hex;
use interdict_host::{CoalitionState, ListState};

use super::frame::{Frame, Live, aside};
use super::guard::Visitor;
use super::sorry::{Sorry, page};
use super::words::Moment;
use crate::service::state::Service;
use crate::words::age;

#[derive(Template)]
#[template(path = "page/lists.html")]
struct Lists {
    frame: Frame,
    alarms: Vec<String>,
    coalitions: Vec<Coalition>,
    module: String,
    self_test: Option<bool>,
}

struct Coalition {
    name: String,
    polled: Option<(Moment, String)>,
    expires: Option<Moment>,
    doubts: Vec<String>,
    refresh: Option<(Moment, String)>,
    lists: Vec<List>,
}

struct List {
    list: String,
    edition: String,
    epoch: u32,
    sequence: u64,
    entries: u32,
    freshness: String,
    age: String,
    built: Moment,
    has_key: bool,
}

/// `GET /lists`: what is loaded, how old it is, and what somebody should look at.
pub(crate) async fn show(
    State(service): State<Arc<Service>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Sorry> {
    aside(service, move |service| {
        let live = Live::of(service)?;
        let frame = live.frame(&visitor, "lists");
        let coalitions = live.coalitions.into_iter();
        let shown = Lists {
            frame,
            alarms: live.alarms,
            coalitions: coalitions
                .map(|one| coalition(service, one, live.now))
                .collect(),
            module: hex::text(&service.gateway.host().module().sha256()),
            self_test: service.self_test(),
        };
        Ok(page(StatusCode::OK, &shown))
    })
    .await
}

fn coalition(service: &Service, state: CoalitionState, now: u32) -> Coalition {
    let mut refreshes = service.alarms.refreshes().into_iter();
    let refresh = refreshes.find(|one| one.coalition == state.name);
    let ago = |time: u32| (Moment::of(time), age(now.saturating_sub(time)));
    Coalition {
        name: state.name,
        polled: state.polled.map(ago),
        expires: state.expires.map(Moment::of),
        doubts: state.doubts,
        refresh: refresh.map(|one| (Moment::of(one.time), one.outcome)),
        lists: state.lists.into_iter().map(list).collect(),
    }
}

fn list(list: ListState) -> List {
    List {
        list: list.list,
        edition: list.edition,
        epoch: list.epoch,
        sequence: list.sequence,
        entries: list.entries,
        freshness: list.freshness,
        age: age(list.age_s),
        built: Moment::of(list.issued),
        has_key: list.key,
    }
}
