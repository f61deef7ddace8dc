//! What the command says about itself.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn printed(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.success(), text)
}

#[test]
fn versions_name_the_committed_module_and_the_contracts_that_the_documents_promise() {
    let (is_well, text) = printed(&["--version", "--json"]);
    assert!(is_well);
    let versions: Value = serde_json::from_str(&text).unwrap();
    let file = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
        fs::read_to_string(path).unwrap()
    };
    let stated = file("wasm/dist/interdict.wasm.sha256");
    let digest = versions["module_sha256"].as_str().unwrap();
    assert_eq!(stated, format!("{digest}  interdict.wasm\n"));
    let promised = file("docs/compatibility.md");
    for (contract, version) in [
        (
            "ABI of the module",
            versions["abi"].as_str().unwrap().to_owned(),
        ),
        ("release format", versions["release_format"].to_string()),
        ("token scheme", versions["token_scheme"].to_string()),
    ] {
        let row = format!("| {contract} | {version} |");
        assert!(promised.lines().any(|line| line.starts_with(&row)), "{row}");
    }
    assert_eq!(versions["program"], "interdict");
    // Only a release knows its commit.
    assert!(versions["commit"].is_null() || versions["commit"].as_str().unwrap().len() == 40);
    assert_eq!(printed(&["--json", "--version"]), (true, text));
}

#[test]
fn the_version_alone_is_one_line_for_people() {
    let expected = format!("interdict {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(printed(&["--version"]), (true, expected));
}
