use crate::rules::limits::MAX_CONDITION;

use super::facts::Facts;
use super::fault::{ConditionError, ConditionFault};
use super::node::Node;
use super::parser::parse;

/// A condition on a merchant that was checked: it may change a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(Node);

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        if text.len() > MAX_CONDITION {
            return Err(ConditionFault::TooLong.at(0));
        }
        let node = parse(text)?;
        if !node.needs_more_than_codes(true) {
            return Err(ConditionFault::CodeAlone.at(0));
        }
        Ok(Self(node))
    }

    /// Whether it is true; `None` if that depends on something unknown. Allocates nothing.
    #[must_use]
    pub fn holds(&self, facts: &dyn Facts) -> Option<bool> {
        self.0.holds(facts)
    }

    /// Whether it asks for a listing.
    #[must_use]
    pub fn asks_for_listings(&self) -> bool {
        self.0.asks_for_listings()
    }

    /// Whether a country or category alone can make it false. A condition that they alone can make true is
    /// refused.
    #[must_use]
    pub fn fails_by_code_alone(&self) -> bool {
        !self.0.needs_more_than_codes(false)
    }
}
