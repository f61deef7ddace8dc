//! Which machines a repository may be on. A coalition's file must not make a gateway ask its own machine or the
//! network behind it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// What is said of a repository that is refused for its address.
pub(super) const REFUSED: &str = "the repository is on this machine or in a private network; if that is meant, \
     set allow_private = true for the coalition (interdict enrol --allow-private)";

/// Which addresses a repository may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Addresses {
    /// Those of the internet alone.
    #[default]
    Public,
    /// Also loopback, link-local and private ones.
    Private,
}

impl Addresses {
    /// What a host in a URL needs, as far as it can be seen from its text.
    #[must_use]
    pub fn of_host(host: &str) -> Self {
        let host = host.trim_matches(['[', ']']).trim_end_matches('.');
        let name = host.to_ascii_lowercase();
        match host.parse::<IpAddr>() {
            Ok(address) => Self::of(address),
            Err(_) if name == "localhost" || name.ends_with(".localhost") => Self::Private,
            Err(_) => Self::Public,
        }
    }

    /// What the host of a location needs; [`Addresses::Public`] for a path.
    #[must_use]
    pub fn of_location(location: &str) -> Self {
        let uri = location.parse::<Uri>().ok();
        let host = uri.as_ref().and_then(Uri::host);
        host.map_or(Self::Public, Self::of_host)
    }

    fn of(address: IpAddr) -> Self {
        let is_private = match address {
            IpAddr::V4(address) => is_private(address),
            IpAddr::V6(address) => is_private_v6(address),
        };
        if is_private {
            Self::Private
        } else {
            Self::Public
        }
    }
}

/// The special ranges of RFC 6890 that are not of the internet.
fn is_private(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    matches!(first, 0 | 240..=255)
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || (first == 100 && (64..128).contains(&second))
        || (first == 192 && second == 0 && third == 0)
        || (first == 198 && (18..20).contains(&second))
}

/// The same, and addresses that carry one of version 4: mapped, NAT64 (RFC 6052) and 6to4 (RFC 3056).
fn is_private_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, fourth, fifth, sixth, seventh, eighth] = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match (first, second) {
        (0, 0) if [third, fourth, fifth] == [0; 3] => sixth == 0 || is_private(v4(seventh, eighth)),
        (0x64, 0xff9b) => third == 1 || is_private(v4(seventh, eighth)),
        (0x2002, _) => is_private(v4(second, third)),
        // Unique local, link-local and site-local, multicast.
        _ => first & 0xfe00 == 0xfc00 || first & 0xff80 == 0xfe80 || first & 0xff00 == 0xff00,
    }
}

/// Resolves names to addresses of the internet, and to no other.
#[derive(Debug, Default)]
pub(super) struct PublicOnly(DefaultResolver);

impl Resolver for PublicOnly {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let all = self.0.resolve(uri, config, timeout)?;
        let mut public = self.empty();
        let is_public = |ip: IpAddr| Addresses::of(ip) == Addresses::Public;
        for address in all.iter().filter(|address| is_public(address.ip())) {
            public.push(*address);
        }
        if public.is_empty() {
            return Err(Error::Io(io::Error::new(
                io::ErrorKind::PermissionDenied,
                REFUSED,
            )));
        }
        Ok(public)
    }
}

/// Whether an error is [`PublicOnly`]'s.
pub(super) fn is_refusal(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
        && error
            .get_ref()
            .is_some_and(|inner| inner.to_string() == REFUSED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_of_this_machine_and_its_networks_needs_to_be_allowed() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.8",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fec0::1]",
            "[fc00::1]",
            "[fd12::1]",
            "[ff02::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:10.0.0.1]",
            "[::10.0.0.1]",
            "[64:ff9b::a00:1]",
            "[64:ff9b:1::1]",
            "[2002:a00:1::1]",
        ] {
            assert_eq!(Addresses::of_host(host), Addresses::Private, "{host}");
        }
        for host in [
            "lists.example",
            "localhost.example",
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "198.20.0.1",
            "[2606:4700:4700::1111]",
            "[::ffff:1.1.1.1]",
            "[64:ff9b::101:101]",
            "[2002:101:101::1]",
        ] {
            assert_eq!(Addresses::of_host(host), Addresses::Public, "{host}");
        }
    }

    #[test]
    fn a_path_has_no_address() {
        for location in [
            "/mnt/stick",
            "file:/mnt/stick",
            "mirror",
            "https://lists.example/se",
        ] {
            assert_eq!(
                Addresses::of_location(location),
                Addresses::Public,
                "{location}"
            );
        }
        let private = Addresses::of_location("http://bank:word@[::1]:8080/se");
        assert_eq!(private, Addresses::Private);
    }
}
