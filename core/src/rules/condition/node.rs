use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::identifier::Kind;
use crate::rules::signals::Signal;

use super::facts::Facts;
use super::order::Order;

/// A condition, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Any(Vec<Self>),
    All(Vec<Self>),
    Not(Box<Self>),
    Truth(Signal),
    Value(Signal, Order, i64),
    Signals(Signal, Order, Signal),
    Set(Signal, Vec<i64>),
    Listed(Kind),
}

impl Node {
    /// Kleene's strong three-valued logic. The parser limits the depth.
    pub(super) fn holds(&self, facts: &dyn Facts) -> Option<bool> {
        match self {
            Self::Any(parts) => decide(parts, facts, true),
            Self::All(parts) => decide(parts, facts, false),
            Self::Not(part) => part.holds(facts).map(|holds| !holds),
            Self::Truth(signal) => facts.signal(*signal).map(|value| value != 0),
            Self::Value(signal, order, value) => {
                facts.signal(*signal).map(|left| order.is(left, *value))
            }
            Self::Signals(left, order, right) => {
                let (left, right) = (facts.signal(*left)?, facts.signal(*right)?);
                Some(order.is(left, right))
            }
            Self::Set(signal, values) => facts.signal(*signal).map(|value| values.contains(&value)),
            Self::Listed(kind) => facts.listed(*kind),
        }
    }

    pub(super) fn asks_for_listings(&self) -> bool {
        match self {
            Self::Any(parts) | Self::All(parts) => parts.iter().any(Self::asks_for_listings),
            Self::Not(part) => part.asks_for_listings(),
            Self::Listed(_) => true,
            Self::Truth(_) | Self::Value(..) | Self::Signals(..) | Self::Set(..) => false,
        }
    }

    /// Whether this outcome needs more than comparisons of codes with constants. Countries and categories
    /// alone must not change a score: whole countries and trades would lose access to payment (FAST Survivor
    /// Inclusion).
    pub(super) fn needs_more_than_codes(&self, outcome: bool) -> bool {
        match (self, outcome) {
            // All parts must have this outcome, so one part that needs more is enough.
            (Self::All(parts), true) | (Self::Any(parts), false) => {
                parts.iter().any(|part| part.needs_more_than_codes(outcome))
            }
            // Any single part can cause this outcome, so all of them must need more.
            (Self::All(parts), false) | (Self::Any(parts), true) => {
                parts.iter().all(|part| part.needs_more_than_codes(outcome))
            }
            (Self::Not(part), _) => part.needs_more_than_codes(!outcome),
            (Self::Value(signal, ..) | Self::Set(signal, _), _) => !signal.form().is_code(),
            (Self::Truth(_) | Self::Signals(..) | Self::Listed(_), _) => true,
        }
    }
}

/// `decisive` if one part has that value, otherwise unknown if a part is unknown, otherwise the opposite.
fn decide(parts: &[Node], facts: &dyn Facts, decisive: bool) -> Option<bool> {
    let mut outcome = Some(!decisive);
    for part in parts {
        match part.holds(facts) {
            Some(holds) if holds == decisive => return Some(decisive),
            Some(_) => {}
            None => outcome = None,
        }
    }
    outcome
}
