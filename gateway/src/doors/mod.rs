//! The doors: payment software asks the way it already asks, and is answered in its own words.
//!
//! One table ([`DOORS`]) says which words a door has for pass, hold, refuse and "not screened", and `[doors]` of
//! `gateway.toml` chooses among them. [`Answers`] takes a verdict to its column; the service's `doors/` speaks with the
//! caller. What a door reads of a message is an allow-list: the readers here skip everything else.

mod answers;
mod door;
pub(crate) mod hyperswitch;
pub(crate) mod issuers;
mod merchant_at;
mod messages;
mod settings;

/// Where `interdict doctor` leaves its mark, beside `gateway.toml`.
pub const DOCTOR_FILE: &str = "doctor.mark";
/// Characters of the mark.
pub const DOCTOR_MARK: usize = 32;

pub use answers::Answers;
pub(crate) use door::{APPROVE, DECLINE, VERDICT};
pub use door::{Column, DOORS, Door};
pub use merchant_at::{MerchantAt, Pattern};
pub(crate) use merchant_at::{flow_named, plain_path};
pub(crate) use messages::{CardMessage, MessageFault, Payee, PaymentMessage, payees};
pub(crate) use settings::DoorsText;
pub use settings::{
    Connector, ConnectorDoor, DoorSettings, EnvoyDoor, ISSUERS, IssuerDoor, SubRequestDoor,
};
