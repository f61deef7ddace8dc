//! `wallet`: an account of a public ledger, under a tag where the ledger has them.
//!
//! A chain's name is never guessed from the address: some addresses are well-formed on several chains.
//! Every chain reads all its spellings into the bytes that the ledger knows, and writes one of them.

mod base58;
mod bech32;
mod bitcoin_cash;
mod cashaddr;
mod coin;
mod evm;
mod five_bits;
mod keccak;
mod monero;
mod script;
mod solana;
mod tag;
mod tron;
mod xrp;
mod zcash;

use crate::identifier::fields;
use crate::identifier::form::{Above, Form, Guard};
use crate::identifier::rule::Words;
use crate::identifier::{Kind, Relation, Rule};
use coin::Coin;
use tag::{Tag, Tagged};

/// `CHAIN:ADDRESS`, or `CHAIN:ADDRESS/TAG`.
pub(super) struct Wallet {
    chain: String,
    account: Account,
    tag: Option<Tag>,
}

impl Rule {
    const CHAIN_MISSING: Self = Self(&Words::new(
        "chain_missing",
        "there is no chain and colon before the address",
    ));
    const CHAIN_UNKNOWN: Self = Self(&Words::new(
        "chain_unknown",
        "the chain is none of those known by name",
    ));
    const WALLET_QUERY: Self = Self(&Words::new(
        "wallet_query",
        "the address is followed by the query of a payment link",
    ));
    const WALLET_UNSUPPORTED: Self = Self(&Words::new(
        "wallet_unsupported",
        "names no public account: an invoice, a silent payment or a shielded address",
    ));
    const WALLET_FORM: Self = Self(&Words::new(
        "wallet_form",
        "has not the length, characters or case of an address of its chain",
    ));
    const WALLET_CHECKSUM: Self = Self(&Words::check_digits(
        "wallet_checksum",
        "the checksum is wrong; a character is mistyped, missing or out of place",
    ));
    const WALLET_VERSION: Self = Self(&Words::new(
        "wallet_version",
        "is of a version, type or length to which no rule of its chain gives a meaning",
    ));
    const WALLET_NETWORK: Self = Self(&Words::new(
        "wallet_network",
        "is an address of a test network",
    ));
    const WALLET_TAG: Self = Self(&Words::new(
        "wallet_tag",
        "what follows the slash is no tag of its chain",
    ));
    const WALLET_TAG_TWICE: Self = Self(&Words::new(
        "wallet_tag_twice",
        "the address says itself whether it has a tag, and another follows it",
    ));
    const WALLET_TAG_UNUSED: Self = Self(&Words::new(
        "wallet_tag_unused",
        "a tag follows an address that has none",
    ));
}

impl Form for Wallet {
    const CODE: u8 = 6;
    const NAME: &'static str = "wallet";
    const RULES: &'static [Rule] = &[
        Rule::CHAIN_MISSING,
        Rule::CHAIN_UNKNOWN,
        Rule::WALLET_QUERY,
        Rule::WALLET_UNSUPPORTED,
        Rule::WALLET_FORM,
        Rule::WALLET_CHECKSUM,
        Rule::WALLET_VERSION,
        Rule::WALLET_NETWORK,
        Rule::WALLET_TAG_UNUSED,
        Rule::WALLET_TAG_TWICE,
        Rule::WALLET_TAG,
    ];

    fn parse(value: &str) -> Result<Self, Rule> {
        let written = value.trim();
        if written.is_empty() {
            return Err(Rule::EMPTY);
        }
        let (chain, rest) = written.split_once(':').ok_or(Rule::CHAIN_MISSING)?;
        let read = reader(chain)?;
        if rest.contains('?') {
            return Err(Rule::WALLET_QUERY);
        }
        let (address, tag) = match rest.split_once('/') {
            Some((address, tag)) => (address, Some(tag)),
            None => (rest, None),
        };
        let account = read(address)?;
        let tag = match (&account.tagged, tag) {
            (Tagged::Said(tag), None) => tag.clone(),
            (Tagged::Never | Tagged::Maybe(_), None) => None,
            (Tagged::Maybe(read), Some(tag)) => Some(read(tag)?),
            (Tagged::Said(_), Some(_)) => return Err(Rule::WALLET_TAG_TWICE),
            (Tagged::Never, Some(_)) => return Err(Rule::WALLET_TAG_UNUSED),
        };
        Ok(Self {
            chain: chain.to_owned(),
            account,
            tag,
        })
    }

    fn text(&self) -> String {
        let bare = self.bare_text();
        match &self.tag {
            Some(tag) => format!("{bare}/{}", tag.text),
            None => bare,
        }
    }

    fn canonical(&self) -> Vec<u8> {
        let mut canonical = self.bare_canonical();
        if let Some(tag) = &self.tag {
            canonical.extend(fields::join(&[&tag.bytes]));
        }
        canonical
    }

    fn guard(&self) -> Guard {
        if self.account.checked { Guard::Exempt } else { Guard::Read }
    }

    /// The bare account: whoever lists it lists all that is paid to it.
    fn above(&self) -> Vec<Above> {
        let bare = self.tag.as_ref().map(|_| Above {
            kind: Kind::Wallet,
            relation: Relation::Parent,
            text: (0, self.bare_text().len()),
            canonical: (0, self.bare_canonical().len()),
        });
        bare.into_iter().collect()
    }
}

impl Wallet {
    fn bare_text(&self) -> String {
        format!("{}:{}", self.chain, self.account.text)
    }

    fn bare_canonical(&self) -> Vec<u8> {
        fields::join(&[self.chain.as_bytes(), &self.account.bytes])
    }
}

/// An account as one address names it.
#[derive(Debug, Clone)]
struct Account {
    /// The one spelling of its address.
    text: String,
    /// What the ledger knows it by.
    bytes: Vec<u8>,
    tagged: Tagged,
    /// Whether a checksum held.
    checked: bool,
}

impl Account {
    const fn checked(text: String, bytes: Vec<u8>) -> Self {
        Self {
            text,
            bytes,
            tagged: Tagged::Never,
            checked: true,
        }
    }
}

/// Names are never changed: they are the first field of the canonical bytes.
fn reader(chain: &str) -> Result<fn(&str) -> Result<Account, Rule>, Rule> {
    Ok(match chain {
        "" => return Err(Rule::CHAIN_MISSING),
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
