use std::path::PathBuf;

use serde::Deserialize;

use crate::service_settings::{ClientSettings, ServiceSettings};

/// The longest that somebody stays signed in.
const MOST_HOURS: u32 = 24;

/// `[page]` of `gateway.toml`: the page for people at `/`. Without the table there is none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PageSettings {
    /// What browsers open, such as `https://interdict.example`, if that is not where the service listens.
    pub address: Option<String>,
    /// The directory of links with which people sign in. Only the service's own user may use it.
    pub links: PathBuf,
    /// How long somebody stays signed in.
    pub session_hours: u32,
    /// Distinct names outside the portfolio that one person may ask about in a day (UTC); 0 is without limit.
    pub names_per_day: usize,
}

impl Default for PageSettings {
    fn default() -> Self {
        Self {
            address: None,
            links: PathBuf::from("sign-in"),
            session_hours: 8,
            names_per_day: 200,
        }
    }
}

impl PageSettings {
    /// Where browsers find the page.
    #[must_use]
    pub fn origin(&self, service: &ServiceSettings) -> String {
        let scheme = if service.tls.is_some() {
            "https"
        } else {
            "http"
        };
        let listening = || format!("{scheme}://{}", service.listen);
        self.address.clone().unwrap_or_else(listening)
    }

    /// Whether browsers reach it over TLS alone.
    #[must_use]
    pub fn is_secure(&self, service: &ServiceSettings) -> bool {
        self.origin(service).starts_with("https://")
    }

    /// What is wrong with these settings, in a sentence.
    pub(crate) fn problem(&self, service: &ServiceSettings) -> Option<&'static str> {
        let host = self.address.as_deref().map(|address| {
            let address = address.strip_prefix("http").unwrap_or_default();
            let address = address.strip_prefix('s').unwrap_or(address);
            address.strip_prefix("://").unwrap_or_default()
        });
        let is_host = |host: &str| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']);
        if host.is_some_and(|host| !is_host(host)) {
            return Some("[page] address is http:// or https:// and a host, without a path");
        }
        if !(1..=MOST_HOURS).contains(&self.session_hours) {
            return Some("[page] session_hours is 1 to 24");
        }
        if self.address.is_none() && service.is_socket() {
            return Some("[page] needs the address under which browsers reach this socket");
        }
        let is_readable = service.plain && !self.is_secure(service);
        is_readable.then_some(
            "[page] needs an address that begins with https://, because with plain = true something else has TLS",
        )
    }
}

/// The first client that is a person although there is no page.
pub(crate) fn without_page(clients: &[ClientSettings]) -> Option<String> {
    let person = clients.iter().find(|client| client.page)?;
    let name = person.name.0.as_str();
    Some(format!(
        "client {name:?} has page = true, and there is no [page]"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_an_origin_and_over_a_network_it_has_tls() {
        let own = ServiceSettings::default();
        let at = |address: &str| PageSettings {
            address: Some(address.to_owned()),
            ..PageSettings::default()
        };
        assert_eq!(PageSettings::default().problem(&own), None);
        assert_eq!(at("https://interdict.example").problem(&own), None);
        for wrong in [
            "interdict.example",
            "https://",
            "ftp://a",
            "https://a/b",
            "https://a@b",
        ] {
            assert!(at(wrong).problem(&own).is_some(), "{wrong}");
        }
        let behind = ServiceSettings {
            plain: true,
            ..ServiceSettings::default()
        };
        assert!(PageSettings::default().problem(&behind).is_some());
        assert!(at("http://interdict.example").problem(&behind).is_some());
        assert_eq!(at("https://interdict.example").problem(&behind), None);
        let socket = ServiceSettings {
            listen: "unix:own.sock".to_owned(),
            ..ServiceSettings::default()
        };
        assert!(PageSettings::default().problem(&socket).is_some());
    }
}
