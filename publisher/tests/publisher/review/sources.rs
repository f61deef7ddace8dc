use interdict_publisher::{ListSources, SourceCounts};

use crate::coalition::{Coalition, now};

fn counts(lists: &[ListSources]) -> Vec<(&str, &str, [usize; 3])> {
    let each = lists.iter().flat_map(|one| {
        let sources = one.sources.iter();
        sources.map(|(source, counts)| (one.list.as_str(), source.as_str(), numbers(counts)))
    });
    each.collect()
}

const fn numbers(counts: &SourceCounts) -> [usize; 3] {
    [counts.entries, counts.in_force, counts.alone]
}

#[test]
fn entries_are_counted_by_source_and_by_whether_another_source_has_them_too() {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,valid_until\n\
         domain,both.example,hotline-se,\n\
         domain,both.example,police-se,\n\
         domain,once.example,hotline-se,\n\
         domain,ended.example,police-se,2026-11-22\n\
         domain,ended.example,hotline-se,2026-11-23\n\
         domain,bank.example,police-se,\n\
         iban,SE3550000000054910000003,police-se,\n",
    );
    coalition.protect("bank.example\n");
    let sources = coalition.publisher.sources(now()).unwrap();
    assert_eq!(
        counts(&sources),
        [
            // both, once and the one that ends tomorrow; the last two from nobody else.
            ("se/merchants", "hotline-se", [3, 3, 2]),
            // both and the account; ended today and protected do not count.
            ("se/merchants", "police-se", [4, 2, 1]),
        ]
    );
}

#[test]
fn each_list_has_its_own_sources() {
    let lists = ["se/cards", "se/merchants"];
    let mut coalition = Coalition::with(interdict_publisher::TestKeys::Yes, &lists);
    let options = interdict_publisher::ImportOptions {
        list: Some("se/merchants".to_owned()),
        ..interdict_publisher::ImportOptions::new(interdict_publisher::Format::Csv, "x")
    };
    coalition.import_with(
        "kind,value,source\ndomain,shop.example,hotline-se\n",
        &options,
    );
    let sources = coalition.publisher.sources(now()).unwrap();
    let empty = sources.iter().find(|one| one.list.as_str() == "se/cards");
    assert!(empty.unwrap().sources.is_empty());
    assert_eq!(
        counts(&sources),
        [("se/merchants", "hotline-se", [1, 1, 1])]
    );
}
