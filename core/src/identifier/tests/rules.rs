//! What holds of every rule.

use crate::identifier::rule::Rule;

const DOCUMENT: &str = include_str!("../../../../docs/identifiers.md");

#[test]
fn the_document_lists_exactly_these_rules_in_this_order() {
    let table = DOCUMENT
        .split("## Rules")
        .nth(1)
        .expect("the document has a table of rules");
    let documented: Vec<_> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split('`').next())
        .collect();
    let names: Vec<_> = Rule::all().map(Rule::name).collect();
    assert_eq!(documented, names);
}

#[test]
fn every_rule_has_its_own_snake_case_name_and_a_lower_case_sentence() {
    let mut names: Vec<_> = Rule::all().map(Rule::name).collect();
    assert!(names.iter().all(|name| {
        name.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    }));
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    for rule in Rule::all() {
        let sentence = rule.0.sentence;
        assert!(
            sentence.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit()),
            "{sentence}"
        );
        assert!(!sentence.ends_with('.'), "{sentence}");
    }
}
