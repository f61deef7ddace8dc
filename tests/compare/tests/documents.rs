//! `docs/trust.md` lists the differences between our client and others that the tests expect.

use interdict_compare::tuf::DEFECTS;
use interdict_tests::workspace;

#[test]
fn the_differences_to_other_tuf_clients_are_the_ones_the_tests_know() {
    let text = std::fs::read_to_string(workspace().join("docs/trust.md")).unwrap();
    let table = text.split("## Other implementations").nth(1).unwrap();
    let table = table.split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| "));
    let documented: Vec<_> = rows.skip(2).map(str::to_owned).collect();
    let known: Vec<_> = DEFECTS.iter().filter_map(|defect| defect.row()).collect();
    assert_eq!(documented.join("\n"), known.join("\n"));
}
