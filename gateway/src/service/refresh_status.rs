use interdict_host::{CoalitionReport, Repository};
use serde::Serialize;
use utoipa::ToSchema;

/// How the last refresh of a coalition ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RefreshStatus {
    pub(crate) coalition: String,
    /// When it began, in seconds since 1970.
    pub(crate) time: u32,
    pub(crate) succeeded: bool,
    /// What it brought, or why it failed.
    pub(crate) outcome: String,
    /// The code of the failure.
    pub(crate) code: Option<String>,
    /// Where a whole release came from.
    pub(crate) repository: Option<String>,
}

impl RefreshStatus {
    /// Of a report, with the places that the coalition's files may come from.
    pub(crate) fn of(report: &CoalitionReport, locations: &[&str], time: u32) -> Self {
        let answered = report.answered.and_then(|number| locations.get(number));
        Self {
            coalition: report.state.name.clone(),
            time,
            succeeded: report.succeeded(),
            outcome: report.outcome.to_string(),
            code: report.code.clone(),
            repository: answered.map(|location| Repository::shown(location)),
        }
    }

    /// Of a coalition that could not even be asked, or whose files could not go live.
    pub(crate) fn not_tried(coalition: String, why: &str, time: u32) -> Self {
        Self {
            coalition,
            time,
            succeeded: false,
            outcome: format!("FAILED: {why}"),
            code: Some("not_begun".to_owned()),
            repository: None,
        }
    }
}
