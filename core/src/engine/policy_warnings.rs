//! What is odd about a policy that is taken all the same: fields that name what does not exist here. Such
//! a field may be a misspelling, and then a rule counts that should not, or a list is never waited for.

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use serde::Serialize;

use crate::IS_FULL;
use crate::policy::{Policy, hotline};
use crate::rules::{Skipped, Typology};

use super::error::PolicyRole;
use super::update::Coalition;

/// A field of a policy that has no effect. It holds nothing of the policy but the field's path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PolicyWarning {
    /// The stable word, such as `unknown_rule`.
    pub code: &'static str,
    /// Which field of the message, such as `policy.typologies_off[0]`.
    pub path: String,
    /// A sentence for a person.
    pub message: &'static str,
}

/// Compares a policy with the coalitions configured and the packs of red flags that are live.
pub(super) fn warnings(
    role: PolicyRole,
    policy: &Policy,
    coalitions: &[Coalition],
) -> Vec<PolicyWarning> {
    let place = role.path();
    let rules = unknown_rules(policy, coalitions);
    let rules = rules.into_iter().map(|path| PolicyWarning {
        code: "unknown_rule",
        path: format!("{place}.{path}"),
        message: "no live pack has a rule of this id",
    });
    let is_configured = |name: &str| coalitions.iter().any(|coalition| coalition.name == name);
    let is_unknown = |name: &str| !coalitions.is_empty() && !is_configured(name);
    let mut asked = policy.coalitions.iter();
    let asked = IS_FULL && asked.any(|name| is_unknown(name));
    let asked = asked.then(|| PolicyWarning {
        code: "unknown_coalition",
        path: place.member("coalitions").to_string(),
        message: "a coalition that is to be asked is not configured",
    });
    let mut required = policy.required.iter();
    let required = required.any(|(name, _)| is_unknown(name));
    let required = required.then(|| PolicyWarning {
        code: "unknown_coalition",
        path: place.member("required").to_string(),
        message: "a coalition that must answer is not configured, so no verdict is clean",
    });
    let country = IS_FULL && !policy.country.is_empty() && hotline(&policy.country).is_none();
    let country = country.then(|| PolicyWarning {
        code: "no_hotline",
        path: place.member("country").to_string(),
        message: "no hotline is known for this country, so the notice names none",
    });
    rules.chain(asked).chain(required).chain(country).collect()
}

/// The fields that name a rule that no live pack has. Without any live pack, nothing is known of rules.
fn unknown_rules(policy: &Policy, coalitions: &[Coalition]) -> Vec<String> {
    let packs = || coalitions.iter().flat_map(|coalition| &coalition.packs);
    if !IS_FULL || packs().next().is_none() {
        return Vec::new();
    }
    let is_unknown = |id: &str| {
        let is_rule = |rule: &Typology| rule.id == id;
        let is_skipped = |skipped: &Skipped| skipped.id == id || skipped.id == "*";
        !packs().any(|live| {
            live.pack.rules.iter().any(is_rule) || live.pack.skipped.iter().any(is_skipped)
        })
    };
    let off = policy.typologies_off.iter().enumerate();
    let off = off.filter(|(_, id)| is_unknown(id));
    let off = off.map(|(index, _)| format!("typologies_off[{index}]"));
    let own = policy.typology_weights.iter().enumerate();
    let own = own.filter(|(_, own)| is_unknown(&own.rule));
    let own = own.map(|(index, _)| format!("typology_weights[{index}].rule"));
    off.chain(own).collect()
}
