//! `wallet`: an account on a public ledger, with its tag where the ledger has tags.
//!
//! The chain is never guessed from the address: some addresses are well-formed on several chains. Each
//! chain reads every spelling of an address into the bytes that its ledger uses, and writes one spelling.
//! Functions that several chains share are never inlined, which saves a third of this room in the module.

mod account;
mod chain;
mod encoding;
mod form;
mod rules;
mod tag;
#[cfg(test)]
mod tests;
mod uri;

pub(super) use chain::CHAINS;
pub(in crate::identifier) use form::Wallet;
pub(in crate::identifier) use uri::is_wallet_scheme;
