//! How Hyperswitch asks its connectors for fraud and risk: Signifyd, which sees cards, and Payshield, which does not. Both
//! have their address from configuration, so that a gateway can stand where they would.
//!
//! What is written here was read in the public source of `juspay/hyperswitch`, and no Hyperswitch ran:
//!
//! | file | commit |
//! | --- | --- |
//! | `crates/hyperswitch_connectors/src/connectors/signifyd.rs` | `0d7a29dc7180b8e88d27a2a1c93ff9553d4a601f` |
//! | `…/signifyd/transformers/api.rs` | `06f686849878344cdfe6830431afb399a7e4d2e9` |
//! | `…/signifyd/transformers/auth.rs` | `02c918e4655778d72c0108be8a7fc7e1f578585e` |
//! | `…/sanlam_payshield.rs`, `…/sanlam_payshield/transformers.rs` | `075f1e26ac1597c533db940e98e780dd41767be3` |
//! | `crates/router/src/core/fraud_check.rs` | `0035224203f37fb4982edc8c34e5462fd7b77016` |
//!
//! - A connector account belongs to one profile. Its key is all that names the merchant: bodies have a buyer, cards and
//!   baskets, and of them only what an answer must repeat is read.
//! - An answer that is no answer of theirs ends the check as failed. What follows is `pre_frm_failure_mode`: `fail_open`
//!   goes on with the payment, `fail_closed` stops it. No status of HTTP can do more than that.
//! - The check before a payment asks `checkouts` and at once `transactions`, whose answer is not looked at. The check after
//!   an authorisation asks `sales`. All three are answered alike.

mod fault;
mod key;
mod payshield;
mod signifyd;

pub(crate) use fault::ConnectorFault;
pub(crate) use key::{api_key, basic_key, merchant_of};
pub(crate) use payshield::{PayshieldAsk, PayshieldError};
pub(crate) use signifyd::{Shipped, SignifydError, SignifydOrder, SignifydProblem, SignifydReturn};
