//! `domain`: a host name or IP address, and the domains that contain it.

use alloc::string::String;
use alloc::vec::Vec;

use super::label;
use crate::IS_FULL;
use crate::identifier::form::{Above, Form};
use crate::identifier::host::{ip, name};
use crate::identifier::relation::Relation;
use crate::identifier::rule::{Rule, Words};

/// How many parents are asked for. The shortest ones are, so that a sub-domain cannot hide behind its own
/// depth, and the number limits what one question costs (docs/identifiers.md, Look-ups).
const MAX_PARENTS: usize = 5;

/// A canonical host: lower-case A-labels, a dotted quad, or IPv6 in brackets.
pub(in crate::identifier) struct Host(String);

impl Rule {
    pub(in crate::identifier) const URL_NOT_HOST: Self = Self(&Words::new(
        "url_not_host",
        "holds more than a host name; send a web address as url, not as domain",
    ));
}

impl Form for Host {
    const CODE: u8 = 1;
    const NAME: &'static str = "domain";
    const RULES: &'static [Rule] = &[
        Rule::URL_NOT_HOST,
        Rule::HOST_CHARACTER,
        Rule::HOST_MISSING,
        Rule::IDNA,
        Rule::LABEL_TOO_LONG,
        Rule::NAME_TOO_LONG,
        Rule::SINGLE_LABEL,
        Rule::IPV4,
        Rule::IPV6,
        Rule::URL_TOO_LONG,
        Rule::URL_SCHEME,
        Rule::URL_PORT,
    ];

    fn parse(value: &str) -> Result<Self, Rule> {
        let value = value.trim();
        if value.starts_with('[') {
            return name::canonical(value).map(Self);
        }
        if value.contains(':') {
            if !IS_FULL {
                return Err(Rule::NOT_IN_THIS_BUILD);
            }
            // Colons without brackets are an IPv6 address, or else a port or a scheme.
            return ip::v6(value).map(Self).ok_or(Rule::URL_NOT_HOST);
        }
        if value.contains(['/', '\\', '@', '?', '#', '%']) {
            return Err(Rule::URL_NOT_HOST);
        }
        name::canonical(value).map(Self)
    }

    fn text(self) -> String {
        self.0
    }

    /// The shortest parents of two labels or more, longest first, then the labels that may be the brand:
    /// which one it is depends on the length of the suffix, so the second and the third label from the
    /// right are both asked for. An IP address has neither.
    fn above(&self) -> Vec<Above> {
        let name = if ip::is_literal(&self.0) { "" } else { &self.0 };
        let end = self.0.len();
        let start = |rest: &str| end.saturating_sub(rest.len());
        let parents = parents(&self.0);
        let skipped = parents.clone().count().saturating_sub(MAX_PARENTS);
        let mut above: Vec<_> = parents
            .skip(skipped)
            .map(|parent| Above::part(Relation::Parent, start(parent), end))
            .collect();
        let mut right = name.len();
        for (place, label) in name.rsplit('.').enumerate().take(3) {
            let left = right.saturating_sub(label.len());
            if place > 0 && label.len() >= label::SHORTEST {
                above.push(Above::part(Relation::Label, left, right));
            }
            right = left.saturating_sub(1);
        }
        above
    }
}

impl Host {
    /// The host of a URL, unescaped.
    pub(in crate::identifier) fn of(host: &str) -> Result<Self, Rule> {
        name::canonical(host).map(Self)
    }

    pub(in crate::identifier) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Every domain of two labels or more that contains a canonical host, nearest first; none for an IP
/// address.
pub(in crate::identifier) fn parents(host: &str) -> impl Iterator<Item = &str> + Clone {
    fn parent(name: &str) -> Option<&str> {
        let (_, parent) = name.split_once('.')?;
        parent.contains('.').then_some(parent)
    }
    let name = if ip::is_literal(host) { "" } else { host };
    core::iter::successors(parent(name), |name| parent(name))
}

#[cfg(test)]
mod tests {
    use crate::identifier::{Identifier, Kind, Relation};

    fn asked(host: &str) -> Vec<String> {
        let domain = Identifier::parse(Kind::Domain, host).expect("a valid host");
        let mut look_ups = domain.look_ups();
        let first = look_ups.next().expect("the host itself");
        assert!(first.relation == Relation::Itself && first.canonical == domain.canonical());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("hosts are ASCII");
        let mut asked = vec![text(first.canonical)];
        for look_up in look_ups.filter(|look_up| look_up.kind == Kind::Domain) {
            assert_eq!(look_up.relation, Relation::Parent);
            asked.push(text(look_up.canonical));
        }
        asked
    }

    #[test]
    fn a_name_is_asked_with_its_parents_of_two_labels_or_more() {
        assert_eq!(asked("shop.example"), ["shop.example"]);
        assert_eq!(asked("a.shop.example"), ["a.shop.example", "shop.example"]);
        assert_eq!(
            asked("5.4.3.2.shop.example"),
            [
                "5.4.3.2.shop.example",
                "4.3.2.shop.example",
                "3.2.shop.example",
                "2.shop.example",
                "shop.example"
            ]
        );
    }

    #[test]
    fn a_deep_name_is_asked_with_its_five_shortest_parents() {
        let shortest = [
            "5.4.3.2.shop.example",
            "4.3.2.shop.example",
            "3.2.shop.example",
            "2.shop.example",
            "shop.example",
        ];
        assert_eq!(asked("6.5.4.3.2.shop.example")[1..], shortest);
        let deep = format!("{}6.5.4.3.2.shop.example", "x.".repeat(100));
        assert_eq!(asked(&deep)[0], deep);
        assert_eq!(asked(&deep)[1..], shortest);
    }

    #[test]
    fn a_name_is_asked_with_the_labels_that_may_be_its_brand() {
        let labels = |host: &str| -> Vec<String> {
            let domain = Identifier::parse(Kind::Domain, host).expect("a valid host");
            let look_ups = domain
                .look_ups()
                .filter(|look_up| look_up.kind == Kind::Label);
            look_ups
                .map(|look_up| {
                    assert_eq!(look_up.relation, Relation::Label);
                    assert_eq!(look_up.text.as_bytes(), look_up.canonical);
                    let label = Identifier::parse(Kind::Label, look_up.text);
                    assert_eq!(label.expect("a label").canonical(), look_up.canonical);
                    look_up.text.to_owned()
                })
                .collect()
        };
        assert_eq!(labels("brandshop.example"), ["brandshop"]);
        assert_eq!(labels("brandshop.co.test"), ["brandshop"]);
        assert_eq!(labels("pay.brandshop.example"), ["brandshop"]);
        assert_eq!(labels("a.stock.brandshop.example"), ["brandshop", "stock"]);
        assert_eq!(labels("b\u{fc}cher.example"), ["xn--bcher-kva"]);
        assert!(labels("abc.example").is_empty());
        assert!(labels("192.0.2.1").is_empty() && labels("[2001:db8::1]").is_empty());
    }

    #[test]
    fn every_parent_is_known_however_deep_the_name() {
        let parents = |kind, value: &str| -> Vec<String> {
            let identifier = Identifier::parse(kind, value).expect("a valid value");
            identifier.parents().map(str::to_owned).collect()
        };
        let deep = parents(Kind::Domain, "9.8.7.6.5.4.3.2.Shop.Example.");
        assert_eq!(deep.len(), 8);
        assert_eq!(deep[0], "8.7.6.5.4.3.2.shop.example");
        assert_eq!(deep[7], "shop.example");
        assert!(parents(Kind::Domain, "shop.example").is_empty());
        assert!(parents(Kind::Domain, "192.0.2.1").is_empty());
        assert!(parents(Kind::Domain, "[2001:db8::1]").is_empty());
        assert!(parents(Kind::CardAcceptor, "412345/A.B.C.D").is_empty());
    }

    #[test]
    fn an_address_has_no_parents() {
        assert_eq!(asked("1.2.3.4"), ["1.2.3.4"]);
        assert_eq!(asked("[2001:db8::1]"), ["[2001:db8::1]"]);
    }
}
