//! How the addresses of each chain are read.

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
