//! The weight of the live typologies for one merchant.

use alloc::vec::Vec;

use crate::IS_FULL;
use crate::common::time::Time;
use crate::policy::Policy;
use crate::rules::{Direction, Facts, Typology};

use super::reason::{Reason, Subject};
use super::screening_context::AskedCoalitions;
use super::verdict::RuleState;

/// What the typologies say about one merchant.
#[derive(Debug, Default)]
pub(super) struct WeighedTypologies<'e> {
    /// The sum of the weights in millibits, capped by the policy.
    pub(super) weight: i32,
    pub(super) reasons: Vec<Reason<'e>>,
    pub(super) rules: Vec<RuleState<'e>>,
}

/// A live rule, and whether it counts for this merchant.
struct WeighedRule<'e> {
    typology: &'e Typology,
    state: RuleState<'e>,
}

/// Weighs every live typology. If several packs have a rule of one id, the one that weighs most
/// counts.
#[inline(never)]
pub(super) fn weigh<'e>(
    coalitions: AskedCoalitions<'e>,
    policy: &Policy,
    now: Time,
    facts: &dyn Facts,
) -> WeighedTypologies<'e> {
    if !IS_FULL {
        return WeighedTypologies::default();
    }
    let mut rules = Vec::new();
    for coalition in coalitions.iter() {
        let packs = coalition.packs.iter();
        for live in packs.filter(|live| coalition.counts(live, now)) {
            let list = live.list.as_str();
            let typologies = live.pack.rules.iter();
            rules.extend(typologies.map(|typology| WeighedRule {
                typology,
                state: state(&coalition.name, list, typology, facts, policy),
            }));
        }
    }
    settle(&mut rules);
    halve(&mut rules);
    let cap = policy.typology_cap;
    let weights = rules.iter().map(|rule| rule.state.weight);
    let sum = weights.fold(0_i32, i32::saturating_add);
    let counted = rules.iter().filter(|rule| rule.state.weight != 0);
    WeighedTypologies {
        weight: sum.clamp(cap.saturating_neg(), cap),
        reasons: counted.map(WeighedRule::reason).collect(),
        rules: rules.into_iter().map(|rule| rule.state).collect(),
    }
}

fn state<'e>(
    coalition: &'e str,
    list: &'e str,
    rule: &'e Typology,
    facts: &dyn Facts,
    policy: &Policy,
) -> RuleState<'e> {
    let (weight, otherwise) = in_force(rule, policy);
    let holds = rule.condition.holds(facts);
    RuleState {
        coalition,
        list,
        rule: &rule.id,
        holds,
        weight: match holds {
            Some(true) => weight,
            Some(false) => otherwise,
            None => 0,
        },
    }
}

impl<'e> WeighedRule<'e> {
    fn reason(&self) -> Reason<'e> {
        let subject = Subject {
            identifier: None,
            coalition: Some(self.state.coalition),
            list: Some(self.state.list),
        };
        Reason::typology(subject, self.typology, self.state.weight)
    }
}

/// Lets each rule id count once.
#[inline(never)]
fn settle(rules: &mut [WeighedRule<'_>]) {
    let beaten = rules.iter().map(|one| {
        let mut others = rules.iter();
        others.any(|other| beats(&other.state, &one.state))
    });
    let beaten: Vec<bool> = beaten.collect();
    for (rule, beaten) in rules.iter_mut().zip(beaten) {
        if beaten {
            rule.state.weight = 0;
        }
    }
}

/// Halves the weight of every rule of a group but the strongest, rounded towards 0: the rules of a
/// group say much the same. Weights against the merchant and for it are apart.
fn halve(rules: &mut [WeighedRule<'_>]) {
    let weaker = rules.iter().map(|one| {
        let mut others = rules.iter();
        one.typology.group.is_some() && others.any(|other| outweighs(other, one))
    });
    let weaker: Vec<bool> = weaker.collect();
    for (rule, weaker) in rules.iter_mut().zip(weaker) {
        if weaker {
            rule.state.weight = rule.state.weight.saturating_div(2);
        }
    }
}

/// Whether a rule of the same group and direction is stronger. Of equals, the first by the names of
/// coalition, list and rule is.
fn outweighs(one: &WeighedRule<'_>, other: &WeighedRule<'_>) -> bool {
    let (a, b) = (&one.state, &other.state);
    let before = (a.coalition, a.list, a.rule) < (b.coalition, b.list, b.rule);
    let (strong, weak) = (a.weight.unsigned_abs(), b.weight.unsigned_abs());
    one.typology.group == other.typology.group
        && a.weight.signum() == b.weight.signum()
        && (strong > weak || strong == weak && before)
}

/// Whether a rule counts instead of another of its id: it says more against the merchant. An
/// unknown rule weighs 0, so it counts instead of one in the merchant's favour. Of equals, the
/// first by the names of coalition and list counts.
fn beats(one: &RuleState<'_>, other: &RuleState<'_>) -> bool {
    let before = (one.coalition, one.list) < (other.coalition, other.list);
    one.rule == other.rule && (one.weight > other.weight || one.weight == other.weight && before)
}

/// The weights of a rule if its condition is true and if it is false, from the policy or else from
/// the pack. A weight against the rule's direction counts as 0: a red flag never makes a merchant
/// look better. If the condition asks for a listing, `otherwise` counts as 0, since a miss says nothing.
pub(crate) fn in_force(rule: &Typology, policy: &Policy) -> (i32, i32) {
    if policy.typologies_off.contains(&rule.id) {
        return (0, 0);
    }
    let mut own = policy.typology_weights.iter();
    let own = own.find(|own| own.rule == rule.id);
    let (weight, otherwise) = own.map_or((rule.weight, rule.otherwise), |own| {
        (own.weight, own.otherwise)
    });
    let otherwise = match rule.condition.asks_for_listings() {
        true => 0,
        false => otherwise,
    };
    match rule.direction {
        Direction::Riskier => (weight.max(0), otherwise.min(0)),
        Direction::Safer => (weight.min(0), otherwise.max(0)),
    }
}
