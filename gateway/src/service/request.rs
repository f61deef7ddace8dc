use std::collections::BTreeMap;

use interdict_host::Flow;
use serde::Deserialize;
use utoipa::ToSchema;

/// What the service itself reads of a request. The module reads and checks the rest.
#[derive(Deserialize)]
pub(crate) struct Asked {
    flow: Option<String>,
    /// The name of a policy.
    pub(crate) policy: Option<String>,
    /// Its id, if it is one of the portfolio.
    pub(crate) merchant: Option<String>,
}

impl Asked {
    /// The flow; `None` if there is none, or no such flow.
    pub(crate) fn flow(&self) -> Option<Flow> {
        Flow::from_name(self.flow.as_deref()?)
    }
}

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
    /// One of the gateway's policies by its name, if the client may choose.
    policy: Option<String>,
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
