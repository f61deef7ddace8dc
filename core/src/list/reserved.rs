//! Identifiers that name no merchant and never will. Every member list has those of each kind that it
//! declares, so that a gateway can test its own handling against the list it really uses.

use crate::common::time::Time;
use crate::identifier::{Identifier, Kind};

use super::header::Kinds;
use super::record::{Action, Category, Flags, Handling, Record, Scope};

/// One reserved identifier; `docs/identifiers.md` has the same table and says why each is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserved {
    /// Its kind.
    pub kind: Kind,
    /// What every member list asks for; `allow` for one that no list ever has.
    pub action: Action,
    /// Its text form.
    pub value: &'static str,
}

impl Reserved {
    /// The name of the source that lists them. No publisher's feed may have it.
    pub const SOURCE: &str = "test";

    /// All of them, by kind. A label asks for `review` at most, so two are enough there.
    pub const ALL: [Self; 63] = [
        Self::block(Kind::Domain, "block.listed.test"),
        Self::hold_payout(Kind::Domain, "hold-payout.listed.test"),
        Self::review(Kind::Domain, "review.listed.test"),
        Self::monitor(Kind::Domain, "monitor.listed.test"),
        Self::clean(Kind::Domain, "clean.test"),
        Self::block(Kind::Iban, "GB75TEST00000000000001"),
        Self::hold_payout(Kind::Iban, "GB48TEST00000000000002"),
        Self::review(Kind::Iban, "GB21TEST00000000000003"),
        Self::monitor(Kind::Iban, "GB91TEST00000000000004"),
        Self::clean(Kind::Iban, "GB53TEST00000000000009"),
        Self::block(Kind::Lei, "TESTLISTEDBLOCK00057"),
        Self::hold_payout(Kind::Lei, "TESTLISTEDHOLD000072"),
        Self::review(Kind::Lei, "TESTLISTEDREVIEW0078"),
        Self::monitor(Kind::Lei, "TESTLISTEDMONITOR044"),
        Self::clean(Kind::Lei, "TESTCLEAN00000000011"),
        Self::block(Kind::CardAcceptor, "999999/LISTED-BLOCK"),
        Self::hold_payout(Kind::CardAcceptor, "999999/LISTED-HOLD"),
        Self::review(Kind::CardAcceptor, "999999/LISTED-REVIEW"),
        Self::monitor(Kind::CardAcceptor, "999999/LISTED-MONITOR"),
        Self::clean(Kind::CardAcceptor, "999999/CLEAN"),
        Self::block(Kind::SubMerchant, "999999/LISTED-BLOCK"),
        Self::hold_payout(Kind::SubMerchant, "999999/LISTED-HOLD"),
        Self::review(Kind::SubMerchant, "999999/LISTED-REVIEW"),
        Self::monitor(Kind::SubMerchant, "999999/LISTED-MONITOR"),
        Self::clean(Kind::SubMerchant, "999999/CLEAN"),
        Self::block(
            Kind::Wallet,
            "evm:0x7357000000000000000000000000000000000001",
        ),
        Self::hold_payout(
            Kind::Wallet,
            "evm:0x7357000000000000000000000000000000000002",
        ),
        Self::review(
            Kind::Wallet,
            "evm:0x7357000000000000000000000000000000000003",
        ),
        Self::monitor(
            Kind::Wallet,
            "evm:0x7357000000000000000000000000000000000004",
        ),
        Self::clean(
            Kind::Wallet,
            "evm:0x7357000000000000000000000000000000000009",
        ),
        Self::block(Kind::Handle, "upi:block@listed.test"),
        Self::hold_payout(Kind::Handle, "upi:hold-payout@listed.test"),
        Self::review(Kind::Handle, "upi:review@listed.test"),
        Self::monitor(Kind::Handle, "upi:monitor@listed.test"),
        Self::clean(Kind::Handle, "upi:shop@clean.test"),
        Self::block(Kind::PrepaidProgram, "99999901"),
        Self::hold_payout(Kind::PrepaidProgram, "99999902"),
        Self::review(Kind::PrepaidProgram, "99999903"),
        Self::monitor(Kind::PrepaidProgram, "99999904"),
        Self::clean(Kind::PrepaidProgram, "99999909"),
        Self::block(Kind::Phone, "+447700900001"),
        Self::hold_payout(Kind::Phone, "+447700900002"),
        Self::review(Kind::Phone, "+447700900003"),
        Self::monitor(Kind::Phone, "+447700900004"),
        Self::clean(Kind::Phone, "+447700900009"),
        Self::block(Kind::ShortCode, "HM/99901"),
        Self::hold_payout(Kind::ShortCode, "HM/99902"),
        Self::review(Kind::ShortCode, "HM/99903"),
        Self::monitor(Kind::ShortCode, "HM/99904"),
        Self::clean(Kind::ShortCode, "HM/99909"),
        Self::block(Kind::Registration, "HM/LISTED1"),
        Self::hold_payout(Kind::Registration, "HM/LISTED2"),
        Self::review(Kind::Registration, "HM/LISTED3"),
        Self::monitor(Kind::Registration, "HM/LISTED4"),
        Self::clean(Kind::Registration, "HM/CLEAN9"),
        Self::review(Kind::Label, "review-listed-test"),
        Self::monitor(Kind::Label, "monitor-listed-test"),
        Self::clean(Kind::Label, "clean-test"),
        Self::block(Kind::Other, "listed.test:block"),
        Self::hold_payout(Kind::Other, "listed.test:hold-payout"),
        Self::review(Kind::Other, "listed.test:review"),
        Self::monitor(Kind::Other, "listed.test:monitor"),
        Self::clean(Kind::Other, "clean.test:shop"),
    ];

    const fn block(kind: Kind, value: &'static str) -> Self {
        Self::of(kind, Action::Block, value)
    }

    const fn hold_payout(kind: Kind, value: &'static str) -> Self {
        Self::of(kind, Action::HoldPayout, value)
    }

    const fn review(kind: Kind, value: &'static str) -> Self {
        Self::of(kind, Action::Review, value)
    }

    const fn monitor(kind: Kind, value: &'static str) -> Self {
        Self::of(kind, Action::Monitor, value)
    }

    const fn clean(kind: Kind, value: &'static str) -> Self {
        Self::of(kind, Action::Allow, value)
    }

    const fn of(kind: Kind, action: Action, value: &'static str) -> Self {
        Self {
            kind,
            action,
            value,
        }
    }

    /// The identifier.
    #[must_use]
    pub fn identifier(&self) -> Option<Identifier> {
        Identifier::parse(self.kind, self.value).ok()
    }

    /// What a list that declares these kinds says of them: the entries that name no merchant. The record's
    /// source is 0.
    pub fn entries(kinds: Kinds) -> impl Iterator<Item = (Identifier, Record)> {
        let declared =
            move |entry: &Self| kinds.covers(entry.kind) && entry.action != Action::Allow;
        let entries = Self::ALL.into_iter().filter(declared);
        entries.filter_map(|entry| Some((entry.identifier()?, record(entry.action))))
    }

    /// Whether an identifier is reserved: one of these, or a domain below `listed.test` or `clean.test`.
    #[must_use]
    pub fn holds(identifier: &Identifier) -> bool {
        let below = |name: &str| {
            let before = identifier.text().strip_suffix(name);
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        let is_domain = identifier.kind() == Kind::Domain;
        let mut all = Self::ALL.iter();
        is_domain && (below("listed.test") || below("clean.test"))
            || all.any(|one| (one.kind, one.value) == (identifier.kind(), identifier.text()))
    }
}

/// Sure enough for its action, and as little surer as makes the action that of the record alone.
const fn record(action: Action) -> Record {
    Record {
        action,
        category: Category::Test,
        confidence: match action {
            Action::Block => 990,
            Action::HoldPayout => 900,
            Action::Review => 500,
            Action::Allow | Action::Monitor => 100,
        },
        source: 0,
        group: 0,
        scope: Scope::Domain,
        flags: Flags(0),
        handling: Handling::Clear,
        valid_until: Time::from_seconds(u32::MAX),
    }
}
