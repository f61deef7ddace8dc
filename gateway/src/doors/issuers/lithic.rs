//! Lithic, Auth Stream Access: <https://docs.lithic.com/docs/auth-stream-access-asa>.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::event::{self, Decided, Echo, IssuerEvent, OwnWords, Sent};
use super::event_error::EventError;
use super::member::{Part, Text, object};

#[derive(Deserialize, Default)]
#[serde(default)]
struct Event {
    token: Text,
    merchant: Part<Merchant>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Merchant {
    acquiring_institution_id: Text,
    acceptor_id: Text,
    descriptor: Text,
    mcc: Text,
}

/// The token of the transaction, which an answer repeats.
#[derive(Debug)]
struct Repeated {
    token: Option<String>,
}

pub(super) fn read(bytes: &[u8]) -> Result<IssuerEvent, EventError> {
    let event: Event = object(bytes)?;
    let merchant = event.merchant.or_empty();
    let sent = Sent {
        acquirer: merchant.acquiring_institution_id,
        acceptor: merchant.acceptor_id,
        name: merchant.descriptor,
        category: merchant.mcc,
        url: Text::default(),
    };
    let echo = Repeated {
        token: event::token(event.token),
    };
    IssuerEvent::of(sent, echo)
}

impl Echo for Repeated {
    fn words(&self, answer: Decided) -> OwnWords {
        let result = match answer {
            Decided::Approve => "APPROVED",
            Decided::Decline => "UNAUTHORIZED_MERCHANT",
        };
        let mut body = Map::new();
        body.insert("result".to_owned(), result.into());
        if let Some(token) = &self.token {
            body.insert("token".to_owned(), token.as_str().into());
        }
        OwnWords {
            status: 200,
            headers: Vec::new(),
            body: Value::Object(body),
        }
    }
}
