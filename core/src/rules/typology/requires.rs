use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;

use crate::common::schema::{Field, SchemaError};
use crate::identifier::{Kind, holds_card_number};
use crate::rules::limits::MAX_REQUIRES;
use crate::rules::signals::Signal;

/// The features of a `requires` member that this version lacks.
pub(super) fn lacking(field: &Field<'_, '_>) -> Result<Vec<String>, SchemaError> {
    let mut lacking = Vec::new();
    for item in field.items(MAX_REQUIRES)? {
        let feature = item.form(feature)?;
        if !is_known(&feature) {
            lacking.push(feature);
        }
    }
    Ok(lacking)
}

fn is_known(feature: &str) -> bool {
    match feature.split_once(':') {
        Some(("signal", name)) => Signal::from_name(name).is_some(),
        Some(("listed", name)) => Kind::from_name(name).is_some(),
        Some(("conditions", "1")) => true,
        _ => false,
    }
}

/// 1 to 64 lower-case letters, digits, underscores, hyphens and colons, and no card number.
fn feature(text: &str) -> Option<String> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-:".contains(&b);
    let plain = (1..=64).contains(&text.len()) && text.bytes().all(allowed);
    (plain && !holds_card_number(text)).then(|| text.to_owned())
}
