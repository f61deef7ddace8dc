//! Files as partners send them, without an option that says how they are written.

use crate::command::Room;

#[test]
fn a_file_is_read_as_what_its_name_and_its_first_row_say() {
    let room = Room::new();
    let event = r#"{"Event":{"Attribute":[{"type":"domain","value":"f.example","to_ids":true}]}}"#;
    let indicator = r#"{"type":"indicator","pattern":"[domain-name:value = 'e.example']","pattern_type":"stix","valid_from":"2026-11-01T00:00:00Z"}"#;
    for (name, text, read_as) in [
        ("a.hosts", "0.0.0.0 a.example\n".to_owned(), "read as hosts"),
        (
            "b.txt",
            "# blocked\n\n0.0.0.0 b.example\n".to_owned(),
            "read as hosts",
        ),
        ("c.txt", "# found\nc.example\n".to_owned(), "read as urls"),
        (
            "d.txt",
            "hxxps://d[.]example/pay\n".to_owned(),
            "1 defanged web addresses",
        ),
        (
            "e.json",
            format!("{{\"type\":\"bundle\",\"objects\":[{indicator}]}}"),
            "read as stix",
        ),
        ("f.json", event.to_owned(), "read as misp"),
        (
            "g.json",
            event
                .replace("f.ex", "g.ex")
                .replace("{\"Event", "[{\"Event")
                + "]",
            "read as misp",
        ),
        (
            "h.json",
            r#"["h.example","https://h.example/x"]"#.to_owned(),
            "read as json",
        ),
    ] {
        room.write(name, &text);
        let (ended, said) = room.said(&["import", "se", name, "--source", "x"]);
        assert!(ended && said.contains(read_as), "{name}: {said}");
        assert!(said.contains(": 1 accepted"), "{name}: {said}");
    }
}

#[test]
fn a_file_that_is_nothing_of_this_names_the_option_that_settles_it() {
    let room = Room::new();
    room.write(
        "config.json",
        r#"{"version":2,"allowed":["a.example"],"blocked":["b.example","c.example"]}"#,
    );
    room.write("noname", "a.example\n");
    for file in ["config.json", "noname"] {
        let (ended, said) = room.said(&["import", "se", file, "--source", "x"]);
        assert!(!ended && said.contains("--format"), "{said}");
    }
    let (_, said) = room.said(&["import", "se", "config.json", "--source", "x"]);
    assert!(said.contains("--member blacklist"), "{said}");
    let import = ["import", "se", "config.json", "--source", "x", "--member"];
    let (ended, said) = room.said(&[&import[..], &["blokked"]].concat());
    assert!(!ended && said.contains("--member"), "{said}");
    let (ended, said) = room.said(&[&import[..], &["blocked"]].concat());
    assert!(ended && said.contains(": 2 accepted"), "{said}");
    let (_, said) = room.said(&["list", "se"]);
    assert!(
        said.contains("c.example") && !said.contains("a.example"),
        "{said}"
    );
    let (ended, said) = room.said(&["import", "config.json", "se", "--source", "x"]);
    assert!(!ended && said.contains("directory comes first"), "{said}");
}

#[test]
fn an_array_of_objects_has_its_scale_of_confidence_recognised() {
    let room = Room::new();
    let rows = r#"[{"kind":"domain","value":"a.example","confidence":350},{"kind":"domain","value":"b.example","confidence":900}]"#;
    room.write("list.json", rows);
    let (ended, said) = room.said(&["import", "se", "list.json", "--source", "x"]);
    assert!(ended && said.contains("confidence as per-mille"), "{said}");
    room.write("list.json", &rows.replace("350", "35").replace("900", "90"));
    let (ended, said) = room.said(&["import", "se", "list.json", "--source", "x"]);
    assert!(!ended && said.contains("--confidence"), "{said}");
}

#[test]
fn a_column_that_is_no_field_is_answered_with_the_way_to_map_or_ignore_it() {
    let room = Room::new();
    room.write(
        "list.csv",
        "kind;value;Anm\u{e4}rkning\ndomain;a.example;tips\n",
    );
    let import = ["import", "se", "list.csv", "--source", "x"];
    let (ended, said) = room.said(&import);
    assert!(
        !ended && said.contains("column 3") && said.contains("--map"),
        "{said}"
    );
    room.write("map.toml", "ignore = [\"Anm\u{e4}rkning\"]\n");
    let (ended, said) = room.said(&[&import[..], &["--map", "map.toml"]].concat());
    assert!(ended, "{said}");
}
