use std::path::PathBuf;

use interdict_core::common::hex;
use interdict_host::Flow;
use serde::Deserialize;

use crate::journal::Word;

/// `[service]` of `gateway.toml`: where and how the service answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceSettings {
    /// `HOST:PORT`, or `unix:PATH` for a socket that the owner and the group may use.
    pub listen: String,
    /// Certificate and key; without them what goes over the network is readable by everyone on it.
    pub tls: Option<TlsSettings>,
    /// Whether clients may be answered over a network without TLS, because something in front of the service has it.
    pub plain: bool,
    /// Instances of the module, each with its own lists.
    pub workers: usize,
    /// Connections open at once; further ones wait.
    pub max_connections: usize,
    /// Requests in work at once; further ones are shed with 503.
    pub max_requests: usize,
    /// Bytes of a request to screen one merchant.
    pub max_body: usize,
    /// Bytes of a batch.
    pub max_batch: usize,
    /// Seconds for the headers of a request, and again for its body. A batch has one for each 64 KiB more.
    pub read_seconds: u64,
    /// Seconds from one refresh to the next; 0 if another process refreshes the state directory.
    pub refresh_seconds: u64,
    /// At most so many seconds more, by chance, so that not all gateways ask at once.
    pub jitter_seconds: u64,
    /// Whether the service is ready while a list is stale, expired or untrusted. Verdicts say so in any case, and a
    /// fleet that is taken out of service at once answers nobody.
    pub ready_when_stale: bool,
    /// The address of a collector that gets a span of each sampled request (OTLP over HTTP).
    pub otlp: Option<String>,
}

/// The service's own certificate, and those of its clients.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// PEM file of the certificate and what leads to its issuer.
    pub certificate: PathBuf,
    /// PEM file of its key.
    pub key: PathBuf,
    /// PEM file of the issuers whose client certificates are accepted; without it clients have tokens.
    pub clients: Option<PathBuf>,
}

/// A `[[client]]` of `gateway.toml`: who may ask, and how much.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// Its name in the audit and in metrics.
    pub name: ClientName,
    /// SHA-256 of its bearer token, from `interdict serve --new-client`.
    pub token_sha256: Option<Sha256Text>,
    /// SHA-256 of its certificate (DER).
    pub certificate_sha256: Option<Sha256Text>,
    /// User id of the process at the other end of a Unix socket.
    pub uid: Option<u32>,
    /// The flows it may ask in; none given are all.
    #[serde(default)]
    pub flows: Vec<FlowName>,
    /// The policy of `[policies]` that it is answered under; the gateway's own without one.
    pub policy: Option<String>,
    /// Requests a second, a batch's line counting as one; 0 is without limit.
    #[serde(default)]
    pub requests_per_second: u32,
    /// Distinct names outside the portfolio that it may ask about in a day (UTC); 0 is without limit.
    #[serde(default)]
    pub names_per_day: usize,
    /// Whether it is a person, whose certificate also opens the page.
    #[serde(default)]
    pub page: bool,
    /// Whether it may read cases and act on them, as payment systems need not.
    #[serde(default)]
    pub cases: bool,
    /// The origins of the pages that it may open checkout sessions for.
    #[serde(default)]
    pub checkout_origins: Vec<Origin>,
}

/// The name of a client: small letters, digits, `-` and `_`, and no long number, so that the audit can have it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ClientName(pub Word);

/// Where a page comes from, as browsers write it: `https://shop.example`, or `http` of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Origin(String);

/// A flow by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct FlowName(pub Flow);

/// A SHA-256 as 64 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Sha256Text(pub [u8; 32]);

impl Default for ServiceSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8470".to_owned(),
            tls: None,
            plain: false,
            workers: 2,
            max_connections: 1024,
            max_requests: 256,
            max_body: 64 << 10,
            max_batch: 64 << 20,
            read_seconds: 10,
            refresh_seconds: 900,
            jitter_seconds: 60,
            ready_when_stale: true,
            otlp: None,
        }
    }
}

impl TryFrom<String> for ClientName {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let word = Word::new(&name).map(Self);
        word.map_err(
            |_| "the name of a client has small letters, digits, - and _, and no long number",
        )
    }
}

impl ClientSettings {
    /// A client without credential and limits.
    pub(crate) const fn without_credential(name: ClientName) -> Self {
        Self {
            name,
            token_sha256: None,
            certificate_sha256: None,
            uid: None,
            flows: vec![],
            policy: None,
            requests_per_second: 0,
            names_per_day: 0,
            page: false,
            cases: false,
            checkout_origins: vec![],
        }
    }
}

impl Origin {
    /// As the header `origin` has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Origin {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let told = "an origin is https:// and a host in small letters, and a port if it is not 443";
        let (scheme, host) = text.split_once("://").ok_or(told)?;
        let is_own = scheme == "http" && is_loopback(host);
        let is_plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b':');
        let is_host = !host.is_empty() && host.len() <= 255 && host.bytes().all(is_plain);
        let is_default = host.ends_with(":443") || host.ends_with(':');
        match is_host && !is_default && (scheme == "https" || is_own) {
            true => Ok(Self(text)),
            false => Err(told),
        }
    }
}

impl TryFrom<String> for FlowName {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        let flow = Flow::from_name(&name).map(Self);
        flow.ok_or("a flow is onboarding, authorisation, checkout or payout")
    }
}

impl TryFrom<String> for Sha256Text {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let read = hex::array(&text).map(Self);
        read.ok_or("a SHA-256 has 64 digits of 0-9 a-f")
    }
}

impl ServiceSettings {
    /// What is wrong with these settings and clients together, in a sentence.
    pub(crate) fn problem(&self, clients: &[ClientSettings]) -> Option<String> {
        let mut names: Vec<&str> = clients.iter().map(|one| one.name.0.as_str()).collect();
        names.sort_unstable();
        let twice = names.windows(2).find_map(|pair| match pair {
            [one, other] if one == other => Some(*one),
            _ => None,
        });
        let no_credential = clients.iter().find(|one| {
            one.token_sha256.is_none() && one.certificate_sha256.is_none() && one.uid.is_none()
        });
        let zero = self.workers == 0
            || self.max_connections == 0
            || self.max_requests == 0
            || self.max_body == 0
            || self.read_seconds == 0;
        match (twice, no_credential) {
            (Some(name), _) => Some(format!("two clients have the name {name:?}")),
            (None, Some(client)) => Some(format!(
                "client {:?} has none of token_sha256, certificate_sha256 and uid",
                client.name.0.as_str()
            )),
            (None, None) if zero => {
                Some("[service] has a 0 that leaves nothing to serve".to_owned())
            }
            (None, None) => {
                let listen = listen_problem(&self.listen);
                listen
                    .map(|problem| format!("[service] {problem}"))
                    .or_else(|| self.exposure(clients))
            }
        }
    }

    /// Whether it listens on a Unix socket.
    pub(crate) fn is_socket(&self) -> bool {
        self.listen.starts_with("unix:")
    }

    /// Why strangers could ask, or read along.
    fn exposure(&self, clients: &[ClientSettings]) -> Option<String> {
        if self.is_socket() || is_loopback(&self.listen) {
            return None;
        }
        if clients.is_empty() {
            return Some(format!(
                "[service] listens on {}, and without a [[client]] everyone there could ask",
                self.listen
            ));
        }
        let is_readable = self.tls.is_none() && !self.plain;
        is_readable.then(|| {
            format!(
                "[service] listens on {} without tls, so that tokens can be read on the way; if something in front \
                 of it has TLS, say plain = true",
                self.listen
            )
        })
    }
}

/// Which forms there are, if a text names no place to listen at.
pub(crate) fn listen_problem(listen: &str) -> Option<String> {
    let is_place = match listen.strip_prefix("unix:") {
        Some(path) => !path.is_empty(),
        None => listen
            .rsplit_once(':')
            .is_some_and(|(host, port)| is_host(host) && port.parse::<u16>().is_ok()),
    };
    (!is_place).then(|| {
        format!(
            "listen is {listen:?}, which is no place to listen at: write HOST:PORT, such as 127.0.0.1:8470 or \
             [::1]:8470, or unix:PATH, such as unix:interdict.sock"
        )
    })
}

/// Whether a text is a name or an address, of IPv6 in brackets.
fn is_host(text: &str) -> bool {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match bare {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !text.is_empty() && !text.contains([':', '/', '@', ' ']),
    }
}

/// Whether an address is of this machine alone.
pub(crate) fn is_loopback(listen: &str) -> bool {
    let host = host_of(listen);
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// The host of `HOST:PORT`, of a host alone, or of an origin.
pub(crate) fn host_of(place: &str) -> &str {
    let place = place.split_once("://").map_or(place, |(_, place)| place);
    let host = match place.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => place,
    };
    host.trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(name: &str) -> ClientSettings {
        ClientSettings {
            token_sha256: Some(Sha256Text([7; 32])),
            ..ClientSettings::without_credential(ClientName::try_from(name.to_owned()).unwrap())
        }
    }

    fn at(listen: &str) -> ServiceSettings {
        ServiceSettings {
            listen: listen.to_owned(),
            ..ServiceSettings::default()
        }
    }

    #[test]
    fn nobody_else_can_ask_or_read_along_unless_it_is_said() {
        for own in ["127.0.0.1:1", "[::1]:1", "localhost:1", "unix:x.sock"] {
            assert_eq!(at(own).problem(&[]), None, "{own}");
        }
        for open in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "gateway.example:1"] {
            assert!(
                at(open).problem(&[]).unwrap().contains("everyone"),
                "{open}"
            );
            assert!(
                at(open).problem(&[client("a")]).unwrap().contains("tls"),
                "{open}"
            );
            let plain = ServiceSettings {
                plain: true,
                ..at(open)
            };
            assert_eq!(plain.problem(&[client("a")]), None);
        }
    }

    #[test]
    fn a_place_to_listen_at_is_a_host_with_a_port_or_a_socket() {
        for place in [
            "127.0.0.1:0",
            "[::1]:8470",
            "gateway.example:1",
            "unix:x.sock",
            "unix:/run/interdict/s",
        ] {
            assert_eq!(listen_problem(place), None, "{place}");
        }
        for none in [
            "",
            "8470",
            ":8470",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:70000",
            "127.0.0.1:http",
            "::1:8470",
            "[1]:8470",
            "http://127.0.0.1:8470",
            "a b:1",
            "unix:",
        ] {
            let told = at(none).problem(&[client("a")]).unwrap();
            for form in [
                "[service] listen is ",
                "127.0.0.1:8470",
                "[::1]:8470",
                "unix:interdict.sock",
            ] {
                assert!(told.contains(form), "{none}: {told}");
            }
        }
    }

    #[test]
    fn clients_have_names_of_their_own_and_credentials() {
        let own = at("127.0.0.1:1");
        assert!(own.problem(&[client("a"), client("a")]).is_some());
        assert_eq!(own.problem(&[client("a"), client("b")]), None);
        let bare = ClientSettings {
            token_sha256: None,
            ..client("a")
        };
        assert!(own.problem(&[bare]).is_some());
        let idle = ServiceSettings { workers: 0, ..own };
        assert!(idle.problem(&[]).is_some());
    }
}
