//! Weighs the findings of the lists into a verdict: odds, score, action, and the reasons in order.

use alloc::borrow::ToOwned as _;
use alloc::string::ToString as _;
use alloc::vec::Vec;

use crate::IS_FULL;
use crate::list::Action;
use crate::policy::{FlowPolicy, Policy};

use super::because::Because;
use super::gaps::GapActions;
use super::list_findings::{ListFindings, Question};
use super::odds::Odds;
use super::reason::{Reason, arrange};
use super::screening_context::ScreeningContext;
use super::sealed::SilentFinding;
use super::sentences::{analyst, notice};
use super::typologies;
use super::verdict::{RuleState, UnusedField, Verdict};
use crate::engine::request::{CallerText, Request, View};

/// The most reasons in an answer: more than four are unlikely to help (commentary to Regulation B).
const MAX_REASONS: usize = 4;

/// A verdict with every reason and everything else that receipts and analysts see.
#[derive(Debug)]
pub(crate) struct FullVerdict<'e> {
    pub(crate) verdict: Verdict<'e>,
    /// The action without the gateway's overrides and clearances.
    pub(crate) natural: Action,
    pub(crate) odds: Odds,
    /// Silent records that match, in the order of the request.
    pub(crate) silent: Vec<SilentFinding>,
    rules: Vec<RuleState<'e>>,
}

/// Screens a request.
#[inline(never)]
pub(crate) fn screen<'e>(
    request: &Request,
    context: ScreeningContext<'e>,
    policy: &'e Policy,
) -> FullVerdict<'e> {
    let question = Question::new(request, context, policy);
    question.ask(context).conclude(&question, context)
}

impl<'e> ListFindings<'e> {
    #[inline(never)]
    fn conclude(
        mut self,
        question: &Question<'_, 'e>,
        context: ScreeningContext<'e>,
    ) -> FullVerdict<'e> {
        let (request, policy) = (question.request, question.policy);
        let facts = self.coverage.kind_answers.with_signals(&request.signals);
        let typologies = typologies::weigh(context.coalitions, policy, question.clock, &facts);
        self.reasons.extend(typologies.reasons);
        let evidence = core::mem::take(&mut self.evidence);
        let (odds, score) = evidence.weigh(typologies.weight, policy, question.flow);
        let gaps = self.gaps.actions(request.flow, question.flow);
        self.explain(&gaps);
        if self.is_clean(&gaps) && !request.has_unused() {
            self.reasons.push(Reason::no_finding());
        }
        let agreed = self.record_actions.agreed(policy.required_coalitions);
        if agreed.by_too_few {
            self.reasons.push(Reason::too_few_coalitions());
        }
        // In the order in which `because` tries them, after the records.
        let found = [
            (Because::Candidate, self.candidate),
            (Because::Score, allowed_by(score, question.flow)),
        ];
        let besides = || found.into_iter().chain(gaps.causes);
        let [action, natural] = [agreed.action, agreed.natural]
            .map(|of_records| besides().fold(of_records, |most, (_, action)| most.max(action)));
        // What clearances leave of the action, and of each of its causes.
        let most = question.cleared(&mut self.reasons, natural, besides());
        let action = action.min(most);
        let causes = [(Because::Record, agreed.action)]
            .into_iter()
            .chain(besides())
            .map(|(because, caused)| (because, caused.min(most)));
        arrange(&mut self.reasons);
        let verdict = Verdict {
            action,
            because: because(action, causes),
            natural: Some(natural).filter(|natural| *natural != action),
            score,
            reasons: self.reasons,
            lists: self.lists,
            unused: unused(request),
            unchecked: self.coverage.unchecked(request.own_kinds()),
            doubts: self.doubts,
            degraded: gaps.degraded,
            policy: policy.digest(),
            shadow: None,
            rules: None,
            notice: None,
            receipt: None,
            reference: match &request.reference {
                CallerText::Kept(reference) => Some(reference.as_str().to_owned()),
                CallerText::None | CallerText::Dropped => None,
            },
            reference_dropped: request.reference == CallerText::Dropped,
        };
        FullVerdict {
            verdict,
            natural,
            odds,
            silent: self.silent,
            rules: typologies.rules,
        }
    }

    /// Reports the third row of the table, and a miss of public editions alone.
    fn explain(&mut self, gaps: &GapActions) {
        if gaps.public_only && !self.has_finding() {
            self.reasons.push(Reason::public_only());
        }
        if gaps.unreliable {
            self.reasons.push(Reason::degraded());
        } else if gaps.nothing_checked {
            self.reasons.push(Reason::nothing_checked());
        }
    }

    /// Whether every list that must answer did so, and nothing speaks against the merchant.
    fn is_clean(&self, gaps: &GapActions) -> bool {
        let mut causes = gaps.causes.iter();
        causes.all(|(_, action)| *action == Action::Allow)
            && !self.has_finding()
            && !self.has_red_flag()
    }

    /// Whether a rule counts against the merchant.
    fn has_red_flag(&self) -> bool {
        let mut reasons = self.reasons.iter();
        reasons.any(|reason| reason.typology.is_some() && reason.weight > 0)
    }

    fn has_finding(&self) -> bool {
        let mut reasons = self.reasons.iter();
        reasons.any(|reason| reason.code.is_finding())
    }
}

/// The first cause that alone gives the action; `None` for `allow`.
fn because(action: Action, causes: impl Iterator<Item = (Because, Action)>) -> Option<Because> {
    let mut alone = causes.filter(|(_, caused)| *caused == action && action > Action::Allow);
    alone.next().map(|(because, _)| because)
}

/// The action that the score causes: `review` at most.
fn allowed_by(score: u16, flow: &FlowPolicy) -> Action {
    if score >= flow.review_score {
        Action::Review
    } else if score >= flow.monitor_score {
        Action::Monitor
    } else {
        Action::Allow
    }
}

#[inline(never)]
fn unused(request: &Request) -> Vec<UnusedField> {
    let unused = request.unused().map(|(identifier, unused)| UnusedField {
        identifier,
        path: unused.path.to_string(),
        rule: unused.rule.name(),
    });
    unused.collect()
}

impl<'e> FullVerdict<'e> {
    /// The verdict in the request's view, with sentences in its language.
    #[inline(never)]
    pub(crate) fn shown_to(mut self, request: &Request, policy: &Policy) -> Verdict<'e> {
        let verdict = &mut self.verdict;
        match request.view {
            View::System => verdict.reasons.truncate(MAX_REASONS),
            View::Analyst => verdict.rules = Some(self.rules),
        }
        for reason in &mut verdict.reasons {
            if request.view == View::Analyst {
                reason.digest = reason.asks.digest();
            }
        }
        if let Some(language) = request.language.filter(|_| IS_FULL) {
            for reason in &mut verdict.reasons {
                reason.text = Some(analyst(language, reason));
            }
            verdict.notice = Some(notice(language, verdict.action, policy));
        }
        self.verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Flow;

    #[test]
    fn because_is_the_first_cause_that_alone_gives_the_action() {
        let causes = |actions: [Action; 3]| {
            let words = [Because::Record, Because::Score, Because::Unavailable];
            words.into_iter().zip(actions)
        };
        use Action::{Allow, Block, Monitor, Review};
        for (actions, action, word) in [
            ([Allow; 3], Allow, None),
            ([Block, Review, Review], Block, Some(Because::Record)),
            ([Monitor, Review, Review], Review, Some(Because::Score)),
            (
                [Monitor, Monitor, Review],
                Review,
                Some(Because::Unavailable),
            ),
            ([Review, Review, Review], Review, Some(Because::Record)),
        ] {
            assert_eq!(because(action, causes(actions)), word, "{actions:?}");
        }
    }

    #[test]
    fn a_score_leads_to_monitor_and_review_from_their_thresholds_and_to_no_more() {
        let policy = Policy::default();
        // The defaults for a payout: monitor from 400, review from 600.
        let flow = policy.flow(Flow::Payout);
        for (score, action) in [
            (0, Action::Allow),
            (399, Action::Allow),
            (400, Action::Monitor),
            (599, Action::Monitor),
            (600, Action::Review),
            (1000, Action::Review),
        ] {
            assert_eq!(allowed_by(score, flow), action, "{score}");
        }
    }
}
