use crate::engine::update::Standing;
use crate::list::Action;
use crate::policy::{Flow, FlowPolicy};

use super::because::Because;

/// What keeps a verdict from being clean though nothing is found: the rows of the table in
/// `docs/scoring.md`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gaps {
    /// The worst standing of the lists that must answer.
    lists: Option<Standing>,
    /// The worst of the fields that could not be used.
    fields: FieldGaps,
    /// What checked a field that says who is paid.
    checked: CheckedBy,
    /// Whether the policy goes without lists that must answer.
    without_lists: bool,
}

/// Which fields of a request could not be used.
#[derive(Debug, Clone, Copy, Default)]
struct FieldGaps {
    /// One that says who is paid, or one that may hold card data.
    naming: bool,
    /// One that does not.
    supplementary: bool,
    /// One whose partner is absent.
    incomplete: bool,
}

/// Which of the lists that must answer checked a field that says who is paid.
#[derive(Debug, Clone, Copy, Default)]
struct CheckedBy {
    list: bool,
    public_edition: bool,
    /// Whether a list must answer that is no public edition, whatever its state.
    must_list: bool,
    /// Whether a public edition must answer, whatever its state.
    must_public: bool,
}

/// A field of the request that could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnusedKind {
    /// It says who is paid, or may hold card data.
    Naming,
    /// It does not say who is paid.
    Supplementary,
    /// Its partner is absent.
    Incomplete,
}

/// What the gaps lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct GapActions {
    /// The action that each cause alone gives, in the order in which `because` tries them.
    pub(super) causes: [(Because, Action); 4],
    /// Whether a list, or a doubt about time or state, is the cause of any.
    pub(super) degraded: bool,
    /// Whether the third row holds for a list or a doubt.
    pub(super) unreliable: bool,
    /// Whether no list that must answer checked a field that says who is paid.
    pub(super) nothing_checked: bool,
    /// Whether public editions alone must answer, and did.
    pub(super) public_only: bool,
}

impl Gaps {
    pub(super) fn new(without_lists: bool) -> Self {
        Self {
            without_lists,
            ..Self::default()
        }
    }

    /// A list that must answer about this request has this standing. A doubt is one that is unavailable.
    #[inline(never)]
    pub(super) fn list(&mut self, standing: Standing) {
        self.lists = self.lists.max(Some(standing));
    }

    /// A list must answer about this request that is no public edition.
    pub(super) const fn must_list(&mut self) {
        self.checked.must_list = true;
    }

    /// A public edition must answer about this request.
    pub(super) const fn must_public(&mut self) {
        self.checked.must_public = true;
    }

    /// A list that must answer, and is no public edition, checked a field that says who is paid.
    pub(super) const fn checked_by_list(&mut self) {
        self.checked.list = true;
    }

    /// A public edition that must answer was asked about one.
    pub(super) const fn checked_by_public_edition(&mut self) {
        self.checked.public_edition = true;
    }

    /// A field could not be used.
    pub(super) const fn unused(&mut self, kind: UnusedKind) {
        match kind {
            UnusedKind::Naming => self.fields.naming = true,
            UnusedKind::Supplementary => self.fields.supplementary = true,
            UnusedKind::Incomplete => self.fields.incomplete = true,
        }
    }

    /// The action that each row gives in a flow.
    #[inline(never)]
    pub(super) fn actions(&self, flow: Flow, policy: &FlowPolicy) -> GapActions {
        let CheckedBy {
            list,
            public_edition,
            must_list,
            must_public,
        } = self.checked;
        let public_only = must_public && !must_list;
        // In a page, public editions alone are how it should be. Elsewhere they check nothing.
        let in_page = public_only && flow == Flow::Checkout;
        let unreliable = self.without_lists
            || self.lists == Some(Standing::Unavailable)
            || must_public && !in_page;
        // The worst row decides.
        let late = self.lists == Some(Standing::Late) && !unreliable;
        let by_page = in_page && public_edition;
        let nothing_checked = !list && !by_page;
        let unavailable = unreliable || nothing_checked || self.fields.naming;
        let if_so = |holds: bool, action| if holds { action } else { Action::Allow };
        let fields = if_so(self.fields.supplementary, policy.late)
            .max(if_so(self.fields.incomplete, policy.incomplete));
        GapActions {
            causes: [
                (Because::Unavailable, if_so(unavailable, policy.unavailable)),
                (Because::Late, if_so(late, policy.late)),
                (Because::Fields, fields),
                (Because::PublicOnly, if_so(by_page, Action::Monitor)),
            ],
            degraded: unreliable || late,
            unreliable,
            nothing_checked,
            public_only: public_only && public_edition,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked() -> Gaps {
        let mut gaps = Gaps::new(false);
        gaps.must_list();
        gaps.checked_by_list();
        gaps.list(Standing::Clean);
        gaps
    }

    /// The action of each cause, in the order of `because`, and whether the verdict is degraded.
    fn told(gaps: Gaps, flow: Flow) -> ([Action; 4], bool) {
        let actions = gaps.actions(flow, &FlowPolicy::preset(flow));
        (actions.causes.map(|(_, action)| action), actions.degraded)
    }

    use Action::{Allow, Monitor, Review};

    #[test]
    fn each_cell_of_the_table_is_as_written() {
        for flow in Flow::ALL {
            let third = match flow {
                Flow::Onboarding | Flow::Payout => Review,
                Flow::Authorisation | Flow::Checkout => Monitor,
            };
            assert_eq!(told(checked(), flow), ([Allow; 4], false));
            let with = |change: &dyn Fn(&mut Gaps)| {
                let mut gaps = checked();
                change(&mut gaps);
                told(gaps, flow)
            };
            let late = with(&|gaps| gaps.list(Standing::Late));
            assert_eq!(late, ([Allow, Monitor, Allow, Allow], true));
            let unavailable = ([third, Allow, Allow, Allow], true);
            let out = with(&|gaps| gaps.list(Standing::Unavailable));
            assert_eq!(out, unavailable);
            let both = with(&|gaps| {
                gaps.list(Standing::Unavailable);
                gaps.list(Standing::Late);
            });
            assert_eq!(both, unavailable, "the worst list decides");
            for (kind, expected) in [
                (UnusedKind::Naming, [third, Allow, Allow, Allow]),
                (UnusedKind::Supplementary, [Allow, Allow, Monitor, Allow]),
                (UnusedKind::Incomplete, [Allow, Allow, Monitor, Allow]),
            ] {
                assert_eq!(with(&|gaps| gaps.unused(kind)), (expected, false));
            }
            let mut unchecked = Gaps::new(false);
            assert_eq!(
                told(unchecked, flow),
                ([third, Allow, Allow, Allow], false),
                "no list that must answer declares a kind"
            );
            unchecked.must_list();
            unchecked.list(Standing::Clean);
            assert_eq!(told(unchecked, flow), ([third, Allow, Allow, Allow], false));
            assert_eq!(told(Gaps::new(true), flow), unavailable, "without lists");
        }
    }

    #[test]
    fn public_editions_alone_are_monitor_in_a_page_and_unavailable_elsewhere() {
        let mut public = Gaps::new(false);
        public.must_public();
        public.checked_by_public_edition();
        public.list(Standing::Clean);
        let in_page = told(public, Flow::Checkout);
        assert_eq!(in_page, ([Allow, Allow, Allow, Monitor], false));
        for (flow, third) in [
            (Flow::Onboarding, Review),
            (Flow::Payout, Review),
            (Flow::Authorisation, Monitor),
        ] {
            let unavailable = ([third, Allow, Allow, Allow], true);
            assert_eq!(told(public, flow), unavailable);
        }
        let mut mixed = public;
        mixed.must_list();
        mixed.checked_by_list();
        let unavailable = ([Monitor, Allow, Allow, Allow], true);
        let found = told(mixed, Flow::Checkout);
        assert_eq!(found, unavailable, "an edition that must answer and cannot");
        let mut late = public;
        late.list(Standing::Late);
        let expected = ([Allow, Monitor, Allow, Monitor], true);
        assert_eq!(told(late, Flow::Checkout), expected);
    }

    #[test]
    fn a_policy_raises_rows_and_lowers_an_absent_partner_alone() {
        let policy = FlowPolicy {
            unavailable: Review,
            late: Review,
            incomplete: Allow,
            ..FlowPolicy::preset(Flow::Authorisation)
        };
        let mut gaps = checked();
        gaps.unused(UnusedKind::Incomplete);
        let actions = gaps.actions(Flow::Authorisation, &policy);
        assert!(actions.causes.iter().all(|(_, action)| *action == Allow));
        gaps.list(Standing::Late);
        gaps.unused(UnusedKind::Supplementary);
        let actions = gaps.actions(Flow::Authorisation, &policy);
        let found = actions.causes.map(|(_, action)| action);
        assert_eq!(found, [Allow, Review, Review, Allow]);
    }
}
