use interdict_host::Flow;
use serde::{Deserialize, Serialize};

use super::fault::{ConnectorFault, id};

/// What is read of a request to `payshield/v1/check/{merchant_id}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PayshieldAsk {
    request_id: String,
    connector_type: ConnectorType,
}

/// Whether money comes from a payer or goes to a payee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum ConnectorType {
    Payin,
    Payout,
}

/// The answer to it: `SanlamPayshieldCheckoutResponse`. `ACCEPT` becomes `legit` and `REJECT` `fraud`; there is nothing
/// between them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PayshieldAnswer {
    request_id: String,
    decision: &'static str,
    /// Becomes the score of the check, which no rule of Hyperswitch reads: 0, or 1 for `REJECT`.
    severity: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    evaluated_checks: [&'static str; 1],
}

/// `SanlamPayshieldErrorResponse`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PayshieldError<'p> {
    pub(crate) error_message: &'p str,
    pub(crate) message: &'p str,
}

impl PayshieldAsk {
    /// Reads the kind of payment and the id to repeat.
    ///
    /// # Errors
    /// One of them is missing, or the id cannot be repeated.
    pub(crate) fn read(body: &[u8]) -> Result<Self, ConnectorFault> {
        let read: Self = serde_json::from_slice(body).map_err(|_| ConnectorFault::Form)?;
        let request_id = id(read.request_id)?;
        Ok(Self { request_id, ..read })
    }

    /// The flow in which the merchant is screened.
    pub(crate) const fn flow(&self) -> Flow {
        match self.connector_type {
            ConnectorType::Payin => Flow::Authorisation,
            ConnectorType::Payout => Flow::Payout,
        }
    }

    /// What the connector is told; `line` is of the audit.
    pub(crate) fn answer(self, decision: &'static str, line: &str) -> PayshieldAnswer {
        let is_refused = decision != "ACCEPT";
        PayshieldAnswer {
            request_id: self.request_id,
            decision,
            severity: i32::from(is_refused),
            reason: is_refused.then(|| format!("interdict-id {line}")),
            evaluated_checks: ["interdict"],
        }
    }
}
