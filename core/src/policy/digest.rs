use alloc::string::String;

use crate::common::{bytes, hex};

use super::choices::{Choices, RequiredLists};

/// The digest of a policy: 16 bytes of BLAKE3 over every field in the order of [`Choices`] except
/// `coalitions`, which come last and only if any are named; hexadecimal.
pub(super) fn digest(choices: &Choices) -> String {
    let mut digest = PolicyHash(blake3::Hasher::new_derive_key(
        "interdict 2026-11 policy digest",
    ));
    digest.required(&choices.required);
    digest.number(choices.prevalence_per_million);
    digest.number(u32::from(choices.agreement_per_mille));
    digest.number(choices.typology_cap.cast_unsigned());
    digest.count(choices.typologies_off.len());
    for rule in &choices.typologies_off {
        digest.text(rule);
    }
    digest.count(choices.typology_weights.len());
    for one in &choices.typology_weights {
        digest.text(&one.rule);
        digest.number(one.weight.cast_unsigned());
        digest.number(one.otherwise.cast_unsigned());
    }
    digest.number(u32::from(choices.required_coalitions.hold_payout));
    digest.number(u32::from(choices.required_coalitions.block));
    digest.number(u32::from(choices.list_max_age_days));
    digest.number(u32::from(choices.expired_grace_days));
    digest.number(u32::from(choices.poll_max_age_hours));
    for texts in [&choices.numeric_schemes, &choices.numeric_sub_merchants] {
        digest.count(texts.len());
        for text in texts {
            digest.text(text);
        }
    }
    for flow in &choices.flows {
        digest.number(u32::from(flow.monitor_score));
        digest.number(u32::from(flow.review_score));
        for action in [flow.unavailable, flow.late, flow.incomplete] {
            digest.text(action.name());
        }
    }
    for keys in [&choices.override_keys, &choices.clearance_keys] {
        digest.count(keys.len());
        for text in keys.texts() {
            digest.text(text);
        }
    }
    digest.text(&choices.help_line);
    digest.text(&choices.country);
    digest.text(&choices.terms_clause);
    // A policy that asks all coalitions keeps the digest that it had before one could ask some.
    if !choices.coalitions.is_empty() {
        digest.count(choices.coalitions.len());
        for name in &choices.coalitions {
            digest.text(name);
        }
    }
    let digest: [u8; 16] = bytes::first(digest.0.finalize().as_bytes());
    hex::text(&digest)
}

/// A hash over the fields of a policy. A text or an array is preceded by its length.
struct PolicyHash(blake3::Hasher);

impl PolicyHash {
    fn number(&mut self, number: u32) {
        self.0.update(&number.to_le_bytes());
    }

    fn count(&mut self, count: usize) {
        self.number(u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    fn required(&mut self, required: &RequiredLists) {
        self.text(match required {
            RequiredLists::Unnamed => "unnamed",
            RequiredLists::WithoutLists => "without_lists",
            RequiredLists::Lists(_) => "lists",
        });
        let lists = required.iter();
        self.count(lists.count());
        for (coalition, list) in required.iter() {
            self.text(coalition);
            self.text(list.as_str());
        }
    }
}
