//! Stripe Issuing, `issuing_authorization.request`: <https://docs.stripe.com/issuing/controls/real-time-authorizations>
//! and <https://docs.stripe.com/api/issuing/authorizations/object>.

use serde::Deserialize;
use serde_json::json;

use super::event::{Decided, Echo, IssuerEvent, OwnWords, Sent};
use super::event_error::EventError;
use super::member::{Part, Text, object};

const REQUEST: &str = "issuing_authorization.request";
/// Longer than any name of a version of the API.
const LONGEST_VERSION: usize = 40;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Event {
    #[serde(rename = "type")]
    kind: Text,
    api_version: Text,
    data: Part<Data>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Data {
    object: Part<Authorization>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Authorization {
    merchant_data: Part<MerchantData>,
    network_data: Part<NetworkData>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MerchantData {
    network_id: Text,
    name: Text,
    category_code: Text,
    url: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct NetworkData {
    acquiring_institution_id: Text,
}

/// The version of the API, which an answer names.
#[derive(Debug)]
struct Repeated {
    version: Option<String>,
}

pub(super) fn read(bytes: &[u8]) -> Result<IssuerEvent, EventError> {
    let event: Event = object(bytes)?;
    if event.kind.0.as_deref() != Some(REQUEST) {
        return Err(EventError::NoMerchant);
    }
    let authorization = event.data.or_empty().object.or_empty();
    let merchant = authorization.merchant_data.or_empty();
    let sent = Sent {
        acquirer: authorization
            .network_data
            .or_empty()
            .acquiring_institution_id,
        acceptor: merchant.network_id,
        name: merchant.name,
        category: merchant.category_code,
        url: merchant.url,
    };
    let echo = Repeated {
        version: event.api_version.0.filter(|text| is_version(text)),
    };
    IssuerEvent::of(sent, echo)
}

/// Such as `2026-02-25.clover`.
fn is_version(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    (1..=LONGEST_VERSION).contains(&text.len()) && text.bytes().all(is_plain)
}

impl Echo for Repeated {
    fn words(&self, answer: Decided) -> OwnWords {
        let version = self.version.iter();
        OwnWords {
            status: 200,
            headers: version
                .map(|text| ("stripe-version", text.clone()))
                .collect(),
            body: json!({"approved": answer == Decided::Approve}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(version: &str) -> OwnWords {
        let event = format!(
            r#"{{"type":"issuing_authorization.request","api_version":{version},
                "data":{{"object":{{"merchant_data":{{"network_id":"SHOP0001"}}}}}}}}"#
        );
        read(event.as_bytes()).unwrap().own_words(Decided::Decline)
    }

    #[test]
    fn an_answer_names_the_version_of_the_event_if_it_is_one() {
        let told = answered("\"2026-02-25.clover\"");
        assert_eq!(told.body, json!({"approved": false}));
        assert_eq!(
            told.headers,
            [("stripe-version", "2026-02-25.clover".to_owned())]
        );
        let long = format!("\"{}\"", "1".repeat(41));
        for odd in ["null", "7", "\"\"", "\"a\\r\\nb: c\"", "\"4 4\"", &long] {
            assert_eq!(answered(odd).headers, [], "{odd}");
        }
    }
}
