use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Membership};
use interdict_publisher::{Conflict, EmptyLists, Format, PublisherError, ReleaseOptions, State};

use crate::coalition::{Coalition, now};

const LISTINGS: &str = "kind,value,source,action\n\
    domain,bank.example,hotline-se,block\n\
    domain,pay.shop.example,hotline-se,block\n\
    domain,shop.test,hotline-se,block\n\
    domain,other.test,hotline-se,block\n\
    iban,SE3550000000054910000003,hotline-se,block\n";

const PROTECTED: &str =
    "# never block these\nBank.Example.\n\nshop.example # parent\nmy.deep.shop.test\n";

fn conflict(line: u64, state: State) -> Conflict {
    Conflict {
        line,
        kind: Kind::Domain,
        state,
    }
}

fn check(coalition: &mut Coalition) {
    let report = coalition.release();
    let list = &report.lists[0];
    assert_eq!((list.listed, list.narrowed, list.withheld), (4, 1, 1));
    // Listed and protected: not released, for the host itself and below.
    assert_eq!(
        coalition.ask(Kind::Domain, "bank.example"),
        Membership::Absent
    );
    assert_eq!(
        coalition.ask(Kind::Domain, "www.bank.example"),
        Membership::Absent
    );
    // A name above a listed one may be protected without effect on it.
    assert_eq!(
        coalition.ask(Kind::Domain, "shop.example"),
        Membership::Absent
    );
    assert_eq!(
        coalition.action(Kind::Domain, "pay.shop.example"),
        Some(Action::Block)
    );
    // A listed name above a protected one blocks the host alone.
    assert_eq!(
        coalition.action(Kind::Domain, "shop.test"),
        Some(Action::Block)
    );
    assert_eq!(
        coalition.ask(Kind::Domain, "my.deep.shop.test"),
        Membership::Absent
    );
    assert_eq!(
        coalition.action(Kind::Domain, "sub.other.test"),
        Some(Action::Block)
    );
}

#[test]
fn protecting_after_the_import_narrows_a_parent_and_withholds_the_name() {
    let mut coalition = Coalition::new();
    coalition.import(LISTINGS);
    let report = coalition.protect(PROTECTED);
    assert_eq!(
        (report.added, report.unchanged, report.refused.len()),
        (3, 0, 0)
    );
    assert_eq!(
        report.conflicts,
        [conflict(2, State::Withheld), conflict(5, State::Narrowed)]
    );
    check(&mut coalition);
}

#[test]
fn protecting_before_the_import_does_the_same_and_import_says_so() {
    let mut coalition = Coalition::new();
    assert_eq!(coalition.protect(PROTECTED).conflicts, []);
    let report = coalition.import(LISTINGS);
    assert_eq!(report.accepted, 5, "what is withheld stays in the register");
    assert_eq!(
        report.conflicts,
        [conflict(2, State::Withheld), conflict(4, State::Narrowed)]
    );
    check(&mut coalition);
    assert_eq!(coalition.protect(PROTECTED).unchanged, 3);
}

#[test]
fn a_protected_name_withholds_the_labels_it_bears() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\nlabel,brandshop,x\nlabel,otherbrand,x\n");
    let report = coalition.protect("pay.brandshop.example\n");
    assert_eq!(report.conflicts, [conflict(1, State::Withheld)]);
    coalition.release();
    let absent = Membership::Absent;
    assert_eq!(coalition.ask(Kind::Domain, "pay.brandshop.example"), absent);
    assert_eq!(coalition.ask(Kind::Domain, "brandshop.test"), absent);
    assert_eq!(
        coalition.action(Kind::Domain, "www.otherbrand.test"),
        Some(Action::Review)
    );
}

#[test]
fn a_protected_range_narrows_the_range_it_lies_in() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source,action\nprepaid_program,604600,x,block\n");
    let path = "kind,value\nprepaid_program,60460012\n";
    let report = coalition
        .publisher
        .protect(path.as_bytes(), Format::Csv, now())
        .unwrap();
    assert_eq!(report.conflicts.len(), 1);
    assert_eq!(report.conflicts[0].state, State::Narrowed);
    coalition.release();
    let kind = Kind::PrepaidProgram;
    assert_eq!(coalition.ask(kind, "60460012"), Membership::Absent);
    assert_eq!(coalition.action(kind, "604600"), Some(Action::Block));
}

#[test]
fn accounts_can_be_protected_in_every_format() {
    for (format, text) in [
        (
            Format::Csv,
            "kind,value\niban,SE35 5000 0000 0549 1000 0003\n",
        ),
        (
            Format::JsonLines,
            r#"{"kind":"iban","value":"SE3550000000054910000003"}"#,
        ),
        (
            Format::Json,
            r#"["bank.test",{"kind":"iban","value":"SE3550000000054910000003"}]"#,
        ),
    ] {
        let mut coalition = Coalition::new();
        coalition.import(LISTINGS);
        let report = coalition
            .publisher
            .protect(text.as_bytes(), format, now())
            .unwrap();
        assert_eq!(report.refused, []);
        assert_eq!(report.conflicts.len(), 1, "{format:?}");
        coalition.release();
        assert_eq!(
            coalition.ask(Kind::Iban, "SE3550000000054910000003"),
            Membership::Absent
        );
    }
}

#[test]
fn refused_lines_of_a_protect_file_are_listed() {
    let mut coalition = Coalition::new();
    let report = coalition.protect("bank.example\nhttps://bank.example/x\n4000000000000002\n");
    let refused: Vec<_> = report
        .refused
        .iter()
        .map(|l| (l.line, l.rule.name()))
        .collect();
    assert_eq!(refused, [(2, "url_not_host"), (3, "ipv4")]);
    assert_eq!(report.added, 1);
}

#[test]
fn no_release_goes_out_beside_a_list_that_names_something_protected() {
    let lists = ["se/a", "se/b"];
    let mut coalition = Coalition::with(interdict_publisher::TestKeys::Yes, &lists);
    for list in lists {
        let options = interdict_publisher::ImportOptions {
            list: Some(list.to_owned()),
            ..interdict_publisher::ImportOptions::new(Format::Csv, "x")
        };
        coalition.import_with(LISTINGS, &options);
    }
    coalition.release();
    coalition.protect("bank.example");
    let only = |list: &str| ReleaseOptions {
        lists: vec![list.to_owned()],
        ..Default::default()
    };
    let refused = coalition.publisher.release(now(), &only("se/a"));
    assert!(matches!(
        refused,
        Err(PublisherError::ProtectedListed { count: 1, .. })
    ));
    coalition
        .publisher
        .renew(now())
        .expect("what is published may be kept fresh");
    coalition.release();
    coalition.publisher.release(now(), &only("se/a")).unwrap();
}

#[test]
fn a_list_of_which_everything_is_protected_is_empty() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,bank.example,x\n");
    coalition.protect("bank.example");
    let refused = coalition
        .publisher
        .release(now(), &ReleaseOptions::default());
    assert!(matches!(refused, Err(PublisherError::EmptyList(_))));
    let allowed = ReleaseOptions {
        empty: EmptyLists::Allow,
        ..Default::default()
    };
    assert_eq!(
        coalition.publisher.release(now(), &allowed).unwrap().lists[0].listed,
        0
    );
}
