use super::account::Account;
use super::chain::reader;
use super::tag::{AccountTag, Tagged};
use crate::identifier::card_number::holds_card_number;
use crate::identifier::fields;
use crate::identifier::form::{Above, Form, Guard};
use crate::identifier::relation::Relation;
use crate::identifier::rule::Rule;

/// `CHAIN:ADDRESS`, or `CHAIN:ADDRESS/TAG`.
pub(in crate::identifier::kind) struct Wallet {
    chain: String,
    pub(super) account: Account,
    tag: Option<AccountTag>,
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
        // The checksum does not cover the tag, whose sixteen hexadecimal digits may all be decimal.
        let tag = self.tag.as_ref();
        if self.account.checked && !tag.is_some_and(|tag| holds_card_number(&tag.text)) {
            Guard::Exempt
        } else {
            Guard::Read
        }
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
