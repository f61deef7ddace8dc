//! Whether the gateway's clearances lower a review to `monitor`: they must name every reason that asks
//! for it.

use alloc::borrow::ToOwned as _;
use alloc::vec::Vec;

use crate::IS_FULL;
use crate::engine::clearances::{Cleared, ClearedReason};
use crate::list::{Action, ListId};

use super::asks::Asks;
use super::because::Because;
use super::list_findings::Question;
use super::reason::{Reason, ReasonCode};

impl Question<'_, '_> {
    /// The most that clearances leave of an action: `monitor`, with a reason that says so, or everything.
    /// `natural` is the action without overrides, and `causes` has what each cause but the records alone would
    /// lead to. A review that the score asks for too is one that every rule against the merchant led to.
    #[inline(never)]
    pub(super) fn cleared(
        &self,
        reasons: &mut Vec<Reason<'_>>,
        natural: Action,
        causes: impl Iterator<Item = (Because, Action)> + Clone,
    ) -> Action {
        if !IS_FULL {
            return Action::Block;
        }
        let by_score = (Because::Score, Action::Review);
        if causes.clone().any(|cause| cause == by_score) {
            self.mark_rules(reasons);
        }
        if !self.is_cleared(reasons, natural, causes) {
            return Action::Block;
        }
        reasons.push(Reason::cleared());
        Action::Monitor
    }

    fn mark_rules(&self, reasons: &mut [Reason<'_>]) {
        for reason in reasons.iter_mut().filter(|reason| reason.weight > 0) {
            if let Some(rule) = reason.typology {
                let key = self.clearing_key();
                reason.asks = Asks::Review(key.map(|key| key.of_rule(rule)));
            }
        }
    }

    /// Whether a review has no cause but reasons that the clearances name. What has no reason that a
    /// clearance can name, such as a list that did not answer, keeps the review up.
    fn is_cleared(
        &self,
        reasons: &[Reason<'_>],
        natural: Action,
        causes: impl Iterator<Item = (Because, Action)>,
    ) -> bool {
        let has_reasons = [Because::Candidate, Because::Score];
        let mut others = causes.filter(|(because, _)| !has_reasons.contains(because));
        if natural != Action::Review || others.any(|(_, action)| action >= Action::Review) {
            return false;
        }
        let asking = reasons.iter().filter(|reason| reason.asks != Asks::Less);
        let mut asking = asking.peekable();
        asking.peek().is_some() && asking.all(|reason| self.clears(reason).unwrap_or(false))
    }

    /// Whether the clearances name a reason. `None` for one that they cannot name. A rule is about the
    /// merchant and not about one name, so they must name it for every identifier of the request: whoever
    /// adds a cleared name to a request clears nothing else.
    fn clears(&self, reason: &Reason<'_>) -> Option<bool> {
        let what = match (reason.code, reason.asks) {
            (ReasonCode::Listed, Asks::Review(digest)) => ClearedReason::Listed(digest?),
            (ReasonCode::Typology, Asks::Review(digest)) => ClearedReason::Typology(digest?),
            (ReasonCode::Candidate, Asks::Review(_)) => ClearedReason::Candidate,
            _ => return None,
        };
        let key = self.receipt_key?;
        let coalition = reason.coalition?;
        let list = ListId::parse(reason.list?).ok()?;
        let mut asked = self.request.distinct().filter(|(index, _)| {
            let about = reason.identifier;
            about.is_none_or(|about| about == *index)
        });
        Some(asked.all(|(_, identifier)| {
            let cleared = Cleared {
                identifier: key.name(identifier.kind(), identifier.canonical()),
                coalition: coalition.to_owned(),
                list: list.clone(),
                what,
            };
            let mut documents = self.clearances.iter();
            documents.any(|document| document.clears(&cleared, self.newest))
        }))
    }
}
