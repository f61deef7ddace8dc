//! Weighs the findings of the lists into a verdict: odds, score, action, and the reasons in order.

use crate::list::Action;
use crate::policy::{Flow, FlowPolicy, Policy, RequiredLists};

use super::because::Because;
use super::list_findings::{ListFindings, Question};
use super::odds::Odds;
use super::reason::{Reason, arrange};
use super::screening_context::ScreeningContext;
use super::sealed::SilentFinding;
use super::sentences::{analyst, notice};
use super::typologies;
use super::verdict::{RuleState, UnusedField, Verdict};
use super::weights::score;
use crate::engine::request::{CallerText, Request, View};

/// The most reasons in an answer: more than four are unlikely to help (commentary to Regulation B).
const MAX_REASONS: usize = 4;

/// A verdict with every reason and everything else that receipts and analysts see.
#[derive(Debug)]
pub(crate) struct FullVerdict<'e> {
    pub(crate) verdict: Verdict<'e>,
    /// The action without the gateway's overrides.
    pub(crate) natural: Action,
    pub(crate) odds: Odds,
    /// Silent records that match, in the order of the request.
    pub(crate) silent: Vec<SilentFinding>,
    rules: Vec<RuleState<'e>>,
}

/// Screens a request.
pub(crate) fn screen<'e>(
    request: &Request,
    context: ScreeningContext<'e>,
    policy: &'e Policy,
) -> FullVerdict<'e> {
    let question = Question::new(request, context, policy);
    question.ask(context).conclude(&question, context)
}

impl<'e> ListFindings<'e> {
    fn conclude(
        mut self,
        question: &Question<'_, 'e>,
        context: ScreeningContext<'e>,
    ) -> FullVerdict<'e> {
        let (request, policy) = (question.request, question.policy);
        let facts = self.coverage.kind_answers.with_signals(&request.signals);
        let typologies = typologies::weigh(context.coalitions, policy, question.now, &facts);
        self.reasons.extend(typologies.reasons);
        let odds = core::mem::take(&mut self.evidence).odds(typologies.weight, policy);
        let score = score(odds.total);
        let unanswered = self.unanswered(question);
        let answered = self.coverage.answered && !self.degraded;
        if answered && !self.has_finding() && !request.has_unused() {
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
        let besides = || found.into_iter().chain(unanswered);
        let [action, natural] = [agreed.action, agreed.natural]
            .map(|of_records| besides().fold(of_records, |most, (_, action)| most.max(action)));
        let causes = [(Because::Record, agreed.action)]
            .into_iter()
            .chain(besides());
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
            degraded: self.degraded,
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

    /// Reports that no list answered, and the fields that none was asked about. Returns the action that
    /// each of the two causes, in the order in which `because` tries them.
    fn unanswered(&mut self, question: &Question<'_, 'e>) -> [(Because, Action); 3] {
        for (index, _) in question.request.unused() {
            self.reasons.push(Reason::not_usable(index));
        }
        let (mut unavailable, mut public_only) = (Action::Allow, Action::Allow);
        // Without required lists, nothing says that the lists that answered are enough.
        if !self.coverage.answered || !requires_lists(question.policy) {
            match self.nothing_checked(question) {
                Because::PublicOnly => public_only = Action::Monitor,
                _ => unavailable = question.flow.unavailable,
            }
        }
        let fields = match question.request.has_unused() {
            true => question.flow.unavailable,
            false => Action::Allow,
        };
        [
            (Because::Unavailable, unavailable),
            (Because::Fields, fields),
            (Because::PublicOnly, public_only),
        ]
    }

    /// No list that checks kinds answered, or none has to. In a page with public editions alone that is how it
    /// should be; anywhere else such a verdict is degraded. What public editions miss is never clean.
    fn nothing_checked(&mut self, question: &Question<'_, 'e>) -> Because {
        let public_only = self.coverage.public_only();
        if public_only && !self.has_finding() {
            self.reasons.push(Reason::public_only());
        }
        let in_page = question.request.flow == Flow::Checkout && !question.request.has_unused();
        let may_pass = in_page && requires_lists(question.policy) && !self.degraded;
        if public_only && may_pass {
            return Because::PublicOnly;
        }
        self.degraded = true;
        self.reasons.push(Reason::degraded());
        Because::Unavailable
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

/// Whether the policy names lists that must answer.
fn requires_lists(policy: &Policy) -> bool {
    matches!(policy.required, RequiredLists::Lists(_))
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

fn unused(request: &Request) -> Vec<UnusedField> {
    let unused = request.unused().map(|(identifier, unused)| UnusedField {
        identifier,
        path: unused.path.to_string(),
        rule: unused.error.rule().name(),
    });
    unused.collect()
}

impl<'e> FullVerdict<'e> {
    /// The verdict in the request's view, with sentences in its language.
    pub(crate) fn shown_to(mut self, request: &Request, policy: &Policy) -> Verdict<'e> {
        let verdict = &mut self.verdict;
        match request.view {
            View::System => verdict.reasons.truncate(MAX_REASONS),
            View::Analyst => verdict.rules = Some(self.rules),
        }
        if let Some(language) = request.language {
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
        // The defaults for a payout: monitor from 300, review from 700.
        let flow = policy.flow(Flow::Payout);
        for (score, action) in [
            (0, Action::Allow),
            (299, Action::Allow),
            (300, Action::Monitor),
            (699, Action::Monitor),
            (700, Action::Review),
            (1000, Action::Review),
        ] {
            assert_eq!(allowed_by(score, flow), action, "{score}");
        }
    }
}
