//! Taking protections back.

use interdict_core::identifier::Kind;
use interdict_core::list::{Action, Membership, Scope};
use interdict_publisher::{Format, Names, PublisherError, UnprotectReport};

use super::show::shown;
use crate::coalition::{Coalition, DAY, now};

fn unprotect(coalition: &mut Coalition, text: &str) -> UnprotectReport {
    let names = Names::File {
        bytes: &mut text.as_bytes(),
        format: Format::Text,
    };
    let later = now().plus(DAY);
    coalition.publisher.unprotect(names, "sold", later).unwrap()
}

fn scope(coalition: &mut Coalition, value: &str) -> Option<Scope> {
    match coalition.ask(Kind::Domain, value) {
        Membership::Listed { record, .. } => Some(record.scope),
        _ => None,
    }
}

#[test]
fn what_was_withheld_goes_out_again_and_the_reason_stays() {
    let mut coalition = Coalition::new();
    coalition.import("kind,value,source,action\ndomain,bank.example,x,block\n");
    coalition.protect("bank.example\n");
    let report = unprotect(&mut coalition, "BANK.example\nnever.example\n");
    assert_eq!((report.unprotected, report.not_protected), (1, 1));
    assert_eq!(report.freed, [1]);
    coalition.release();
    assert_eq!(
        coalition.action(Kind::Domain, "bank.example"),
        Some(Action::Block)
    );
    let bank = shown(&coalition, "domain", "bank.example");
    assert_eq!(bank.protected_since, None);
    let [one] = bank.unprotected.as_slice() else {
        panic!("{bank:?}")
    };
    assert_eq!(
        (one.since, one.at, one.reason.as_str()),
        (now(), now().plus(DAY), "sold")
    );
    // Protected again, it is withheld again, and both times are kept.
    coalition.protect("bank.example\n");
    unprotect(&mut coalition, "bank.example\n");
    assert_eq!(
        shown(&coalition, "domain", "bank.example")
            .unprotected
            .len(),
        2
    );
}

#[test]
fn a_name_above_stays_narrowed_while_another_protected_name_lies_in_it() {
    let mut coalition = Coalition::new();
    coalition.import(
        "kind,value,source,action\ndomain,shop.example,x,block\nlabel,minebrand,x,review\n\
         domain,b.shop.example,x,block\n",
    );
    coalition.protect("a.shop.example\nc.b.shop.example\nmine.b.shop.example\nminebrand.test\n");
    let report = unprotect(&mut coalition, "a.shop.example\n");
    assert_eq!((report.unprotected, report.freed.len()), (1, 0));
    coalition.release();
    assert_eq!(scope(&mut coalition, "shop.example"), Some(Scope::Host));
    assert_eq!(coalition.action(Kind::Domain, "c.b.shop.example"), None);
    let report = unprotect(&mut coalition, "c.b.shop.example\n\nmine.b.shop.example\n");
    // Either alone would have left them narrowed.
    assert_eq!(report.freed, [1, 3]);
    coalition.release();
    assert_eq!(scope(&mut coalition, "shop.example"), Some(Scope::Domain));
    assert_eq!(scope(&mut coalition, "b.shop.example"), Some(Scope::Domain));
    assert_eq!(
        coalition.action(Kind::Domain, "c.b.shop.example"),
        Some(Action::Block)
    );
    // The label is borne by a protected name still.
    let label = shown(&coalition, "label", "minebrand");
    assert_eq!(label.lists[0].statements[0].row.state.name(), "withheld");
    let report = unprotect(&mut coalition, "minebrand.test\n");
    assert_eq!(report.freed, [1]);
    let label = shown(&coalition, "label", "minebrand");
    assert_eq!(label.lists[0].statements[0].row.state.name(), "listed");
}

#[test]
fn a_protected_name_keeps_what_it_needs_when_one_beside_it_goes() {
    // The names above are those that a register has in which the other was never protected.
    let above = |protected: &str, gone: &str| {
        let mut coalition = Coalition::new();
        if !protected.is_empty() {
            coalition.protect(protected);
        }
        if !gone.is_empty() {
            unprotect(&mut coalition, gone);
        }
        let path = coalition.directory().join("register.sqlite");
        let register = rusqlite::Connection::open(path).unwrap();
        let mut rows = register
            .prepare("SELECT kind || ' ' || text FROM protected_above ORDER BY 1")
            .unwrap();
        let rows = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>()
    };
    let all = "a.b.shop.example\nb.shop.example\nc.b.shop.example\nd.example\n";
    for (gone, left) in [
        (
            "a.b.shop.example\n",
            "b.shop.example\nc.b.shop.example\nd.example\n",
        ),
        (
            "b.shop.example\n",
            "a.b.shop.example\nc.b.shop.example\nd.example\n",
        ),
        (
            "a.b.shop.example\nc.b.shop.example\n",
            "b.shop.example\nd.example\n",
        ),
        (
            "d.example\n",
            "a.b.shop.example\nb.shop.example\nc.b.shop.example\n",
        ),
        (all, ""),
    ] {
        assert_eq!(above(all, gone), above(left, ""), "{gone}");
    }
}

#[test]
fn a_reason_is_needed_and_nothing_happens_without() {
    let mut coalition = Coalition::new();
    coalition.protect("bank.example\n");
    for reason in ["", " ", "card 4111 1111 1111 1111", "two\nlines"] {
        let names = Names::One {
            kind: "domain",
            value: "bank.example",
        };
        let refused = coalition.publisher.unprotect(names, reason, now());
        assert!(matches!(refused, Err(PublisherError::Reason)), "{reason}");
    }
    let bank = shown(&coalition, "domain", "bank.example");
    assert_eq!(bank.protected_since, Some(now()));
}
