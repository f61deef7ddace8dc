use crate::identifier::Kind;
use crate::trust::Signers;

use super::flow::{Flow, FlowPolicy};

/// What a gateway chooses, before it is checked. The default of every field is a careful guess.
#[derive(Debug, Clone)]
pub struct Choices {
    /// How many of a million merchants are bad before anything is known of them, 1 to 500,000.
    pub prevalence_per_million: u32,
    /// What a further independent source adds, per mille of its own evidence, 0 to 1000.
    pub agreement_per_mille: u16,
    /// How complete and how right lists are.
    pub estimates: ListEstimates,
    /// The same for coalitions of which the gateway knows more.
    pub coalitions: Vec<(String, ListEstimates)>,
    /// What all misses together count at most, in millibits.
    pub miss_cap: i32,
    /// What all typologies together count at most, either way, in millibits.
    pub typology_cap: i32,
    /// Ids of typologies that do not count.
    pub typologies_off: Vec<String>,
    /// Typologies that the gateway weighs itself.
    pub typology_weights: Vec<TypologyWeight>,
    /// How many coalitions must ask for an action before it is taken.
    pub required_coalitions: RequiredCoalitions,
    /// Days after which a list counts as expired, whatever its metadata says.
    pub list_max_age_days: u16,
    /// Days that an expired list keeps its full effect; after them it causes `review` at most.
    pub expired_grace_days: u16,
    /// What each flow does, in the order of [`Flow::ALL`].
    pub flows: [FlowPolicy; 4],
    /// Who may sign overrides.
    pub override_keys: Signers,
    /// Where merchants and payers can turn to; shown to them.
    pub help_line: String,
    /// The clause of the gateway's terms that a refusal rests on; shown to them.
    pub terms_clause: String,
}

/// How complete and how right lists are, by the gateway's own estimate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEstimates {
    /// Of a thousand bad merchants, how many a list holds that covers what is asked, 1 to 999.
    pub coverage_per_mille: u16,
    /// The same by kind of identifier, where it is known.
    pub coverage_by_kind: Vec<(Kind, u16)>,
    /// Of a million good merchants, how many a list holds, 1 to 1000: never more than of bad ones.
    pub list_error_per_million: u32,
}

/// [`ListEstimates`] for one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimates {
    /// Of a thousand bad merchants.
    pub coverage_per_mille: u16,
    /// Of a million good ones.
    pub list_error_per_million: u32,
}

/// A gateway's own weights for a typology, in millibits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypologyWeight {
    /// The typology's id.
    pub rule: String,
    /// What it counts where it holds.
    pub weight: i32,
    /// What it counts where it does not.
    pub otherwise: i32,
}

/// How many coalitions must ask for at least this. Fewer lead to `review`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequiredCoalitions {
    /// For `hold_payout`, 1 to 64.
    pub hold_payout: u8,
    /// For `block`, `hold_payout` to 64.
    pub block: u8,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            prevalence_per_million: 100,
            agreement_per_mille: 500,
            estimates: ListEstimates {
                coverage_per_mille: 100,
                coverage_by_kind: Vec::new(),
                list_error_per_million: 10,
            },
            coalitions: Vec::new(),
            miss_cap: 1000,
            typology_cap: 10_000,
            typologies_off: Vec::new(),
            typology_weights: Vec::new(),
            required_coalitions: RequiredCoalitions {
                hold_payout: 1,
                block: 1,
            },
            list_max_age_days: 30,
            expired_grace_days: 7,
            flows: Flow::ALL.map(FlowPolicy::preset),
            override_keys: Signers::default(),
            help_line: String::new(),
            terms_clause: String::new(),
        }
    }
}

impl Choices {
    /// What a flow does.
    #[must_use]
    pub const fn flow(&self, flow: Flow) -> &FlowPolicy {
        let [onboarding, authorisation, payout, checkout] = &self.flows;
        match flow {
            Flow::Onboarding => onboarding,
            Flow::Authorisation => authorisation,
            Flow::Payout => payout,
            Flow::Checkout => checkout,
        }
    }

    /// What is estimated of a coalition's lists.
    #[must_use]
    pub fn estimates_of(&self, coalition: &str) -> &ListEstimates {
        let mut named = self.coalitions.iter();
        let own = named.find(|(name, _)| name == coalition);
        own.map_or(&self.estimates, |(_, estimates)| estimates)
    }
}

impl ListEstimates {
    /// For a list that is asked about these kinds: of their coverages the largest, since asking
    /// about a merchant's every name says no more than asking about the best known.
    #[must_use]
    pub fn of(&self, kinds: impl Iterator<Item = Kind>) -> Estimates {
        let coverage = kinds.map(|kind| self.coverage(kind)).max();
        Estimates {
            coverage_per_mille: coverage.unwrap_or(self.coverage_per_mille),
            list_error_per_million: self.list_error_per_million,
        }
    }

    fn coverage(&self, kind: Kind) -> u16 {
        let mut by_kind = self.coverage_by_kind.iter();
        let own = by_kind.find(|(other, _)| *other == kind);
        own.map_or(self.coverage_per_mille, |(_, coverage)| *coverage)
    }
}
