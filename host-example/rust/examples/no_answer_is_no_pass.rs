//! Three things that can go wrong, none of which reads as clean: a module that imports something from its
//! host, a refused request, and a list that could not answer.
//!
//! ```text
//! cargo run -p interdict-host --example no_answer_is_no_pass
//! ```

use std::error::Error;

use interdict_host::{Action, CallError, Instance, Module, ModuleError, Verdict, read};

/// 2026-11-02T12:00:00Z.
const NOW: u32 = 1_793_620_800;

/// A request as `docs/abi.md` has it.
const REQUEST: &str =
    r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;

/// A WebAssembly module that imports the function `send` of `net`, byte by byte: header, one function
/// type without parameters, one import.
const PHONES_HOME: &[u8] = b"\0asm\x01\0\0\0\
    \x01\x04\x01\x60\0\0\
    \x02\x0c\x01\x03net\x04send\0\0";

fn main() -> Result<(), Box<dyn Error>> {
    // A screening module can reach nothing outside itself. Anyone can check that by listing its imports;
    // this host refuses to run one that has any.
    match Module::load(PHONES_HOME) {
        Err(error @ ModuleError::Import { .. }) => println!("refused: {error}"),
        other => return Err(format!("not refused: {other:?}").into()),
    }

    // A misspelt kind must not lead to an unchecked merchant. The whole request is refused, with a stable code
    // and a sentence that never repeats the input.
    let mut instance = Instance::new(&Module::built_in()?)?;
    let misspelt = REQUEST.replace("domain", "domian");
    match instance.call("screen", misspelt.as_bytes(), NOW) {
        Err(error @ CallError::Refused { .. }) => println!("refused: {error}"),
        other => return Err(format!("not refused: {other:?}").into()),
    }

    // The instance still answers: a refusal changes nothing. Had it trapped, every call would say
    // `Trapped` from now on, and the instance would have to be thrown away.
    assert!(!instance.is_trapped());

    // No coalition is configured, so no list answered. The action is not `allow`, and `degraded` says why.
    let verdict: Verdict = read(instance.call("screen", REQUEST.as_bytes(), NOW)?)?;
    println!(
        "no list: {}, degraded {}",
        verdict.action.name(),
        verdict.degraded
    );
    assert_eq!((verdict.action, verdict.degraded), (Action::Review, true));
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_that_goes_wrong_passes() {
        super::main().unwrap();
    }
}
