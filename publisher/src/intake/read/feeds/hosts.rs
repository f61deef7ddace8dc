//! Lines of names: hosts files, web addresses, and plain domains.

use std::io::BufRead;
use std::net::IpAddr;

use super::super::super::rule::Rule;
use super::super::lines::Lines;
use super::super::row::{Fields, LineRow, URL};
use crate::error::Result;

/// Names of the own machine and network, which hosts files begin with.
const OWN: [&str; 14] = [
    "localhost",
    "localhost.localdomain",
    "localhost4",
    "localhost6",
    "local",
    "broadcasthost",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localnet",
    "ip6-mcastprefix",
    "ip6-allnodes",
    "ip6-allrouters",
    "ip6-allhosts",
    "0.0.0.0",
];

type Act<'a> = dyn FnMut(LineRow) -> Result<()> + 'a;

/// One domain a line; `#` starts a comment.
pub(in super::super) fn each_domain(text: impl BufRead, act: &mut Act<'_>) -> Result<()> {
    each_line(text, act, |line, text, act| {
        let domain = text.split('#').next().unwrap_or_default().trim();
        if domain.is_empty() {
            return Ok(());
        }
        act(LineRow::new(line, Ok(Fields::of("domain", domain))))
    })
}

/// One web address or host a line. A `#` starts a comment only at the beginning, for addresses have it.
pub(in super::super) fn each_url(text: impl BufRead, act: &mut Act<'_>) -> Result<()> {
    each_line(text, act, |line, text, act| {
        let address = text.trim();
        if address.is_empty() || address.starts_with('#') {
            return Ok(());
        }
        act(LineRow::new(line, Ok(Fields::of(URL, address))))
    })
}

/// An address that leads nowhere and the names that lead there. How many names of the own machine were
/// left out.
pub(in super::super) fn each_host(text: impl BufRead, act: &mut Act<'_>) -> Result<u64> {
    let mut own = 0_u64;
    each_line(text, act, |line, text, act| {
        let text = text.split('#').next().unwrap_or_default();
        let mut words = text.split_whitespace();
        let Some(address) = words.next() else {
            return Ok(());
        };
        if let Err(rule) = blocks(address) {
            return act(LineRow::new(line, Err(rule)));
        }
        let mut any = false;
        for name in words {
            any = true;
            if OWN.contains(&name.to_ascii_lowercase().as_str()) {
                own = own.saturating_add(1);
            } else {
                act(LineRow::new(line, Ok(Fields::of("domain", name))))?;
            }
        }
        if any {
            Ok(())
        } else {
            act(LineRow::new(line, Err(Rule::Syntax)))
        }
    })?;
    Ok(own)
}

/// Every line that is UTF-8; one that is not is refused.
fn each_line(
    text: impl BufRead,
    act: &mut Act<'_>,
    mut read: impl FnMut(u64, &str, &mut Act<'_>) -> Result<()>,
) -> Result<()> {
    let mut lines = Lines::new(text);
    while let Some((line, text)) = lines.next()? {
        match std::str::from_utf8(text) {
            Ok(text) => read(line, text, act)?,
            Err(_) => act(LineRow::new(line, Err(Rule::Encoding)))?,
        }
    }
    Ok(())
}

/// Whether an address leads nowhere. One that leads somewhere gives a machine a name, and lists nobody.
fn blocks(address: &str) -> Result<(), Rule> {
    // A zone, as in fe80::1%lo0, is of the own machine.
    if address.contains('%') {
        return Ok(());
    }
    let address: IpAddr = address.parse().map_err(|_| Rule::Syntax)?;
    let own = address.is_unspecified() || address.is_loopback() || address.is_multicast();
    let broadcast = matches!(address, IpAddr::V4(address) if address.is_broadcast());
    let local =
        matches!(address, IpAddr::V6(address) if address.segments().first() == Some(&0xfe00));
    if own || broadcast || local {
        Ok(())
    } else {
        Err(Rule::HostsAddress)
    }
}
