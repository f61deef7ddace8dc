use std::fmt;

use interdict_core::identifier::holds_card_number;
use interdict_core::policy::Flow;

use crate::portfolio_problem::MerchantIdError;

/// The most bytes of an id.
const MAX_ID: usize = 128;

/// How the ids begin that doors answer about without a portfolio, for `interdict doctor`.
pub(crate) const RESERVED: &str = "interdict-test-";

/// The gateway's own name for a merchant. It stands in alerts, so it may hold no card number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MerchantId(String);

/// One merchant of the gateway: its id, and everything it is screened by.
#[derive(Clone, PartialEq, Eq)]
pub struct Merchant {
    id: MerchantId,
    flow: Flow,
    /// A JSON object: the members of a request but `flow`.
    fields: String,
}

impl MerchantId {
    /// Reads an id.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, MerchantIdError> {
        if !(1..=MAX_ID).contains(&text.len()) {
            return Err(MerchantIdError::Length);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(MerchantIdError::Character);
        }
        if holds_card_number(text) {
            return Err(MerchantIdError::CardData);
        }
        if text.starts_with(RESERVED) {
            return Err(MerchantIdError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// An id that was parsed before it was stored.
    pub(super) const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Merchant {
    pub(super) const fn new(id: MerchantId, flow: Flow, fields: String) -> Self {
        Self { id, flow, fields }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &MerchantId {
        &self.id
    }

    /// The flow that it is screened in, unless a caller names another.
    #[must_use]
    pub const fn flow(&self) -> Flow {
        self.flow
    }

    /// What it is screened by, as a JSON object: identifiers in clear.
    #[must_use]
    pub fn fields(&self) -> &str {
        &self.fields
    }

    /// The message of `screen` about it in a flow.
    #[must_use]
    pub fn request(&self, flow: Flow) -> String {
        request(flow, &self.fields)
    }
}

/// The message of `screen` with these other members.
pub(super) fn request(flow: Flow, fields: &str) -> String {
    let members = fields.strip_prefix('{').unwrap_or(fields);
    format!("{{\"flow\":\"{}\",{members}", flow.name())
}

/// Its identifiers are not printed.
impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = f.debug_struct("Merchant");
        told.field("id", &self.id).field("flow", &self.flow);
        told.finish_non_exhaustive()
    }
}

impl fmt::Display for MerchantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_printable_and_no_card_number() {
        for id in [
            "m_123",
            "a",
            "4112-9",
            "m41111111111111111",
            &"a".repeat(128),
        ] {
            assert_eq!(MerchantId::parse(id).unwrap().as_str(), id);
        }
        for (id, error) in [
            ("", MerchantIdError::Length),
            (&"a".repeat(129), MerchantIdError::Length),
            ("m 1", MerchantIdError::Character),
            ("m\n1", MerchantIdError::Character),
            ("m\u{202e}1", MerchantIdError::Character),
            ("4111111111111111", MerchantIdError::CardData),
            ("m_4111-1111-1111-1111", MerchantIdError::CardData),
            ("interdict-test-allow", MerchantIdError::Reserved),
        ] {
            assert_eq!(MerchantId::parse(id), Err(error), "{id:?}");
        }
    }
}
