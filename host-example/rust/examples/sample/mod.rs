//! Shared by the examples: a coalition that lists `pay.bücher.example`, from `fixtures/`.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use interdict_helpers::fixtures;
use interdict_host::{Choices, Enrolment};
use serde_json::json;

/// 2026-11-02T12:00:00Z, a time at which the sample is fresh.
pub(crate) const NOW: u32 = 1_793_620_800;

/// May this shop be paid? A request as `docs/abi.md` has it.
pub(crate) const REQUEST: &str =
    r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"pay.bücher.example"}]}"#;

/// The policy names the lists that must answer before a verdict can be clean.
pub(crate) fn choices() -> Choices {
    Choices {
        policy: Some(json!({"required": {"se": ["se/merchants"]}})),
        ..Choices::default()
    }
}

/// The folder that the coalition's web server would serve.
pub(crate) fn repository() -> PathBuf {
    fixtures().join("repositories/sample")
}

/// The file that the coalition hands to a new member: root of trust, lists, keys. A real one says where
/// the repository is; here that is a folder.
pub(crate) fn enrolment() -> Result<Enrolment, Box<dyn Error>> {
    let file = fs::read(fixtures().join("generation/enrolment.json"))?;
    let location = repository().display().to_string();
    Ok(Enrolment::read(&file)?.with_repository(&location)?)
}
