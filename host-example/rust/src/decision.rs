use std::fmt;

use interdict_core::list::Action;
use interdict_core::policy::{Decision, Flow};

/// What a door can do with a merchant whom a person must look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// It can keep the merchant or the money until somebody has decided.
    Holds,
    /// It can only pass or refuse.
    CannotHold,
}

/// The door cannot hold, and nothing names the merchant: the caller's own rule for failures applies. It is
/// never a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotScreened;

/// The table of doors in `docs/abi.md`. `because` is the verdict's.
///
/// # Errors
/// [`NotScreened`].
pub fn decision(
    action: Action,
    because: Option<&str>,
    flow: Flow,
    door: Door,
) -> Result<Decision, NotScreened> {
    match (Decision::of(action, flow), door, because) {
        (Decision::Hold, Door::CannotHold, Some("record" | "candidate")) => Ok(Decision::Refuse),
        (Decision::Hold, Door::CannotHold, _) => Err(NotScreened),
        (decision, _, _) => Ok(decision),
    }
}

impl fmt::Display for NotScreened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody could be held, and nothing names the merchant: not screened")
    }
}

impl std::error::Error for NotScreened {}

#[cfg(test)]
mod tests {
    use interdict_helpers::fixtures;
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_cell_of_the_table_of_doors_is_as_the_cases_say() {
        let text = std::fs::read(fixtures().join("doors.json")).unwrap();
        let cases: Vec<Value> = serde_json::from_slice(&text).unwrap();
        let mut checked = 0;
        for case in &cases {
            let word = |member: &str| case[member].as_str();
            let action = Action::from_name(word("action").unwrap());
            let flow = Flow::from_name(word("flow").unwrap());
            let (Some(action), Some(flow)) = (action, flow) else {
                assert_eq!(word("decision"), Some("error"), "{case}");
                continue;
            };
            let door = match case["holds"].as_bool().unwrap() {
                true => Door::Holds,
                false => Door::CannotHold,
            };
            let decided = decision(action, word("because"), flow, door);
            let decided = decided.map_or("not_screened", Decision::name);
            assert_eq!(Some(decided), word("decision"), "{case}");
            checked += 1;
        }
        assert!(checked > 100, "{checked}");
    }
}
