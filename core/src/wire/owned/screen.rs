use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::word;
use crate::policy::Flow;

/// The message of `screen`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screen {
    /// Where in the life of a merchant or payment the question is asked.
    #[serde(with = "word::flow")]
    pub flow: Flow,
    /// Which of the gateway's named policies decides; none for its own. An older module does not know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What names the merchant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Named>,
    /// A web address of the merchant; its host is screened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Elements of an ISO 8583 message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iso8583: Option<Iso8583>,
    /// Elements of ISO 20022 messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iso20022: Option<Iso20022>,
    /// What a payment facilitator says of a merchant it stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facilitator: Option<Facilitator>,
    /// What is known of the merchant besides its names, for typologies; `docs/scoring.md` lists them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signals: Option<Value>,
    /// `system` or `analyst`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<String>,
    /// Asks for sentences in this language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The caller's own mark, handed back with the verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// An identifier as text, for the module to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// One of the kinds of `docs/identifiers.md`.
    pub kind: String,
    /// In the kind's text form.
    pub value: String,
}

/// Data elements that name the card acceptor.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Iso8583 {
    /// The acquirer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub de32: Option<String>,
    /// The card acceptor's id with the acquirer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub de42: Option<String>,
}

/// Elements that name the creditor or the merchant; `docs/abi.md` says where they stand.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Iso20022 {
    /// The creditor's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdtr_acct_iban: Option<String>,
    /// The creditor's LEI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdtr_lei: Option<String>,
    /// The ultimate creditor's LEI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ultmt_cdtr_lei: Option<String>,
    /// The acquirer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acqrr_id: Option<String>,
    /// The merchant's id with the acquirer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mrchnt_id: Option<String>,
}

/// What a payment facilitator says of a merchant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facilitator {
    /// The facilitator's id with the card scheme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facilitator_id: Option<String>,
    /// The merchant's id with the facilitator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_merchant_id: Option<String>,
    /// The merchant's LEI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lei: Option<String>,
    /// The merchant's web address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The merchant's telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The country of `registration`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The merchant's number in the country's register.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registration: Option<String>,
}

impl Screen {
    /// A question that names nobody yet.
    #[must_use]
    pub const fn new(flow: Flow) -> Self {
        Self {
            flow,
            policy: None,
            identifiers: Vec::new(),
            url: None,
            iso8583: None,
            iso20022: None,
            facilitator: None,
            signals: None,
            view: None,
            language: None,
            reference: None,
        }
    }
}

impl Named {
    /// An identifier of a kind.
    #[must_use]
    pub fn new(kind: &str, value: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            value: value.to_owned(),
        }
    }
}
