//! What was changed, by whom, and taking an import back.

use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::Action;
use interdict_publisher::{
    DelistOptions, Delisted, Format, ImportOptions, Names, PastDeed, PublisherError,
};

use crate::coalition::{Coalition, now};

fn deeds(coalition: &Coalition, about: Option<&str>) -> Vec<PastDeed> {
    let about = about.map(|value| Identifier::parse(Kind::Domain, value).unwrap());
    let mut deeds = Vec::new();
    let told = coalition.publisher.history(about.as_ref(), |deed| {
        deeds.push(deed);
        Ok(())
    });
    told.unwrap();
    deeds
}

fn import(coalition: &mut Coalition, name: &str, csv: &str) {
    let options = ImportOptions {
        file_name: name.to_owned(),
        delisted: Delisted::Relist,
        ..ImportOptions::new(Format::Csv, "se")
    };
    let report = coalition.publisher.import(csv.as_bytes(), &options, now());
    assert_eq!(report.unwrap().refused, []);
}

#[test]
fn every_command_that_changed_something_is_told_with_who_and_which_file() {
    let mut coalition = Coalition::new();
    import(
        &mut coalition,
        "monday.csv",
        "kind,value\ndomain,a.example\ndomain,b.example\n",
    );
    let one = Names::One {
        kind: "domain",
        value: "a.example",
    };
    let options = DelistOptions::default();
    coalition.publisher.delist(one, &options, now()).unwrap();
    let told = deeds(&coalition, Some("a.example"));
    let commands: Vec<&str> = told.iter().map(|deed| deed.command.as_str()).collect();
    assert_eq!(commands, ["init", "import", "delist"]);
    let [_, imported, delisted] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(
        (imported.number, imported.file.as_ref().unwrap().0.as_str()),
        (2, "monday.csv")
    );
    // The row of the entry, and none about the other name.
    assert_eq!(imported.about.len(), 1);
    assert_eq!(
        (&imported.about[0].before, imported.about[0].table.as_str()),
        (&None, "entry")
    );
    let entry = delisted
        .about
        .iter()
        .find(|row| row.table == "entry")
        .unwrap();
    assert_eq!(entry.after, None);
    assert!(delisted.about.iter().any(|row| row.table == "delisted"));
    assert!(
        deeds(&coalition, None)
            .iter()
            .all(|deed| deed.about.is_empty())
    );
}

#[test]
fn an_import_that_is_taken_back_leaves_what_was_there_before() {
    let mut coalition = Coalition::new();
    let rows = "kind,value,action,confidence\n";
    import(
        &mut coalition,
        "1.csv",
        &format!("{rows}domain,a.example,block,950\ndomain,b.example,review,900\n"),
    );
    let one = Names::One {
        kind: "domain",
        value: "gone.example",
    };
    let options = DelistOptions::default();
    coalition.publisher.delist(one, &options, now()).unwrap();
    // It weakens one entry, adds one, and brings back what was delisted.
    import(
        &mut coalition,
        "2.csv",
        &format!(
            "{rows}domain,a.example,monitor,900\ndomain,c.example,block,900\ndomain,gone.example,block,900\n"
        ),
    );
    let number = deeds(&coalition, None).last().unwrap().number;
    let report = coalition.publisher.undo_import(number, now()).unwrap();
    assert_eq!(report.changed_since, 0);
    coalition.release();
    assert_eq!(
        coalition.action(Kind::Domain, "a.example"),
        Some(Action::Block)
    );
    assert_eq!(
        coalition.action(Kind::Domain, "b.example"),
        Some(Action::Review)
    );
    assert_eq!(coalition.action(Kind::Domain, "c.example"), None);
    // Its tombstone is back too.
    let options = ImportOptions::new(Format::Csv, "se");
    let again =
        coalition
            .publisher
            .import(&b"kind,value\ndomain,gone.example\n"[..], &options, now());
    assert_eq!(again.unwrap().refused.len(), 1);
    coalition.publisher.verify(None).unwrap();
}

#[test]
fn what_was_changed_after_an_import_stays_when_it_is_taken_back() {
    let mut coalition = Coalition::new();
    import(
        &mut coalition,
        "1.csv",
        "kind,value,action\ndomain,a.example,block\ndomain,b.example,block\n",
    );
    let number = deeds(&coalition, None).last().unwrap().number;
    import(
        &mut coalition,
        "2.csv",
        "kind,value,action\ndomain,a.example,review\n",
    );
    let report = coalition.publisher.undo_import(number, now()).unwrap();
    assert_eq!((report.restored, report.changed_since), (1, 1));
    coalition.release();
    assert_eq!(
        coalition.action(Kind::Domain, "a.example"),
        Some(Action::Review)
    );
    assert_eq!(coalition.action(Kind::Domain, "b.example"), None);
}

#[test]
fn only_an_import_of_the_history_can_be_taken_back() {
    let mut coalition = Coalition::new();
    coalition.protect("bank.example\n");
    for number in [0, 1, 2, 3] {
        let refused = coalition.publisher.undo_import(number, now());
        assert!(
            matches!(refused, Err(PublisherError::NoImport(_))),
            "{refused:?}"
        );
    }
}
