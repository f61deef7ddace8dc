//! Names under which strangers register theirs: listing one would block all of them.

use std::sync::LazyLock;

/// Whether a domain is a public suffix, or the name directly above a whole level of them (`*.x.y`).
/// Both sections of the list count: a shared host blocks as many strangers as a registry.
pub(crate) fn is_public(domain: &str) -> bool {
    let below = format!("interdict.{domain}");
    is_suffix(domain) || is_suffix(&below)
}

/// Whether a label is a suffix (`shop`) or stands before one as part of a longer one (`gouv.fr`): the
/// second label from the right of strangers' names.
pub(crate) fn is_public_label(label: &str) -> bool {
    let mut above = ABOVE.iter();
    is_public(label) || above.any(|above| is_public(&format!("{label}.{above}")))
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
        .filter(|above| !is_suffix(&format!("interdict.{above}")))
        .collect()
});

fn is_suffix(domain: &str) -> bool {
    psl::suffix(domain.as_bytes())
        .is_some_and(|suffix| suffix.is_known() && suffix.as_bytes() == domain.as_bytes())
}

#[cfg(test)]
mod tests {
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
        ] {
            assert!(!is_public(name), "{name}");
        }
    }
}
