use interdict_core::list::{Action, Handling};
use interdict_publisher::{
    Format, ImportOptions, InitOptions, NewSource, Organisation, Publisher, PublisherError,
    Quarantine, Set, SourceChange, SourceClass, SourceError, TestKeys,
};

use crate::coalition::{Coalition, DAY, now};

#[test]
fn the_organisation_that_starts_a_coalition_can_import_at_once_and_nothing_of_it_waits() {
    let mut coalition = Coalition::new();
    let sources = coalition.publisher.registered_sources().unwrap();
    let [own] = sources.as_slice() else {
        panic!("{sources:?}")
    };
    assert_eq!((own.id.as_str(), own.class), ("se", SourceClass::Member));
    assert_eq!((own.quarantine, own.since), (Quarantine::Off, now()));
    let options = ImportOptions::new(Format::Csv, "se");
    let csv = &b"kind,value\ndomain,shop.example\n"[..];
    let report = coalition.publisher.import(csv, &options, now()).unwrap();
    assert_eq!((report.accepted, report.quarantined), (1, 0));
    assert_eq!(coalition.release().lists[0].listed, 1);
}

#[test]
fn the_first_source_has_the_name_and_class_that_its_organisation_gives() {
    let room = tempfile::tempdir().unwrap();
    let options = |coalition: &str, id: Option<&str>| InitOptions {
        organisation: Organisation {
            id: id.map(str::to_owned),
            class: SourceClass::Police,
        },
        ..InitOptions::new(coalition, TestKeys::Yes, now())
    };
    let named = Publisher::init(
        &room.path().join("se"),
        &options("se", Some("police.example")),
    );
    let sources = named.unwrap().registered_sources().unwrap();
    assert_eq!(sources[0].id, "police.example");
    assert_eq!(sources[0].class, SourceClass::Police);
    // The source of the test entries is nobody's; nothing is made before that is known.
    let folder = room.path().join("test");
    let refused = Publisher::init(&folder, &options("test", None));
    assert!(matches!(
        refused,
        Err(PublisherError::Source(SourceError::Id))
    ));
    assert!(!folder.exists());
}

#[test]
fn hotlines_and_members_start_in_quarantine_and_nobody_else_does() {
    let mut coalition = Coalition::new();
    for class in SourceClass::ALL {
        let id = class.name().replace('_', "-");
        let new = NewSource::new(&id, class);
        let source = coalition.publisher.source_add(new, now()).unwrap();
        let waits = matches!(class, SourceClass::Hotline | SourceClass::Member);
        assert_eq!(source.quarantine == Quarantine::On, waits, "{class:?}");
    }
    let mut confirmed = NewSource::new("confirmed", SourceClass::Hotline);
    confirmed.change.quarantine = Some(Quarantine::Off);
    let source = coalition.publisher.source_add(confirmed, now()).unwrap();
    assert_eq!(source.quarantine, Quarantine::Off);
}

#[test]
fn every_field_is_kept_changed_and_taken_back() {
    let mut coalition = Coalition::new();
    let mut new = NewSource::new("hotline-se", SourceClass::Hotline);
    new.change = SourceChange {
        origin: Some("hotline.example".to_owned()),
        class: None,
        highest_action: Some(Action::HoldPayout),
        confidence: Some(700),
        highest_confidence: Some(950),
        max_new: Set::To(100),
        contact: Set::To("desk@hotline.example".to_owned()),
        terms: Set::To("contract 7".to_owned()),
        handling: Set::To(Handling::AmberStrict),
        review: Set::To(now().plus(10 * DAY)),
        life: Set::To(90),
        quarantine: None,
    };
    let added = coalition.publisher.source_add(new, now()).unwrap();
    coalition.publisher = Publisher::open(&coalition.directory()).unwrap();
    let shown = coalition.publisher.source("hotline-se", now()).unwrap();
    assert_eq!(shown.source, added);
    assert_eq!(added.origin, "hotline.example");
    assert_eq!((added.confidence, added.highest_confidence), (700, 950));
    assert_eq!((added.max_new, added.life), (Some(100), Some(90)));
    assert_eq!(added.handling, Some(Handling::AmberStrict));
    // Nothing stated, nothing changed.
    let same = coalition
        .publisher
        .source_change("hotline-se", SourceChange::default(), now());
    assert_eq!(same.unwrap(), added);
    let back = SourceChange {
        class: Some(SourceClass::Police),
        max_new: Set::Clear,
        contact: Set::Clear,
        terms: Set::Clear,
        handling: Set::Clear,
        review: Set::Clear,
        life: Set::Clear,
        ..SourceChange::default()
    };
    let changed = coalition.publisher.source_change("hotline-se", back, now());
    let changed = changed.unwrap();
    assert_eq!(changed.class, SourceClass::Police);
    // A new class changes no limit.
    assert_eq!(changed.quarantine, Quarantine::On);
    assert_eq!(
        (
            changed.max_new,
            changed.contact,
            changed.terms,
            changed.life
        ),
        (None, None, None, None)
    );
    assert_eq!((changed.handling, changed.review), (None, None));
}

#[test]
fn a_source_that_cannot_be_so_is_refused_and_changes_nothing() {
    let mut coalition = Coalition::new();
    coalition.source("known");
    let with = |change: SourceChange| {
        let mut new = NewSource::new("new", SourceClass::Bank);
        new.change = change;
        new
    };
    let text = |text: &str| Set::To(text.to_owned());
    let none = SourceChange::default;
    for (new, error) in [
        (
            NewSource::new("known", SourceClass::Bank),
            SourceError::Known("known".to_owned()),
        ),
        (NewSource::new("Bank A", SourceClass::Bank), SourceError::Id),
        (NewSource::new("", SourceClass::Bank), SourceError::Id),
        (NewSource::new("test", SourceClass::Bank), SourceError::Id),
        (
            with(SourceChange {
                origin: Some("A".to_owned()),
                ..none()
            }),
            SourceError::Id,
        ),
        (
            with(SourceChange {
                highest_action: Some(Action::Allow),
                ..none()
            }),
            SourceError::Action,
        ),
        (
            with(SourceChange {
                confidence: Some(1_000),
                ..none()
            }),
            SourceError::Confidence,
        ),
        (
            with(SourceChange {
                highest_confidence: Some(0),
                ..none()
            }),
            SourceError::Confidence,
        ),
        (
            with(SourceChange {
                highest_confidence: Some(899),
                ..none()
            }),
            SourceError::Confidence,
        ),
        (
            with(SourceChange {
                max_new: Set::To(0),
                ..none()
            }),
            SourceError::NewEntries,
        ),
        (
            with(SourceChange {
                contact: text(" "),
                ..none()
            }),
            SourceError::Text,
        ),
        (
            with(SourceChange {
                terms: text("4000 0000 0000 0002"),
                ..none()
            }),
            SourceError::Text,
        ),
        (
            with(SourceChange {
                terms: text(&"x".repeat(201)),
                ..none()
            }),
            SourceError::Text,
        ),
        (
            with(SourceChange {
                life: Set::To(0),
                ..none()
            }),
            SourceError::Life,
        ),
        (
            with(SourceChange {
                life: Set::To(3_651),
                ..none()
            }),
            SourceError::Life,
        ),
    ] {
        match coalition.publisher.source_add(new, now()) {
            Err(PublisherError::Source(found)) => assert_eq!(found, error),
            other => panic!("{error:?}: {other:?}"),
        }
    }
    assert_eq!(coalition.publisher.registered_sources().unwrap().len(), 2);
    let unknown = coalition.publisher.source_change("other", none(), now());
    assert!(matches!(
        unknown,
        Err(PublisherError::Source(SourceError::Unknown(_)))
    ));
}

#[test]
fn the_status_names_a_source_from_30_days_before_its_review_and_what_ends_soon() {
    let mut coalition = Coalition::new();
    let mut new = NewSource::new("feed", SourceClass::OpenData);
    new.change.review = Set::To(now().plus(40 * DAY));
    new.change.life = Set::To(40);
    coalition.publisher.source_add(new, now()).unwrap();
    let options = ImportOptions::new(Format::Csv, "feed");
    let csv = "kind,value,valid_until\n\
        domain,a.example,\ndomain,b.example,\ndomain,c.example,2028-01-01\n";
    coalition
        .publisher
        .import(csv.as_bytes(), &options, now())
        .unwrap();
    let at = |days: u32| {
        let status = coalition.publisher.status(now().plus(days * DAY)).unwrap();
        let due: Vec<_> = status.reviews.iter().map(|one| one.over).collect();
        (due, status.lists[0].ending)
    };
    assert_eq!(at(10), (vec![], 0));
    assert_eq!(at(11), (vec![false], 2));
    assert_eq!(at(40), (vec![true], 0));
    let text = coalition.publisher.status(now().plus(11 * DAY)).unwrap();
    let text = text.to_string();
    assert!(
        text.contains("source feed is to be reviewed by 2027-01-01"),
        "{text}"
    );
    assert!(
        text.contains("  2 identifiers end within 30 days\n"),
        "{text}"
    );
    let shown = coalition.publisher.source("feed", now().plus(11 * DAY));
    let shown = shown.unwrap();
    let (_, counts) = &shown.lists[0];
    assert_eq!((counts.entries, counts.in_force, counts.ending), (3, 3, 2));
    assert_eq!(counts.next_end, Some(now().plus(40 * DAY)));
}
