use alloc::string::String;
use alloc::vec::Vec;

use crate::identifier::NumericIds;
use crate::list::ListId;
use crate::trust::Signers;

use super::flow::{Flow, FlowPolicy};
use super::hotlines::hotline;

/// What a gateway chooses, before its values are checked. Every default is an estimate on the
/// careful side, not a measurement.
#[derive(Debug, Clone)]
pub struct Choices {
    /// Which lists must answer.
    pub required: RequiredLists,
    /// The coalitions that are asked, by their names in this gateway; empty for all of them.
    pub coalitions: Vec<String>,
    /// The prior: how many of a million merchants are bad, 1 to 500,000.
    pub prevalence_per_million: u32,
    /// How much each further independent origin adds, per mille of its own evidence, 0 to 1000.
    pub agreement_per_mille: u16,
    /// The most that all typologies together raise or lower the log-odds, in millibits.
    pub typology_cap: i32,
    /// Ids of typologies that do not count.
    pub typologies_off: Vec<String>,
    /// The gateway's own weights, instead of those in the packs.
    pub typology_weights: Vec<TypologyWeight>,
    /// How many coalitions must ask for an action before it is taken.
    pub required_coalitions: RequiredCoalitions,
    /// Days after which a list counts as expired, whatever its metadata says.
    pub list_max_age_days: u16,
    /// Days after expiry in which a list may still cause `hold_payout` and `block`; afterwards it
    /// causes `review` at most.
    pub expired_grace_days: u16,
    /// Hours after the last completed poll of its repository in which a list counts as polled.
    pub poll_max_age_hours: u16,
    /// The schemes of `other` and `handle` whose ids are numbers, however long.
    pub numeric_schemes: Vec<String>,
    /// The facilitators whose ids of merchants may be numbers as long as a card's; `any` stands for all.
    pub numeric_sub_merchants: Vec<String>,
    /// The thresholds and actions of each flow, in the order of [`Flow::ALL`].
    pub flows: [FlowPolicy; 4],
    /// The public keys that may sign overrides.
    pub override_keys: Signers,
    /// The public keys that may sign clearances.
    pub clearance_keys: Signers,
    /// The help line that the notice names to merchants and payers; may be empty.
    pub help_line: String,
    /// The gateway's country, two capital letters, whose hotline the notice names if there is no help line;
    /// may be empty.
    pub country: String,
    /// The clause of the gateway's terms that the notice names; may be empty.
    pub terms_clause: String,
}

/// The lists that must answer before a verdict can be clean. Other lists add findings only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequiredLists {
    /// The policy says nothing. `configure` refuses it; before a policy is configured, no verdict is
    /// clean.
    Unnamed,
    /// The policy says that no list need answer, so no verdict is clean.
    WithoutLists,
    /// These lists, by the coalition's name in this gateway.
    Lists(Vec<(String, Vec<ListId>)>),
}

/// A gateway's own weights for a typology, in millibits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypologyWeight {
    /// The typology's id.
    pub rule: String,
    /// The weight if the rule's condition is true.
    pub weight: i32,
    /// The weight if the rule's condition is false.
    pub otherwise: i32,
}

/// How many coalitions must ask for an action before it is taken. If fewer ask, the action is
/// `review`.
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
            required: RequiredLists::Unnamed,
            coalitions: Vec::new(),
            prevalence_per_million: 100,
            agreement_per_mille: 500,
            typology_cap: 12_000,
            typologies_off: Vec::new(),
            typology_weights: Vec::new(),
            required_coalitions: RequiredCoalitions {
                hold_payout: 1,
                block: 1,
            },
            list_max_age_days: 30,
            expired_grace_days: 7,
            poll_max_age_hours: 36,
            numeric_schemes: Vec::new(),
            numeric_sub_merchants: Vec::new(),
            flows: Flow::ALL.map(FlowPolicy::preset),
            override_keys: Signers::default(),
            clearance_keys: Signers::default(),
            help_line: String::new(),
            country: String::new(),
            terms_clause: String::new(),
        }
    }
}

impl RequiredLists {
    /// Each required list with the name of its coalition.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ListId)> {
        let coalitions = match self {
            Self::Lists(coalitions) => &coalitions[..],
            Self::Unnamed | Self::WithoutLists => &[],
        };
        coalitions
            .iter()
            .flat_map(|(name, lists)| lists.iter().map(move |list| (name.as_str(), list)))
    }

    /// Whether a list must answer.
    #[must_use]
    pub fn requires(&self, coalition: &str, list: &ListId) -> bool {
        let mut all = self.iter();
        all.any(|required| required == (coalition, list))
    }
}

impl Choices {
    /// The contact that the notice names: the help line, or else the hotline of the country, if any.
    #[must_use]
    pub fn contact(&self) -> Option<&str> {
        let own = Some(self.help_line.as_str()).filter(|own| !own.is_empty());
        own.or_else(|| hotline(&self.country))
    }

    /// Whether a coalition of this name is asked.
    #[must_use]
    pub fn asks(&self, coalition: &str) -> bool {
        self.coalitions.is_empty() || self.coalitions.iter().any(|name| name == coalition)
    }

    /// Where ids as long as a card number are lawful.
    #[must_use]
    pub fn numeric_ids(&self) -> NumericIds<'_> {
        NumericIds::Named {
            schemes: &self.numeric_schemes,
            facilitators: &self.numeric_sub_merchants,
        }
    }

    /// The thresholds and actions of a flow.
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
}
