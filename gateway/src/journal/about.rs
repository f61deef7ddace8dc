//! The words that the lines of decisions have in common.

use interdict_host::DocumentKind;

/// The member of `about` that says in whose name a decision is.
pub(super) const BY: &str = "by";

/// The member that names a document by its digest.
pub(super) const DOCUMENT: &str = "document";

/// The member that names a policy by its digest.
pub(super) const POLICY: &str = "policy";

/// What the decision about a policy is called.
pub(super) const POLICY_CHANGED: &str = "policy_changed";

/// What a signature below a document of a kind is called.
pub(super) fn signature_of(kind: DocumentKind) -> String {
    format!("{}_signed", kind.name())
}
