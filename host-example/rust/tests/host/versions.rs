//! Modules of other minor versions of the ABI: an archived older one and a newer one run here.

use interdict_forge::{newer_module, older_module, with_exports};
use interdict_helpers::NOW;
use interdict_host::{CallError, Instance, Module, ModuleError, Question};

const REQUEST: &[u8] =
    br#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;

fn built_in() -> Vec<u8> {
    Module::built_in().unwrap().wasm().to_vec()
}

#[test]
fn a_module_without_the_newer_functions_screens_and_has_no_numbers() {
    let module = Module::load_for_once(&older_module(&built_in())).unwrap();
    assert_eq!(module.abi_version(), (1, 0));
    let mut instance = Instance::new(&module).unwrap();
    assert!(instance.call("screen", REQUEST, NOW).is_ok());
    assert_eq!(instance.verdict(), 60);
    let asked = instance.walk_number(Question::Completed);
    assert_eq!(asked, Err(CallError::UnknownOperation));
}

#[test]
fn a_module_with_functions_to_come_runs_too() {
    let module = Module::load_for_once(&newer_module(&built_in())).unwrap();
    let mut instance = Instance::new(&module).unwrap();
    assert!(instance.call("screen", REQUEST, NOW).is_ok());
    assert_eq!(instance.verdict(), 31);
}

#[test]
fn a_needed_function_that_is_missing_or_of_another_type_is_refused_by_name() {
    let lacking = with_exports(&built_in(), |exports| {
        exports.remove("interdict_result").unwrap();
    });
    let error = Module::load_for_once(&lacking).unwrap_err();
    assert!(matches!(
        error,
        ModuleError::MissingExport("interdict_result")
    ));
    let twisted = with_exports(&built_in(), |exports| {
        let place = exports["interdict_alloc"].clone();
        exports.insert("interdict_verdict".to_owned(), place);
    });
    let error = Module::load_for_once(&twisted).unwrap_err();
    assert!(matches!(
        error,
        ModuleError::MissingExport("interdict_verdict")
    ));
}

#[test]
fn a_verdict_has_a_number_and_a_walk_is_asked_without_json() {
    let mut instance = Instance::new(&Module::built_in().unwrap()).unwrap();
    assert_eq!(instance.verdict(), 60);
    instance.call("screen", REQUEST, NOW).unwrap();
    assert_eq!(instance.verdict(), 31);
    instance.call("screen", b"{}", NOW).unwrap_err();
    assert_eq!(instance.verdict(), 60);
    assert_eq!(instance.walk_number(Question::Completed), Ok(0));
    assert_eq!(instance.walk_text(Question::Name), Ok(String::new()));
    let wrong_type = instance.walk_text(Question::Keep);
    assert_eq!(wrong_type, Err(CallError::UnknownOperation));
}
