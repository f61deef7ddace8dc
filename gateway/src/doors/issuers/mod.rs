//! Issuers' authorisation events: an issuer asks, for each payment with one of its cards, whether it may go on, and its
//! event names the merchant.
//!
//! An event also tells of the payer. Each reader names the members that it keeps, and skips everything else while it
//! reads; nothing here logs. `fixtures/issuers.json` has the cases, and its README the rules.
//!
//! ```text
//! bytes -- Secrets::verify --> SignedEvent -- read --> IssuerEvent -- request --> what screen is asked
//!                                    \-- Replays::place: the answer that was given already
//! ```

mod adyen;
mod event;
mod event_error;
mod lithic;
mod marqeta;
mod member;
mod replays;
mod secrets;
mod signature;
mod stripe;

pub(crate) use event::{Decided, IssuerEvent, Kept, OwnWords};
pub(crate) use event_error::EventError;
pub(crate) use replays::Replays;
pub(crate) use secrets::{LARGEST_SECRET, Secrets};
pub(crate) use signature::SignatureError;

use super::settings::ISSUERS;

/// Whose events are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Issuer {
    StripeIssuing,
    AdyenRelayed,
    LithicAsa,
    MarqetaJit,
}

impl Issuer {
    /// All of them, in the order of [`ISSUERS`].
    pub(crate) const ALL: [Self; 4] = [
        Self::StripeIssuing,
        Self::AdyenRelayed,
        Self::LithicAsa,
        Self::MarqetaJit,
    ];

    /// The name of its door.
    pub(crate) const fn name(self) -> &'static str {
        let [stripe, adyen, lithic, marqeta] = ISSUERS;
        match self {
            Self::StripeIssuing => stripe,
            Self::AdyenRelayed => adyen,
            Self::LithicAsa => lithic,
            Self::MarqetaJit => marqeta,
        }
    }

    /// Reads an event whose signature was verified.
    ///
    /// # Errors
    /// The bytes are no event, or it names nobody.
    pub(crate) fn read(self, bytes: &[u8]) -> Result<IssuerEvent, EventError> {
        // What is skipped is not read as text.
        if std::str::from_utf8(bytes).is_err() {
            return Err(EventError::Malformed);
        }
        match self {
            Self::StripeIssuing => stripe::read(bytes),
            Self::AdyenRelayed => adyen::read(bytes),
            Self::LithicAsa => lithic::read(bytes),
            Self::MarqetaJit => marqeta::read(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use interdict_helpers::fixtures;
    use serde_json::{Value, json};

    use super::*;

    fn expected(case: &Value) -> Value {
        case["expect"].clone()
    }

    fn found(issuer: Issuer, case: &Value) -> Value {
        let text = case["text"].as_str().map(str::to_owned);
        let text = text.unwrap_or_else(|| case["event"].to_string());
        match issuer.read(text.as_bytes()) {
            Err(EventError::Malformed) => json!({"error": "malformed"}),
            Err(EventError::NoMerchant) => json!({"error": "no_merchant"}),
            Ok(event) => {
                let mut found = serde_json::to_value(event.kept()).unwrap();
                let request: Value = serde_json::from_slice(&event.request()).unwrap();
                found["identifiers"] = request.get("identifiers").cloned().unwrap_or(json!([]));
                found["incomplete"] = json!(event.incomplete());
                found["request"] = request;
                found
            }
        }
    }

    #[test]
    fn every_case_keeps_what_it_says() {
        let text = std::fs::read(fixtures().join("issuers.json")).unwrap();
        let cases: Vec<Value> = serde_json::from_slice(&text).unwrap();
        for issuer in Issuer::ALL {
            let own = cases.iter().filter(|case| case["issuer"] == issuer.name());
            let count = own.clone().count();
            assert!(count > 60, "{}: {count}", issuer.name());
            for case in own {
                assert_eq!(found(issuer, case), expected(case), "{}", case["name"]);
            }
        }
    }

    #[test]
    fn a_case_has_no_member_that_is_not_read() {
        let text = std::fs::read(fixtures().join("issuers.json")).unwrap();
        let cases: Vec<Value> = serde_json::from_slice(&text).unwrap();
        let known = ["name", "source", "issuer", "event", "text", "expect"];
        for case in &cases {
            let members = case.as_object().unwrap();
            assert!(members.keys().all(|name| known.contains(&name.as_str())));
            assert_ne!(members.contains_key("event"), members.contains_key("text"));
            let issuers = Issuer::ALL.map(Issuer::name);
            assert!(issuers.contains(&case["issuer"].as_str().unwrap()));
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_no_event() {
        let sent = b"{\"merchant\":{\"acceptor_id\":\"SHOP0001\"},\"memo\":\"\xff\"}";
        let read = Issuer::LithicAsa.read(sent);
        assert_eq!(read.unwrap_err(), EventError::Malformed);
    }

    #[test]
    fn a_number_of_levels_that_would_fill_a_stack_is_skipped() {
        let deep = format!(
            "{{\"merchant\":{{\"acceptor_id\":\"SHOP0001\"}},\"memo\":{}{}}}",
            "[".repeat(30_000),
            "]".repeat(30_000)
        );
        let read = Issuer::LithicAsa.read(deep.as_bytes()).unwrap();
        assert_eq!(read.kept().acceptor(), Some("SHOP0001"));
        let deep = format!(
            "{{\"merchant\":{{\"acceptor_id\":{}{}}}}}",
            "[".repeat(30_000),
            "]".repeat(30_000)
        );
        let read = Issuer::LithicAsa.read(deep.as_bytes());
        assert_eq!(read.unwrap_err(), EventError::NoMerchant);
    }
}
