use std::collections::BTreeSet;

use interdict_host::{Action, Reason, Verdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The words of `because` that say what a list could not, rather than anything about the merchant.
const OF_LISTS: [&str; 3] = ["unavailable", "late", "public_only"];

/// What a verdict says about a merchant, without what it says about the state of lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What should happen.
    #[serde(with = "word")]
    pub action: Action,
    /// Why the action is above `allow`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// In order; none beside `allow`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<StandingReason>,
}

/// One reason, without weight and words. It names no identifier but by its position in the request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct StandingReason {
    /// The reason's code.
    pub code: String,
    /// The coalition whose list or rule it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coalition: Option<String>,
    /// The list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
    /// The rule, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Which of the things that the request names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<usize>,
    /// What is listed: `itself`, `parent` or `label`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The party that had it listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Why it is listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Who may be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handling: Option<String>,
    /// The digest of the record or rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// Which list says something: coalition and list.
pub(super) type Place<'s> = (Option<&'s str>, Option<&'s str>);

impl Standing {
    /// Of a verdict in the analyst's view, which has all reasons; any view of `allow` will do.
    pub(super) fn of(verdict: &Verdict) -> Self {
        let mut reasons: Vec<StandingReason> = match verdict.action {
            Action::Allow => Vec::new(),
            _ => verdict
                .reasons
                .iter()
                .filter(|reason| is_of_merchant(reason))
                .map(StandingReason::of)
                .collect(),
        };
        reasons.sort();
        Self {
            action: verdict.action,
            because: verdict.because.clone(),
            reasons,
        }
    }

    /// What a merchant has that was never screened.
    pub(super) const fn none() -> Self {
        Self {
            action: Action::Allow,
            because: None,
            reasons: Vec::new(),
        }
    }

    /// The lists that have a record of the merchant or whose filter it hits.
    pub(super) fn found_on(&self) -> BTreeSet<Place<'_>> {
        let reasons = self.reasons.iter();
        let found = reasons.filter(|reason| reason.is_finding());
        found.map(StandingReason::place).collect()
    }

    /// What is known after a verdict that some list could not answer in full: nothing that this standing says is
    /// taken back because a list is silent. `None` if the verdict teaches nothing.
    pub(super) fn taught_by(&self, degraded: &Self) -> Option<Self> {
        let (before, after) = (self.found_on(), degraded.found_on());
        let is_of_lists = degraded
            .because
            .as_deref()
            .is_some_and(|because| OF_LISTS.contains(&because));
        if is_of_lists && after.is_subset(&before) {
            return None;
        }
        let silent: Vec<Place<'_>> = before.difference(&after).copied().collect();
        let kept = self.reasons.iter();
        let kept = kept.filter(|reason| silent.contains(&reason.place()));
        let mut taught = degraded.clone();
        taught.reasons.extend(kept.cloned());
        taught.reasons.sort();
        if !silent.is_empty() && self.action > taught.action {
            taught.action = self.action;
            taught.because.clone_from(&self.because);
        }
        Some(taught)
    }
}

impl StandingReason {
    fn of(reason: &Reason) -> Self {
        Self {
            code: reason.code.clone(),
            coalition: reason.coalition.clone(),
            list: reason.list.clone(),
            rule: reason.rule.clone(),
            identifier: reason.identifier,
            relation: reason.relation.clone(),
            origin: reason.origin.clone(),
            category: reason.category.clone(),
            handling: reason.handling.clone(),
            digest: reason.digest.clone(),
        }
    }

    /// As the module would say it, without its weight.
    #[must_use]
    pub fn reason(&self) -> Reason {
        Reason {
            code: self.code.clone(),
            identifier: self.identifier,
            coalition: self.coalition.clone(),
            list: self.list.clone(),
            source: None,
            origin: self.origin.clone(),
            category: self.category.clone(),
            handling: self.handling.clone(),
            relation: self.relation.clone(),
            rule: self.rule.clone(),
            digest: self.digest.clone(),
            weight: 0,
            text: None,
        }
    }

    fn is_finding(&self) -> bool {
        ["listed", "candidate"].contains(&self.code.as_str())
    }

    fn place(&self) -> Place<'_> {
        (self.coalition.as_deref(), self.list.as_deref())
    }
}

/// Whether a reason is about the merchant and not about a list alone.
fn is_of_merchant(reason: &Reason) -> bool {
    reason.identifier.is_some() || reason.rule.is_some() || reason.code == "cleared"
}

/// An action as its word.
mod word {
    use std::borrow::Cow;

    use interdict_host::Action;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature serde asks for"
    )]
    pub(super) fn serialize<S: Serializer>(
        action: &Action,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(action.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Action, D::Error> {
        let word = Cow::<'de, str>::deserialize(deserializer)?;
        Action::from_name(&word).ok_or_else(|| D::Error::custom("an unknown action"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(action: Action, because: &str, lists: &[&str]) -> Standing {
        let reasons = lists.iter().map(|list| {
            let text =
                format!(r#"{{"code":"listed","coalition":"se","list":"{list}","identifier":0}}"#);
            serde_json::from_str(&text).unwrap()
        });
        Standing {
            action,
            because: Some(because.to_owned()),
            reasons: reasons.collect(),
        }
    }

    #[test]
    fn a_list_that_is_silent_takes_nothing_back() {
        let both = standing(Action::Block, "record", &["se/a", "se/b"]);
        // Nobody answers.
        let silent = standing(Action::Review, "unavailable", &[]);
        assert_eq!(both.taught_by(&silent), None);
        assert_eq!(Standing::none().taught_by(&silent), None);
        // The weaker one answers.
        let weaker = standing(Action::Review, "record", &["se/b"]);
        assert_eq!(both.taught_by(&weaker), Some(both.clone()));
        // The same two answer with less: that was lowered.
        let lowered = standing(Action::Review, "record", &["se/a", "se/b"]);
        assert_eq!(both.taught_by(&lowered), Some(lowered));
        // A weak record is news, even where the silence of another list gives the action.
        let news = standing(Action::Review, "unavailable", &["se/c"]);
        assert_eq!(Standing::none().taught_by(&news), Some(news));
    }
}
