/// A merchant that the built-in coalition answers about in a documented way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestMerchant {
    /// What `interdict try --screen` calls it: its domain, or what is wrong with the request.
    pub name: &'static str,
    /// The request that asks about it, as in `docs/abi.md`.
    pub request: &'static str,
    /// What its answer is an example of.
    pub shows: &'static str,
}

/// A merchant that is named by its domain.
macro_rules! domain {
    ($value:literal, $shows:literal) => {
        TestMerchant {
            name: $value,
            request: concat!(
                r#"{"flow":"payout","identifiers":[{"kind":"domain","value":""#,
                $value,
                r#""}]}"#
            ),
            shows: $shows,
        }
    };
}

/// A test merchant for every action, and for every state that a list or a field can be in. A name that begins
/// with a state is answered from a list in that state.
pub const TEST_MERCHANTS: &[TestMerchant] = &[
    domain!("clean.test", "not listed, and the list is fresh"),
    domain!("monitor.listed.test", "listed: let it pass, and watch it"),
    domain!("review.listed.test", "listed: a person decides"),
    domain!(
        "hold-payout.listed.test",
        "listed: keep the money until a person decides"
    ),
    domain!("block.listed.test", "listed: refuse"),
    domain!(
        "candidate.review.listed.test",
        "a hit of a compact list, which has no records"
    ),
    domain!(
        "stale.clean.test",
        "not listed, but the list was polled six days ago"
    ),
    domain!(
        "stale.block.listed.test",
        "listed: a stale list blocks as before"
    ),
    domain!(
        "expired.clean.test",
        "not listed, but the list is 40 days old"
    ),
    domain!(
        "expired.block.listed.test",
        "listed to block: an old list asks for review at most"
    ),
    domain!(
        "keyless.block.listed.test",
        "listed, but this gateway lacks the list's key"
    ),
    domain!(
        "untrusted.clean.test",
        "not listed, but the list's signers were revoked"
    ),
    domain!(
        "untrusted.block.listed.test",
        "listed to block: revoked signers ask for review at most"
    ),
    TestMerchant {
        name: "incomplete",
        request: r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"clean.test"}],"iso8583":{"de42":"CLEAN"}}"#,
        shows: "not listed, but a field lacks its partner: de42 without de32",
    },
    TestMerchant {
        name: "unused",
        request: r#"{"flow":"payout","identifiers":[{"kind":"iban","value":"GB00TEST00000000000009"}]}"#,
        shows: "an account number with wrong check digits: no list can be asked",
    },
];
