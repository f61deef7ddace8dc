use interdict_core::common::time::Time;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::fault::{ConnectorFault, id};

/// What is read of a request to `v3/orders/events/checkouts`, `transactions` or `sales`. The rest is about a buyer.
#[derive(Deserialize)]
pub(crate) struct SignifydOrder {
    /// The id of a payment's attempt.
    #[serde(rename = "orderId")]
    order_id: String,
}

/// The answer to it: `SignifydPaymentsResponse`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignifydAnswer {
    /// A number that the connector requires and nobody uses.
    signifyd_id: u64,
    order_id: String,
    decision: Decision,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Decision {
    created_at: String,
    /// `ACCEPT` becomes `legit`, `HOLD` `manual_review`, `REJECT` `fraud`. `CHALLENGE` and `CREDIT` become `pending`, at
    /// which no payment stops.
    checkpoint_action: &'static str,
    /// Whoever holds the payment may see it, so that it names a line of the audit and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint_action_reason: Option<String>,
}

/// `SignifydErrorResponse`: an error of another form could not be read, and its reason would be lost.
#[derive(Serialize)]
pub(crate) struct SignifydError<'p> {
    pub(crate) messages: [&'p str; 1],
    pub(crate) errors: SignifydProblem<'p>,
}

#[derive(Serialize)]
pub(crate) struct SignifydProblem<'p> {
    #[serde(rename = "type")]
    pub(crate) kind: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<&'p str>,
}

/// What is read of a request to `v3/orders/events/fulfillments`, and its answer: nobody decides there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shipped {
    order_id: String,
    fulfillments: Vec<Shipment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shipment {
    shipment_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShippedAnswer {
    order_id: String,
    shipment_ids: Vec<String>,
}

/// What is read of a request to `v3/orders/events/returns/records`, and its answer: nobody decides there.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignifydReturn {
    return_id: String,
    order_id: String,
}

impl SignifydOrder {
    /// Reads the id of the attempt.
    ///
    /// # Errors
    /// There is none, or it cannot be repeated.
    pub(crate) fn read(body: &[u8]) -> Result<Self, ConnectorFault> {
        let Self { order_id } = serde_json::from_slice(body).map_err(|_| ConnectorFault::Form)?;
        let order_id = id(order_id)?;
        Ok(Self { order_id })
    }

    /// What the connector is told; `line` is of the audit.
    pub(crate) fn answer(self, action: &'static str, line: &str, now: u32) -> SignifydAnswer {
        let number = Uuid::parse_str(line).map_or(0, |line| line.as_u64_pair().1);
        let reason = action != "ACCEPT";
        SignifydAnswer {
            // What every reader of JSON takes as a whole number.
            signifyd_id: number & 0x000f_ffff_ffff_ffff,
            order_id: self.order_id,
            decision: Decision {
                created_at: Time::from_seconds(now).to_string(),
                checkpoint_action: action,
                checkpoint_action_reason: reason.then(|| format!("interdict-id {line}")),
            },
        }
    }
}

impl Shipped {
    /// Reads the ids to repeat.
    ///
    /// # Errors
    /// As for [`SignifydOrder::read`].
    pub(crate) fn read(body: &[u8]) -> Result<ShippedAnswer, ConnectorFault> {
        let Self {
            order_id,
            fulfillments,
        } = serde_json::from_slice(body).map_err(|_| ConnectorFault::Form)?;
        let ids = fulfillments.into_iter().map(|one| id(one.shipment_id));
        Ok(ShippedAnswer {
            order_id: id(order_id)?,
            shipment_ids: ids.collect::<Result<_, _>>()?,
        })
    }
}

impl SignifydReturn {
    /// Reads the ids to repeat.
    ///
    /// # Errors
    /// As for [`SignifydOrder::read`].
    pub(crate) fn read(body: &[u8]) -> Result<Self, ConnectorFault> {
        let read: Self = serde_json::from_slice(body).map_err(|_| ConnectorFault::Form)?;
        Ok(Self {
            return_id: id(read.return_id)?,
            order_id: id(read.order_id)?,
        })
    }
}
