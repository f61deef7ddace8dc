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

mod database;
mod error;
mod merchant;
mod merchants;
mod reader;

pub use database::Portfolio;
pub use error::PortfolioError;
pub use merchant::{Merchant, MerchantId, MerchantIdError};
pub use merchants::Put;
pub use reader::{MerchantReader, RowProblem};
