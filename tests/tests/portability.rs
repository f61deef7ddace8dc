//! Lists built on this machine and read in the module answer alike, name by name: nothing in a file
//! depends on the width of a pointer.

use std::fmt::Write as _;

use interdict_tests::coalition::{Coalition, Files, Publication, generated};
use interdict_tests::gateway::{Gateway, NOW, far};
use interdict_tests::subject::Subject;
use interdict_tests::subjects::{InModule, Native};

/// Number of names asked, all lists together.
const NAMES: u32 = 1_000_000;
/// Lines of a batch, fewer than the maximum.
const BATCH: u32 = 25_000;

/// The requests of one batch: every listed name, then others.
fn lines(batch: u32) -> String {
    let mut lines = String::new();
    for index in batch * BATCH..(batch + 1) * BATCH {
        let name = generated(index);
        let identifier = r#"{"kind":"domain","value":""#;
        writeln!(
            lines,
            r#"{{"flow":"checkout","identifiers":[{identifier}{name}"}}]}}"#
        )
        .unwrap();
    }
    lines
}

fn gateway<S: Subject>(subject: S, coalition: &Coalition, files: &Files) -> Gateway<S> {
    let mut gateway = Gateway::new(subject, coalition, &["se/merchants"]);
    assert_eq!(gateway.update(files), "completed");
    gateway
}

fn screen<S: Subject>(gateway: &mut Gateway<S>, batch: &str) -> String {
    let answers = gateway
        .subject
        .call("screen_batch", batch.as_bytes(), None, NOW);
    answers.unwrap().unwrap()
}

#[test]
fn a_million_names_find_the_same_natively_and_in_the_module() {
    let coalition = Coalition::quick();
    // Several rates, seeds and sizes.
    let lists = [(14, 1, 1_000), (2, 2, 5_000), (6, 3, 3_000), (32, 4, 9_000)];
    let share = NAMES / u32::try_from(lists.len()).unwrap();
    for (rate, epoch, listed) in lists {
        let publication = Publication {
            generated: listed,
            rate,
            epoch,
            ..Publication::new(1, far())
        };
        let files = coalition.publish(&publication);
        let mut native = gateway(Native::default(), &coalition, &files);
        let mut module = gateway(InModule::new().unwrap(), &coalition, &files);
        native.hold_keys([epoch]);
        module.hold_keys([epoch]);
        let mut found = 0;
        for batch in 0..share / BATCH {
            let batch = lines(batch);
            let (first, second) = std::thread::scope(|scope| {
                let native = scope.spawn(|| screen(&mut native, &batch));
                let second = screen(&mut module, &batch);
                (native.join().unwrap(), second)
            });
            for (one, other) in first.lines().zip(second.lines()) {
                assert_eq!(one, other, "rate {rate}");
                found += u32::from(one.starts_with(r#"{"action":"block""#));
            }
            assert_eq!(first.lines().count(), second.lines().count());
        }
        assert_eq!(found, listed, "rate {rate}: every listed name and no other");
    }
}

#[test]
fn a_public_filter_is_hit_by_the_same_names_natively_and_in_the_module() {
    let coalition = Coalition::quick();
    let publication = Publication {
        edition: interdict_core::list::Edition::Public,
        generated: 5_000,
        rate: 6,
        ..Publication::new(1, far())
    };
    let files = coalition.publish(&publication);
    let mut native = Gateway::public(Native::default(), &coalition);
    let mut module = Gateway::public(InModule::new().unwrap(), &coalition);
    assert_eq!(native.update(&files), "completed");
    assert_eq!(module.update(&files), "completed");
    let batch = lines(0);
    let (first, second) = (screen(&mut native, &batch), screen(&mut module, &batch));
    assert_eq!(first, second);
    let hits: Vec<bool> = first
        .lines()
        .map(|line| line.contains("ask_gateway"))
        .collect();
    assert!(
        hits[..5_000].iter().all(|hit| *hit),
        "no listed name passes"
    );
    let false_hits = hits[5_000..].iter().filter(|hit| **hit).count();
    assert!(
        (100..600).contains(&false_hits),
        "{false_hits} of 20,000 at 1 in 64"
    );
}
