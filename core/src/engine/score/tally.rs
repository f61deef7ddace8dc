use alloc::vec::Vec;

use crate::IS_FULL;
use crate::list::Action;
use crate::policy::RequiredCoalitions;

use super::statements::Statements;

/// The actions that the matching records ask for, with the gateway's overrides and without.
#[derive(Debug, Default)]
pub(super) struct RecordActions<'e> {
    natural: Tally<'e>,
    overridden: Tally<'e>,
    /// The strongest action that a mandatory record asks for.
    mandatory: Option<Action>,
}

/// The action that enough coalitions agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AgreedAction {
    pub(super) action: Action,
    /// The action without overrides.
    pub(super) natural: Action,
    /// Whether a record asks for a stronger action, which too few coalitions ask for.
    pub(super) by_too_few: bool,
}

impl<'e> RecordActions<'e> {
    /// Counts one record: its action without and with overrides.
    pub(super) fn add(
        &mut self,
        natural: Action,
        action: Action,
        coalition: &'e str,
        origin: &'e str,
    ) {
        self.natural.add(natural, coalition, origin);
        self.overridden.add(action, coalition, origin);
    }

    /// Counts a mandatory record, whose action no override lowers.
    pub(super) fn require(&mut self, action: Action) {
        self.mandatory = self.mandatory.max(Some(action));
    }

    #[inline(never)]
    pub(super) fn agreed(&self, required: RequiredCoalitions) -> AgreedAction {
        if !IS_FULL {
            return AgreedAction {
                action: Action::Allow,
                natural: Action::Allow,
                by_too_few: false,
            };
        }
        let natural = self.natural.action(required);
        let mandatory = self.mandatory.unwrap_or(Action::Allow);
        // A record that is overridden still counts as agreement with a mandatory one.
        let action = self.overridden.action(required).max(natural.min(mandatory));
        AgreedAction {
            action,
            natural,
            by_too_few: action < self.overridden.strongest(),
        }
    }
}

/// The strongest action that records ask for, and the votes for actions above `review`.
#[derive(Debug, Default)]
struct Tally<'e> {
    strongest: Option<Action>,
    /// One vote for each record that asks for `hold_payout` or `block`.
    votes: Vec<Vote<'e>>,
}

#[derive(Debug)]
struct Vote<'e> {
    action: Action,
    coalition: &'e str,
    origin: &'e str,
}

impl<'e> Tally<'e> {
    fn add(&mut self, action: Action, coalition: &'e str, origin: &'e str) {
        self.strongest = self.strongest.max(Some(action));
        if action > Action::Review {
            self.votes.push(Vote {
                action,
                coalition,
                origin,
            });
        }
    }

    /// The strongest action that any record asks for.
    fn strongest(&self) -> Action {
        self.strongest.unwrap_or(Action::Allow)
    }

    /// The strongest action that enough coalitions ask for; `review` if too few ask for more.
    fn action(&self, required: RequiredCoalitions) -> Action {
        let enough = |action, required| self.agreeing(action) >= usize::from(required);
        let strongest = self.strongest();
        if strongest <= Action::Review {
            strongest
        } else if enough(Action::Block, required.block) {
            Action::Block
        } else if enough(Action::HoldPayout, required.hold_payout) {
            Action::HoldPayout
        } else {
            Action::Review
        }
    }

    /// How many coalitions ask for at least this action, each on the word of a different origin.
    fn agreeing(&self, action: Action) -> usize {
        let mut voices = Statements::default();
        let mut coalitions: Vec<(&str, usize)> = Vec::new();
        for vote in self.votes.iter().filter(|vote| vote.action >= action) {
            let known = coalitions.iter().find(|(name, _)| *name == vote.coalition);
            let number = known.map(|(_, number)| *number).unwrap_or_else(|| {
                let number = voices.next_list();
                coalitions.push((vote.coalition, number));
                number
            });
            voices.add(number, vote.origin, 1);
        }
        voices.confidences().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: RequiredCoalitions = RequiredCoalitions {
        hold_payout: 1,
        block: 2,
    };

    fn action(asks: &[(Action, &str, &str)], required: RequiredCoalitions) -> Action {
        let mut tally = Tally::default();
        for (action, coalition, origin) in asks {
            tally.add(*action, coalition, origin);
        }
        tally.action(required)
    }

    #[test]
    fn as_many_coalitions_as_required_must_ask_for_at_least_that() {
        use Action::{Allow, Block, HoldPayout, Monitor, Review};
        let one = RequiredCoalitions {
            hold_payout: 1,
            block: 1,
        };
        let three = RequiredCoalitions {
            hold_payout: 2,
            block: 3,
        };
        assert_eq!(action(&[], one), Allow);
        assert_eq!(action(&[(Monitor, "se", "a")], three), Monitor);
        assert_eq!(action(&[(Block, "se", "a")], one), Block);
        assert_eq!(action(&[(Block, "se", "a")], TWO), HoldPayout);
        assert_eq!(action(&[(Block, "se", "a")], three), Review);
        let two = [(Block, "se", "a"), (HoldPayout, "nl", "b")];
        assert_eq!(action(&two, TWO), HoldPayout);
        assert_eq!(action(&two, three), HoldPayout);
        assert_eq!(
            action(&[(Block, "se", "a"), (Block, "nl", "b")], TWO),
            Block
        );
    }

    #[test]
    fn one_coalition_or_one_origin_is_one_voice() {
        let same_coalition = [(Action::Block, "se", "a"), (Action::Block, "se", "b")];
        assert_eq!(action(&same_coalition, TWO), Action::HoldPayout);
        let same_origin = [(Action::Block, "se", "a"), (Action::Block, "nl", "a")];
        assert_eq!(action(&same_origin, TWO), Action::HoldPayout);
        let asks = [
            ("se", "a"),
            ("nl", "a"),
            ("dk", "a"),
            ("dk", "b"),
            ("dk", "c"),
        ];
        let two_voices = asks.map(|(coalition, origin)| (Action::Block, coalition, origin));
        let three = RequiredCoalitions {
            hold_payout: 2,
            block: 3,
        };
        assert_eq!(action(&two_voices, three), Action::HoldPayout);
    }

    /// What records ask for: without overrides, with them, and whether the record is mandatory.
    type Asked = (Action, Action, Flag, &'static str);

    enum Flag {
        Mandatory,
        Ordinary,
    }

    fn agreed(asked: &[Asked], required: RequiredCoalitions) -> AgreedAction {
        let mut actions = RecordActions::default();
        for (natural, action, flag, coalition) in asked {
            if matches!(flag, Flag::Mandatory) {
                actions.require(*natural);
            }
            // Each coalition has an origin of its own.
            actions.add(*natural, *action, coalition, coalition);
        }
        actions.agreed(required)
    }

    #[test]
    fn the_natural_action_is_that_without_overrides() {
        let required = RequiredCoalitions {
            hold_payout: 1,
            block: 1,
        };
        let lowered = (Action::Block, Action::Review, Flag::Ordinary, "se");
        let found = agreed(&[lowered], required);
        assert_eq!(
            (found.action, found.natural),
            (Action::Review, Action::Block)
        );
        assert!(!found.by_too_few, "an override lowered it");
    }

    #[test]
    fn the_strongest_mandatory_record_withstands_overrides_in_any_order() {
        let required = RequiredCoalitions {
            hold_payout: 1,
            block: 1,
        };
        let asked = || {
            [
                (Action::Block, Action::Block, Flag::Mandatory, "se"),
                (Action::Monitor, Action::Monitor, Flag::Mandatory, "nl"),
            ]
        };
        let mut reversed = asked();
        reversed.reverse();
        assert_eq!(agreed(&asked(), required).action, Action::Block);
        // Two mandatory records, of which an override would lower neither: the second counts.
        let two = RequiredCoalitions {
            hold_payout: 2,
            block: 2,
        };
        let overridden = || (Action::Block, Action::Review, Flag::Ordinary, "dk");
        let [block, monitor] = asked();
        let found = agreed(&[block, monitor, overridden()], two);
        assert_eq!(found.action, Action::Block, "with the voice of dk");
        let [monitor, block] = reversed;
        let found = agreed(&[monitor, block, overridden()], two);
        assert_eq!(found.action, Action::Block, "with the voice of dk");
    }

    #[test]
    fn a_mandatory_record_withstands_overrides_for_what_it_asks_itself_and_no_more() {
        let required = RequiredCoalitions {
            hold_payout: 1,
            block: 1,
        };
        let asked = [
            (Action::Review, Action::Review, Flag::Mandatory, "se"),
            (Action::Block, Action::Review, Flag::Ordinary, "nl"),
        ];
        let found = agreed(&asked, required);
        assert_eq!(
            (found.action, found.natural),
            (Action::Review, Action::Block)
        );
    }

    #[test]
    fn a_mandatory_record_needs_as_many_coalitions_as_any_other() {
        let asked = [(Action::Block, Action::Block, Flag::Mandatory, "se")];
        let found = agreed(&asked, TWO);
        assert_eq!(
            (found.action, found.natural),
            (Action::HoldPayout, Action::HoldPayout)
        );
        assert!(found.by_too_few);
    }
}
