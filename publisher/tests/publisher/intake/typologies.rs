use std::collections::BTreeMap;

use interdict_publisher::{
    PublisherError, ReleaseOptions, STANDARD_TYPOLOGIES, TypologiesReport, inspect,
};

use crate::coalition::{Coalition, DAY, now, tree};

const PATH: &str = "se/merchants.typologies.json";

fn coalition() -> Coalition {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,shop.example,hotline-se\n");
    coalition
}

fn rule(id: &str, when: &str) -> String {
    format!(
        r#"{{"id":"{id}","title":"t","direction":"riskier","weight":500,"otherwise":0,
            "calibrated":false,"when":"{when}","source":"s"}}"#
    )
}

fn pack(version: u32, rules: &[String]) -> Vec<u8> {
    let rules = rules.join(",");
    format!(r#"{{"format":1,"version":{version},"name":"ours","rules":[{rules}]}}"#).into_bytes()
}

fn set(coalition: &mut Coalition, bytes: &[u8]) -> Result<(), PublisherError> {
    let kept = coalition.publisher.set_typologies(None, bytes, now());
    kept.map(|_| ())
}

/// What the release reports of the only list.
fn released(coalition: &mut Coalition) -> Option<TypologiesReport> {
    coalition.release().lists.remove(0).typologies
}

/// The target paths a gateway finds, with what is signed about each.
fn found(coalition: &mut Coalition) -> BTreeMap<String, String> {
    let mut gateway = coalition.gateway();
    gateway.update(&coalition.repository(), now()).unwrap();
    let packs = gateway.packs().iter();
    packs
        .map(|(path, (custom, _))| (path.clone(), custom.clone()))
        .collect()
}

/// How many files of typologies are served.
fn served(coalition: &Coalition) -> usize {
    let files = tree(&coalition.repository());
    let packs = files
        .keys()
        .filter(|path| path.ends_with(".merchants.typologies.json"));
    packs.count()
}

#[test]
fn a_list_goes_out_with_its_typologies() {
    let mut coalition = coalition();
    set(&mut coalition, STANDARD_TYPOLOGIES).unwrap();
    let report = released(&mut coalition).unwrap();
    assert_eq!(report.before, None);
    let after = report.after.unwrap();
    assert_eq!(
        (after.name.as_str(), after.version, after.rules),
        ("standard", 2, 16)
    );
    assert_eq!(report.added.len(), 16);
    let custom = r#"{"interdict_typologies":{"format":1,"version":2}}"#;
    let expected = BTreeMap::from([(PATH.to_owned(), custom.to_owned())]);
    assert_eq!(found(&mut coalition), expected);
    let bytes = tree(&coalition.repository())
        .into_iter()
        .find_map(|(path, bytes)| path.ends_with(".typologies.json").then_some(bytes));
    assert!(
        bytes.as_deref() == Some(STANDARD_TYPOLOGIES),
        "as they were given"
    );
    // Nothing changes with the next one.
    let report = released(&mut coalition).unwrap();
    assert_eq!(report.before, report.after);
    assert_eq!(
        (report.added, report.removed, report.changed),
        Default::default()
    );
    assert_eq!(found(&mut coalition), expected);
}

#[test]
fn a_repository_without_typologies_is_as_if_there_were_no_such_thing() {
    let (mut without, mut with) = (coalition(), coalition());
    set(&mut with, STANDARD_TYPOLOGIES).unwrap();
    with.publisher.remove_typologies(None, now()).unwrap();
    let reports = [&mut without, &mut with].map(released);
    assert_eq!(reports, [None, None]);
    // Their histories differ, and with them what is signed.
    let targets = |coalition: &Coalition| {
        let mut files = tree(&coalition.repository());
        files.retain(|path, _| path.starts_with("targets/"));
        files
    };
    assert!(targets(&without) == targets(&with), "the bytes differ");
    assert_eq!(served(&without), 0);
}

#[test]
fn a_plan_says_which_rules_come_go_and_change() {
    let mut coalition = coalition();
    let first = [
        rule("A", "prepaid_only"),
        rule("B", "shared_contact"),
        rule("C", "listed(label)"),
    ];
    set(&mut coalition, &pack(1, &first)).unwrap();
    released(&mut coalition);
    let second = [
        rule("D", "prepaid_only"),
        rule("C", "listed(iban)"),
        rule("A", "prepaid_only"),
    ];
    set(&mut coalition, &pack(5, &second)).unwrap();
    let before = tree(&coalition.repository());
    let mut plan = coalition
        .publisher
        .plan(now(), &ReleaseOptions::default())
        .unwrap();
    assert!(tree(&coalition.repository()) == before);
    let text = plan.to_string();
    let report = plan.release.lists.remove(0).typologies.unwrap();
    assert_eq!(report.before.as_ref().map(|pack| pack.version), Some(1));
    assert_eq!(report.after.as_ref().map(|pack| pack.version), Some(5));
    assert_eq!(
        (&report.added[..], &report.removed[..]),
        (&["D".to_owned()][..], &["B".to_owned()][..])
    );
    assert_eq!(report.changed, ["C"]);
    let lines = "  typologies ours 5, 3 rules; before ours 1, 3 rules\n    new: D\n    gone: B\n    changed: C\n";
    assert!(text.contains(lines), "{text}");
    assert_eq!(released(&mut coalition), Some(report));
}

#[test]
fn a_version_that_was_published_never_gets_another_content() {
    let mut coalition = coalition();
    let rules = |when: &str| [rule("A", when)];
    set(&mut coalition, &pack(3, &rules("prepaid_only"))).unwrap();
    // Until it is published, it may change.
    set(&mut coalition, &pack(3, &rules("shared_contact"))).unwrap();
    released(&mut coalition);
    for version in [1, 2, 3] {
        let refused = set(&mut coalition, &pack(version, &rules("prepaid_only")));
        let Err(PublisherError::TypologiesVersion { version: named, .. }) = refused else {
            panic!("{version}: {refused:?}")
        };
        assert_eq!(named, version);
    }
    set(&mut coalition, &pack(3, &rules("shared_contact"))).unwrap();
    // Not even after it was taken back.
    coalition.publisher.remove_typologies(None, now()).unwrap();
    released(&mut coalition);
    let refused = set(&mut coalition, &pack(3, &rules("prepaid_only")));
    assert!(matches!(
        refused,
        Err(PublisherError::TypologiesVersion { .. })
    ));
    set(&mut coalition, &pack(3, &rules("shared_contact"))).unwrap();
    assert_eq!(released(&mut coalition).unwrap().added, ["A"]);
    set(&mut coalition, &pack(4, &rules("prepaid_only"))).unwrap();
    assert_eq!(released(&mut coalition).unwrap().changed, ["A"]);
}

#[test]
fn typologies_that_are_removed_are_no_longer_named_and_in_the_end_no_longer_served() {
    let mut coalition = coalition();
    set(&mut coalition, STANDARD_TYPOLOGIES).unwrap();
    released(&mut coalition);
    coalition.publisher.remove_typologies(None, now()).unwrap();
    let report = released(&mut coalition).unwrap();
    assert_eq!((report.after, report.removed.len()), (None, 16));
    assert_eq!(found(&mut coalition), BTreeMap::new());
    // A gateway in the middle of an update still finds the file.
    assert_eq!(released(&mut coalition), None);
    assert_eq!(served(&coalition), 1);
    let later = now().plus(15 * DAY);
    let options = ReleaseOptions::default();
    coalition.publisher.release(later, &options).unwrap();
    assert_eq!(served(&coalition), 0);
    let refused = coalition.publisher.remove_typologies(None, now());
    assert!(matches!(refused, Err(PublisherError::NoTypologies(_))));
}

#[test]
fn typologies_of_a_list_that_is_not_built_stay_as_they_were_released() {
    let mut coalition = Coalition::with(interdict_publisher::TestKeys::Yes, &["se/a", "se/b"]);
    let all = ReleaseOptions {
        empty: interdict_publisher::EmptyLists::Allow,
        ..Default::default()
    };
    let publisher = &mut coalition.publisher;
    let which = publisher.set_typologies(None, STANDARD_TYPOLOGIES, now());
    assert!(matches!(which, Err(PublisherError::WhichList)));
    for list in ["se/a", "se/b"] {
        publisher
            .set_typologies(Some(list), STANDARD_TYPOLOGIES, now())
            .unwrap();
    }
    publisher.release(now(), &all).unwrap();
    for list in ["se/a", "se/b"] {
        publisher
            .set_typologies(Some(list), &pack(3, &[rule("A", "prepaid_only")]), now())
            .unwrap();
    }
    let only_a = ReleaseOptions {
        lists: vec!["se/a".to_owned()],
        ..all.clone()
    };
    publisher.release(now(), &only_a).unwrap();
    let versions = |custom: &String| custom.contains(r#""version":3"#);
    let found: Vec<_> = found(&mut coalition)
        .into_iter()
        .map(|(path, custom)| (path, versions(&custom)))
        .collect();
    assert_eq!(
        found,
        [
            ("se/a.typologies.json".to_owned(), true),
            ("se/b.typologies.json".to_owned(), false)
        ]
    );
}

#[test]
fn typologies_that_gateways_would_not_read_are_refused() {
    let mut coalition = coalition();
    let newer = rule("A", "x").replace(r#""source""#, r#""requires":["signal:x"],"source""#);
    for (bytes, says) in [
        (pack(1, &[newer]), "rule A requires"),
        (br#"{"format":2}"#.to_vec(), "rule * requires"),
        (
            pack(1, &[rule("A", "mcc = 5967")]),
            "rules[0].when: byte 0: a country or category",
        ),
        (
            pack(1, &[rule("A", "shop.example")]),
            "rules[0].when: byte 0",
        ),
        (b"kind,value\n".to_vec(), "must be JSON"),
    ] {
        let refused = set(&mut coalition, &bytes).unwrap_err();
        assert!(refused.to_string().contains(says), "{refused}");
        assert!(!refused.to_string().contains("shop"), "{refused}");
    }
    assert_eq!(released(&mut coalition), None);
}

#[test]
fn inspect_names_a_file_of_typologies_and_the_target() {
    let mut coalition = coalition();
    set(&mut coalition, STANDARD_TYPOLOGIES).unwrap();
    released(&mut coalition);
    let mut said = String::new();
    for (path, bytes) in tree(&coalition.repository()) {
        let name = path.rsplit('/').next().unwrap();
        if name.ends_with(".typologies.json") || name.ends_with("targets.json") {
            said += &inspect(&bytes, name, now()).unwrap();
        }
    }
    for line in [
        "file: typologies\nname: standard\nversion: 2\n",
        "rule: T04, 3500 millibits, otherwise 0, uncalibrated: Paid on a page the merchant did not \
         declare: payment_page_declared = false\n",
    ] {
        assert!(said.contains(line), "{said}");
    }
    let size = STANDARD_TYPOLOGIES.len();
    let line = format!("target: {PATH}, {size} bytes, typologies version 2\n");
    assert!(said.contains(&line), "{said}");
    let newer = br#"{"format":2,"version":7,"name":"later","rules":[]}"#;
    let said = inspect(newer, "later.json", now()).unwrap();
    assert!(
        said.contains("not understood: *, requires format:2"),
        "{said}"
    );
}
