use serde::Serialize;

use crate::list::Action;
use crate::trust::Freshness;

use super::receipt::Receipt;

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict<'e> {
    /// What should happen.
    #[serde(serialize_with = "action_name")]
    pub action: Action,
    /// What should happen but for the gateway's own overrides; absent where that is the same.
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "natural_name"
    )]
    pub natural: Option<Action>,
    /// 0 to 1000: 500 is even odds that the merchant is bad, 50 for each doubling.
    pub score: u16,
    /// At most four, strongest first; in the analyst's view all.
    pub reasons: Vec<Reason<'e>>,
    /// Every list of every coalition, in the order they were configured.
    pub lists: Vec<ListUsed<'e>>,
    /// Pages of records without which the answer is not final: load them and ask again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<PageNeeded<'e>>,
    /// Fields of the request's blocks of which no identifier came.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<UnusedField>,
    /// Whether a list that should have answered could not: no verdict with this set is a clean one.
    pub degraded: bool,
    /// Digest of the policy that decided.
    pub policy: &'e str,
    /// What the second policy would have done, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Shadow<'e>>,
    /// In the analyst's view: every typology in place and whether it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<RuleState<'e>>>,
    /// What merchant or payer may be told, in the language asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// Proof of all that led here; absent without a ReceiptKey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Box<Receipt<'e>>>,
    /// The request's own mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

/// What a policy that only watches would have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shadow<'e> {
    /// Its digest.
    pub policy: &'e str,
    /// What should happen by it.
    #[serde(serialize_with = "action_name")]
    pub action: Action,
    /// Its score.
    pub score: u16,
}

/// One typology and the merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RuleState<'e> {
    /// Whose it is.
    pub coalition: &'e str,
    /// Beside which list.
    pub list: &'e str,
    /// Its id.
    pub rule: &'e str,
    /// Nothing where a signal it needs is missing.
    pub holds: Option<bool>,
    /// Millibits it counts; 0 where another of that id counts instead.
    pub weight: i32,
}

/// A page of records that a question needs and that is not loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageNeeded<'e> {
    /// Whose.
    pub coalition: &'e str,
    /// Of which list.
    pub list: &'e str,
    /// Of which epoch.
    pub epoch: u32,
    /// Its number.
    pub page: u32,
}

/// A field that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnusedField {
    /// Its position, as in [`Reason::identifier`].
    pub identifier: usize,
    /// Where it stands in the request.
    pub path: String,
    /// The rule of `docs/identifiers.md` that it breaks.
    pub rule: &'static str,
}

/// One thing that led to the verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason<'e> {
    /// What it is.
    #[serde(serialize_with = "code_name")]
    pub code: ReasonCode,
    /// Which of the things the request names, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<usize>,
    /// Which coalition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coalition: Option<&'e str>,
    /// Which list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<&'e str>,
    /// Who had it listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'e str>,
    /// Why it is listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<&'static str>,
    /// `itself`, or `parent` if a name above it is listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<&'static str>,
    /// Which typology.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<&'e str>,
    /// Millibits it speaks for the merchant being bad; below 0 for its being good.
    pub weight: i32,
    /// A sentence for the analyst, in the language asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The typology's title, for the sentence.
    #[serde(skip)]
    pub title: Option<&'e str>,
    /// The record's group in its list; 0 is none.
    #[serde(skip)]
    pub group: u32,
    /// Told after all others, since a stronger record of the same seller is told.
    #[serde(skip)]
    pub repeated: bool,
}

/// What a reason says, strongest first: of equal weight the earlier one is told first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReasonCode {
    /// A record names the merchant.
    Listed,
    /// A filter without records was hit: listed, or a false hit.
    Candidate,
    /// The filter of a public edition was hit: the checkout's gateway knows.
    AskGateway,
    /// A record that only the analyst sees.
    Silent,
    /// A release whose signers the coalition has since revoked.
    ListUntrusted,
    /// A list past its end or its maximum age.
    ListExpired,
    /// A list whose repository has not been heard of in time.
    ListStale,
    /// The key of the list's epoch is missing or wrong.
    NoKey,
    /// A coalition without any list.
    NoList,
    /// The host's clock is behind the newest verified time.
    ClockBehind,
    /// No fresh list answered at all; the policy's choice for this flow was taken.
    Degraded,
    /// An override of the gateway lowered a record's action to `review`.
    Overridden,
    /// Fewer coalitions than the policy requires ask for what a record asks for.
    TooFewCoalitions,
    /// The action was lowered to `review`: the list is too old or revoked, or the account may be
    /// run by a victim.
    LoweredToReview,
    /// A published red flag holds, or one that speaks for the merchant.
    Typology,
    /// It was listed and its time is over.
    ListingLapsed,
    /// The list has gone on to a key that is not at hand; its older release still answers.
    KeyOutdated,
    /// A field of the request could not be used; `unused` says which and why.
    NotUsable,
    /// No list covers this kind of identifier.
    NotCovered,
    /// Fresh lists answered and there is nothing to report.
    NoFinding,
}

/// A list that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListUsed<'e> {
    /// The coalition's name in this gateway.
    pub coalition: &'e str,
    /// The list's id.
    pub list: &'e str,
    /// The key period of the release that answers.
    pub epoch: u32,
    /// Which release.
    pub sequence: u64,
    /// How far it can be relied on.
    pub freshness: &'static str,
    /// Seconds since it was built.
    pub age_s: u32,
}

impl ReasonCode {
    /// Every code, in the order of the table in `docs/scoring.md`.
    pub const ALL: [Self; 20] = [
        Self::Listed,
        Self::Candidate,
        Self::AskGateway,
        Self::Silent,
        Self::ListUntrusted,
        Self::ListExpired,
        Self::ListStale,
        Self::NoKey,
        Self::NoList,
        Self::ClockBehind,
        Self::Degraded,
        Self::Overridden,
        Self::TooFewCoalitions,
        Self::LoweredToReview,
        Self::Typology,
        Self::ListingLapsed,
        Self::KeyOutdated,
        Self::NotUsable,
        Self::NotCovered,
        Self::NoFinding,
    ];

    /// The stable word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Listed => "listed",
            Self::Candidate => "candidate",
            Self::AskGateway => "ask_gateway",
            Self::Typology => "typology",
            Self::Silent => "silent",
            Self::ListUntrusted => "list_untrusted",
            Self::ListExpired => "list_expired",
            Self::ListStale => "list_stale",
            Self::NoKey => "no_key",
            Self::NoList => "no_list",
            Self::ClockBehind => "clock_behind",
            Self::Degraded => "degraded",
            Self::Overridden => "overridden",
            Self::TooFewCoalitions => "too_few_coalitions",
            Self::LoweredToReview => "lowered_to_review",
            Self::ListingLapsed => "listing_lapsed",
            Self::KeyOutdated => "key_outdated",
            Self::NotUsable => "not_usable",
            Self::NotCovered => "not_covered",
            Self::NoFinding => "no_finding",
        }
    }
}

impl Reason<'_> {
    pub(crate) const fn new(code: ReasonCode) -> Self {
        Self {
            code,
            identifier: None,
            coalition: None,
            list: None,
            source: None,
            category: None,
            relation: None,
            rule: None,
            weight: 0,
            text: None,
            title: None,
            group: 0,
            repeated: false,
        }
    }
}

impl Reason<'_> {
    /// Whether another record of the same list says it already, of the same identifier or of the
    /// same seller.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        let same_list = self.coalition == other.coalition && self.list == other.list;
        let same_seller = self.group != 0 && self.group == other.group;
        let same_identifier = self.identifier.is_some() && self.identifier == other.identifier;
        // Only reasons about records have a source.
        self.source.is_some()
            && self.code == other.code
            && same_list
            && (same_seller || same_identifier)
    }
}

/// The word for a freshness.
pub(crate) const fn freshness_name(freshness: Freshness) -> &'static str {
    match freshness {
        Freshness::Fresh => "fresh",
        Freshness::Stale => "stale",
        Freshness::Expired => "expired",
        Freshness::Untrusted => "untrusted",
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
pub(crate) fn action_name<S: serde::Serializer>(
    action: &Action,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(action.name())
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::ref_option,
    reason = "the signature serde asks for"
)]
fn natural_name<S: serde::Serializer>(
    action: &Option<Action>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(action.map_or("", Action::name))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn code_name<S: serde::Serializer>(code: &ReasonCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.name())
}
