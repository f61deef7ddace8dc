use std::fs;

use anyhow::{Context as _, Result, bail};
use interdict_core::common::hex;

/// A key file holds 64 digits and a line end.
const MAX_KEY: u64 = 128;

/// The public key itself, or the one in a file.
pub(super) fn public_key(given: &str) -> Result<String> {
    let is_key = |text: &str| hex::array::<32>(text).is_some();
    if is_key(given) {
        return Ok(given.to_owned());
    }
    let context =
        || format!("--key {given}: no public key of 64 digits 0-9 a-f, and no file that holds one");
    let size = fs::metadata(given).with_context(context)?.len();
    let text = match size <= MAX_KEY {
        true => fs::read_to_string(given).with_context(context)?,
        false => String::new(),
    };
    match is_key(text.trim_end()) {
        true => Ok(text.trim_end().to_owned()),
        false => bail!(context()),
    }
}
