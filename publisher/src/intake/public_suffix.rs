//! Names under which strangers register theirs: listing one would block all of them.
//!
//! `publisher/data/public_suffixes.txt` has the rules of the Public Suffix List, <https://publicsuffix.org>,
//! sorted, so that their digest says which list it is. Both its sections count: a shared host blocks as many
//! strangers as a registry.

use std::collections::HashSet;
use std::sync::LazyLock;

use interdict_core::identifier::{Identifier, Kind};

use crate::digest::sha256;

static FILE: &str = include_str!("../../data/public_suffixes.txt");

static LIST: LazyLock<PublicSuffixes> = LazyLock::new(|| PublicSuffixes::read(FILE));

static SHARED: LazyLock<HashSet<String>> = LazyLock::new(|| LIST.shared());

/// The rules of the list, by name in A-labels.
#[derive(Debug, Default)]
struct PublicSuffixes {
    /// `co.uk`.
    names: HashSet<String>,
    /// `kawasaki.jp` for `*.kawasaki.jp`: every name right below is a suffix.
    wildcards: HashSet<String>,
    /// `city.kawasaki.jp` for `!city.kawasaki.jp`: no suffix, although a wildcard says so.
    registered: HashSet<String>,
}

impl PublicSuffixes {
    fn read(file: &str) -> Self {
        let mut list = Self::default();
        for rule in rules(file) {
            let (set, name) = match (rule.strip_prefix("*."), rule.strip_prefix('!')) {
                (Some(name), _) => (&mut list.wildcards, name),
                (None, Some(name)) => (&mut list.registered, name),
                (None, None) => (&mut list.names, rule),
            };
            set.extend(a_labels(name));
        }
        list
    }

    fn is_suffix(&self, name: &str) -> bool {
        let above = name.split_once('.').map(|(_, above)| above);
        let below_wildcard = above.is_some_and(|above| self.wildcards.contains(above));
        self.names.contains(name) || below_wildcard && !self.registered.contains(name)
    }

    fn is_public(&self, name: &str) -> bool {
        self.is_suffix(name) || self.wildcards.contains(name)
    }

    /// Every name of the list, and every name above one: of two labels or more, as no other can be asked
    /// for.
    fn shared(&self) -> HashSet<String> {
        let mut shared = HashSet::new();
        for name in self.names.union(&self.wildcards) {
            let names = std::iter::successors(Some(name.as_str()), |name| {
                name.split_once('.').map(|(_, above)| above)
            });
            shared.extend(names.filter(|name| name.contains('.')).map(str::to_owned));
        }
        shared
    }
}

/// The rules of the file, without the comment in front of them.
fn rules(file: &str) -> impl Iterator<Item = &str> {
    file.lines().filter(|line| !line.starts_with("//"))
}

/// The canonical form of a name, which may have a single label; `None` if nobody can ask for it.
fn a_labels(name: &str) -> Option<String> {
    let below = Identifier::parse(Kind::Domain, &format!("interdict.{name}")).ok()?;
    below.text().strip_prefix("interdict.").map(str::to_owned)
}

/// Whether a domain is a public suffix, or the name directly above a whole level of them (`*.x.y`).
pub(crate) fn is_public(domain: &str) -> bool {
    LIST.is_public(domain)
}

/// Whether a label is a suffix (`shop`) or stands before one as part of a longer one (`gouv.fr`): the
/// second label from the right of strangers' names.
pub(crate) fn is_public_label(label: &str) -> bool {
    let mut above = ABOVE.iter();
    is_public(label) || above.any(|above| is_public(&format!("{label}.{above}")))
}

/// Whether strangers lie below a domain: it is public, or stands above a public one (`amazonaws.com`).
pub(crate) fn is_shared(domain: &str) -> bool {
    is_public(domain) || SHARED.contains(domain)
}

/// Every domain that the list names, and those above them, as far as a look-up can ask for them.
pub(crate) fn shared_domains() -> impl Iterator<Item = Identifier> {
    let names = SHARED.iter();
    names.filter_map(|name| Identifier::parse(Kind::Domain, name).ok())
}

/// The SHA-256 of the sorted rules, each with a line feed after it.
pub(crate) fn public_suffix_digest() -> [u8; 32] {
    let lines: String = rules(FILE).flat_map(|rule| [rule, "\n"]).collect();
    sha256(lines.as_bytes())
}

/// What labels are tried before: every two letters, and the suffixes that most hosts are under.
static ABOVE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let letters = || 'a'..='z';
    let countries = letters().flat_map(|one| letters().map(move |two| format!("{one}{two}")));
    let others = [
        "app", "cloud", "com", "dev", "host", "io", "link", "net", "org", "page", "run", "shop",
        "site", "store",
    ]
    .map(str::to_owned);
    countries
        .chain(others)
        // Under some countries every name is a suffix, which says nothing of the label.
        .filter(|above| !LIST.wildcards.contains(above))
        .collect()
});

#[cfg(test)]
mod tests {
    use interdict_core::identifier::Relation;

    use super::*;

    #[test]
    fn registries_shared_hosts_and_wildcards_are_public() {
        for suffix in [
            "co.uk",
            "github.io",
            "xn--55qx5d.cn",
            "kawasaki.jp",
            "abc.kawasaki.jp",
        ] {
            assert!(is_public(suffix), "{suffix}");
        }
    }

    #[test]
    fn labels_of_suffixes_are_public_and_brands_are_not() {
        for label in [
            "shop", "info", "gouv", "asso", "blogspot", "github", "vercel",
        ] {
            assert!(is_public_label(label), "{label}");
        }
        for label in ["brandshop", "xn--bcher-kva", "interdict-test"] {
            assert!(!is_public_label(label), "{label}");
        }
    }

    #[test]
    fn names_below_a_suffix_are_not() {
        for name in [
            "shop.example",
            "pay.shop.test",
            "192.0.2.1",
            "[2001:db8::1]",
            "a.co.uk",
            "city.kawasaki.jp",
            "shop.abc.kawasaki.jp",
        ] {
            assert!(!is_public(name), "{name}");
        }
    }

    #[test]
    fn every_rule_of_the_file_can_be_asked_for_and_stands_there_once_in_its_order() {
        let rules: Vec<_> = rules(FILE).collect();
        assert!(rules.is_sorted());
        assert!(
            !rules
                .iter()
                .any(|rule| rule.is_empty() || rule.contains(char::is_whitespace))
        );
        let sets = [&LIST.names, &LIST.wildcards, &LIST.registered];
        assert_eq!(
            sets.map(HashSet::len).iter().sum::<usize>(),
            rules.len(),
            "a rule was lost, or is there twice"
        );
        assert!(rules.len() > 10_000);
        let domains: HashSet<_> = shared_domains().map(|one| one.text().to_owned()).collect();
        assert_eq!(domains.len(), SHARED.len());
        for name in LIST.names.union(&LIST.wildcards) {
            let identifier = Identifier::parse(Kind::Domain, &format!("interdict.{name}")).unwrap();
            let above = identifier
                .look_ups()
                .filter(|one| one.relation == Relation::Parent);
            for one in above {
                assert!(domains.contains(one.text), "{}", one.text);
            }
        }
    }

    #[test]
    fn a_name_above_a_suffix_is_shared_and_one_beside_it_is_not() {
        for shared in [
            "co.uk",
            "xn--55qx5d.cn",
            "kawasaki.jp",
            "abc.kawasaki.jp",
            "amazonaws.com",
        ] {
            assert!(is_shared(shared), "{shared}");
        }
        for own in ["city.kawasaki.jp", "shop.co.uk", "shop.example"] {
            assert!(!is_shared(own), "{own}");
        }
    }
}
