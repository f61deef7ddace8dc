use interdict_host::Flow;
use serde::Serialize;

/// Whom one transaction pays. It has no `Debug` outside tests, so that no log can hold one.
#[derive(Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(test, derive(Debug))]
pub(crate) struct Payee {
    /// `CdtrAcct/Id/IBAN`
    #[serde(rename = "cdtr_acct_iban", skip_serializing_if = "Option::is_none")]
    pub(super) iban: Option<String>,
    /// `Cdtr/Id/OrgId/LEI`
    #[serde(rename = "cdtr_lei", skip_serializing_if = "Option::is_none")]
    pub(super) lei: Option<String>,
    /// `UltmtCdtr/Id/OrgId/LEI`
    #[serde(rename = "ultmt_cdtr_lei", skip_serializing_if = "Option::is_none")]
    pub(super) ultimate_lei: Option<String>,
}

/// What the module is asked about a payee.
#[derive(Serialize)]
struct Request<'p> {
    flow: &'static str,
    iso20022: &'p Payee,
}

impl Payee {
    /// The request of `docs/abi.md` that screens it; `None` if nothing here names anybody.
    pub(crate) fn request(&self, flow: Flow) -> Option<Vec<u8>> {
        if *self == Self::default() {
            return None;
        }
        let request = Request {
            flow: flow.name(),
            iso20022: self,
        };
        serde_json::to_vec(&request).ok()
    }
}
