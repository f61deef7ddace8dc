use std::fmt;

use interdict_core::common::time::Time;
use interdict_host::{Action, StoreError};
use serde::{Serialize, Serializer};
use uuid::Builder;

use super::standing::{Standing, StandingReason};
use crate::error::Error;

/// What an alert says has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// A list has a record of a merchant, or its filter is hit, and had none before.
    Listed,
    /// The action on a merchant became stronger for another cause.
    Raised,
    /// The action on a merchant became weaker, and is still above `allow`.
    Lowered,
    /// Nothing is left of what was found, or the action is `allow` again.
    Cleared,
    /// The action on many merchants became weaker, because a list that names them expired or was revoked.
    ManyLowered,
    /// The action on many merchants became stronger, because a list that names them is good again.
    ManyRaised,
    /// The module refuses to screen a merchant, which is no verdict.
    NotScreened,
    /// A list has become late or stale.
    ListLate,
    /// A list has expired, has been revoked or is gone.
    ListExpired,
    /// Merchants are held because lists that must answer do not.
    PortfolioHeld,
    /// A newer release waits to go live.
    ReleaseWaiting,
    /// What is live of a coalition is in doubt, such as a state that was rolled back.
    InDoubt,
    /// A web server has another time than this machine.
    ClockDiffers,
}

/// An alert. Its names are those of Standard Webhooks; it holds no identifier of a merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// A UUID of version 7, the same in every attempt to deliver it.
    pub id: String,
    /// What has happened.
    #[serde(rename = "type", serialize_with = "name")]
    pub kind: ChangeKind,
    /// When it was noticed.
    pub timestamp: String,
    /// To whom and how.
    pub data: EventData,
}

/// What an alert is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum EventData {
    /// A merchant.
    Merchant(Box<MerchantChange>),
    /// Many merchants.
    Merchants(MerchantsChange),
    /// A list.
    List(ListChange),
    /// Merchants that are held because lists do not answer.
    Held(PortfolioHeld),
    /// A release that waits.
    Release(ReleaseWaits),
    /// A doubt.
    Doubt(Doubt),
    /// A clock.
    Clock(ClockDifference),
}

/// How many merchants are held because lists that must answer do not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PortfolioHeld {
    /// The coalition's name in this gateway; empty if the gateway's own clock or state is in doubt.
    pub coalition: String,
    /// The merchants that are held.
    pub merchants: u64,
    /// All merchants of the portfolio.
    pub of: u64,
    /// The coalition's lists that cannot be relied on.
    pub lists: Vec<HeldList>,
}

/// A list that cannot be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldList {
    /// The list.
    pub list: String,
    /// How far it can be relied on, such as `stale`.
    pub freshness: String,
    /// Since when.
    pub since: String,
}

/// A release that waits, and what it would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReleaseWaits {
    /// The coalition's name in this gateway.
    pub coalition: String,
    /// Since when something newer than the live release is known.
    pub since: String,
    /// When it goes live by itself.
    pub until: String,
    /// The merchants of the portfolio.
    pub merchants: u64,
    /// Those of them that it would newly hold or refuse.
    pub stops: u64,
}

/// A doubt about what is live of a coalition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Doubt {
    /// The coalition's name in this gateway.
    pub coalition: String,
    /// The doubt, as verdicts name it.
    pub doubt: String,
}

/// What a web server's clock says against this machine's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClockDifference {
    /// The coalition whose server it is.
    pub coalition: String,
    /// By how many seconds this machine's clock is behind; below zero if it is ahead.
    pub seconds_behind: i64,
}

/// What changed for a merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MerchantChange {
    /// The gateway's own id.
    pub merchant: String,
    /// The flow it was screened in.
    pub flow: &'static str,
    /// What was; absent before the first verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Brief>,
    /// What is; absent if it was not screened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Brief>,
    /// The reasons for what is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<StandingReason>,
    /// The code of the refusal, if it was not screened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// The mac of the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// The releases that answered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<ReleaseUsed>,
}

/// What changed for many merchants at once. Who they are is in their cases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MerchantsChange {
    /// The coalition's name in this gateway.
    pub coalition: String,
    /// The list that names them.
    pub list: String,
    /// The reason that came or went: `lowered_expired` or `lowered_untrusted`.
    pub cause: String,
    /// How many merchants.
    pub merchants: u64,
    /// Since when.
    pub since: String,
}

/// A verdict in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brief {
    /// What should happen.
    pub action: &'static str,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Since when.
    pub since: String,
}

/// A release that answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ReleaseUsed {
    /// The coalition's name in this gateway.
    pub coalition: String,
    /// The list.
    pub list: String,
    /// Its key period.
    pub epoch: u32,
    /// Its number.
    pub sequence: u64,
}

/// What changed for a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListChange {
    /// The coalition's name in this gateway.
    pub coalition: String,
    /// The list.
    pub list: String,
    /// How far it could be relied on, such as `fresh`.
    pub before: String,
    /// Since when.
    pub since: String,
    /// How far it can be relied on; `gone` if it is no longer live.
    pub after: String,
}

impl ChangeKind {
    /// The word in alerts.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Listed => "merchant.listed",
            Self::Raised => "merchant.raised",
            Self::Lowered => "merchant.lowered",
            Self::Cleared => "merchant.cleared",
            Self::ManyLowered => "merchants.lowered",
            Self::ManyRaised => "merchants.raised",
            Self::NotScreened => "merchant.not_screened",
            Self::ListLate => "list.late",
            Self::ListExpired => "list.expired",
            Self::PortfolioHeld => "portfolio.held",
            Self::ReleaseWaiting => "release.waiting",
            Self::InDoubt => "coalition.in_doubt",
            Self::ClockDiffers => "clock.differs",
        }
    }

    /// What became of a merchant; `None` if nobody needs to be told.
    pub(super) fn between(before: &Standing, after: &Standing) -> Option<Self> {
        let (found_before, found_after) = (before.found_on(), after.found_on());
        if !found_after.is_subset(&found_before) {
            return Some(Self::Listed);
        }
        let is_no_longer_found = !found_before.is_empty() && found_after.is_empty();
        match after.action.cmp(&before.action) {
            std::cmp::Ordering::Greater => Some(Self::Raised),
            _ if is_no_longer_found => Some(Self::Cleared),
            std::cmp::Ordering::Less if after.action == Action::Allow => Some(Self::Cleared),
            std::cmp::Ordering::Less => Some(Self::Lowered),
            std::cmp::Ordering::Equal => None,
        }
    }
}

impl Event {
    pub(super) fn new(kind: ChangeKind, data: EventData, now: u32) -> Result<Self, Error> {
        let mut random = [0; 10];
        getrandom::fill(&mut random).map_err(|_| StoreError::Randomness)?;
        let milliseconds = u64::from(now).saturating_mul(1000);
        let id = Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid();
        Ok(Self {
            id: id.to_string(),
            kind,
            timestamp: date(now),
            data,
        })
    }
}

impl Brief {
    pub(super) fn of(standing: &Standing, since: u32) -> Self {
        Self {
            action: standing.action.name(),
            because: standing.because.clone(),
            since: date(since),
        }
    }
}

pub(super) fn date(seconds: u32) -> String {
    Time::from_seconds(seconds).to_string()
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn name<S: Serializer>(kind: &ChangeKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
