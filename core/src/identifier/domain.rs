//! `domain`: a host name or IP address, and the names above it.

use super::kind::Forms;
use super::{Rule, host, ip};

/// A deep sub-domain cannot hide behind its own depth: the shortest parents are asked, at most this
/// many, which bounds the cost of one question (docs/identifiers.md, Look-ups).
const MAX_PARENTS: usize = 5;

pub(super) fn parse(value: &str) -> Result<Forms, Rule> {
    let value = value.trim();
    if value.is_empty() {
        return Err(Rule::Empty);
    }
    if value.starts_with('[') {
        return host::canonical(value).map(forms);
    }
    if value.contains(':') {
        // Colons without brackets are an IPv6 address, or else a port or a scheme.
        return ip::v6(value).map(forms).ok_or(Rule::UrlNotHost);
    }
    if value.contains(['/', '\\', '@', '?', '#', '%']) {
        return Err(Rule::UrlNotHost);
    }
    host::canonical(value).map(forms)
}

pub(super) fn forms(host: String) -> Forms {
    Forms {
        canonical: host.clone().into_bytes(),
        text: host,
    }
}

/// The shortest parents of two labels or more, longest first. An IP address has none.
pub(super) fn parents(host: &str) -> impl Iterator<Item = &str> {
    let name = if ip::is_literal(host) { "" } else { host };
    let above = core::iter::successors(parent(name), |name| parent(name));
    let skipped = above.clone().count().saturating_sub(MAX_PARENTS);
    above.skip(skipped)
}

/// The name without its first label, if two labels or more are left.
fn parent(name: &str) -> Option<&str> {
    let (_, parent) = name.split_once('.')?;
    parent.contains('.').then_some(parent)
}

#[cfg(test)]
mod tests {
    use super::super::{Identifier, Kind, Relation};

    fn asked(host: &str) -> Vec<String> {
        let domain = Identifier::parse(Kind::Domain, host).expect("a valid host");
        let mut look_ups = domain.look_ups();
        let first = look_ups.next().expect("the host itself");
        assert!(first.relation == Relation::Itself && first.canonical == domain.canonical());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("hosts are ASCII");
        let mut asked = vec![text(first.canonical)];
        for look_up in look_ups {
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
    fn an_address_has_no_parents() {
        assert_eq!(asked("1.2.3.4"), ["1.2.3.4"]);
        assert_eq!(asked("[2001:db8::1]"), ["[2001:db8::1]"]);
    }
}
