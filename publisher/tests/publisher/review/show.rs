//! Everything that the register knows of one identifier.

use interdict_core::identifier::{Kind, Relation};
use interdict_core::list::{Action, Membership, Scope};
use interdict_publisher::{
    DelistOptions, Disclosure, EntryState, Format, ImportOptions, Names, Shown, SourceChange,
};

use crate::coalition::{Coalition, DAY, import_by_source, now};

pub(super) fn shown(coalition: &Coalition, kind: &str, value: &str) -> Shown {
    let names = Names::One { kind, value };
    let mut report = coalition.publisher.show(names, now()).unwrap();
    assert!(report.refused.is_empty(), "{report:?}");
    assert_eq!(report.shown.len(), 1);
    report.shown.pop().unwrap()
}

const SHOP: &str = "kind,value,source,action,category,confidence,valid_until,group,scope,flags,handling\n\
    domain,shop.example,hotline-se,block,csae,990,2027-01-31,Ring Å,domain,mandatory,green\n\
    domain,shop.example,police-se,review,other,700,,,host,,\n\
    domain,ended.example,hotline-se,block,csae,990,2026-11-01,,,,\n";

#[test]
fn every_source_is_shown_with_all_that_it_says() {
    let mut coalition = Coalition::new();
    coalition.import(SHOP);
    let origin = SourceChange {
        origin: Some("hotline.example".to_owned()),
        ..SourceChange::default()
    };
    let changed = coalition
        .publisher
        .source_change("hotline-se", origin, now());
    changed.unwrap();
    let shown = shown(&coalition, "domain", "SHOP.example.");
    assert_eq!(
        (shown.kind, shown.value.as_str()),
        (Kind::Domain, "shop.example")
    );
    let [list] = shown.lists.as_slice() else {
        panic!("{shown:?}")
    };
    let [hotline, police] = list.statements.as_slice() else {
        panic!("{list:?}")
    };
    assert_eq!(hotline.origin, "hotline.example");
    assert!(hotline.goes_out && !police.goes_out);
    let row = &hotline.row;
    assert_eq!(
        (row.source.as_str(), row.action, row.confidence),
        ("hotline-se", Action::Block, 990)
    );
    assert_eq!(row.category.name(), "csae");
    assert_eq!(row.valid_until.unwrap().to_string(), "2027-01-31T00:00:00Z");
    assert_eq!(row.group.as_deref(), Some("Ring Å"));
    assert_eq!(
        (row.scope, row.flags.as_slice()),
        (Scope::Domain, &["mandatory"][..])
    );
    assert_eq!(row.handling.unwrap().name(), "green");
    assert_eq!((row.listed_at, row.state), (now(), EntryState::Listed));
    assert_eq!(
        (police.row.scope, police.row.valid_until),
        (Scope::Host, None)
    );
    let [answer] = list.answers.as_slice() else {
        panic!("{list:?}")
    };
    assert_eq!(
        (answer.source.as_str(), answer.action),
        ("se.hotline-se", Action::Block)
    );
    assert_eq!(answer.relation, Relation::Itself);
}

#[test]
fn what_is_shown_as_the_answer_is_what_a_gateway_is_told() {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,action,confidence,valid_until,scope,flags\n\
         domain,shop.example,a,block,990,2026-11-23,,\n\
         domain,shop.example,b,block,990,,,\n\
         domain,shop.example,c,monitor,999,,,silent\n\
         domain,pay.shop.example,a,review,900,,host,\n\
         domain,host.example,a,block,990,,host,\n\
         domain,ended.example,a,block,990,2026-11-22,,\n\
         domain,victim.example,a,block,990,,,possibly_victim_controlled\n\
         domain,bank.example,a,block,990,,,\n\
         domain,above.example,a,block,990,,,\n\
         label,brandname,d,review,900,,,\n\
         wallet,xrp:rrrrrrrrrrrrrrrrrrrrBZbvji/77,a,block,990,,,\n",
    );
    coalition.protect("bank.example\nmine.above.example\n");
    coalition.release();
    for (kind, value) in [
        (Kind::Domain, "shop.example"),
        (Kind::Domain, "pay.shop.example"),
        (Kind::Domain, "deep.pay.shop.example"),
        (Kind::Domain, "host.example"),
        (Kind::Domain, "below.host.example"),
        (Kind::Domain, "ended.example"),
        (Kind::Domain, "victim.example"),
        (Kind::Domain, "bank.example"),
        (Kind::Domain, "mine.above.example"),
        (Kind::Domain, "above.example"),
        (Kind::Domain, "brandname.test"),
        (Kind::Domain, "block.listed.test"),
        (Kind::Wallet, "xrp:rrrrrrrrrrrrrrrrrrrrBZbvji/77"),
        (Kind::Wallet, "xrp:rrrrrrrrrrrrrrrrrrrrBZbvji/78"),
        (Kind::Wallet, "xrp:rrrrrrrrrrrrrrrrrrrrBZbvji"),
    ] {
        let shown = shown(&coalition, kind.name(), value);
        let answers = shown.lists.iter().flat_map(|list| &list.answers);
        let told = answers.map(|answer| (answer.source.clone(), answer.record));
        let told = told.max_by_key(|(_, record)| record.strength());
        match coalition.ask(kind, value) {
            Membership::Listed { record, source, .. } => {
                let (said, shown) = told.expect(value);
                assert_eq!(said, source.id(), "{value}");
                assert_eq!(
                    (
                        shown.action,
                        shown.scope,
                        shown.confidence,
                        shown.valid_until
                    ),
                    (
                        record.action,
                        record.scope,
                        record.confidence,
                        record.valid_until
                    ),
                    "{value}"
                );
            }
            Membership::Absent => assert!(told.is_none(), "{value}: {told:?}"),
            other => panic!("{value}: {other:?}"),
        }
    }
}

#[test]
fn what_is_held_back_names_the_protected_name_that_does_it() {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source\ndomain,bank.example,x\ndomain,shop.example,x\nlabel,brandname,x\n",
    );
    coalition.protect("bank.example\na.shop.example\nb.c.shop.example\nother.example\n");
    let bank = shown(&coalition, "domain", "bank.example");
    assert_eq!(bank.protected_since, Some(now()));
    let statement = &bank.lists[0].statements[0];
    assert_eq!(
        (statement.row.state, statement.goes_out),
        (EntryState::Withheld, false)
    );
    let name = |text: &str| (Kind::Domain, text.to_owned());
    assert_eq!(statement.held_back_by, [name("bank.example")]);
    let shop = shown(&coalition, "domain", "shop.example");
    assert_eq!(shop.protected_since, None);
    let statement = &shop.lists[0].statements[0];
    assert_eq!(
        (statement.row.state, statement.goes_out),
        (EntryState::Narrowed, true)
    );
    assert_eq!(
        statement.held_back_by,
        [name("a.shop.example"), name("b.c.shop.example")]
    );
    let label = shown(&coalition, "label", "brandname");
    assert_eq!(label.lists[0].statements[0].row.state, EntryState::Listed);
}

#[test]
fn names_above_are_shown_with_what_they_say() {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,action,scope\ndomain,shop.example,x,block,host\n\
         domain,a.shop.example,x,review,domain\n",
    );
    let shown = shown(&coalition, "domain", "b.a.shop.example");
    let list = &shown.lists[0];
    assert!(list.statements.is_empty());
    let above: Vec<_> = list.above.iter().map(|row| row.value.as_str()).collect();
    assert_eq!(above, ["a.shop.example", "shop.example"]);
    let answers = list.answers.iter();
    let answers: Vec<_> = answers
        .map(|one| (one.value.as_str(), one.relation))
        .collect();
    assert_eq!(
        answers,
        [("a.shop.example", Relation::Parent)],
        "a host says nothing of names below"
    );
}

#[test]
fn the_public_mark_the_tombstones_and_the_days_of_blocking_are_shown() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source,action,handling\ndomain,shop.example,x,block,clear\n");
    coalition.release();
    let one = || Names::One {
        kind: "domain",
        value: "shop.example",
    };
    let later = now().plus(DAY);
    let marked = coalition
        .publisher
        .disclose(one(), None, Disclosure::Mark, later);
    assert_eq!(marked.unwrap().changed, 1);
    let before = shown(&coalition, "domain", "shop.example");
    assert_eq!(before.lists[0].public_since, Some(later));
    assert_eq!(before.lists[0].blocked_since, Some(now()));
    let options = DelistOptions {
        reason: Some("appeal 7".to_owned()),
        ..DelistOptions::default()
    };
    coalition.publisher.delist(one(), &options, later).unwrap();
    let after = shown(&coalition, "domain", "shop.example");
    let list = &after.lists[0];
    assert!(list.statements.is_empty() && list.answers.is_empty());
    assert_eq!(list.public_since, None);
    assert_eq!(list.tombstones[0].reason.as_deref(), Some("appeal 7"));
    assert_eq!(
        (list.tombstones[0].at, list.tombstones[0].lifted_at),
        (later, None)
    );
}

#[test]
fn each_list_speaks_for_itself() {
    let mut coalition = Coalition::with(
        interdict_publisher::TestKeys::Yes,
        &["se/a", "se/b", "se/c"],
    );
    for (list, action) in [("se/a", "block"), ("se/c", "monitor")] {
        let csv = format!("kind,value,source,action\ndomain,shop.example,x,{action}\n");
        let options = ImportOptions {
            list: Some(list.to_owned()),
            ..ImportOptions::new(Format::Csv, "se")
        };
        import_by_source(&mut coalition.publisher, csv, &options, now());
    }
    let shown = shown(&coalition, "domain", "shop.example");
    let lists = shown.lists.iter();
    let lists: Vec<_> = lists
        .map(|one| (one.list.as_str(), one.answers[0].action))
        .collect();
    assert_eq!(lists, [("se/a", Action::Block), ("se/c", Action::Monitor)]);
}

#[test]
fn a_name_with_www_is_shown_as_import_lists_it() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source\ndomain,www.shop.example,x\n");
    assert_eq!(
        shown(&coalition, "domain", "www.shop.example").value,
        "shop.example"
    );
    assert_eq!(
        shown(&coalition, "domain", "www.new.example").value,
        "www.new.example"
    );
}

#[test]
fn what_is_no_identifier_is_refused_by_line_and_nothing_is_kept() {
    let coalition = Coalition::new();
    let csv = "kind,value\ndomain,shop.example\ndomain,\niban,SE00\nother,x:4111 1111 1111 1111\n";
    let names = Names::File {
        bytes: &mut csv.as_bytes(),
        format: Format::Csv,
    };
    let report = coalition.publisher.show(names, now()).unwrap();
    assert_eq!((report.shown.len(), report.shown[0].lists.len()), (1, 0));
    let refused = report.refused.iter();
    let refused: Vec<_> = refused.map(|line| (line.line, line.rule.name())).collect();
    assert_eq!(
        refused,
        [
            (3, "value_missing"),
            (4, "iban_check_digits"),
            (5, "pan_refused")
        ]
    );
}

#[test]
fn an_id_as_long_as_a_card_number_is_shown_only_if_it_is_listed() {
    let mut coalition = Coalition::new();
    let options = ImportOptions {
        numeric: vec!["shopid".to_owned()],
        ..ImportOptions::new(Format::Csv, "se")
    };
    let csv = "kind,value,source\nother,shopid:12345678901234567,x\n";
    import_by_source(&mut coalition.publisher, csv, &options, now());
    let known = shown(&coalition, "other", "shopid:12345678901234567");
    assert_eq!(known.lists[0].statements.len(), 1);
    let unknown = Names::One {
        kind: "other",
        value: "shopid:12345678901234568",
    };
    let report = coalition.publisher.show(unknown, now()).unwrap();
    assert_eq!(report.refused[0].rule.name(), "pan_refused");
}

#[test]
fn what_sources_and_people_wrote_does_not_steer_the_terminal() {
    let mut coalition = Coalition::new();
    let json = "{\"kind\":\"domain\",\"value\":\"shop.example\",\"source\":\"x\",\
                \"group\":\"evil\u{202e}\u{2066}\u{61c}\u{2028}.\"}\n";
    let options = ImportOptions::new(Format::JsonLines, "se");
    let report = import_by_source(&mut coalition.publisher, json, &options, now());
    assert_eq!(report.accepted, 1);
    let one = Names::One {
        kind: "domain",
        value: "shop.example",
    };
    coalition
        .publisher
        .note(one, "look \u{202e}here", now())
        .unwrap();
    let text = shown(&coalition, "domain", "shop.example").to_string();
    assert!(
        text.contains("evil\\u{202e}\\u{2066}\\u{61c}\\u{2028}"),
        "{text}"
    );
    assert!(text.contains("look \\u{202e}here"), "{text}");
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
}

#[test]
fn an_internationalised_name_is_shown_in_both_forms() {
    let coalition = Coalition::new();
    let shown = shown(&coalition, "domain", "Bücher.example");
    assert_eq!(shown.value, "xn--bcher-kva.example");
    assert_eq!(shown.unicode.as_deref(), Some("bücher.example"));
}
