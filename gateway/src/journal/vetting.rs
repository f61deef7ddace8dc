use interdict_host::DocumentKind;

use super::about::{BY, signature_of};
use super::decision::ReadDecision;
use super::word::Word;
use crate::decision_refusal::DecisionRefusal;
use crate::signed::People;

/// Refuses a decision in the name of a person who has a key, unless that key signed it. Signatures below documents
/// are always signed, with a key that the policy has for such documents.
pub(super) fn check(decision: &ReadDecision, people: &People) -> Result<(), DecisionRefusal> {
    let mut kinds = [DocumentKind::Override, DocumentKind::Clearance].into_iter();
    let kind = kinds.find(|kind| decision.what == signature_of(*kind));
    let by = decision.about.get(BY).map(String::as_str);
    let is_by = |name: &str| Word::of_name(name).is_ok_and(|word| Some(word.as_str()) == by);
    if decision.people.is_empty() {
        return match kind.is_some() || people.names().any(is_by) {
            true => Err(DecisionRefusal::Unsigned),
            false => Ok(()),
        };
    }
    let is_known = |name: &str, public: &str| match kind {
        Some(kind) => people.may_sign(kind, name, public),
        None => people.has(name, public),
    };
    let mut signers = decision.people.iter();
    if !signers.all(|(name, public)| is_known(name, public)) {
        return Err(DecisionRefusal::UnknownKey);
    }
    match decision.people.iter().any(|(name, _)| is_by(name)) {
        true => Ok(()),
        false => Err(DecisionRefusal::OtherPerson),
    }
}
