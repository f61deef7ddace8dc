//! Links whose path, query or fragment says who is paid, because their host pays many.

use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::sites::{SITES, Site};
use crate::identifier::percent::unescaped;

/// Whom an address means that names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::identifier) enum Payee {
    /// Nobody that can be told: it is a page for payments.
    Nobody,
    /// The owner of the host, which has a business of its own.
    Host,
}

/// A link to a payment or profile host.
pub(in crate::identifier) struct Link {
    site: &'static Site,
    /// Without empty segments.
    path: Vec<String>,
    query: String,
    /// Unescaped.
    fragment: String,
}

impl Link {
    /// The link with this canonical host and this path, query and fragment.
    pub(in crate::identifier) fn of(host: &str, rest: &str) -> Option<Self> {
        match site_of(host)? {
            (site, Some(name)) => Some(Self::on(site, &format!("{name}/{rest}"))),
            (site, None) => Some(Self::on(site, rest)),
        }
    }

    /// Whether a host is a payment or profile host.
    pub(in crate::identifier) fn is_site(host: &str) -> bool {
        site_of(host).is_some()
    }

    /// The payment link with this scheme, such as `upi`.
    pub(in crate::identifier) fn of_uri(scheme: &str, rest: &str) -> Option<Self> {
        Some(Self::on(site(&format!("{scheme}:"))?, rest))
    }

    fn on(site: &'static Site, rest: &str) -> Self {
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = visited(path);
        // Hosts with a business of their own have one page for each country.
        let is_country = |first: &String| first.len() == 2 && site.payments != "*";
        let countries = usize::from(path.first().is_some_and(is_country));
        Self {
            site,
            path: path.into_iter().skip(countries).collect(),
            query: query.to_owned(),
            fragment: plain(fragment),
        }
    }

    /// Whom the link means of whose names nobody made anything.
    pub(in crate::identifier) fn payee(&self) -> Payee {
        let payments = self.site.payments;
        let is_payment = self.path.first().is_some_and(|first| is(payments, first));
        if payments == "*" || is_payment || self.names().next().is_some() {
            Payee::Nobody
        } else {
            Payee::Host
        }
    }

    /// The first name in the link of which `read` makes something. It is given the scheme and the name.
    pub(in crate::identifier) fn named<T, E>(
        &self,
        read: impl Fn(&str, &str) -> Result<T, E>,
    ) -> Option<T> {
        self.names()
            .find_map(|name| read(self.site.scheme, &name).ok())
    }

    fn names(&self) -> impl Iterator<Item = String> {
        let forms = self.site.names.split_ascii_whitespace();
        forms.filter_map(|form| self.name(form))
    }

    /// The name where `*` stands in a form such as `pay/me/*`.
    fn name(&self, form: &str) -> Option<String> {
        if let Some(start) = form.strip_prefix('#') {
            let named = self.fragment.strip_prefix(start.strip_suffix('*')?)?;
            return named.split(['/', '?', '&']).next().map(str::to_owned);
        }
        let (path, parameter) = form.split_once('?').unwrap_or((form, ""));
        let mut segments = self.path.iter();
        for expected in path.split('/').filter(|expected| !expected.is_empty()) {
            let segment = segments.next()?;
            if let Some(sign) = expected.strip_suffix('*') {
                let name = segment.strip_prefix(sign)?;
                let is_whole = !form.ends_with('/') || segments.next().is_none();
                let is_name = !is(self.site.pages, segment) && !is(self.site.payments, segment);
                return (is_whole && is_name).then(|| name.to_owned());
            }
            if !is(expected, segment) {
                return None;
            }
        }
        let parameter = parameter.strip_suffix("=*")?;
        let pairs = self.query.split('&');
        let names: Vec<_> = pairs
            .filter_map(|pair| pair.split_once('='))
            .filter(|(key, _)| key.eq_ignore_ascii_case(parameter))
            .map(|(_, name)| plain(name))
            .collect();
        // Several are no name.
        let named = segments.next().is_none() && !names.is_empty();
        named.then(|| names.join(",").trim_start_matches(',').to_owned())
    }
}

/// The segments of the page that a browser visits for a path (WHATWG URL, path state), unescaped.
fn visited(path: &str) -> Vec<String> {
    let mut segments = Vec::new();
    for segment in path.split(['/', '\\']).map(plain) {
        match segment.as_str() {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    segments
}

/// Whether a segment of a path is one of these words, of which `0` is every number.
fn is(words: &str, segment: &str) -> bool {
    let is_number = !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_digit());
    words
        .split_ascii_whitespace()
        .any(|word| word.eq_ignore_ascii_case(segment) || word == "0" && is_number)
}

/// The payment or profile host that a host is, and the name that stands before it: Telegram answers for a name
/// below its host as for one in the path.
fn site_of(host: &str) -> Option<(&'static Site, Option<&str>)> {
    let host = ["www.", "m."]
        .iter()
        .find_map(|prefix| host.strip_prefix(prefix))
        .filter(|host| site(host).is_some())
        .unwrap_or(host);
    match host.strip_suffix(".t.me") {
        Some(name) => Some((site("t.me")?, Some(name))),
        None => Some((site(host)?, None)),
    }
}

fn site(host: &str) -> Option<&'static Site> {
    SITES.iter().find(|site| is_host(site, host))
}

fn is_host(site: &Site, host: &str) -> bool {
    site.hosts.contains(&host)
}

fn plain(escaped: &str) -> String {
    String::from_utf8_lossy(&unescaped(escaped)).into_owned()
}

#[cfg(test)]
pub(super) fn hosts() -> impl Iterator<Item = &'static str> {
    SITES.iter().flat_map(|site| site.hosts.iter().copied())
}
