use interdict_host::Flow;

use super::shape::{self, Step};

/// A kind of payment message with a payee in every transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentMessage {
    /// A customer initiates credit transfers.
    Pain001,
    /// A credit transfer between financial institutions.
    Pacs008,
    /// Whether an account is of a named party, asked before money is sent.
    PayeeVerification,
}

impl PaymentMessage {
    /// What its payees are screened in: all of them are about to be paid.
    pub(crate) const FLOW: Flow = Flow::Payout;

    /// The way through such a message to its payees.
    pub(super) const fn shape(self) -> &'static [Step] {
        match self {
            Self::Pain001 => shape::PAIN_001,
            Self::Pacs008 => shape::PACS_008,
            Self::PayeeVerification => shape::PAYEE_VERIFICATION,
        }
    }
}
