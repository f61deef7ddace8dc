use std::fs;

use crate::command::Room;

#[test]
fn a_source_is_known_by_its_origin() {
    let room = Room::new();
    let add = ["source", "add", "se", "hotline-se", "--class", "hotline"];
    let more = ["--origin", "hotline.example", "--quarantine", "off"];
    let (ended, said) = room.said(&[&add[..], &more].concat());
    assert!(
        ended && said.contains("hotline-se (hotline.example): hotline"),
        "{said}"
    );
    room.write("list.csv", "kind,value\ndomain,a.example\n");
    let (ended, said) = room.said(&["import", "se", "list.csv", "--source", "hotline-se"]);
    assert!(ended && !said.contains("quarantine"), "{said}");
    assert!(room.said(&["release", "se"]).0);
    let targets = fs::read_dir(room.path().join("se/repository/targets/se")).unwrap();
    let mut records = targets.map(|file| file.unwrap().path());
    let records = records
        .find(|path| path.to_string_lossy().ends_with(".records"))
        .unwrap();
    let (_, said) = room.said(&["inspect", records.to_str().unwrap()]);
    assert!(
        said.contains("source: se.hotline-se, which is hotline.example\n"),
        "{said}"
    );
}

#[test]
fn sources_are_counted_by_command_without_naming_an_identifier() {
    let room = Room::new();
    assert!(
        room.said(&["source", "add", "se", "y", "--class", "police"])
            .0
    );
    room.write("x.csv", "kind,value\ndomain,a.example\ndomain,b.example\n");
    room.write("y.csv", "kind,value\ndomain,a.example\n");
    for source in ["x", "y"] {
        let file = format!("{source}.csv");
        assert!(room.said(&["import", "se", &file, "--source", source]).0);
    }
    let (ended, said) = room.said(&["source", "list", "se"]);
    assert!(ended, "{said}");
    for line in [
        "se: member, asks for block at most, with a confidence of 999 at most, quarantine off\n",
        "y: police, asks for block at most, with a confidence of 999 at most, quarantine off\n",
        "se/merchants: 2 sources\n",
        "  x: 2 entries, 2 in force, 1 from no other source\n",
        "  y: 1 entries, 1 in force, 0 from no other source\n",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert!(!said.contains(".example"), "{said}");
    let (_, said) = room.said(&["show", "se", "--kind", "domain", "--value", "b.example"]);
    assert!(said.contains("    x: review, other"), "{said}");
    let (ended, said) = room.said(&["source", "list", "nowhere"]);
    assert!(!ended && said.contains("holds no register"), "{said}");
}

#[test]
fn a_source_is_added_changed_and_shown_by_command() {
    let room = Room::new();
    let add = ["source", "add", "se", "feed", "--class", "open_data"];
    let terms = [
        "--highest-action",
        "review",
        "--confidence",
        "700",
        "--highest-confidence",
        "800",
        "--max-new",
        "5000",
        "--contact",
        "desk@feed.example",
        "--terms",
        "CC0",
        "--handling",
        "clear",
        "--review",
        "2027-11-22",
        "--life",
        "180",
        "--quarantine",
        "on",
    ];
    let (ended, said) = room.said(&[&add[..], &terms].concat());
    assert!(ended && said.contains("accept"), "{said}");
    let (ended, said) = room.said(&add);
    assert!(!ended && said.contains("source change"), "{said}");
    let change = ["source", "change", "se", "feed", "--max-new", "none"];
    let (ended, said) = room.said(&[&change[..], &["--life", "90"]].concat());
    assert!(ended, "{said}");
    let (ended, said) = room.said(&["source", "show", "se", "feed"]);
    assert!(ended, "{said}");
    for line in [
        "class: open_data\n",
        "highest action: review\n",
        "confidence: 700\n",
        "highest confidence: 800\n",
        "new entries a file: none\n",
        "contact: desk@feed.example\n",
        "terms: CC0\n",
        "handling: clear\n",
        "review: 2027-11-22T00:00:00Z\n",
        "entry life in days: 90\n",
        "quarantine: on\n",
        "since: 2026-11-22T00:00:00Z\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    for wrong in [
        &["source", "add", "se", "other"][..],
        &["source", "add", "se", "other", "--class", "friend"],
        &["source", "change", "se", "nobody", "--life", "90"],
        &["source", "change", "se", "feed", "--origin", "A"],
        &[
            "source",
            "change",
            "se",
            "feed",
            "--highest-action",
            "allow",
        ],
        &["source", "change", "se", "feed", "--confidence", "0.9"],
        &["source", "change", "se", "feed", "--review", "22/11/2027"],
        &["source", "change", "se", "feed", "--handling", "purple"],
        &["source", "change", "se", "feed", "--quarantine", "maybe"],
        &["source", "show", "se", "nobody"],
    ] {
        assert!(!room.said(wrong).0, "{wrong:?}");
    }
}

#[test]
fn an_import_names_its_source() {
    let room = Room::new();
    room.write("list.csv", "kind,value\ndomain,a.example\n");
    let (ended, said) = room.said(&["import", "se", "list.csv"]);
    assert!(!ended && said.contains("--source"), "{said}");
    let (ended, said) = room.said(&["import", "se", "list.csv", "--source", "nobody"]);
    assert!(!ended && said.contains("source add"), "{said}");
    assert!(room.said(&["import", "se", "list.csv", "--source", "se"]).0);
}

#[test]
fn tips_are_looked_at_and_accepted_by_command() {
    let room = Room::new();
    let add = ["source", "add", "se", "tips", "--class", "hotline"];
    assert!(room.said(&add).0);
    room.write(
        "tips.csv",
        "kind,value,action\ndomain,a.example,block\ndomain,b.example,block\ndomain,c.example,block\n",
    );
    let (ended, said) = room.said(&["import", "se", "tips.csv", "--source", "tips"]);
    assert!(ended && said.contains("accept`: 3"), "{said}");
    let (ended, said) = room.said(&["quarantine", "se", "--source", "tips"]);
    let waiting = "kind,value,source,action,category,confidence,valid_until,scope,flags\n\
        domain,a.example,tips,block,other,900,,domain,\n\
        domain,b.example,tips,block,other,900,,domain,\n\
        domain,c.example,tips,block,other,900,,domain,\n";
    assert!(ended && said.starts_with(waiting), "{said}");
    // The person keeps one row, and gives the file back.
    let kept: Vec<&str> = waiting.lines().take(2).collect();
    room.write("waiting.csv", &kept.join("\n"));
    let (ended, said) = room.said(&["accept", "se", "waiting.csv"]);
    assert!(ended && said.contains("1 accepted, 0 refused"), "{said}");
    let one = ["accept", "se", "--kind", "domain", "--value", "b.example"];
    let (ended, said) = room.said(&one);
    assert!(ended && said.contains("1 accepted"), "{said}");
    let (ended, said) = room.said(&["accept", "se", "--source", "tips", "--all"]);
    assert!(ended && said.contains("1 accepted"), "{said}");
    let (_, said) = room.said(&["release", "se"]);
    assert!(said.contains("3 listed"), "{said}");
    for wrong in [
        &["accept", "se"][..],
        &["accept", "se", "--all"],
        &["accept", "se", "waiting.csv", "--source", "tips", "--all"],
        &["accept", "se", "waiting.csv", "--source", "nobody"],
        &["quarantine", "se", "--source", "nobody"],
    ] {
        assert!(!room.said(wrong).0, "{wrong:?}");
    }
}

#[test]
fn a_feed_is_followed_by_command() {
    let room = Room::new();
    let rows = |numbers: std::ops::Range<u32>| {
        let rows = numbers.map(|number| format!("domain,n{number}.example\n"));
        format!("kind,value\n{}", rows.collect::<String>())
    };
    let import = [
        "import", "se", "feed.csv", "--source", "x", "--mode", "sync",
    ];
    room.write("feed.csv", &rows(0..20));
    assert!(room.said(&import).0);
    room.write("feed.csv", &rows(2..20));
    let (ended, said) = room.said(&import);
    assert!(ended && said.contains("dropped --remove`: 2"), "{said}");
    let (ended, said) = room.said(&["dropped", "se"]);
    assert!(
        ended && said.contains("se/merchants x: 2 entries") && said.contains("still listed"),
        "{said}"
    );
    room.write("feed.csv", &rows(15..20));
    let (ended, said) = room.said(&import);
    assert!(!ended && said.contains("--confirm-drop 15"), "{said}");
    let (ended, said) = room.said(&[&import[..], &["--confirm-drop", "15"]].concat());
    assert!(ended, "{said}");
    let (ended, said) = room.said(&["dropped", "se", "--source", "x", "--remove"]);
    assert!(ended && said.contains("15 entries"), "{said}");
    let (_, said) = room.said(&["dropped", "se"]);
    assert!(said.contains("left nothing out"), "{said}");
    let add = [
        "import",
        "se",
        "feed.csv",
        "--source",
        "x",
        "--confirm-drop",
        "1",
    ];
    let (ended, said) = room.said(&add);
    assert!(!ended && said.contains("--mode sync"), "{said}");
}
