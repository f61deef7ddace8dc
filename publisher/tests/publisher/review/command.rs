//! The commands that look and correct, as a person and a script meet them.

use std::fs;

use serde_json::Value;

use crate::command::Room;

const LISTINGS: [(&str, &str); 2] = [
    (
        "hotline-se",
        "kind,value,source,action\n\
         domain,shop.example,hotline-se,block\n\
         domain,other.example,hotline-se,review\n",
    ),
    (
        "police-se",
        "kind,value,source,action\n\
         phone,+46701234567,police-se,block\n",
    ),
];

fn room() -> Room {
    let room = Room::new();
    for (source, rows) in LISTINGS {
        let add = ["source", "add", "se", source, "--class", "police"];
        assert!(room.said(&add).0);
        room.write("list.csv", rows);
        let (ended, said) = room.said(&["import", "se", "list.csv", "--source", source]);
        assert!(ended, "{said}");
    }
    room
}

/// What a command with `--json` prints on standard output: one JSON value.
fn json(room: &Room, arguments: &[&str]) -> Value {
    let (_, said) = room.said(arguments);
    let said = said
        .lines()
        .filter(|line| !line.starts_with("interdict-publish:"));
    let text = said.collect::<Vec<_>>().join("\n");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_value_can_come_from_standard_input_instead_of_the_arguments() {
    let room = room();
    let one = ["--kind", "phone", "--value", "-"];
    let number = " +46 70 123 45 67 \r\nmore\n";
    for (command, rest, expected) in [
        ("show", &[][..], "phone +46701234567"),
        ("note", &["owner called"], "1 noted"),
        ("protect", &[], "1 protected"),
        ("unprotect", &["--reason", "sold"], "1 no longer protected"),
        ("delist", &["--reason", "appeal 7"], "1 delisted"),
    ] {
        let (ended, said) = room.told(number, &[&[command, "se"][..], &one, rest].concat());
        assert!(ended && said.contains(expected), "{command}: {said}");
        let (ended, said) = room.told("\n", &[&[command, "se"][..], &one, rest].concat());
        assert!(
            !ended && said.contains("standard input"),
            "{command}: {said}"
        );
    }
    let (ended, said) = room.told("OTHER\n", &["search", "se", "-"]);
    assert!(ended && said.contains("other.example"), "{said}");
}

#[test]
fn a_file_of_values_or_of_rows_can_be_standard_input() {
    let room = room();
    let values = "shop.example\n\nnot a name\n";
    let arguments = ["show", "se", "--kind", "domain", "--values", "-"];
    let (ended, said) = room.told(values, &arguments);
    assert!(!ended && said.contains("domain shop.example"), "{said}");
    assert!(said.contains("(line 3)"), "{said}");
    let rows = "kind,value\ndomain,shop.example\nphone,+46701234567\n";
    let (ended, said) = room.told(rows, &["delist", "se", "-", "--format", "csv"]);
    assert!(ended && said.contains("2 delisted"), "{said}");
    let (ended, said) = room.told(rows, &["delist", "se", "-"]);
    assert!(!ended && said.contains("format"), "{said}");
    room.write("values.txt", "other.example\n");
    let arguments = [
        "protect",
        "se",
        "--kind",
        "domain",
        "--values",
        "values.txt",
    ];
    let (ended, said) = room.said(&arguments);
    assert!(ended && said.contains("1 protected"), "{said}");
    for wrong in [
        &["show", "se", "--kind", "domain"][..],
        &["show", "se", "--values", "values.txt"],
        &[
            "show",
            "se",
            "list.csv",
            "--kind",
            "domain",
            "--value",
            "a.example",
        ],
        &["note", "se", "text"],
    ] {
        let (ended, said) = room.said(wrong);
        assert!(!ended && !said.contains("panicked"), "{wrong:?}: {said}");
    }
}

#[test]
fn every_look_answers_a_program_in_one_json_value() {
    let room = room();
    room.write(
        "names.csv",
        "kind,value\ndomain,shop.example\niban,nobody\n",
    );
    let shown = json(&room, &["show", "se", "names.csv", "--json"]);
    assert_eq!(shown["shown"][0]["value"], "shop.example");
    assert_eq!(
        shown["shown"][0]["lists"][0]["statements"][0]["goes_out"],
        true
    );
    assert_eq!(shown["refused"][0]["line"], 3);
    for (command, count, more) in [
        (&["search", "se", "example"][..], 2, false),
        (&["search", "se", "example", "--limit", "1"], 1, true),
        (&["search", "se", "nobody"], 0, false),
        (&["list", "se"], 3, false),
        (&["list", "se", "--kind", "phone"], 1, false),
    ] {
        let answer = json(&room, &[command, &["--json"]].concat());
        let entries = answer["entries"].as_array().unwrap();
        assert_eq!(
            (entries.len(), &answer["count"]),
            (count, &count.into()),
            "{command:?}"
        );
        assert_eq!(answer["more"], more, "{command:?}");
    }
    let one = ["--kind", "domain", "--value", "shop.example", "--json"];
    let noted = json(&room, &[&["note", "se", "seen"][..], &one].concat());
    assert_eq!(noted["noted"], 1);
    let unprotected = json(
        &room,
        &[&["unprotect", "se", "--reason", "sold"][..], &one].concat(),
    );
    assert_eq!(unprotected["not_protected"], 1);
    let exported = json(&room, &["export", "se", "--out", "se.csv", "--json"]);
    assert_eq!(exported["exported"], 3);
}

#[test]
fn search_prints_up_to_its_limit_and_says_that_there_is_more() {
    let room = room();
    let (ended, said) = room.said(&["search", "se", "example", "--limit", "1"]);
    assert!(ended, "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines[0],
        "se/merchants  domain  other.example  hotline-se  review  900  listed"
    );
    assert!(lines.len() == 2 && lines[1].contains("--limit"), "{said}");
    let (_, said) = room.said(&["search", "se", "example", "--limit", "2"]);
    assert!(
        said.lines().count() == 2 && !said.contains("--limit"),
        "{said}"
    );
    let (ended, said) = room.said(&["search", "se", "nobody"]);
    assert!(ended && said == "no entry\n", "{said}");
    let (ended, said) = room.said(&["search", "se", " "]);
    assert!(!ended && said.contains("list"), "{said}");
    let (ended, said) = room.said(&["list", "se", "--state", "gone"]);
    assert!(!ended && said.contains("withheld"), "{said}");
}

#[test]
fn an_exported_file_is_whole_secret_and_over_no_other() {
    let room = room();
    let (ended, said) = room.said(&["export", "se", "--out", "se.jsonl"]);
    assert!(ended && said.contains("3 exported, 0 left out"), "{said}");
    let path = room.path().join("se.jsonl");
    let written = fs::read_to_string(&path).unwrap();
    assert_eq!(written.lines().count(), 3);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    room.write("mine.csv", "mine");
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", room.path().join("link.csv")).unwrap();
    for taken in ["se.jsonl", "mine.csv", "link.csv"] {
        let (ended, said) = room.said(&["export", "se", "--out", taken]);
        assert!(!ended && said.contains("there is such a file"), "{said}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), written);
    assert_eq!(
        fs::read_to_string(room.path().join("mine.csv")).unwrap(),
        "mine"
    );
    // One that fails leaves nothing behind.
    let before = fs::read_dir(room.path()).unwrap().count();
    let arguments = ["export", "se", "--list", "se/other", "--out", "none.csv"];
    let (ended, said) = room.said(&arguments);
    assert!(!ended, "{said}");
    assert_eq!(fs::read_dir(room.path()).unwrap().count(), before);
}

#[test]
fn nothing_is_exported_into_what_everybody_can_fetch() {
    let room = room();
    for path in ["se/repository/se.csv", "se/keys/../repository/se.csv"] {
        let (ended, said) = room.said(&["export", "se", "--out", path]);
        assert!(!ended && said.contains("everybody can fetch"), "{said}");
        assert!(!room.path().join(path).exists());
    }
}

#[test]
fn the_format_is_the_extension_unless_it_is_named() {
    let room = room();
    for (arguments, begins) in [
        (&["--out", "a.csv"][..], "kind,value"),
        (&["--out", "a.jsonl"], "{\"kind\""),
        (&["--out", "a.json"], "{\"type\":\"bundle\""),
        (&["--out", "a.hosts"], "# se/merchants"),
        (&["--out", "a.txt", "--rpz"], "; se/merchants"),
        (&["--out", "b.txt", "--hosts"], "# se/merchants"),
        (
            &["--out", "c.csv", "--format", "stix"],
            "{\"type\":\"bundle\"",
        ),
    ] {
        let (ended, said) = room.said(&[&["export", "se"][..], arguments].concat());
        assert!(ended, "{said}");
        let text = fs::read_to_string(room.path().join(arguments[1])).unwrap();
        assert!(text.starts_with(begins), "{arguments:?}: {text}");
    }
    let (ended, _) = room.said(&["export", "se", "--hosts", "--rpz"]);
    assert!(!ended);
}
