//! From memberships to a verdict. The order of lists, identifiers and coalitions never matters to
//! action and score; it only orders the answer.

use crate::list::{Action, Flags, Membership, Record};
use crate::policy::Policy;
use crate::time::Time;
use crate::trust::Freshness;

use super::coalition::{Coalition, Live};
use super::request::Request;
use super::score::{logit_per_mille, logit_per_million, score};
use super::verdict::{ListUsed, Reason, ReasonCode, Verdict, freshness_name};

/// Reasons in an answer: more than four are unlikely to help (commentary to Regulation B).
const MAX_REASONS: usize = 4;

/// What has been found so far.
struct Findings<'e> {
    policy: &'e Policy,
    now: Time,
    action: Action,
    statements: Vec<Statement<'e>>,
    reasons: Vec<Reason>,
    lists: Vec<ListUsed>,
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
pub(super) fn screen(
    request: &Request,
    coalitions: &[Coalition],
    policy: &Policy,
    now: Time,
) -> Verdict {
    let newest = coalitions
        .iter()
        .filter_map(|coalition| coalition.client.newest_time())
        .max();
    let effective = newest.map_or(now, |newest| newest.max(now));
    let mut findings = Findings {
        policy,
        now: effective,
        action: Action::Allow,
        statements: Vec::new(),
        reasons: Vec::new(),
        lists: Vec::new(),
        answered: false,
        degraded: coalitions.is_empty(),
        covered: request.repeated(),
    };
    if effective > now {
        findings.reasons.push(Reason::new(ReasonCode::ClockBehind));
    }
    for coalition in coalitions {
        findings.missing(coalition);
        for live in &coalition.lists {
            findings.ask(request, coalition, live);
        }
    }
    findings.conclude(request)
}

impl<'e> Findings<'e> {
    fn ask(&mut self, request: &Request, coalition: &'e Coalition, live: &'e Live) {
        let header = live.list.header();
        let freshness = coalition.freshness(live, self.policy, self.now);
        let full_effect = coalition.has_full_effect(live, self.policy, self.now);
        self.lists.push(ListUsed {
            coalition: coalition.name.clone(),
            list: header.list.as_str().to_owned(),
            sequence: header.sequence,
            freshness: freshness_name(freshness),
            age_s: self.now.since(header.issued),
        });
        let code = match freshness {
            Freshness::Fresh => None,
            Freshness::Stale => Some(ReasonCode::ListStale),
            Freshness::Expired => Some(ReasonCode::ListExpired),
            Freshness::Untrusted => Some(ReasonCode::ListUntrusted),
        };
        if let Some(code) = code {
            self.degraded = true;
            self.health(code, coalition, Some(live));
        }
        let key = coalition.key(live);
        let mut strongest: Option<Statement<'e>> = None;
        let mut keyless = false;
        for (index, identifier) in request.distinct() {
            let membership = live.list.membership(identifier, key, self.now);
            if let Some(covered) = self.covered.get_mut(index) {
                *covered |= membership != Membership::NotCovered;
            }
            let fresh = freshness == Freshness::Fresh;
            self.answered |=
                fresh && !matches!(membership, Membership::NotCovered | Membership::NoKey);
            let mut reason = place(Reason::new(ReasonCode::Listed), coalition, Some(live));
            reason.identifier = Some(index);
            match membership {
                Membership::Absent | Membership::NotCovered => {}
                Membership::NoKey => keyless = true,
                Membership::Lapsed(record) => {
                    if !record.flags.has(Flags::SILENT) {
                        reason.code = ReasonCode::ListingLapsed;
                        self.reasons.push(reason);
                    }
                }
                Membership::Candidate { .. } => {
                    self.action = self.action.max(self.policy.candidate);
                    reason.code = ReasonCode::Candidate;
                    self.reasons.push(reason);
                }
                Membership::Listed { record, relation } => {
                    self.act(&record, full_effect, &reason);
                    if record.flags.has(Flags::SILENT) {
                        continue;
                    }
                    let source = live.list.source(&record).unwrap_or_default();
                    let weight = logit_per_mille(record.confidence);
                    reason.source = Some(source.to_owned());
                    reason.category = Some(record.category.name());
                    reason.relation = Some(relation.name());
                    reason.weight = weight;
                    self.reasons.push(reason);
                    let statement = Statement {
                        source,
                        confidence: record.confidence,
                    };
                    if strongest.as_ref().is_none_or(|best| statement.beats(best)) {
                        strongest = Some(statement);
                    }
                }
            }
        }
        if keyless {
            self.degraded = true;
            self.health(ReasonCode::NoKey, coalition, Some(live));
        }
        self.statements.extend(strongest);
    }

    /// What a record asks for, as far as its flags and its list's age let it.
    fn act(&mut self, record: &Record, full_effect: bool, place: &Reason) {
        let mut action = record.effective_action();
        if !full_effect {
            action = action.min(Action::Review);
        }
        if action < record.action && !record.flags.has(Flags::SILENT) {
            self.reasons.push(Reason {
                code: ReasonCode::LoweredToReview,
                ..place.clone()
            });
        }
        self.action = self.action.max(action);
    }

    /// A coalition without any list, and each list this gateway counts on that is not in place.
    fn missing(&mut self, coalition: &Coalition) {
        let missing: Vec<_> = coalition.missing_lists().collect();
        if coalition.lists.is_empty() && missing.is_empty() {
            self.degraded = true;
            self.health(ReasonCode::NoList, coalition, None);
        }
        for list in missing {
            self.degraded = true;
            let reason = place(Reason::new(ReasonCode::NoList), coalition, None);
            self.reasons.push(Reason {
                list: Some(list.as_str().to_owned()),
                ..reason
            });
        }
    }

    fn health(&mut self, code: ReasonCode, coalition: &Coalition, live: Option<&Live>) {
        self.reasons.push(place(Reason::new(code), coalition, live));
    }

    fn conclude(mut self, request: &Request) -> Verdict {
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
        if !self.answered {
            self.degraded = true;
            self.reasons.push(Reason::new(ReasonCode::Degraded));
            self.action = self
                .action
                .max(self.policy.unavailable.action(request.flow));
        }
        let listed = self
            .reasons
            .iter()
            .any(|r| matches!(r.code, ReasonCode::Listed | ReasonCode::Candidate));
        if !self.degraded && !listed {
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

fn place(reason: Reason, coalition: &Coalition, live: Option<&Live>) -> Reason {
    Reason {
        coalition: Some(coalition.name.clone()),
        list: live.map(|live| live.list.header().list.as_str().to_owned()),
        ..reason
    }
}
