use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use interdict_host::Action;

use super::frame::{Frame, Live, aside};
use super::guard::{Visitor, people};
use super::sorry::{Sorry, page};
use super::words::{self, Moment};
use crate::service::day::{Day, Hour};
use crate::service::state::Service;

/// Units of a plot's height.
const HEIGHT: u64 = 40;
/// Units from one bar to the next, and of a bar.
const STRIDE: usize = 10;

#[derive(Template)]
#[template(path = "page/today.html")]
struct Today {
    frame: Frame,
    plots: Vec<Plot>,
    hours: Vec<HourRow>,
}

/// One action's verdicts, a bar for each hour.
struct Plot {
    action: &'static str,
    action_word: &'static str,
    total: u64,
    most: u64,
    bars: Vec<Bar>,
}

struct Bar {
    x: usize,
    y: u64,
    height: u64,
}

/// The same as numbers.
struct HourRow {
    began: Moment,
    counts: Vec<u64>,
}

/// `GET /today`: verdicts of the last 24 hours, by action.
pub(crate) async fn show(
    State(service): State<Arc<Service>>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Sorry> {
    aside(service, move |service| {
        let live = Live::of(service)?;
        let hours = people(service)?.day.hours(live.now);
        let shown = Today {
            frame: live.frame(&visitor, "today"),
            plots: Action::ALL
                .into_iter()
                .rev()
                .map(|action| plot(action, &hours))
                .collect(),
            hours: hours.iter().rev().filter_map(row).collect(),
        };
        Ok(page(StatusCode::OK, &shown))
    })
    .await
}

/// Each plot has a scale of its own: beside what is allowed nothing else could be seen.
fn plot(action: Action, hours: &[Hour]) -> Plot {
    let counts = hours.iter().map(|hour| hour.count(action));
    let most = counts.clone().max().unwrap_or_default();
    let bars = counts.enumerate().filter(|(_, count)| *count > 0);
    let bars = bars.map(|(index, count)| {
        let height = count
            .saturating_mul(HEIGHT)
            .checked_div(most)
            .unwrap_or_default()
            .max(1);
        Bar {
            x: index.saturating_mul(STRIDE),
            y: HEIGHT.saturating_sub(height),
            height,
        }
    });
    Plot {
        action: action.name(),
        action_word: words::action(action),
        total: Day::total(hours, action),
        most,
        bars: bars.collect(),
    }
}

/// An hour in which something was counted.
fn row(hour: &Hour) -> Option<HourRow> {
    let counts: Vec<u64> = Action::ALL
        .into_iter()
        .rev()
        .map(|action| hour.count(action))
        .collect();
    counts.iter().any(|count| *count > 0).then(|| HourRow {
        began: Moment::of(hour.began()),
        counts,
    })
}
