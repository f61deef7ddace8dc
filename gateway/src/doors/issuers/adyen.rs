//! Adyen, relayed authorisation: <https://docs.adyen.com/issuing/authorisation/relayed-authorisation> and
//! <https://docs.adyen.com/api-explorer/relayed-authorisation-webhooks/4/post/balancePlatform.authorisation.relayed>.

use serde::Deserialize;
use serde_json::json;

use super::event::{Decided, Echo, IssuerEvent, OwnWords, Sent};
use super::event_error::EventError;
use super::member::{Part, Text, object};

const REQUEST: &str = "balancePlatform.authorisation.relayed";

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Event {
    #[serde(rename = "type")]
    kind: Option<Text>,
    merchant_data: Part<MerchantData>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct MerchantData {
    acquirer_id: Text,
    merchant_id: Text,
    mcc: Text,
    name_location: Part<NameLocation>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NameLocation {
    name: Text,
}

pub(super) fn read(bytes: &[u8]) -> Result<IssuerEvent, EventError> {
    let event: Event = object(bytes)?;
    // Older versions of this webhook name no type.
    if event
        .kind
        .is_some_and(|kind| kind.0.as_deref() != Some(REQUEST))
    {
        return Err(EventError::NoMerchant);
    }
    let merchant = event.merchant_data.or_empty();
    let sent = Sent {
        acquirer: merchant.acquirer_id,
        acceptor: merchant.merchant_id,
        name: merchant.name_location.or_empty().name,
        category: merchant.mcc,
        url: Text::default(),
    };
    IssuerEvent::of(sent, Nothing)
}

/// Nothing of the event is repeated.
#[derive(Debug)]
struct Nothing;

impl Echo for Nothing {
    fn words(&self, answer: Decided) -> OwnWords {
        let status = match answer {
            Decided::Approve => "Authorised",
            Decided::Decline => "Refused",
        };
        OwnWords {
            status: 200,
            headers: Vec::new(),
            body: json!({"authorisationDecision": {"status": status}}),
        }
    }
}
