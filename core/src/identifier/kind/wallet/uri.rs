//! A wallet as people and payment links write it: chain, address, tag, and what else the link says.

use super::chain::CHAINS;
use crate::identifier::rule::Rule;

/// Schemes of payment links that are not the name of their chain. `ethereum` is that of ERC-681.
const ALIASES: [(&str, &str); 3] = [("ethereum", ETHEREUM), ("ripple", XRP), ("xrpl", XRP)];
const ETHEREUM: &str = "evm";
const XRP: &str = "xrp";

/// An invoice of it names an account that is never seen again.
const LIGHTNING: &str = "lightning";

/// Parameters of a link that are a tag of the account: XRP Ledger and Monero.
const TAGS: [(&str, &str); 2] = [(XRP, "dt"), ("monero", "tx_payment_id")];

/// The parts that say whose wallet it is.
pub(super) struct Uri<'v> {
    pub(super) chain: &'static str,
    pub(super) address: &'v str,
    pub(super) tag: Option<&'v str>,
}

impl<'v> Uri<'v> {
    /// `CHAIN:ADDRESS`, `CHAIN:ADDRESS/TAG`, or a payment link (BIP-21, ERC-681 and their like).
    #[inline(never)]
    pub(super) fn read(value: &'v str) -> Result<Self, Rule> {
        let (scheme, rest) = value.trim().split_once(':').ok_or(Rule::CHAIN_MISSING)?;
        if scheme.eq_ignore_ascii_case(LIGHTNING) {
            return Err(Rule::WALLET_UNSUPPORTED);
        }
        let chain = match scheme {
            "" => return Err(Rule::CHAIN_MISSING),
            scheme => chain(scheme).ok_or(Rule::CHAIN_UNKNOWN)?,
        };
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if chain == ETHEREUM {
            let address = paid_on_ethereum(path, query)?;
            return Ok(Self {
                chain,
                address,
                tag: None,
            });
        }
        let (address, tag) = match path.split_once('/') {
            Some((address, tag)) => (address, Some(tag)),
            None => (path, None),
        };
        let name = TAGS.iter().find(|(of, _)| *of == chain);
        let linked = name.and_then(|(_, name)| parameter(query, name));
        match (tag, linked) {
            (Some(tag), Some(linked)) if tag != linked => Err(Rule::WALLET_TAG_TWICE),
            (tag, linked) => Ok(Self {
                chain,
                address,
                tag: tag.or(linked),
            }),
        }
    }
}

/// ERC-681: `[pay-]ADDRESS[@CHAIN][/FUNCTION][?PARAMETERS]`. A transfer of a token pays its parameter, not
/// the token's contract; any other function may pay anybody.
fn paid_on_ethereum<'v>(path: &'v str, query: &'v str) -> Result<&'v str, Rule> {
    let path = path.strip_prefix("pay-").unwrap_or(path);
    let (target, function) = path.split_once('/').unwrap_or((path, ""));
    match function {
        "" if !path.contains('/') => Ok(target.split('@').next().unwrap_or_default()),
        "transfer" => parameter(query, "address").ok_or(Rule::WALLET_FORM),
        function if function.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            Err(Rule::WALLET_UNSUPPORTED)
        }
        _ => Err(Rule::WALLET_TAG_UNUSED),
    }
}

fn parameter<'v>(query: &'v str, name: &str) -> Option<&'v str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(value)
}

/// The chain of this name, in any case: a QR code may hold capitals only.
fn chain(scheme: &str) -> Option<&'static str> {
    let mut names = CHAINS.iter().map(|chain| (*chain, *chain)).chain(ALIASES);
    let (_, chain) = names.find(|(name, _)| name.eq_ignore_ascii_case(scheme))?;
    Some(chain)
}

/// Whether a URL with this scheme, in lower case, is a payment link.
pub(in crate::identifier) fn is_wallet_scheme(scheme: &str) -> bool {
    scheme == LIGHTNING || chain(scheme).is_some()
}
