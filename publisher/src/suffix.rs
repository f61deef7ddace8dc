//! Names under which strangers register theirs: listing one would block all of them.

/// Whether a domain is a public suffix, or the name directly above a whole level of them (`*.x.y`).
/// Both sections of the list count: a shared host blocks as many strangers as a registry.
pub(crate) fn is_public(domain: &str) -> bool {
    let below = format!("interdict.{domain}");
    is_suffix(domain) || is_suffix(&below)
}

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
