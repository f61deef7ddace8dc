//! What a file may say depends on whose it is.

use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Handling, Membership};
use interdict_publisher::{
    Format, ImportOptions, ImportReport, NewSource, PublisherError, Set, SourceChange, SourceClass,
    SourceError,
};

use crate::coalition::{Coalition, DAY, now};

fn coalition(change: SourceChange) -> Coalition {
    let mut coalition = Coalition::new();
    let mut new = NewSource::new("feed", SourceClass::OpenData);
    new.change = change;
    coalition.publisher.source_add(new, now()).unwrap();
    coalition
}

fn import(coalition: &mut Coalition, csv: &str) -> Result<ImportReport, PublisherError> {
    let options = ImportOptions::new(Format::Csv, "feed");
    coalition.publisher.import(csv.as_bytes(), &options, now())
}

fn rules(report: &ImportReport) -> Vec<(u64, &'static str)> {
    let refused = report.refused.iter();
    refused.map(|line| (line.line, line.rule.name())).collect()
}

#[test]
fn a_partners_file_with_another_source_in_it_changes_nothing_of_that_source() {
    let mut coalition = coalition(SourceChange::default());
    let rows = |source: &str, action: &str, until: &str| {
        let rows =
            (0..500).map(|number| format!("domain,n{number}.example,{source},{action},{until}\n"));
        let rows: String = rows.collect();
        format!("kind,value,source,action,valid_until\n{rows}")
    };
    coalition.import(&rows("police-se", "block", ""));
    let released = coalition.release();
    // It says of every entry of the police that it has ended, or only asks to watch.
    for attack in [
        rows("police-se", "block", "2024-01-01"),
        rows("police-se", "monitor", ""),
    ] {
        let report = import(&mut coalition, &attack).unwrap();
        assert_eq!((report.accepted, report.updated), (0, 0));
        assert_eq!(report.refused.len(), 500);
        assert!(
            rules(&report)
                .iter()
                .all(|(_, rule)| *rule == "source_other")
        );
    }
    // Under its own name it can say so, and takes nothing away.
    let own = rows("feed", "monitor", "2024-01-01");
    assert_eq!(import(&mut coalition, &own).unwrap().accepted, 500);
    let police = coalition.publisher.source("police-se", now()).unwrap();
    assert_eq!(police.lists[0].1.in_force, 500);
    let again = coalition.release();
    assert_eq!(again.lists[0].listed, released.lists[0].listed);
    let action = coalition.action(Kind::Domain, "n499.example");
    assert_eq!(action, Some(Action::Block));
}

#[test]
fn a_source_column_may_be_absent_and_must_name_the_source_where_it_is_filled_in() {
    let mut coalition = coalition(SourceChange::default());
    let csv = "kind,value\ndomain,a.example\n";
    assert_eq!(import(&mut coalition, csv).unwrap().accepted, 1);
    let csv = "kind,value,source\n\
        domain,b.example,feed\ndomain,c.example,\ndomain,d.example,se\ndomain,e.example,Feed\n";
    let report = import(&mut coalition, csv).unwrap();
    assert_eq!(report.accepted, 2);
    assert_eq!(rules(&report), [(4, "source_other"), (5, "source_other")]);
    assert!(report.json_lines().contains("--source"), "{report}");
}

#[test]
fn a_file_of_a_source_that_is_not_registered_is_refused() {
    let mut coalition = Coalition::new();
    for (source, known) in [("feed", false), ("Feed", false), ("", false), ("se", true)] {
        let options = ImportOptions::new(Format::Csv, source);
        let csv = &b"kind,value\ndomain,a.example\n"[..];
        let report = coalition.publisher.import(csv, &options, now());
        assert_eq!(report.is_ok(), known, "{source}");
        if let Err(error) = report {
            assert!(matches!(error, PublisherError::Source(_)), "{error}");
        }
    }
    assert_eq!(coalition.release().lists[0].listed, 1);
}

#[test]
fn an_action_above_the_highest_of_the_source_is_refused() {
    let mut coalition = coalition(SourceChange {
        highest_action: Some(Action::Review),
        ..SourceChange::default()
    });
    let csv = "kind,value,action\n\
        domain,a.example,monitor\ndomain,b.example,review\ndomain,c.example,\n\
        domain,d.example,hold_payout\ndomain,e.example,block\n";
    let report = import(&mut coalition, csv).unwrap();
    assert_eq!(report.accepted, 3);
    assert_eq!(rules(&report), [(5, "source_action"), (6, "source_action")]);
    assert!(report.json_lines().contains("review at most"), "{report}");
}

#[test]
fn a_row_without_an_action_asks_for_no_more_than_its_source_may() {
    let mut coalition = coalition(SourceChange {
        highest_action: Some(Action::Monitor),
        ..SourceChange::default()
    });
    let csv = "kind,value\ndomain,a.example\n";
    assert_eq!(import(&mut coalition, csv).unwrap().accepted, 1);
    coalition.release();
    let action = coalition.action(Kind::Domain, "a.example");
    assert_eq!(action, Some(Action::Monitor));
}

#[test]
fn a_confidence_above_the_highest_of_the_source_is_refused_and_none_is_the_sources_own() {
    let mut coalition = coalition(SourceChange {
        confidence: Some(350),
        highest_confidence: Some(800),
        ..SourceChange::default()
    });
    let csv = "kind,value,confidence\n\
        domain,a.example,800\ndomain,b.example,801\ndomain,c.example,\n";
    let report = import(&mut coalition, csv).unwrap();
    assert_eq!(report.accepted, 2);
    assert_eq!(rules(&report), [(3, "source_confidence")]);
    assert!(
        report.json_lines().contains("confidence of 800"),
        "{report}"
    );
    coalition.release();
    let Membership::Listed { record, .. } = coalition.ask(Kind::Domain, "c.example") else {
        panic!("not listed")
    };
    assert_eq!(record.confidence, 350);
}

#[test]
fn a_file_with_more_new_entries_than_its_source_may_bring_is_refused_whole() {
    let mut coalition = coalition(SourceChange {
        max_new: Set::To(2),
        ..SourceChange::default()
    });
    let three = "kind,value\ndomain,a.example\ndomain,b.example\ndomain,c.example\n";
    match import(&mut coalition, three) {
        Err(PublisherError::Source(
            error @ SourceError::TooManyNew {
                new: 3, most: 2, ..
            },
        )) => {
            let said = error.to_string();
            assert!(
                said.contains("3 new entries") && said.contains("bring 2"),
                "{said}"
            );
        }
        other => panic!("{other:?}"),
    }
    let counts = |coalition: &Coalition| {
        let shown = coalition.publisher.source("feed", now()).unwrap();
        shown.lists.first().map_or(0, |(_, counts)| counts.entries)
    };
    assert_eq!(counts(&coalition), 0);
    // What is known already is not new, nor is a line that is refused or repeated.
    let two = "kind,value\ndomain,a.example\ndomain,b.example\n";
    assert_eq!(import(&mut coalition, two).unwrap().accepted, 2);
    let more = format!("{three}domain,c.example\ndomain,d.example\ndomain,bad value\n");
    assert_eq!(import(&mut coalition, &more).unwrap().accepted, 2);
    assert_eq!(counts(&coalition), 4);
    // A name with www. and scope host is two entries.
    let host = "kind,value,scope\ndomain,www.e.example,host\ndomain,f.example,host\n";
    let refused = import(&mut coalition, host);
    assert!(matches!(
        refused,
        Err(PublisherError::Source(SourceError::TooManyNew {
            new: 3,
            ..
        }))
    ));
}

#[test]
fn the_handling_of_a_source_stands_in_for_one_that_a_row_does_not_state() {
    let mut coalition = coalition(SourceChange {
        handling: Set::To(Handling::Green),
        ..SourceChange::default()
    });
    let csv = "kind,value,handling\ndomain,a.example,\ndomain,b.example,red\n";
    import(&mut coalition, csv).unwrap();
    coalition.release();
    for (name, expected) in [("a.example", Handling::Green), ("b.example", Handling::Red)] {
        let Membership::Listed { record, .. } = coalition.ask(Kind::Domain, name) else {
            panic!("not listed")
        };
        assert_eq!(record.handling, expected, "{name}");
    }
}

#[test]
fn an_entry_without_an_end_lasts_as_long_as_its_source_says_and_is_renewed_at_half_of_that() {
    let mut coalition = coalition(SourceChange {
        life: Set::To(90),
        ..SourceChange::default()
    });
    let options = ImportOptions::new(Format::Csv, "feed");
    let mut import = |days: u32| {
        let csv = &b"kind,value,valid_until\ndomain,a.example,\ndomain,b.example,2028-01-01\n"[..];
        let at = now().plus(days * DAY);
        let report = coalition.publisher.import(csv, &options, at).unwrap();
        let shown = coalition.publisher.source("feed", at).unwrap();
        let end = shown.lists[0].1.next_end.unwrap();
        (
            report.updated,
            end.seconds().saturating_sub(now().seconds()) / DAY,
        )
    };
    assert_eq!(import(0), (0, 90));
    // Every day the same file, and nothing changes, up to half of its life.
    assert_eq!(import(1), (0, 90));
    assert_eq!(import(45), (0, 90));
    assert_eq!(import(46), (1, 136));
}
