//! Marqeta, Gateway JIT Funding: <https://www.marqeta.com/docs/core-api/gateway-jit-funding-messages>.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value, json};

use super::event::{self, Decided, Echo, IssuerEvent, OwnWords, Sent};
use super::event_error::EventError;
use super::member::{Part, Text, object};

/// Digits of any amount of money.
const LONGEST_AMOUNT: usize = 24;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Event {
    acquirer: Part<Acquirer>,
    card_acceptor: Part<CardAcceptor>,
    gpa_order: Part<Order>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Acquirer {
    institution_id_code: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct CardAcceptor {
    mid: Text,
    name: Text,
    mcc: Text,
    url: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Order {
    jit_funding: Part<JitFunding>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct JitFunding {
    token: Text,
    method: Text,
    user_token: Text,
    amount: Option<Box<RawValue>>,
}

/// What an answer must repeat: the only members that are kept beside the merchant's.
#[derive(Debug)]
struct Repeated {
    token: Option<String>,
    method: Option<String>,
    user_token: Option<String>,
    amount: Option<Number>,
}

pub(super) fn read(bytes: &[u8]) -> Result<IssuerEvent, EventError> {
    let event: Event = object(bytes)?;
    let acceptor = event.card_acceptor.or_empty();
    let sent = Sent {
        acquirer: event.acquirer.or_empty().institution_id_code,
        acceptor: acceptor.mid,
        name: acceptor.name,
        category: acceptor.mcc,
        url: acceptor.url,
    };
    let funding = event.gpa_order.or_empty().jit_funding.or_empty();
    let amount = funding
        .amount
        .filter(|raw| raw.get().len() <= LONGEST_AMOUNT);
    let echo = Repeated {
        token: event::token(funding.token),
        method: event::token(funding.method),
        user_token: event::token(funding.user_token),
        amount: amount.and_then(|raw| serde_json::from_str(raw.get()).ok()),
    };
    IssuerEvent::of(sent, echo)
}

impl Echo for Repeated {
    fn words(&self, answer: Decided) -> OwnWords {
        let texts = [
            ("token", &self.token),
            ("method", &self.method),
            ("user_token", &self.user_token),
        ];
        let texts = texts.into_iter().filter_map(|(name, text)| {
            let text = text.as_deref()?;
            Some((name.to_owned(), Value::from(text)))
        });
        let mut funding: Map<String, Value> = texts.collect();
        if let Some(amount) = &self.amount {
            funding.insert("amount".to_owned(), Value::Number(amount.clone()));
        }
        OwnWords {
            status: match answer {
                Decided::Approve => 200,
                Decided::Decline => 402,
            },
            headers: Vec::new(),
            body: json!({"jit_funding": funding}),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declined(funding: &Value) -> Value {
        let event = json!({
            "card_acceptor": {"mid": "SHOP0001"},
            "gpa_order": {"jit_funding": funding, "amount": 7},
        });
        let event = read(event.to_string().as_bytes()).unwrap();
        let told = event.own_words(Decided::Decline);
        assert_eq!(told.status, 402);
        told.body
    }

    #[test]
    fn an_answer_repeats_four_members_and_no_others() {
        let four = json!({"token": "t-1", "method": "pgfs.authorization", "user_token": "u_1",
            "amount": 10.55});
        let mut more = four.clone();
        more["acting_user_token"] = "payer".into();
        more["address_verification"] = json!({"request": {"street_address": "1 Main Street"}});
        assert_eq!(declined(&more), json!({"jit_funding": four}));
    }

    #[test]
    fn what_is_no_token_and_no_amount_is_not_repeated() {
        let odd = json!({"token": "4111111111111111", "method": "a b", "user_token": "u".repeat(65),
            "amount": "10.00"});
        assert_eq!(declined(&odd), json!({"jit_funding": {}}));
        assert_eq!(declined(&json!("text")), json!({"jit_funding": {}}));
    }
}
