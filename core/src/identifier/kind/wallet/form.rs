use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::account::Account;
use super::chain::reader;
use super::tag::{AccountTag, Tagged};
use super::uri::Uri;
use crate::identifier::fields;
use crate::identifier::form::{Above, Form};
use crate::identifier::relation::Relation;
use crate::identifier::rule::Rule;

/// `CHAIN:ADDRESS`, or `CHAIN:ADDRESS/TAG`.
pub(in crate::identifier) struct Wallet {
    chain: &'static str,
    pub(super) account: Account,
    tag: Option<AccountTag>,
}

impl Form for Wallet {
    const CODE: u8 = 6;
    const NAME: &'static str = "wallet";
    const RULES: &'static [Rule] = &[
        Rule::CHAIN_MISSING,
        Rule::CHAIN_UNKNOWN,
        Rule::WALLET_UNSUPPORTED,
        Rule::WALLET_FORM,
        Rule::WALLET_CHECKSUM,
        Rule::WALLET_VERSION,
        Rule::WALLET_NETWORK,
        Rule::WALLET_TAG_UNUSED,
        Rule::WALLET_TAG_TWICE,
        Rule::WALLET_TAG,
    ];

    /// A payment link is read as the wallet that it pays.
    fn parse(value: &str) -> Result<Self, Rule> {
        let uri = Uri::read(value)?;
        let read = reader(uri.chain)?;
        let account = read(uri.address)?;
        let tag = match (&account.tagged, uri.tag) {
            (Tagged::Said(tag), None) => tag.clone(),
            (Tagged::Never | Tagged::Maybe(_), None) => None,
            (Tagged::Maybe(read), Some(tag)) => Some(read(tag)?),
            (Tagged::Said(_), Some(_)) => return Err(Rule::WALLET_TAG_TWICE),
            (Tagged::Never, Some(_)) => return Err(Rule::WALLET_TAG_UNUSED),
        };
        Ok(Self {
            chain: uri.chain,
            account,
            tag,
        })
    }

    fn text(self) -> String {
        let bare = self.bare_text();
        match &self.tag {
            Some(tag) => format!("{bare}/{}", tag.text),
            None => bare,
        }
    }

    fn canonical(&self) -> Option<Vec<u8>> {
        let mut canonical = self.bare_canonical();
        if let Some(tag) = &self.tag {
            canonical.extend(fields::join(&[&tag.bytes]));
        }
        Some(canonical)
    }

    /// The bare account: a list entry for it covers every tag.
    fn above(&self) -> Vec<Above> {
        let bare = self.tag.as_ref().map(|_| Above {
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
