//! Payment messages as their senders write them: from each transaction only what names the payee is kept.
//!
//! | message | what is kept |
//! | --- | --- |
//! | `pain.001`, `pacs.008` (XML, JSON) | IBAN of the creditor's account, LEI of creditor and ultimate creditor |
//! | payee verification (`acmt.023` as XML or JSON; the EPC scheme's JSON) | IBAN and LEI of the party that is verified |
//! | ISO 8583 (JSON) | DE32 with DE42, and DE18 as the signal `mcc` |
//!
//! Rules of this room:
//!
//! 1. A message is read whole before anybody is screened. What is cut, malformed or ambiguous (a field that is there
//!    twice) names nobody.
//! 2. Fields are found by their whole path from the root. Nothing else is copied: no name, no debtor, no amount, no
//!    reference. `EndToEndId` is the payer's own text, so an answer counts transactions instead.
//! 3. A message of ISO 8583 that has an element for card data is refused, wherever that element stands.
//! 4. Errors hold nothing of the message.

mod fault;
mod iso20022;
mod iso8583;
mod json;
mod kind;
mod payee;
mod shape;
mod walk;
mod xml;

pub(crate) use fault::MessageFault;
pub(crate) use iso8583::CardMessage;
pub(crate) use iso20022::payees;
pub(crate) use kind::PaymentMessage;
pub(crate) use payee::Payee;
