//! From memberships to a verdict. The order of lists, identifiers and coalitions never matters to
//! action and score; it only orders the answer.

use crate::identifier::Identifier;
use crate::list::{Action, Edition, Flags, ListId, Membership, Record};
use crate::policy::Policy;
use crate::time::Time;
use crate::token::ListKey;
use crate::trust::Freshness;

use super::coalition::{Coalition, Live};
use super::request::Request;
use super::score::{logit_per_mille, logit_per_million, score};
use super::verdict::{
    ListUsed, PageNeeded, Reason, ReasonCode, UnusedField, Verdict, freshness_name,
};

/// Reasons in an answer: more than four are unlikely to help (commentary to Regulation B).
const MAX_REASONS: usize = 4;

/// What has been found so far.
struct Findings<'e> {
    policy: &'e Policy,
    now: Time,
    action: Action,
    statements: Vec<Statement<'e>>,
    reasons: Vec<Reason<'e>>,
    lists: Vec<ListUsed<'e>>,
    pages: Vec<PageNeeded<'e>>,
    /// A fresh list answered for some identifier.
    answered: bool,
    degraded: bool,
    /// Identifiers that some list covers.
    covered: Vec<bool>,
}

/// The strongest thing one list says: who says it and how sure they are.
struct Statement<'e> {
    source: &'e str,
    confidence: u16,
}

/// Answers a request from what is in place. `now` is the host's clock; freshness is judged at the
/// later of it and the newest verified time.
pub(super) fn screen<'e>(
    request: &Request,
    coalitions: &'e [Coalition],
    policy: &'e Policy,
    now: Time,
) -> Verdict<'e> {
    let newest = coalitions
        .iter()
        .filter_map(|coalition| coalition.client.newest_time())
        .max();
    let effective = newest.map_or(now, |newest| newest.max(now));
    let lists = coalitions
        .iter()
        .map(|coalition| coalition.lists.len())
        .sum();
    let mut findings = Findings {
        policy,
        now: effective,
        action: Action::Allow,
        statements: Vec::new(),
        reasons: Vec::new(),
        lists: Vec::with_capacity(lists),
        pages: Vec::new(),
        answered: false,
        degraded: coalitions.is_empty(),
        covered: request.idle(),
    };
    if effective > now {
        findings.reasons.push(Reason::new(ReasonCode::ClockBehind));
    }
    for coalition in coalitions {
        findings.missing(coalition);
        for (live, key) in coalition.answering() {
            findings.ask(request, coalition, live, key);
            if key.is_some() {
                findings.outdated(coalition, live);
            }
        }
    }
    findings.conclude(request)
}

impl<'e> Findings<'e> {
    fn ask(
        &mut self,
        request: &Request,
        coalition: &'e Coalition,
        live: &'e Live,
        key: Option<&ListKey>,
    ) {
        let header = live.list.header();
        let freshness = coalition.freshness(live, self.policy, self.now);
        self.lists.push(ListUsed {
            coalition: &coalition.name,
            list: header.list.as_str(),
            epoch: header.epoch,
            sequence: header.sequence,
            freshness: freshness_name(freshness),
            age_s: self.now.since(header.issued),
        });
        let covers = |(_, identifier): (usize, &Identifier)| {
            let mut look_ups = identifier.look_ups();
            look_ups.any(|look_up| header.kinds.covers(look_up.kind))
        };
        let keyless = key.is_none() && request.identifiers().any(covers);
        self.health(freshness, keyless, place(coalition, live));
        let full_effect = coalition.has_full_effect(live, self.policy, self.now);
        let mut strongest: Option<Statement<'e>> = None;
        for (index, identifier) in request.distinct() {
            let membership = live.list.membership(identifier, key, self.now);
            if let Some(covered) = self.covered.get_mut(index) {
                *covered |= membership != Membership::NotCovered;
            }
            self.answered |= freshness == Freshness::Fresh
                && !matches!(membership, Membership::NotCovered | Membership::NoKey);
            if let Some(page) = live.list.page_needed(identifier, key) {
                self.need(coalition, live, page);
            }
            let reason = Reason {
                identifier: Some(index),
                ..place(coalition, live)
            };
            let statement = self.weigh(membership, header.edition, full_effect, reason);
            if let Some(statement) = statement
                && strongest.as_ref().is_none_or(|best| statement.beats(best))
            {
                strongest = Some(statement);
            }
        }
        self.statements.extend(strongest);
    }

    /// What keeps a list from being relied on.
    fn health(&mut self, freshness: Freshness, keyless: bool, place: Reason<'e>) {
        let code = match freshness {
            Freshness::Fresh => None,
            Freshness::Stale => Some(ReasonCode::ListStale),
            Freshness::Expired => Some(ReasonCode::ListExpired),
            Freshness::Untrusted => Some(ReasonCode::ListUntrusted),
        };
        let no_key = keyless.then_some(ReasonCode::NoKey);
        for code in code.into_iter().chain(no_key) {
            self.degraded = true;
            self.reasons.push(Reason { code, ..place });
        }
    }

    /// A page that is not loaded: the answer is not final.
    fn need(&mut self, coalition: &'e Coalition, live: &'e Live, page: u32) {
        let header = live.list.header();
        let page = PageNeeded {
            coalition: &coalition.name,
            list: header.list.as_str(),
            epoch: header.epoch,
            page,
        };
        if !self.pages.contains(&page) {
            self.pages.push(page);
        }
        self.degraded = true;
    }

    /// What one answer of a list does to the verdict; a statement if it is one about the odds.
    fn weigh(
        &mut self,
        membership: Membership<'e>,
        edition: Edition,
        full_effect: bool,
        mut reason: Reason<'e>,
    ) -> Option<Statement<'e>> {
        match membership {
            Membership::Absent | Membership::NotCovered | Membership::NoKey => None,
            Membership::Lapsed(record) => {
                if !record.flags.has(Flags::SILENT) {
                    reason.code = ReasonCode::ListingLapsed;
                    self.reasons.push(reason);
                }
                None
            }
            Membership::Candidate { .. } => {
                self.action = self.action.max(self.policy.candidate);
                reason.code = match edition {
                    Edition::Member => ReasonCode::Candidate,
                    Edition::Public => ReasonCode::AskGateway,
                };
                self.reasons.push(reason);
                None
            }
            Membership::Listed {
                record,
                source,
                relation,
            } => {
                self.act(&record, full_effect, reason);
                if record.flags.has(Flags::SILENT) {
                    return None;
                }
                reason.source = Some(source);
                reason.category = Some(record.category.name());
                reason.relation = Some(relation.name());
                reason.weight = logit_per_mille(record.confidence);
                self.reasons.push(reason);
                Some(Statement {
                    source,
                    confidence: record.confidence,
                })
            }
        }
    }

    /// What a record asks for, as far as its flags and its list's age let it.
    fn act(&mut self, record: &Record, full_effect: bool, place: Reason<'e>) {
        let mut action = record.effective_action();
        if !full_effect {
            action = action.min(Action::Review);
        }
        if action < record.action && !record.flags.has(Flags::SILENT) {
            self.reasons.push(Reason {
                code: ReasonCode::LoweredToReview,
                ..place
            });
        }
        self.action = self.action.max(action);
    }

    /// A coalition without any list, and each list this gateway counts on that is not in place.
    fn missing(&mut self, coalition: &'e Coalition) {
        let mut missing = coalition.missing_lists().map(ListId::as_str).peekable();
        let none = coalition.lists.is_empty() && missing.peek().is_none();
        for list in none.then_some(None).into_iter().chain(missing.map(Some)) {
            self.degraded = true;
            self.reasons.push(Reason {
                coalition: Some(&coalition.name),
                list,
                ..Reason::new(ReasonCode::NoList)
            });
        }
    }

    /// A list that goes on without this gateway once its older epoch ends.
    fn outdated(&mut self, coalition: &'e Coalition, live: &'e Live) {
        if live.newest_epoch > live.list.header().epoch {
            self.reasons.push(Reason {
                code: ReasonCode::KeyOutdated,
                ..place(coalition, live)
            });
        }
    }

    fn conclude(mut self, request: &Request) -> Verdict<'e> {
        let score = score(self.log_odds());
        let allowed = if score >= self.policy.review_score {
            Action::Review
        } else if score >= self.policy.monitor_score {
            Action::Monitor
        } else {
            Action::Allow
        };
        self.action = self.action.max(allowed);
        for (index, _) in self
            .covered
            .iter()
            .enumerate()
            .filter(|(_, covered)| !**covered)
        {
            let reason = Reason::new(ReasonCode::NotCovered);
            self.reasons.push(Reason {
                identifier: Some(index),
                ..reason
            });
        }
        for (index, _) in request.unused() {
            self.reasons.push(Reason {
                identifier: Some(index),
                ..Reason::new(ReasonCode::NotUsable)
            });
        }
        if !self.answered {
            self.degraded = true;
            self.reasons.push(Reason::new(ReasonCode::Degraded));
        }
        // Of what could not be used nobody was asked either.
        if !self.answered || request.unused().next().is_some() {
            let unavailable = self.policy.unavailable.action(request.flow);
            self.action = self.action.max(unavailable);
        }
        let told = |code| code <= ReasonCode::AskGateway || code == ReasonCode::NotUsable;
        let told = self.reasons.iter().any(|reason| told(reason.code));
        if !self.degraded && !told {
            self.reasons.push(Reason::new(ReasonCode::NoFinding));
        }
        self.reasons
            .sort_by(|a, b| a.code.cmp(&b.code).then(b.weight.cmp(&a.weight)));
        self.reasons.truncate(MAX_REASONS);
        Verdict {
            action: self.action,
            score,
            reasons: self.reasons,
            lists: self.lists,
            pages: self.pages,
            unused: request
                .unused()
                .map(|(identifier, unused)| UnusedField {
                    identifier,
                    path: unused.path.to_string(),
                    rule: unused.error.rule().name(),
                })
                .collect(),
            degraded: self.degraded,
            receipt: None,
            reference: request.reference.clone(),
        }
    }

    /// The prior, raised to the strongest listing; every further source adds its share.
    fn log_odds(&mut self) -> i32 {
        let prior = logit_per_million(self.policy.prevalence_per_million);
        self.statements.sort_by(|a, b| {
            b.confidence
                .cmp(&a.confidence)
                .then_with(|| a.source.cmp(b.source))
        });
        let mut counted: Vec<&str> = Vec::new();
        let mut log_odds = prior;
        for statement in &self.statements {
            if counted.contains(&statement.source) {
                continue;
            }
            let weight = logit_per_mille(statement.confidence);
            if counted.is_empty() {
                log_odds = log_odds.max(weight);
            } else {
                let share = i32::from(self.policy.agreement_per_mille);
                let added = weight.max(0).saturating_mul(share).div_euclid(1000);
                log_odds = log_odds.saturating_add(added);
            }
            counted.push(statement.source);
        }
        log_odds
    }
}

impl Statement<'_> {
    fn beats(&self, other: &Self) -> bool {
        (self.confidence, other.source) > (other.confidence, self.source)
    }
}

/// A reason about one list, its code still to be given.
fn place<'e>(coalition: &'e Coalition, live: &'e Live) -> Reason<'e> {
    Reason {
        coalition: Some(&coalition.name),
        list: Some(live.list.header().list.as_str()),
        ..Reason::new(ReasonCode::Listed)
    }
}
