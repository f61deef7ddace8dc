//! The chains: how each one's addresses are read, and what they mean there.

mod bitcoin_cash;
mod coin;
mod evm;
mod monero;
mod script;
mod solana;
mod table;
mod tron;
mod xrp;
mod zcash;

pub(in crate::identifier::kind) use table::CHAINS;
pub(super) use table::reader;
