//! Whom a web address names: its host, or on a payment or profile host somebody there, or the wallet
//! that a payment link pays.

use alloc::format;

use super::card_number::holds_card_number;
use super::form::{Form, Forms};
use super::host::url::Url;
use super::kind::{Handle, Host, Kind, Link, Payee, Phone, Wallet, is_wallet_scheme};
use super::rule::Rule;

/// What a web address names, or the kind that it was read as and the rule it breaks.
pub(super) fn read(written: &str) -> Result<(Kind, Forms), (Kind, Rule)> {
    let domain = |rule| (Kind::Domain, rule);
    let url = Url::read(written).map_err(domain)?;
    if let Some((scheme, rest)) = url.other_scheme() {
        if is_wallet_scheme(&scheme) {
            let wallet = Wallet::parse(&format!("{scheme}:{rest}"));
            return of(Kind::Wallet, wallet);
        }
        if let Some(link) = Link::of_uri(&scheme, rest) {
            return payee(&link).ok_or((Kind::Handle, Rule::NAMES_NOBODY));
        }
    }
    let address = url.address().map_err(domain)?;
    let host = Host::of(&address.host).map_err(domain)?;
    if let Some(link) = Link::of(host.as_str(), address.rest) {
        if let Some(named) = payee(&link) {
            return Ok(named);
        }
        if link.payee() == Payee::Nobody {
            return Err((Kind::Handle, Rule::NAMES_NOBODY));
        }
    }
    Ok((Kind::Domain, host.forms()))
}

fn payee(link: &Link) -> Option<(Kind, Forms)> {
    link.named(|scheme, name| match scheme {
        "phone" => {
            let name = name.trim_start_matches(['+', ' ']);
            of(Kind::Phone, Phone::parse(&format!("+{name}")))
        }
        _ if scheme.starts_with('.') && !holds_card_number(name) => {
            of(Kind::Domain, Host::of(&format!("{name}{scheme}")))
        }
        _ => of(Kind::Handle, Handle::named(scheme, name)),
    })
}

fn of<F: Form>(kind: Kind, read: Result<F, Rule>) -> Result<(Kind, Forms), (Kind, Rule)> {
    match read {
        Ok(form) => Ok((kind, form.forms())),
        Err(rule) => Err((kind, rule)),
    }
}
