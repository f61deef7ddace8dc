//! What no web page may have a browser ask. A page of anybody reaches whatever its browser reaches: a service on the
//! same machine too, by its address or by a name of the page's own that suddenly means this machine (DNS rebinding).
//! Browsers say which name they asked, `Host`, and which page caused it, `Origin` (Fetch, 3.2) and `Sec-Fetch-Site`.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName};

use super::problem::{Cause, Problem};
use crate::service_settings::{host_of, is_loopback};

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what a page of somebody else caused. Only a service without clients asks: nobody's page has a credential.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let host = host(headers).filter(|host| is_loopback(host));
    let host = host.ok_or_else(|| {
        Cause::HostNotAllowed.problem("ask for localhost, or give each client a credential")
    })?;
    let mut origins = headers.get_all(ORIGIN).iter();
    let is_own = origins.all(|origin| {
        let text = origin.to_str().unwrap_or_default();
        text.split_once("://").is_some_and(|(_, own)| own == host)
    });
    match is_own && !is_of_another_site(headers) {
        true => Ok(()),
        false => Err(Cause::OriginNotAllowed
            .problem("pages of other origins ask nothing of a service without clients")),
    }
}

/// Whether the name that was asked means this machine or is one of these, whatever the port.
pub(crate) fn asked_for(headers: &HeaderMap, names: &[&str]) -> bool {
    host(headers).is_some_and(|host| {
        let mut names = names.iter();
        is_loopback(host) || names.any(|name| host_of(name).eq_ignore_ascii_case(host_of(host)))
    })
}

/// Whether a browser says that another page than one of the same origin, or than a person, caused it.
pub(crate) fn is_of_another_site(headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all(SITE).iter();
    sites.any(|site| site != "same-origin" && site != "none")
}

/// The name that was asked. Two of them could be read in two ways, and are none.
fn host(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(all: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in all {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        headers
    }

    fn refused(all: &[(HeaderName, &'static str)]) -> Option<Cause> {
        let problem = check(&headers(all)).err()?;
        let causes = [Cause::HostNotAllowed, Cause::OriginNotAllowed];
        causes.into_iter().find(|cause| problem.is(*cause))
    }

    #[test]
    fn only_this_machine_is_asked_by_its_own_names() {
        for own in [
            "localhost:8470",
            "localhost",
            "127.0.0.1:1",
            "127.9.8.7",
            "[::1]:8470",
            "[::1]",
        ] {
            assert_eq!(refused(&[(HOST, own)]), None, "{own}");
        }
        for other in [
            "evil.example:8470",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "192.0.2.1",
            "",
        ] {
            assert_eq!(
                refused(&[(HOST, other)]),
                Some(Cause::HostNotAllowed),
                "{other}"
            );
        }
        let twice = [(HOST, "localhost"), (HOST, "evil.example")];
        assert_eq!(refused(&twice), Some(Cause::HostNotAllowed));
        assert_eq!(refused(&[]), Some(Cause::HostNotAllowed));
    }

    #[test]
    fn no_page_but_one_of_the_same_origin_asks() {
        let own = (HOST, "localhost:8470");
        let of = |name: HeaderName, value| refused(&[own.clone(), (name, value)]);
        assert_eq!(of(ORIGIN, "http://localhost:8470"), None);
        for other in [
            "http://localhost:3000",
            "https://evil.example",
            "null",
            "localhost:8470",
            "",
        ] {
            assert_eq!(of(ORIGIN, other), Some(Cause::OriginNotAllowed), "{other}");
        }
        assert_eq!(of(SITE, "none"), None);
        assert_eq!(of(SITE, "cross-site"), Some(Cause::OriginNotAllowed));
        assert_eq!(of(SITE, "same-site"), Some(Cause::OriginNotAllowed));
    }

    #[test]
    fn a_page_is_asked_for_by_the_names_that_it_has() {
        let asked = |host| {
            asked_for(
                &headers(&[(HOST, host)]),
                &["https://interdict.example", "192.0.2.1:80"],
            )
        };
        for own in [
            "interdict.example",
            "Interdict.Example:443",
            "192.0.2.1",
            "localhost:8470",
        ] {
            assert!(asked(own), "{own}");
        }
        assert!(!asked("evil.example") && !asked("interdict.example.evil.example") && !asked(""));
    }
}
