//! From what lists and signals say to a verdict. The order of lists, identifiers, typologies and
//! coalitions never matters to action and score; it only orders the answer.

use serde::Serialize;

use crate::common::time::Time;
use crate::list::{Action, Edition, Flags, ListId, Listing, LookUpMatch, LookUpOutcome};
use crate::policy::{FlowPolicy, Policy};
use crate::token::ListKey;
use crate::trust::Freshness;

use super::evidence::{candidate, logit_per_mille, logit_per_million, miss, score};
use super::heard::Heard;
use super::statements::Statements;
use super::tally::Tally;
use super::typologies;
use super::verdict::{
    ListUsed, PageNeeded, Reason, ReasonCode, RuleState, UnusedField, Verdict, freshness_name,
};
use crate::engine::overrides::Override;
use crate::engine::request::Request;
use crate::engine::update::{Coalition, Live};

/// What a question is answered from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World<'e> {
    pub(crate) coalitions: &'e [Coalition],
    pub(crate) overrides: &'e [Override],
    /// The host's clock.
    pub(crate) now: Time,
}

impl World<'_> {
    /// The time that counts: the host's clock, or the newest verified one if that is later.
    pub(crate) fn effective(&self) -> Time {
        let coalitions = self.coalitions.iter();
        let newest = coalitions.filter_map(|coalition| coalition.client.newest_time());
        newest.fold(self.now, Time::max)
    }
}

/// A verdict with all that led to it: every reason, none cut off.
#[derive(Debug)]
pub(crate) struct Finding<'e> {
    pub(crate) verdict: Verdict<'e>,
    /// The action but for the gateway's overrides.
    pub(crate) natural: Action,
    pub(crate) odds: Odds,
    /// What only the analyst sees.
    pub(crate) silent: Vec<Reason<'e>>,
    pub(crate) rules: Vec<RuleState<'e>>,
}

/// How the log-odds came about, in millibits:
/// `total = max(prior + misses + candidates + typologies, listed + typologies) + agreement`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Odds {
    /// Before anything is known.
    pub prior: i32,
    /// Lists that answered and do not hold the merchant.
    pub misses: i32,
    /// Filter hits without a record.
    pub candidates: i32,
    /// Red flags, and what speaks for the merchant.
    pub typologies: i32,
    /// The most confident source that has it listed; absent if none has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<i32>,
    /// What further sources add.
    pub agreement: i32,
    /// The sum.
    pub total: i32,
}

/// What has been found so far.
struct Findings<'e> {
    policy: &'e Policy,
    flow: &'e FlowPolicy,
    overrides: &'e [Override],
    now: Time,
    action: Action,
    /// What records ask for, with the gateway's overrides and without.
    asks: Tally<'e>,
    natural_asks: Tally<'e>,
    /// The strongest that a mandatory record asks for.
    mandatory: Action,
    statements: Statements<'e>,
    candidates: Candidates,
    misses: i32,
    heard: Heard,
    reasons: Vec<Reason<'e>>,
    silent: Vec<Reason<'e>>,
    lists: Vec<ListUsed<'e>>,
    pages: Vec<PageNeeded<'e>>,
    /// A fresh list answered for some identifier.
    answered: bool,
    degraded: bool,
    /// Identifiers that some list covers.
    covered: Vec<bool>,
}

/// Weights of filter hits, one for each list.
#[derive(Default)]
struct Candidates {
    strongest: i32,
    sum: i32,
}

/// What one list says of the whole request.
#[derive(Default)]
struct Answer {
    /// An open record applies.
    listed: bool,
    /// The weight of its filter hits, the strongest if there are several.
    candidate: Option<i32>,
    /// It was asked about a kind it covers.
    asked: bool,
    /// A page of its records was not there.
    lacking: bool,
}

/// Answers a request from what is in place.
pub(crate) fn screen<'e>(request: &Request, world: World<'e>, policy: &'e Policy) -> Finding<'e> {
    let coalitions = world.coalitions;
    let effective = world.effective();
    let lists = coalitions
        .iter()
        .map(|coalition| coalition.lists.len())
        .sum();
    let mut findings = Findings {
        policy,
        flow: policy.flow(request.flow),
        overrides: world.overrides,
        now: effective,
        action: Action::Allow,
        asks: Tally::default(),
        natural_asks: Tally::default(),
        mandatory: Action::Allow,
        statements: Statements::default(),
        candidates: Candidates::default(),
        misses: 0,
        heard: Heard::default(),
        reasons: Vec::new(),
        silent: Vec::new(),
        lists: Vec::with_capacity(lists),
        pages: Vec::new(),
        answered: false,
        degraded: coalitions.is_empty(),
        covered: request.idle(),
    };
    if effective > world.now {
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
    findings.conclude(request, coalitions)
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
        let kinds = request.kinds().filter(|kind| header.kinds.covers(*kind));
        let keyless = key.is_none() && kinds.clone().next().is_some();
        self.health(freshness, keyless, &place(coalition, live));
        let fresh = freshness == Freshness::Fresh;
        self.heard.asked(kinds.clone(), fresh && key.is_some());
        let estimates = self.policy.estimates_of(&coalition.name).of(kinds);
        let full_effect = coalition.has_full_effect(live, self.policy, self.now);
        let list = self.statements.next_list();
        let mut answer = Answer::default();
        for (index, identifier) in request.distinct() {
            let place = || Reason {
                identifier: Some(index),
                ..place(coalition, live)
            };
            let (mut listed, mut hit, mut lapsed) = (false, false, false);
            let asked = live
                .list
                .ask(identifier, key, self.now, |found| match found {
                    LookUpMatch::Candidate(kind) => {
                        hit = true;
                        self.heard.left_open(kind);
                    }
                    // Of a silent record nothing shows, not even that its list was of use.
                    LookUpMatch::Lapsed(record) => lapsed |= !record.flags.has(Flags::SILENT),
                    LookUpMatch::Listed(found) => {
                        listed |= !found.record.flags.has(Flags::SILENT);
                        self.listed(&found, coalition, (live, list), full_effect, &place());
                    }
                });
            // What is asked besides the identifier may be covered where it is not.
            let covers = header.kinds.covers(identifier.kind());
            let answers = covers || listed || hit || lapsed;
            if let Some(covered) = self.covered.get_mut(index) {
                *covered |=
                    asked == LookUpOutcome::NoKey || asked != LookUpOutcome::NotCovered && answers;
            }
            let LookUpOutcome::Keys(keys) = asked else {
                continue;
            };
            // Nor does what is found besides answer for the identifier: it would be a better answer
            // than none.
            self.answered |= fresh && covers;
            answer.asked |= covers;
            answer.listed |= listed;
            if let Some(page) = live.list.page_needed(identifier, key) {
                self.need(coalition, live, page);
                answer.lacking = true;
            }
            // A weak record of one name never hides that another may be listed.
            if hit {
                let weight = candidate(estimates, keys, header.rate);
                answer.candidate = answer.candidate.max(Some(weight));
                self.candidate(header.edition, weight, place());
            } else if lapsed && !listed {
                self.reasons.push(Reason {
                    code: ReasonCode::ListingLapsed,
                    ..place()
                });
            }
        }
        let clean = fresh && answer.asked && !answer.listed && !answer.lacking;
        match answer.candidate {
            Some(weight) => self.candidates.add(weight),
            None if clean => {
                self.misses = self.misses.saturating_add(miss(estimates));
            }
            None => {}
        }
    }

    /// What keeps a list from being relied on.
    fn health(&mut self, freshness: Freshness, keyless: bool, place: &Reason<'e>) {
        let code = match freshness {
            Freshness::Fresh => None,
            Freshness::Stale => Some(ReasonCode::ListStale),
            Freshness::Expired => Some(ReasonCode::ListExpired),
            Freshness::Untrusted => Some(ReasonCode::ListUntrusted),
        };
        let no_key = keyless.then_some(ReasonCode::NoKey);
        for code in code.into_iter().chain(no_key) {
            self.degraded = true;
            self.reasons.push(Reason {
                code,
                ..place.clone()
            });
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

    /// A filter hit without a record.
    fn candidate(&mut self, edition: Edition, weight: i32, place: Reason<'e>) {
        self.action = self.action.max(self.flow.candidate);
        let code = match edition {
            Edition::Member => ReasonCode::Candidate,
            Edition::Public => ReasonCode::AskGateway,
        };
        self.reasons.push(Reason {
            code,
            weight,
            ..place
        });
    }

    /// A record that applies: what it asks for as far as its flags, its list's age and the gateway's
    /// overrides let it, and what it says about the odds.
    fn listed(
        &mut self,
        hit: &Listing<'e>,
        coalition: &'e Coalition,
        (live, list): (&'e Live, usize),
        full_effect: bool,
        place: &Reason<'e>,
    ) {
        let record = &hit.record;
        let silent = record.flags.has(Flags::SILENT);
        let mut natural = record.effective_action();
        if !full_effect {
            natural = natural.min(Action::Review);
        }
        if natural < record.action && !silent {
            self.reasons.push(Reason {
                code: ReasonCode::LoweredToReview,
                ..place.clone()
            });
        }
        let list_id = &live.list.header().list;
        let mut overrides = self.overrides.iter();
        let overridden = natural > Action::Review
            && !record.flags.has(Flags::MANDATORY)
            && overrides.any(|one| one.applies(&coalition.name, list_id, hit.tag, self.now));
        let mut action = natural;
        if overridden {
            action = Action::Review;
            self.reasons.push(Reason {
                code: ReasonCode::Overridden,
                ..place.clone()
            });
        }
        if record.flags.has(Flags::MANDATORY) {
            self.mandatory = self.mandatory.max(natural);
        }
        self.natural_asks.add(natural, &coalition.name, hit.source);
        self.asks.add(action, &coalition.name, hit.source);
        let mut reason = Reason {
            source: Some(hit.source),
            category: Some(record.category.name()),
            relation: Some(hit.relation.name()),
            weight: logit_per_mille(record.confidence),
            group: record.group,
            ..place.clone()
        };
        if silent {
            reason.code = ReasonCode::Silent;
            self.silent.push(reason);
            return;
        }
        self.heard.listed(hit.kind);
        self.reasons.push(reason);
        self.statements.add(list, hit.source, record.confidence);
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

    fn conclude(mut self, request: &Request, coalitions: &'e [Coalition]) -> Finding<'e> {
        let typologies = typologies::weigh(
            coalitions,
            self.policy,
            self.now,
            &self.heard.with(&request.signals),
        );
        self.reasons.extend(typologies.reasons);
        let odds = self.odds(typologies.weight);
        let score = score(odds.total);
        let allowed = if score >= self.flow.review_score {
            Action::Review
        } else if score >= self.flow.monitor_score {
            Action::Monitor
        } else {
            Action::Allow
        };
        self.action = self.action.max(allowed);
        let covered = self.covered.iter().enumerate();
        for (index, _) in covered.filter(|(_, covered)| !**covered) {
            self.reasons.push(Reason {
                identifier: Some(index),
                ..Reason::new(ReasonCode::NotCovered)
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
            self.action = self.action.max(self.flow.unavailable);
        }
        let told = |code| code <= ReasonCode::AskGateway || code == ReasonCode::NotUsable;
        if !self.degraded && !self.reasons.iter().any(|reason| told(reason.code)) {
            self.reasons.push(Reason {
                weight: odds.misses,
                ..Reason::new(ReasonCode::NoFinding)
            });
        }
        let required = self.policy.required_coalitions;
        let natural_asked = self.natural_asks.action(required);
        // An override takes no voice away from what a mandatory record asks for.
        let asked = self.asks.action(required);
        let asked = asked.max(natural_asked.min(self.mandatory));
        if asked < self.asks.strongest() {
            self.reasons.push(Reason::new(ReasonCode::TooFewCoalitions));
        }
        let natural = self.action.max(natural_asked);
        let action = self.action.max(asked);
        arrange(&mut self.reasons);
        let verdict = Verdict {
            action,
            natural: Some(natural).filter(|natural| *natural != action),
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
            policy: self.policy.digest(),
            shadow: None,
            rules: None,
            notice: None,
            receipt: None,
            reference: request.reference.clone(),
        };
        Finding {
            verdict,
            natural,
            odds,
            silent: self.silent,
            rules: typologies.rules,
        }
    }

    fn odds(&mut self, typologies: i32) -> Odds {
        let heard = core::mem::take(&mut self.statements).heard();
        let mut weights = heard.into_iter().map(logit_per_mille);
        let listed = weights.next();
        let agreement = weights.fold(0_i32, |sum, weight| sum.saturating_add(self.share(weight)));
        let prior = logit_per_million(self.policy.prevalence_per_million);
        let misses = self.misses.max(self.policy.miss_cap.saturating_neg());
        let Candidates { strongest, sum } = self.candidates;
        let candidates = strongest.saturating_add(self.share(sum.saturating_sub(strongest)));
        let other = [misses, candidates, typologies]
            .into_iter()
            .fold(prior, i32::saturating_add);
        let listing = listed.map_or(i32::MIN, |listed| listed.saturating_add(typologies));
        Odds {
            prior,
            misses,
            candidates,
            typologies,
            listed,
            agreement,
            total: other.max(listing).saturating_add(agreement),
        }
    }

    /// What further evidence adds: the policy's share of it, nothing if it speaks for the merchant.
    fn share(&self, weight: i32) -> i32 {
        let share = i32::from(self.policy.agreement_per_mille);
        weight.max(0).saturating_mul(share).div_euclid(1000)
    }
}

impl Candidates {
    const fn add(&mut self, weight: i32) {
        self.sum = self.sum.saturating_add(weight);
        if weight > self.strongest {
            self.strongest = weight;
        }
    }
}

/// Strongest first, in an order that does not depend on that of lists and coalitions. Of the records
/// of one seller in one list and of one identifier in one list, the strongest is told and the others
/// come last.
pub(crate) fn arrange(reasons: &mut [Reason<'_>]) {
    reasons.sort_by(|a, b| {
        let weight = |reason: &Reason<'_>| reason.weight.unsigned_abs();
        let order = a.code.cmp(&b.code).then(weight(b).cmp(&weight(a)));
        let order = order.then((a.coalition, a.list).cmp(&(b.coalition, b.list)));
        let order = order.then((a.rule, a.source).cmp(&(b.rule, b.source)));
        order.then(a.identifier.cmp(&b.identifier))
    });
    for index in 0..reasons.len() {
        let (before, from) = reasons.split_at_mut(index);
        let Some(reason) = from.first_mut() else {
            continue;
        };
        reason.repeated = before.iter().any(|other| reason.repeats(other));
    }
    reasons.sort_by_key(|reason| reason.repeated);
}

/// A reason about one list, its code still to be given.
fn place<'e>(coalition: &'e Coalition, live: &'e Live) -> Reason<'e> {
    Reason {
        coalition: Some(&coalition.name),
        list: Some(live.list.header().list.as_str()),
        ..Reason::new(ReasonCode::Listed)
    }
}
