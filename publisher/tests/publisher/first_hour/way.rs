//! Each step says what comes after it, and the history which import was the wrong one.

use crate::command::Room;

#[test]
fn every_step_names_the_next_one() {
    let room = Room::new();
    let (ended, said) = room.said(&["release", "se"]);
    assert!(
        !ended && said.contains("see what waits") && said.contains("Nothing was"),
        "{said}"
    );
    assert!(
        room.said(&["source", "add", "se", "tips", "--class", "hotline"])
            .0
    );
    let mut rows = "kind,value\n".to_owned();
    for number in 0..60 {
        rows.push_str(&format!("domain,a{number}.example\n"));
    }
    room.write("list.csv", &rows);
    room.write("tip.csv", "kind,value\ndomain,tip.example\n");
    let (_, said) = room.said(&["import", "se", "list.csv", "--source", "x"]);
    assert!(
        said.ends_with("`interdict-publish plan se` shows what goes out\n"),
        "{said}"
    );
    let (_, said) = room.said(&["import", "se", "tip.csv", "--source", "tips"]);
    assert!(
        said.ends_with("`interdict-publish quarantine se` shows what waits\n"),
        "{said}"
    );
    let (_, said) = room.said(&["import", "se", "list.csv", "--source", "x", "--dry-run"]);
    assert!(!said.contains("shows what goes out"), "{said}");
    let (_, said) = room.said(&["plan", "se"]);
    assert!(
        said.contains("`interdict-publish release se --first` agrees to all"),
        "{said}"
    );
    let (_, said) = room.said(&["plan", "se", "--first"]);
    assert!(!said.contains("agrees to all"), "{said}");
    let (_, said) = room.said(&["status", "se"]);
    let line = "`interdict-publish release se --first` publishes for the first time\n";
    assert!(said.contains(line), "{said}");
    assert_eq!(room.run(&["release", "se"]).status.code(), Some(8));
    let (_, said) = room.said(&["release", "se", "--first"]);
    assert!(
        said.contains("--first agrees to lists and sources alone that had nothing"),
        "{said}"
    );
    let (_, said) = room.said(&["accept", "se", "--source", "tips", "--all"]);
    assert!(
        said.ends_with("`interdict-publish plan se` shows what goes out\n"),
        "{said}"
    );
}

#[test]
fn a_status_says_that_nothing_is_left_to_publish() {
    let room = Room::new();
    room.write("list.json", r#"["www.a.example"]"#);
    let (_, said) = room.said(&["import", "se", "list.json", "--source", "x"]);
    assert!(
        said.contains("names listed without their www.: 1 (item 1)"),
        "{said}"
    );
    assert!(room.said(&["release", "se"]).0);
    let (_, said) = room.said(&["status", "se"]);
    assert!(
        said.contains("se/merchants: all that goes out is published\n"),
        "{said}"
    );
}

#[test]
fn the_wrong_import_is_found_in_the_history_by_its_source() {
    let room = Room::new();
    assert!(
        room.said(&["source", "add", "se", "y", "--class", "police"])
            .0
    );
    room.write(
        "list.csv",
        "kind,value,valid_until\ndomain,,\ndomain,a.example,2027-01-31\n",
    );
    room.write("other.csv", "kind,value\ndomain,b.example\n");
    for (file, source) in [("list.csv", "x"), ("list.csv", "y"), ("other.csv", "x")] {
        room.said(&["import", "se", file, "--source", source]);
    }
    room.write("names.txt", "bank.example\n");
    assert!(room.said(&["protect", "se", "names.txt"]).0);
    let (_, said) = room.said(&["history", "se"]);
    let imports: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("import"))
        .collect();
    assert!(
        imports[0].contains("list.csv (SHA-256 ") && imports[0].contains("), source x, "),
        "{said}"
    );
    assert!(imports[1].contains("), source y, "), "{said}");
    assert!(said.contains(": source add, source y, 1 row\n"), "{said}");
    assert!(said.contains(": protect a file (SHA-256 "), "{said}");
    // About one identifier, what concerns it alone, with times that people read.
    let one = ["--kind", "domain", "--value"];
    let (_, said) = room.said(&[&["history", "se"][..], &one, &["b.example"]].concat());
    assert_eq!(said.matches("import").count(), 1, "{said}");
    assert!(!said.contains(": protect"), "{said}");
    assert!(
        said.contains("valid_until=none") && said.contains("listed_at=2026-11-22T00:00:00Z"),
        "{said}"
    );
    let (_, said) = room.said(&[&["history", "se"][..], &one, &["a.example"]].concat());
    assert!(said.contains("valid_until=2027-01-31T00:00:00Z"), "{said}");
    let (ended, said) = room.said(&[&["history", "se"][..], &one, &["c.example"]].concat());
    assert!(
        ended && said.starts_with("nothing was ever changed about this identifier\n"),
        "{said}"
    );
    let wrong = imports[1].split(' ').next().unwrap();
    let (ended, said) = room.said(&["undo", "se", wrong]);
    assert!(
        ended && said.ends_with("`interdict-publish plan se` shows what it changes at gateways\n"),
        "{said}"
    );
    let (_, said) = room.said(&["list", "se", "--source", "y"]);
    assert_eq!(said, "no entry\n");
}
