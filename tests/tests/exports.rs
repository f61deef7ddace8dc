//! Compares the exports of the committed module with `docs/abi.md`.

use interdict_core::wire::Operation;
use interdict_host::Module;
use interdict_tests::workspace;

#[test]
fn the_exports_are_the_documented_ones_and_there_are_no_imports() {
    let text = std::fs::read_to_string(workspace().join("docs/abi.md")).unwrap();
    let block = text.split("```").nth(1).unwrap();
    let mut documented: Vec<_> = block
        .lines()
        .filter_map(|line| line.split(['(', ' ']).next())
        .filter(|name| *name == "memory" || name.starts_with("interdict_"))
        .map(str::to_owned)
        .chain(["__data_end", "__heap_base"].map(str::to_owned))
        .collect();
    documented.sort();
    // A module with any import is refused when it is loaded.
    let module = Module::built_in().unwrap();
    let mut exports: Vec<_> = module.exports().map(str::to_owned).collect();
    exports.sort();
    assert_eq!(exports, documented);
    for operation in Operation::ALL {
        assert!(exports.contains(&format!("interdict_{}", operation.name())));
    }
}
