use super::coin::Coin;
use super::{bitcoin_cash, evm, monero, solana, tron, xrp, zcash};
use crate::identifier::kind::wallet::account::Account;
use crate::identifier::rule::Rule;

/// The names of the chains; never changed, because they are the first field of the canonical bytes.
pub(in crate::identifier::kind) const CHAINS: [&str; 11] = [
    "bitcoin",
    "bitcoincash",
    "litecoin",
    "dogecoin",
    "dash",
    "zcash",
    "tron",
    "evm",
    "monero",
    "xrp",
    "solana",
];

/// Reads an address of one chain.
pub(in crate::identifier::kind::wallet) type Read = fn(&str) -> Result<Account, Rule>;

pub(in crate::identifier::kind::wallet) fn reader(chain: &str) -> Result<Read, Rule> {
    Ok(match chain {
        "bitcoin" => |address| Coin::BITCOIN.read(address),
        "bitcoincash" => bitcoin_cash::read,
        "litecoin" => |address| Coin::LITECOIN.read(address),
        "dogecoin" => |address| Coin::DOGECOIN.read(address),
        "dash" => |address| Coin::DASH.read(address),
        "zcash" => zcash::read,
        "tron" => tron::read,
        "evm" => evm::read,
        "monero" => monero::read,
        "xrp" => xrp::read,
        "solana" => solana::read,
        _ => return Err(Rule::CHAIN_UNKNOWN),
    })
}
