//! Asks every list of every coalition about a request.
//!
//! The order of lists, identifiers and coalitions never changes the action or the score. It only
//! decides the order of the answer.

use crate::common::time::Time;
use crate::identifier::LookUp;
use crate::list::{Action, Edition, Flags, ListId, Listing, LookUpMatch, LookUpOutcome};
use crate::policy::{FlowPolicy, Policy};
use crate::token::{ListKey, Names};
use crate::trust::Freshness;

use super::asks::Asks;
use super::coverage::Coverage;
use super::odds::ListEvidence;
use super::reason::{Reason, Subject};
use super::receipt::ReceiptKey;
use super::screening_context::ScreeningContext;
use super::sealed::SilentFinding;
use super::tally::RecordActions;
use super::verdict::ListUsed;
use super::weights::logit_per_mille;
use crate::engine::clearances::Clearances;
use crate::engine::doubt::Doubt;
use crate::engine::overrides::Override;
use crate::engine::request::{Request, View};
use crate::engine::update::{Coalition, LiveRelease};

/// One request, and the policy and overrides it is screened under.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'q, 'e> {
    pub(super) request: &'q Request,
    pub(super) policy: &'e Policy,
    /// What the policy says about the request's flow.
    pub(super) flow: &'e FlowPolicy,
    overrides: &'e [Override],
    pub(super) clearances: &'e [Clearances],
    /// The key of the digests that overrides and clearances name identifiers by.
    pub(super) receipt_key: Option<&'e ReceiptKey>,
    /// The host's clock, or the newest verified time if that is later.
    pub(super) now: Time,
}

/// What all lists say about the request, before it is weighed.
#[derive(Debug)]
pub(super) struct ListFindings<'e> {
    /// The actions that the matching records ask for.
    pub(super) record_actions: RecordActions<'e>,
    /// The action that filter hits cause.
    pub(super) candidate: Action,
    /// The evidence that counts towards the score.
    pub(super) evidence: ListEvidence<'e>,
    pub(super) coverage: Coverage,
    pub(super) reasons: Vec<Reason<'e>>,
    /// Silent records that match. Nothing but the receipt's `sealed` may depend on them.
    pub(super) silent: Vec<SilentFinding>,
    /// Why time or state is in doubt.
    pub(super) doubts: Vec<Doubt>,
    pub(super) lists: Vec<ListUsed<'e>>,
    /// Whether a list that should have answered could not.
    pub(super) degraded: bool,
}

/// A list, with everything that asking it depends on.
#[derive(Debug, Clone, Copy)]
struct AskedList<'q, 'e> {
    coalition: &'e Coalition,
    live: &'e LiveRelease,
    key: Option<&'q ListKey>,
    /// The list's number among the lists asked, for counting its origins.
    number: usize,
    /// The positions of the coalition, and of the list among those of the coalition.
    position: (usize, usize),
    is_fresh: bool,
    /// Whether the list's records may cause more than `review`.
    has_full_effect: bool,
}

/// What one list holds about one identifier.
#[derive(Debug, Clone, Copy, Default)]
struct IdentifierMatch {
    /// A record that is not silent.
    listed: bool,
    /// A filter hit without a record.
    hit: bool,
    /// A record that is not silent and has ended.
    lapsed: bool,
}

impl<'q, 'e> Question<'q, 'e> {
    pub(super) fn new(
        request: &'q Request,
        context: ScreeningContext<'e>,
        policy: &'e Policy,
    ) -> Self {
        Self {
            request,
            policy,
            flow: policy.flow(request.flow),
            overrides: context.overrides,
            clearances: context.clearances,
            receipt_key: context.receipt_key,
            now: context.effective(),
        }
    }

    /// Asks the newest readable release of each list, coalition by coalition.
    pub(super) fn ask(&self, context: ScreeningContext<'e>) -> ListFindings<'e> {
        let mut findings = ListFindings::new(context.coalitions);
        let names = self.request.distinct();
        let names = names.map(|(index, identifier)| (index, Names::new(identifier)));
        let names: Vec<_> = names.collect();
        if self.now > context.now {
            findings.reasons.push(Reason::clock_behind());
        }
        findings.doubts = context.doubts();
        findings.not_enrolled(context.coalitions, self.policy);
        for (number, coalition) in context.coalitions.iter().enumerate() {
            findings.missing(coalition, self.policy);
            for (list, (live, key)) in coalition.answering().enumerate() {
                findings.ask_list(self, &names, (coalition, live, key), (number, list));
                if key.is_some() {
                    findings.outdated(coalition, live);
                }
            }
        }
        findings.silent.sort_unstable();
        findings
    }
}

impl<'e> ListFindings<'e> {
    fn new(coalitions: &[Coalition]) -> Self {
        let lists = coalitions.iter();
        let lists = lists.map(|coalition| coalition.lists.len()).sum();
        Self {
            record_actions: RecordActions::default(),
            candidate: Action::Allow,
            evidence: ListEvidence::default(),
            coverage: Coverage::default(),
            reasons: Vec::new(),
            silent: Vec::new(),
            doubts: Vec::new(),
            lists: Vec::with_capacity(lists),
            degraded: coalitions.is_empty(),
        }
    }

    /// Reports a coalition without any list, and each configured list that is not live. The verdict is
    /// degraded if the policy requires one of them.
    fn missing(&mut self, coalition: &'e Coalition, policy: &Policy) {
        let mut missing = coalition.missing_lists().peekable();
        let none = coalition.lists.is_empty() && missing.peek().is_none();
        for list in none.then_some(None).into_iter().chain(missing.map(Some)) {
            let required = |list| policy.required.requires(&coalition.name, list);
            self.degraded |= list.is_none_or(required);
            self.reasons.push(Reason::no_list(Subject {
                list: list.map(ListId::as_str),
                ..coalition_subject(coalition)
            }));
        }
    }

    /// Reports the required lists that no coalition is configured with.
    fn not_enrolled(&mut self, coalitions: &[Coalition], policy: &'e Policy) {
        for (name, list) in policy.required.iter() {
            let mut own = coalitions.iter().filter(|coalition| coalition.name == name);
            if own.any(|coalition| coalition.has(list)) {
                continue;
            }
            self.degraded = true;
            self.reasons.push(Reason::no_list(Subject {
                coalition: Some(name),
                list: Some(list.as_str()),
                ..Subject::default()
            }));
        }
    }

    /// Reports a list that is published for a newer epoch whose key this gateway lacks.
    fn outdated(&mut self, coalition: &'e Coalition, live: &'e LiveRelease) {
        if live.newest_epoch > live.list.header().epoch {
            self.reasons
                .push(Reason::key_outdated(list_subject(coalition, live)));
        }
    }

    fn ask_list(
        &mut self,
        question: &Question<'_, 'e>,
        names: &[(usize, Names<'_>)],
        (coalition, live, key): (&'e Coalition, &'e LiveRelease, Option<&ListKey>),
        position: (usize, usize),
    ) {
        let header = live.list.header();
        let freshness = coalition.freshness(live, question.policy, question.now);
        self.lists.push(ListUsed {
            coalition: &coalition.name,
            list: header.list.as_str(),
            edition: header.edition.name(),
            epoch: header.epoch,
            sequence: header.sequence,
            freshness: freshness.name(),
            age_s: question.now.since(header.issued),
        });
        let kinds = question.request.kinds();
        let kinds = kinds.filter(|kind| header.kinds.covers(*kind));
        let lacks_key = key.is_none() && kinds.clone().next().is_some();
        self.health(freshness, lacks_key, list_subject(coalition, live));
        let is_fresh = freshness == Freshness::Fresh;
        let answers = is_fresh && key.is_some();
        self.coverage.ask(header.edition);
        if header.edition.checks_kinds() {
            self.coverage.kind_answers.add_asked(kinds, answers);
        }
        let list = AskedList {
            coalition,
            live,
            key,
            number: self.evidence.statements.next_list(),
            position,
            is_fresh,
            has_full_effect: coalition.has_full_effect(live, question.policy, question.now),
        };
        for (index, names) in names {
            self.ask_identifier(question, &list, (*index, names));
        }
    }

    /// Reports why a list cannot be relied on: it is not fresh, or its key is missing.
    fn health(&mut self, freshness: Freshness, lacks_key: bool, subject: Subject<'e>) {
        let state = match freshness {
            Freshness::Fresh => None,
            Freshness::Stale => Some(Reason::list_stale(subject)),
            Freshness::Expired => Some(Reason::list_expired(subject)),
            Freshness::Untrusted => Some(Reason::list_untrusted(subject)),
        };
        let no_key = lacks_key.then(|| Reason::no_key(subject));
        for reason in state.into_iter().chain(no_key) {
            self.degraded = true;
            self.reasons.push(reason);
        }
    }

    fn ask_identifier(
        &mut self,
        question: &Question<'_, 'e>,
        list: &AskedList<'_, 'e>,
        (index, names): (usize, &Names<'_>),
    ) {
        let (live, identifier) = (list.live, names.identifier());
        let subject = list_subject(list.coalition, live).identifier(index);
        let mut found = IdentifierMatch::default();
        let asked = live
            .list
            .ask(names, list.key, question.now, |one| match one {
                LookUpMatch::Candidate(kind) => {
                    found.hit = true;
                    self.coverage.kind_answers.add_unknown(kind);
                }
                // A silent record must leave no trace, not even a reason that its listing ended.
                LookUpMatch::Lapsed(record) => found.lapsed |= !record.flags.has(Flags::SILENT),
                LookUpMatch::Listed(hit) => {
                    found.listed |= !hit.record.flags.has(Flags::SILENT);
                    self.listed(question, list, &hit, (subject, names));
                }
            });
        if asked != LookUpOutcome::Answered {
            return;
        }
        // A list may cover the label of a domain and not the domain itself.
        let header = live.list.header();
        let covers = header.kinds.covers(identifier.kind());
        // The coarse filter of a public edition checks nothing: its hits mean "ask the gateway".
        if covers && header.edition.checks_kinds() {
            self.coverage.check(identifier.kind());
        }
        // A hit on the label alone is no answer for the identifier. Otherwise finding the label
        // would give a better answer than finding nothing.
        if list.is_fresh && covers {
            self.coverage.answer(live.list.header().edition);
        }
        if found.hit {
            self.hit(list, subject);
        } else if found.lapsed && !found.listed {
            self.reasons.push(Reason::listing_lapsed(subject));
        }
    }

    /// Counts a hit of a list without records. One of a compact edition counts as a record. One of a public
    /// edition is no evidence: it asks for nothing but a look at the gateway's own list.
    fn hit(&mut self, list: &AskedList<'_, 'e>, subject: Subject<'e>) {
        let (action, reason) = match list.live.list.header().edition {
            Edition::Member | Edition::Compact => {
                let confidence = list.live.descriptor.confidence.unwrap_or_default();
                self.evidence.compact = self.evidence.compact.max(Some(confidence));
                let weight = logit_per_mille(confidence);
                (Action::Review, Reason::candidate(subject, weight))
            }
            Edition::Public => (Action::Monitor, Reason::ask_gateway(subject)),
        };
        self.candidate = self.candidate.max(action);
        self.reasons.push(reason);
    }

    /// Counts a record: the action it asks for, which its flags, the age of its list and the
    /// gateway's overrides may lower, and its evidence.
    fn listed(
        &mut self,
        question: &Question<'_, 'e>,
        list: &AskedList<'_, 'e>,
        hit: &Listing<'e>,
        (subject, names): (Subject<'e>, &Names<'_>),
    ) {
        let record = &hit.record;
        if record.flags.has(Flags::SILENT) {
            self.silent.push(list.silent(hit, subject));
            return;
        }
        let mandatory = record.flags.has(Flags::MANDATORY);
        let mut natural = record.effective_action();
        if !list.has_full_effect {
            natural = natural.min(Action::Review);
        }
        if natural < record.action {
            self.reasons.push(Reason::lowered_to_review(subject));
        }
        let mut action = natural;
        if natural > Action::Review && !mandatory && question.is_overridden(list, hit, names) {
            action = Action::Review;
            self.reasons.push(Reason::overridden(subject));
        }
        if mandatory {
            self.record_actions.require(natural);
        }
        self.record_actions
            .add(natural, action, &list.coalition.name, hit.source.origin());
        self.coverage.kind_answers.add_listed(hit.kind);
        let asks = Asks::of_record(hit, natural, || {
            let name = list.listed_name(hit, names)?;
            question.clearing_key().map(|key| key.of_record(&name, hit))
        });
        self.reasons
            .push(Reason::listed(subject, hit).asking_for(asks));
        self.evidence
            .statements
            .add(list.number, hit.source.origin(), record.confidence);
    }
}

impl AskedList<'_, '_> {
    /// The name that an entry lists, among those that the identifier is looked up under.
    fn listed_name<'n>(&self, hit: &Listing<'_>, names: &'n Names<'_>) -> Option<LookUp<'n>> {
        let key = self.key?;
        let mut names = names.iter();
        let listed = names.find(|name| name.tag(key) == hit.tag)?;
        Some(listed.look_up)
    }

    /// A silent record about the identifier that the subject says.
    fn silent(&self, hit: &Listing<'_>, subject: Subject<'_>) -> SilentFinding {
        let number = |position: usize| u8::try_from(position).unwrap_or(u8::MAX);
        SilentFinding {
            identifier: number(subject.identifier.unwrap_or(usize::MAX)),
            coalition: number(self.position.0),
            list: number(self.position.1),
            category: hit.record.category.code(),
        }
    }
}

impl Question<'_, '_> {
    /// The key of the digests that clearances name records and rules by, if a clearance or the analyst
    /// needs one.
    pub(super) fn clearing_key(&self) -> Option<&ReceiptKey> {
        let is_needed = !self.clearances.is_empty() || self.request.view == View::Analyst;
        self.receipt_key.filter(|_| is_needed)
    }

    /// Whether an override of the gateway applies to the entry that was hit: one of its list that names
    /// the name it is listed under.
    fn is_overridden(
        &self,
        list: &AskedList<'_, '_>,
        hit: &Listing<'_>,
        names: &Names<'_>,
    ) -> bool {
        let (coalition, id) = (&list.coalition.name, &list.live.list.header().list);
        let overrides = self.overrides.iter();
        let mut overrides = overrides
            .filter(|one| one.is_of(coalition, id, self.now))
            .peekable();
        let (Some(key), Some(_)) = (self.receipt_key, overrides.peek()) else {
            return false;
        };
        list.listed_name(hit, names).is_some_and(|name| {
            let digest = key.of_name(name.kind, name.canonical);
            overrides.any(|one| one.names(&digest))
        })
    }
}

fn list_subject<'e>(coalition: &'e Coalition, live: &'e LiveRelease) -> Subject<'e> {
    Subject {
        list: Some(live.list.header().list.as_str()),
        ..coalition_subject(coalition)
    }
}

fn coalition_subject(coalition: &Coalition) -> Subject<'_> {
    Subject {
        coalition: Some(&coalition.name),
        ..Subject::default()
    }
}
