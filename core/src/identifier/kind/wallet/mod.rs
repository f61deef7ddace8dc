//! `wallet`: an account of a public ledger, under a tag where the ledger has them.
//!
//! A chain's name is never guessed from the address: some addresses are well-formed on several chains.
//! Every chain reads all its spellings into the bytes that the ledger knows, and writes one of them.
//! What several chains share is never inlined, which keeps a third of this room out of the module.

mod account;
mod chain;
mod encoding;
mod form;
mod rules;
mod tag;
#[cfg(test)]
mod tests;

pub(super) use chain::CHAINS;
pub(super) use form::Wallet;
