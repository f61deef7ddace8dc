//! How answers write actions, kinds and other enums: as their stable words.

use crate::identifier::Kind;
use crate::list::Action;

use super::because::Because;

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
pub(super) fn action_name<S: serde::Serializer>(
    action: &Action,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(action.name())
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::ref_option,
    reason = "the signature serde asks for"
)]
pub(super) fn natural_name<S: serde::Serializer>(
    action: &Option<Action>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(action.map_or("", Action::name))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::ref_option,
    reason = "the signature serde asks for"
)]
pub(super) fn because_name<S: serde::Serializer>(
    because: &Option<Because>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(because.map_or("", Because::name))
}

pub(super) fn kind_names<S: serde::Serializer>(
    kinds: &[Kind],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(kinds.iter().map(|kind| kind.name()))
}
