use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::portfolio::{CaseStep, MerchantCase, MerchantStatus, StandingReason};

/// Which cases to list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(crate) struct CaseQuery {
    /// Open ones unless it says otherwise.
    pub(crate) state: StateFilter,
    /// Those that this person looks into.
    pub(crate) assignee: Option<String>,
    /// That of this merchant of the portfolio.
    pub(crate) merchant: Option<String>,
    /// Cases after this number: `next` of the page before.
    pub(crate) after: u32,
    /// Cases on a page, 1 to 1,000; otherwise 100.
    pub(crate) limit: Option<u32>,
}

/// Cases in a state.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StateFilter {
    #[default]
    Open,
    Closed,
    All,
}

/// Some cases, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CasePage {
    pub(crate) cases: Vec<CaseAnswer>,
    /// What `after` of the next page is, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<u32>,
}

/// A case in short. It names its merchant by the id alone.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseAnswer {
    /// The number by which people call it.
    number: u32,
    /// The gateway's own id of the merchant.
    merchant: String,
    state: CaseState,
    /// When the merchant was first at `review` or above, in seconds since 1970.
    opened: u32,
    /// When it was closed, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed: Option<u32>,
    /// Who looks into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<String>,
    /// What the last verdict asks for; none once the merchant is out of the portfolio.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
    /// Why, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// Since when, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<u32>,
}

/// Whether a person still has to decide.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaseState {
    Open,
    Closed,
}

/// A case with its reasons and its history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseDetail {
    pub(crate) case: CaseAnswer,
    /// What keeps the merchant where it is.
    pub(crate) reasons: Vec<StandingReason>,
    /// Oldest first.
    pub(crate) history: Vec<CaseStepAnswer>,
}

/// One line of a case's history.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseStepAnswer {
    /// When, in seconds since 1970.
    time: u32,
    /// `opened`, `changed`, `reopened`, `settled`, `removed`, `assigned`, `noted`, `signed` or `closed`.
    step: &'static str,
    /// Who, if it was a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    /// What the person wrote, or to whom it was assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// What the verdict asked for from then on, if the line is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
    /// Why, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    because: Option<String>,
    /// The mac of the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<String>,
}

/// Who is to look into a case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignRequest {
    /// That person.
    pub(crate) to: String,
    /// Who says so.
    pub(crate) by: String,
}

/// Something to keep in a case's history.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoteRequest {
    /// What: at most 4,096 bytes without card numbers.
    pub(crate) text: String,
    /// Who writes it.
    pub(crate) by: String,
}

/// What was decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CloseRequest {
    /// What: at most 4,096 bytes without card numbers.
    pub(crate) decision: String,
    /// Who decided.
    pub(crate) by: String,
}

impl CaseAnswer {
    /// A case, with what is known of its merchant.
    pub(crate) fn of(case: MerchantCase, status: Option<&MerchantStatus>) -> Self {
        let standing = status.and_then(|status| status.standing.as_ref());
        Self {
            number: case.number,
            merchant: case.merchant.to_string(),
            state: match case.is_open {
                true => CaseState::Open,
                false => CaseState::Closed,
            },
            opened: case.opened,
            closed: case.closed,
            assignee: case.assignee,
            action: standing.map(|standing| standing.action.name()),
            because: standing.and_then(|standing| standing.because.clone()),
            since: status.and_then(|status| status.since),
        }
    }
}

impl CaseStepAnswer {
    /// A line of the history.
    pub(crate) fn of(step: CaseStep) -> Self {
        Self {
            time: step.time,
            step: step.step.name(),
            person: step.person,
            text: step.text,
            action: step
                .standing
                .as_ref()
                .map(|standing| standing.action.name()),
            because: step.standing.and_then(|standing| standing.because),
            receipt: step.receipt,
        }
    }
}
