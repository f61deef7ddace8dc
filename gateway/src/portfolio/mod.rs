//! The gateway's own merchants in one SQLite file, screened again whenever lists change, so that only changes are
//! reported.
//!
//! ```
//! use interdict::{MerchantReader, Portfolio};
//! use serde_json::json;
//!
//! # let room = tempfile::tempdir()?;
//! let now = 1_795_309_323; // 2026-11-22
//! let mut portfolio = Portfolio::open(&room.path().join("portfolio.sqlite"))?;
//! let request = json!({"flow": "payout", "identifiers": [{"kind": "domain", "value": "shop.example"}]});
//! let merchant = MerchantReader::new(None, now)?.read("m_123", &request)?;
//! portfolio.put(&merchant, now)?;
//! assert!(portfolio.request(merchant.id(), None)?.is_some_and(|text| text.contains("shop.example")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Rules of this room:
//!
//! 1. Only the file's owner may read it, and nothing but [`Portfolio::request`] and [`Portfolio::merchant`] gives an
//!    identifier out: no error, no alert and no report holds one.
//! 2. What changed and the alert about it are one transaction. Whoever is killed before it finds the merchants due
//!    again; whoever is killed after it finds the alert in the outbox.
//! 3. What was not screened is no verdict. What a list that cannot answer no longer says is not cleared.

mod alarms;
mod basis;
mod benches;
mod cases;
mod counts;
mod database;
mod delivery;
mod event;
mod folded;
mod held;
mod in_force;
mod intake;
mod known;
mod lists;
mod merchant;
mod merchants;
mod outbox;
mod preview;
mod reader;
mod rescreen;
mod retention;
mod settings;
mod staging;
mod standing;
mod status;
mod verdicts;

pub use alarms::Alarm;
pub use cases::{CaseFilter, CaseStep, CaseText, MerchantCase, Step};
pub use counts::PortfolioCounts;
pub use database::Portfolio;
pub use delivery::{AlertProgram, Delivered, Delivery, Webhook, WebhookSecret};
pub use event::{
    Brief, ChangeKind, ClockDifference, Doubt, Event, EventData, HeldList, ListChange,
    MerchantChange, MerchantsChange, PortfolioHeld, ReleaseUsed, ReleaseWaits,
};
pub use held::{Held, SilentList};
pub use in_force::InForce;
pub use intake::{
    FileFormat, Imported, Intent, LineProblem, MerchantFile, MerchantMap, RowPlace, RowToScreen,
};
pub use known::Which;
pub(crate) use merchant::RESERVED;
pub use merchant::{Merchant, MerchantId};
pub use merchants::Put;
pub use outbox::Waiting;
pub use preview::{Preview, PreviewReason};
pub use reader::MerchantReader;
pub use rescreen::{Pending, Record, Rescreened};
pub use settings::PortfolioConfig;
pub(crate) use settings::read_named;
pub use staging::{Considered, Previewed};
pub use standing::{Standing, StandingReason};
pub use status::MerchantStatus;
