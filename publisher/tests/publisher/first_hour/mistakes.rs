//! What people type wrong, and whether the answer helps.

use crate::command::Room;

fn listed() -> Room {
    let room = Room::new();
    room.write("list.csv", "kind,value\ndomain,shop.example\n");
    assert!(room.said(&["import", "se", "list.csv", "--source", "x"]).0);
    room
}

#[test]
fn a_name_in_the_place_of_a_file_is_answered_with_the_options_that_take_it() {
    let room = listed();
    for command in ["show", "protect", "delist", "disclose"] {
        let (ended, said) = room.said(&[command, "se", "shop.example"]);
        assert!(
            !ended && said.contains("--kind domain --value"),
            "{command}: {said}"
        );
        assert!(
            !said.contains("--value shop.example") || !said.contains("se/"),
            "{said}"
        );
    }
    for (command, ways) in [
        ("show", "<FILE|--value <VALUE>|--values <FILE>>"),
        ("accept", "<FILE|--value <VALUE>|--all>"),
        ("typologies", "<FILE|--standard|--remove>"),
    ] {
        let output = room.run(&[command, "se"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{command}: {said}");
        assert!(said.contains(ways), "{command}: {said}");
    }
}

#[test]
fn a_misspelt_source_does_not_look_like_one_that_says_nothing() {
    let room = listed();
    for command in [
        &["list", "se"][..],
        &["search", "se", "shop"],
        &["quarantine", "se"],
        &["dropped", "se"],
    ] {
        let (ended, said) = room.said(&[command, &["--source", "y"]].concat());
        assert!(
            !ended && said.contains("source list"),
            "{command:?}: {said}"
        );
        assert!(
            room.said(&[command, &["--source", "x"]].concat()).0,
            "{command:?}"
        );
    }
    let (_, said) = room.said(&["quarantine", "se", "--source", "x"]);
    assert!(said.contains("nothing waits\n"), "{said}");
}

#[test]
fn a_misspelt_name_is_not_taken_off_without_a_word() {
    let room = listed();
    let delist = ["delist", "se", "--kind", "domain", "--value"];
    let (ended, said) = room.said(&[&delist[..], &["shpo.example"]].concat());
    assert!(
        !ended && said.contains("if it is misspelt, `interdict-publish search`"),
        "{said}"
    );
    let near =
        "it was not listed, and from now on it cannot be; spelt almost so and listed: shop.example";
    assert!(said.contains(near), "{said}");
    let (ended, said) = room.said(&[&delist[..], &["nothing-like-it.test"]].concat());
    assert!(!ended && !said.contains("spelt almost so"), "{said}");
    // Who repeats a command is told nothing new.
    let (ended, said) = room.said(&[&delist[..], &["shpo.example"]].concat());
    assert!(ended, "{said}");
    let (ended, said) = room.said(&[&delist[..], &["shop.example"]].concat());
    assert!(ended && !said.contains("misspelt"), "{said}");
    assert!(
        said.ends_with("`interdict-publish release se` takes it back at the gateways\n"),
        "{said}"
    );
}

#[test]
fn an_export_is_never_written_in_a_form_that_its_name_does_not_say() {
    let room = listed();
    for name in ["se.stix", "se.zone", "se"] {
        let (ended, said) = room.said(&["export", "se", "--out", name]);
        assert!(!ended && said.contains("--format"), "{name}: {said}");
        assert!(name == "se" || !room.path().join(name).exists(), "{name}");
    }
    assert!(
        room.said(&["export", "se", "--format", "stix", "--out", "se.stix"])
            .0
    );
    // It asks for review: an empty file of names to block says why it is empty.
    let (_, said) = room.said(&["export", "se", "--out", "se.rpz"]);
    assert!(
        said.contains("0 exported, 1 left out") && said.contains("such as entries with review"),
        "{said}"
    );
    let (_, said) = room.said(&["export", "se", "--hosts"]);
    assert!(said.contains("such as entries with review"), "{said}");
    let (_, said) = room.said(&["export", "se", "--out", "se.csv"]);
    assert!(!said.contains("left out is"), "{said}");
}

#[test]
fn units_that_exist_are_left_alone_and_named_if_they_say_something_else() {
    let room = listed();
    assert!(room.said(&["schedule", "se"]).0);
    let (ended, said) = room.said(&["schedule", "se"]);
    assert!(ended && said.contains("crontab"), "{said}");
    let (ended, said) = room.said(&["schedule", "se", "--to", "mirror"]);
    assert!(
        !ended && said.contains("says something else") && said.contains("--out"),
        "{said}"
    );
}
