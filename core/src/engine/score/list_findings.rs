//! Asks every list of every coalition about a request.
//!
//! The order of lists, identifiers and coalitions never changes the action or the score. It only
//! decides the order of the answer.

use alloc::vec::Vec;

use crate::IS_FULL;
use crate::common::sort;
use crate::common::time::Time;
use crate::identifier::LookUp;
use crate::list::{Action, Edition, Flags, ListId, Listing, LookUpMatch, LookUpOutcome, Record};
use crate::policy::{FlowPolicy, Policy, RequiredLists, logit_per_mille};
use crate::token::{ListKey, Names};
use crate::trust::Freshness;

use super::asks::Asks;
use super::coverage::Coverage;
use super::gaps::{Gaps, UnusedKind};
use super::odds::ListEvidence;
use super::reason::{Reason, Subject};
use super::receipt::ReceiptKey;
use super::screening_context::{AskedCoalitions, ScreeningContext};
use super::sealed::SilentFinding;
use super::tally::RecordActions;
use super::verdict::ListUsed;
use crate::engine::clearances::Clearances;
use crate::engine::doubt::Doubt;
use crate::engine::overrides::Override;
use crate::engine::request::{Request, Unused, View};
use crate::engine::update::{Coalition, Grade, LiveRelease, Standing};

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
    /// The host's clock.
    pub(super) clock: Time,
    /// The clock, or the newest verified time of any coalition if that is later: clearances end by it.
    pub(super) newest: Time,
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
    /// What keeps the verdict from being clean if nothing is found.
    pub(super) gaps: Gaps,
    pub(super) reasons: Vec<Reason<'e>>,
    /// Silent records that match. Nothing but the receipt's `sealed` may depend on them.
    pub(super) silent: Vec<SilentFinding>,
    /// Why time or state is in doubt.
    pub(super) doubts: Vec<Doubt>,
    pub(super) lists: Vec<ListUsed<'e>>,
}

/// A release that answers for its list, with its ListKey.
#[derive(Debug, Clone, Copy)]
struct Release<'q, 'e> {
    coalition: &'e Coalition,
    live: &'e LiveRelease,
    key: Option<&'q ListKey>,
    /// The positions of the coalition, and of the list among those of the coalition.
    position: (usize, usize),
    /// Whether time or state of the coalition is in doubt.
    in_doubt: bool,
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
    /// The time to judge its records at.
    now: Time,
    is_required: bool,
    /// Whether the list's records may cause more than `review`.
    has_full_effect: bool,
    /// Whether its signers were revoked.
    is_untrusted: bool,
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
    #[inline(never)]
    pub(super) fn new(
        request: &'q Request,
        context: ScreeningContext<'e>,
        policy: &'e Policy,
    ) -> Self {
        let times = context.coalitions.iter();
        let times = times.map(|coalition| coalition.effective(context.now));
        Self {
            request,
            policy,
            flow: policy.flow(request.flow),
            overrides: context.overrides,
            clearances: context.clearances,
            receipt_key: context.receipt_key,
            clock: context.now,
            newest: times.max().unwrap_or(context.now),
        }
    }

    /// Asks the newest readable release of each list, coalition by coalition.
    #[inline(never)]
    pub(super) fn ask(&self, context: ScreeningContext<'e>) -> ListFindings<'e> {
        let mut findings = ListFindings::new(context.coalitions, self.policy);
        let names = self.request.distinct();
        let names = names.map(|(index, identifier)| (index, Names::new(identifier)));
        let names: Vec<_> = names.collect();
        for (index, unused) in self.request.unused() {
            findings.unused(self.request, index, unused);
        }
        findings.doubts(context, self.policy);
        findings.not_enrolled(context.coalitions, self.policy);
        for (number, coalition) in context.coalitions.iter().enumerate() {
            findings.missing(coalition, self.policy);
            let in_doubt = !context.doubts_about(coalition).is_empty();
            for (list, (live, key)) in coalition.answering().enumerate() {
                findings.ask_list(
                    self,
                    &names,
                    &Release {
                        coalition,
                        live,
                        key,
                        position: (number, list),
                        in_doubt,
                    },
                );
            }
        }
        sort::by(&mut findings.silent, Ord::cmp);
        findings
    }
}

impl<'e> ListFindings<'e> {
    #[inline(never)]
    fn new(coalitions: AskedCoalitions<'_>, policy: &Policy) -> Self {
        let lists = coalitions.iter();
        let lists = lists.map(|coalition| coalition.lists.len()).sum();
        let without_lists = !matches!(policy.required, RequiredLists::Lists(_));
        Self {
            record_actions: RecordActions::default(),
            candidate: Action::Allow,
            evidence: ListEvidence::default(),
            coverage: Coverage::default(),
            gaps: Gaps::new(without_lists),
            reasons: Vec::new(),
            silent: Vec::new(),
            doubts: Vec::new(),
            lists: Vec::with_capacity(lists),
        }
    }

    /// Reports a field that could not be used.
    #[inline(never)]
    fn unused(&mut self, request: &Request, index: usize, unused: Unused) {
        let Unused { kind, rule, .. } = unused;
        let is_naming = kind.is_some_and(|kind| request.is_naming(index, kind));
        let kind = if rule.is_incomplete() {
            UnusedKind::Incomplete
        } else if rule.is_card_number() || is_naming {
            UnusedKind::Naming
        } else {
            UnusedKind::Supplementary
        };
        self.gaps.unused(kind);
        self.reasons.push(match kind {
            UnusedKind::Incomplete => Reason::incomplete(index),
            UnusedKind::Naming | UnusedKind::Supplementary => Reason::not_usable(index),
        });
    }

    /// Reports why time or state is in doubt. A doubt about the instance is one about every list; one about a
    /// coalition is one about its own.
    #[inline(never)]
    fn doubts(&mut self, context: ScreeningContext<'e>, policy: &Policy) {
        self.doubts = context.doubts();
        if context.doubts.contains(&Doubt::ClockStopped) {
            self.gaps.list(Standing::Unavailable);
            self.reasons.push(Reason::clock_stopped());
        }
        if context.doubts.contains(&Doubt::StateLost) {
            self.gaps.list(Standing::Unavailable);
            self.reasons.push(Reason::state_lost());
        }
        for coalition in context.coalitions.iter() {
            let mut required = policy.required.iter();
            let is_required = required.any(|(name, _)| name == coalition.name);
            let subject = coalition_subject(coalition);
            let doubts = context.doubts_about(coalition);
            if doubts.contains(&Doubt::ClockBehind) {
                self.report(Reason::clock_behind(subject), is_required);
            }
            if doubts.contains(&Doubt::NoHistory) || coalition.may_be_replayed() {
                self.report(Reason::no_history(subject), is_required);
            }
            if doubts.contains(&Doubt::RolledBack) {
                self.report(Reason::rolled_back(subject), is_required);
            }
        }
    }

    /// Reports a coalition without any list, and each configured list that is not live or was withdrawn.
    #[inline(never)]
    fn missing(&mut self, coalition: &'e Coalition, policy: &Policy) {
        let mut missing = coalition.missing_lists().peekable();
        let none = coalition.lists.is_empty() && missing.peek().is_none();
        for list in none.then_some(None).into_iter().chain(missing.map(Some)) {
            let is_required =
                list.is_some_and(|list| policy.required.requires(&coalition.name, list));
            if is_required {
                self.gaps.list(Standing::Unavailable);
            }
            let subject = Subject {
                list: list.map(ListId::as_str),
                ..coalition_subject(coalition)
            };
            self.report(Reason::no_list(subject), is_required);
        }
    }

    /// Reports the required lists that no coalition is configured with.
    #[inline(never)]
    fn not_enrolled(&mut self, coalitions: AskedCoalitions<'_>, policy: &'e Policy) {
        for (name, list) in policy.required.iter() {
            let mut own = coalitions.iter().filter(|coalition| coalition.name == name);
            if own.any(|coalition| coalition.has(list)) {
                continue;
            }
            self.gaps.list(Standing::Unavailable);
            self.reasons.push(Reason::no_list(Subject {
                coalition: Some(name),
                list: Some(list.as_str()),
                ..Subject::default()
            }));
        }
    }

    /// Adds the state of a list or coalition; that of an additional one changes no action and comes last.
    fn report(&mut self, reason: Reason<'e>, is_required: bool) {
        self.reasons.push(match is_required {
            true => reason,
            false => reason.aside(),
        });
    }

    #[inline(never)]
    fn ask_list(
        &mut self,
        question: &Question<'_, 'e>,
        names: &[(usize, Names<'_>)],
        release: &Release<'_, 'e>,
    ) {
        let Release {
            coalition,
            live,
            key,
            ..
        } = *release;
        let header = live.list.header();
        let now = coalition.effective(question.clock);
        let grade = coalition.grade(live, question.policy, question.clock);
        self.lists.push(ListUsed {
            coalition: &coalition.name,
            list: header.list.as_str(),
            edition: header.edition.name(),
            epoch: header.epoch,
            sequence: header.sequence,
            freshness: grade.freshness.name(),
            age_s: now.since(header.issued),
        });
        let kinds = question.request.kinds();
        let kinds = kinds.filter(|kind| header.kinds.covers(*kind));
        let is_asked = kinds.clone().next().is_some();
        let required = &question.policy.required;
        let is_required = required.requires(&coalition.name, &header.list);
        self.health(release, grade, (is_asked, is_required));
        let answers = grade.freshness == Freshness::Fresh && key.is_some();
        if header.edition.checks_kinds() {
            self.coverage.kind_answers.add_asked(kinds, answers);
        }
        let list = AskedList {
            coalition,
            live,
            key,
            number: self.evidence.next_list(),
            position: release.position,
            now,
            is_required,
            has_full_effect: coalition.has_full_effect(live, question.policy, question.clock),
            is_untrusted: grade.freshness == Freshness::Untrusted,
        };
        for (index, names) in names {
            self.ask_identifier(question, &list, (*index, names));
        }
    }

    /// Reports why a list cannot be relied on, and counts that if it must answer about this request.
    #[inline(never)]
    fn health(
        &mut self,
        release: &Release<'_, 'e>,
        grade: Grade,
        (is_asked, is_required): (bool, bool),
    ) {
        let Release {
            coalition,
            live,
            key,
            in_doubt,
            ..
        } = *release;
        let subject = list_subject(coalition, live);
        let mut report = |holds: bool, reason: Reason<'e>| {
            if holds {
                self.report(reason, is_required);
            }
        };
        let is = |freshness| grade.freshness == freshness;
        report(is(Freshness::Untrusted), Reason::list_untrusted(subject));
        report(is(Freshness::Expired), Reason::list_expired(subject));
        let stale = is(Freshness::Stale);
        let by_metadata = grade.stale.metadata.is_some();
        report(stale && by_metadata, Reason::list_stale(subject));
        // A repository that was never polled has no history.
        let polled_once = grade.stale.poll.is_some() && coalition.polled().is_some();
        report(stale && polled_once, Reason::not_polled(subject));
        report(is(Freshness::Late), Reason::list_late(subject));
        report(key.is_none() && is_asked, Reason::no_key(subject));
        let outdated = key.is_some() && live.newer.newest.is_some();
        report(outdated, Reason::key_outdated(subject));
        if !(is_asked && is_required) {
            return;
        }
        self.gaps.list(match key.is_none() || in_doubt {
            true => Standing::Unavailable,
            false => grade.standing(),
        });
        match live.list.header().edition.checks_kinds() {
            true => self.gaps.must_list(),
            false => self.gaps.must_public(),
        }
    }

    #[inline(never)]
    fn ask_identifier(
        &mut self,
        question: &Question<'_, 'e>,
        list: &AskedList<'_, 'e>,
        (index, names): (usize, &Names<'_>),
    ) {
        let (live, identifier) = (list.live, names.identifier());
        let subject = list_subject(list.coalition, live).identifier(index);
        let mut found = IdentifierMatch::default();
        let asked = live.list.ask(names, list.key, list.now, |one| match one {
            LookUpMatch::Candidate(kind) => {
                found.hit = true;
                self.coverage.kind_answers.add_found(kind);
            }
            LookUpMatch::Lapsed(_) | LookUpMatch::Listed(_) if !IS_FULL => {}
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
        let checks = header.edition.checks_kinds();
        if covers && checks {
            self.coverage.check(identifier.kind());
        }
        let is_naming = question.request.is_naming(index, identifier.kind());
        if covers && list.is_required && is_naming {
            match checks {
                true => self.gaps.checked_by_list(),
                false => self.gaps.checked_by_public_edition(),
            }
        }
        if found.hit {
            self.hit(list, subject);
        } else if found.lapsed && !found.listed {
            self.reasons.push(Reason::listing_lapsed(subject));
        }
    }

    /// Counts a hit of a list without records. One of a compact edition counts as a record. One of a public
    /// edition is no evidence: it asks for nothing but a look at the gateway's own list.
    #[inline(never)]
    fn hit(&mut self, list: &AskedList<'_, 'e>, subject: Subject<'e>) {
        let (action, reason) = match list.live.list.header().edition {
            Edition::Member | Edition::Compact => {
                let confidence = list.live.descriptor.confidence.unwrap_or_default();
                self.evidence.add_compact(confidence);
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
    #[inline(never)]
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
        self.reasons.extend(list.lowered(record, subject));
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
        self.coverage.kind_answers.add_found(hit.kind);
        let asks = Asks::of_record(hit, natural, || {
            let name = list.listed_name(hit, names)?;
            question.clearing_key().map(|key| key.of_record(&name, hit))
        });
        self.reasons
            .push(Reason::listed(subject, hit).asking_for(asks));
        self.evidence
            .add(list.number, hit.source.origin(), record.confidence, natural);
    }
}

impl<'e> AskedList<'_, 'e> {
    /// Why a record that asks for more than `review` does not get it: because of the list, of the record,
    /// or of both.
    fn lowered(
        &self,
        record: &Record,
        subject: Subject<'e>,
    ) -> impl Iterator<Item = Reason<'e>> + use<'e> {
        let of_list = match self.is_untrusted {
            true => Reason::lowered_untrusted(subject),
            false => Reason::lowered_expired(subject),
        };
        let of_record = Reason::lowered_victim(subject);
        let asks_for_more = record.action > Action::Review;
        let by_list = asks_for_more && !self.has_full_effect;
        let by_record = asks_for_more && record.flags.has(Flags::POSSIBLY_VICTIM_CONTROLLED);
        let of_list = by_list.then_some(of_list);
        of_list.into_iter().chain(by_record.then_some(of_record))
    }

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
    #[inline(never)]
    fn is_overridden(
        &self,
        list: &AskedList<'_, '_>,
        hit: &Listing<'_>,
        names: &Names<'_>,
    ) -> bool {
        let (coalition, id) = (&list.coalition.name, &list.live.list.header().list);
        let overrides = self.overrides.iter();
        let mut overrides = overrides
            .filter(|one| one.is_of(coalition, id, list.now))
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
