//! The command as a script meets it: what it prints and how it ends.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

pub(crate) struct Room(tempfile::TempDir);

impl Room {
    pub(crate) fn new() -> Self {
        let room = Self(tempfile::tempdir().unwrap());
        let init = ["init", "se", "--coalition", "se", "--test-keys"];
        assert!(room.run(&init).status.success());
        let add = ["source", "add", "se", "x", "--class", "bank"];
        assert!(room.run(&add).status.success());
        room
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_interdict-publish"))
            .args(["--clock", "2026-11-22T00:00:00Z"])
            .args(arguments)
            .current_dir(self.path())
            .output()
            .unwrap()
    }

    /// The same, where standard input says something.
    pub(crate) fn told(&self, input: &str, arguments: &[&str]) -> (bool, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_interdict-publish"))
            .args(["--clock", "2026-11-22T00:00:00Z"])
            .args(arguments)
            .current_dir(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that reads one line need not take the rest.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        (output.status.success(), out + &errors)
    }

    /// Whether it went well, and what it printed.
    pub(crate) fn said(&self, arguments: &[&str]) -> (bool, String) {
        let output = self.run(arguments);
        let out = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        (output.status.success(), out + &errors)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }
}

#[test]
fn a_file_of_which_every_line_was_refused_ends_in_failure() {
    let room = Room::new();
    room.write("good.csv", "kind,value,source\ndomain,a.example,x\n");
    room.write(
        "some.csv",
        "kind,value,source\ndomain,a.example,x\ndomain,,x\n",
    );
    room.write("none.csv", "kind,value,source\ndomain,,x\n");
    room.write("rows.csv", "kind,value,source\n");
    let (ended, said) = room.said(&["import", "se", "rows.csv", "--source", "x"]);
    assert!(!ended && said.contains("the file has no row"), "{said}");
    for (file, code) in [("good", 0), ("some", 7), ("none", 1)] {
        let file = format!("{file}.csv");
        let output = room.run(&["import", "se", &file, "--source", "x"]);
        assert_eq!(output.status.code(), Some(code), "{file}");
        let (_, said) = room.said(&["import", "se", &file, "--source", "x"]);
        assert_eq!(said.contains("every line was refused"), code == 1, "{said}");
        // The report comes all the same.
        assert!(said.contains("accepted"), "{said}");
    }
    for (command, good, bad) in [
        ("protect", "bank.example\n", "bank example\n"),
        (
            "delist",
            "kind,value\ndomain,b.example\n",
            "kind,value\ndomain,\n",
        ),
        (
            "disclose",
            "kind,value\ndomain,a.example\n",
            "kind,value\ndomain,b.example\n",
        ),
    ] {
        let extension = if command == "protect" { "txt" } else { "csv" };
        let [good_file, bad_file] =
            ["good", "bad"].map(|name| format!("{command}-{name}.{extension}"));
        room.write(&good_file, good);
        room.write(&bad_file, bad);
        let (ended, said) = room.said(&[command, "se", &bad_file]);
        assert!(!ended && said.contains("line"), "{command}: {said}");
        let (ended, said) = room.said(&[command, "se", &good_file]);
        assert!(ended, "{command}: {said}");
    }
}

#[test]
fn a_dry_run_shows_what_an_import_would_do_and_does_nothing() {
    let room = Room::new();
    room.write(
        "export.csv",
        "\u{feff}Webbplats;S\u{e4}kerhet;Till;Not\r\nhttps://WWW.Shop.example/pay;0,95;31-12-2027;x\r\n",
    );
    room.write(
        "map.toml",
        "value = \"Webbplats\"\nconfidence = \"S\u{e4}kerhet\"\nvalid_until = \"Till\"\n\
         ignore = [\"Not\"]\n[constants]\nkind = \"url\"\n",
    );
    let import = [
        "import",
        "se",
        "export.csv",
        "--source",
        "x",
        "--map",
        "map.toml",
    ];
    let (ended, said) = room.said(&[&import[..], &["--dry-run"]].concat());
    assert!(ended && said.contains("1 accepted"), "{said}");
    for part in [
        "read as csv, utf-8 with a byte order mark, delimiter semicolon",
        "confidence as fraction with a decimal comma",
        "dates as dd-mm-yyyy",
        "1 hosts kept of web addresses",
        "1 paths, queries, ports or users dropped",
        "1 columns ignored",
        "without their www.: 1 (line 2)",
        "dry run: nothing was changed",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!said.contains("hop.example"), "{said}");
    let (ended, said) = room.said(&import);
    assert!(
        ended && said.contains("1 accepted") && !said.contains("dry run"),
        "{said}"
    );
    let (ended, said) = room.said(&import);
    assert!(ended && said.contains("1 unchanged"), "{said}");
}

#[test]
fn a_file_that_can_be_read_in_two_ways_names_the_option_that_settles_it() {
    let room = Room::new();
    room.write(
        "doubt.csv",
        "kind,value,source,confidence,valid_until\ndomain,a.example,x,90,01/02/2027\n",
    );
    let import = ["import", "se", "doubt.csv", "--source", "x"];
    let (ended, said) = room.said(&import);
    assert!(!ended && said.contains("--confidence percent"), "{said}");
    let import = [&import[..], &["--confidence", "percent"]].concat();
    let (ended, said) = room.said(&import);
    assert!(!ended && said.contains("--dates dmy or mdy"), "{said}");
    let (ended, said) = room.said(&[&import[..], &["--dates", "dmy"]].concat());
    assert!(ended && said.contains("1 accepted"), "{said}");
}

#[test]
fn one_identifier_can_be_named_instead_of_a_file() {
    let room = Room::new();
    room.write("list.csv", "kind,value,source\ndomain,a.example,x\n");
    assert!(room.said(&["import", "se", "list.csv", "--source", "x"]).0);
    let one = ["--kind", "domain", "--value", "a.example"];
    let (ended, said) = room.said(&[&["disclose", "se"][..], &one].concat());
    assert!(ended && said.contains("1 marked as public"), "{said}");
    let (ended, said) = room.said(&["status", "se"]);
    assert!(ended && said.contains("1 waiting to be"), "{said}");
    let (ended, said) = room.said(&[&["disclose", "se", "--undo"][..], &one].concat());
    assert!(ended && said.contains("1 no longer public"), "{said}");
    let (ended, said) = room.said(&[&["delist", "se", "--reason", "appeal 7"][..], &one].concat());
    assert!(ended && said.contains("1 delisted"), "{said}");
    let (ended, said) = room.said(&["import", "se", "list.csv", "--source", "x"]);
    assert!(!ended && said.contains("refused by delisted: 1"), "{said}");
    let (ended, said) = room.said(&["import", "se", "list.csv", "--source", "x", "--relist"]);
    assert!(ended && said.contains("1 accepted"), "{said}");

    for wrong in [
        &["delist", "se"][..],
        &["delist", "se", "--kind", "domain"],
        &[
            "delist",
            "se",
            "list.csv",
            "--kind",
            "domain",
            "--value",
            "a.example",
        ],
        &["delist", "se", "--kind", "secret", "--value", "secret"],
    ] {
        let (ended, said) = room.said(wrong);
        assert!(!ended, "{wrong:?}: {said}");
    }
}

#[test]
fn epochs_are_started_and_retired_by_command() {
    let room = Room::new();
    room.write("list.csv", "kind,value,source\ndomain,a.example,x\n");
    assert!(room.said(&["import", "se", "list.csv", "--source", "x"]).0);
    assert!(room.said(&["member", "add", "se", "bank-a"]).0);
    let (ended, said) = room.said(&["epoch", "start", "se"]);
    assert!(ended && said.contains("epoch 2"), "{said}");
    assert!(said.contains("a week later"), "{said}");
    assert!(said.contains("without the newest key: bank-a;"), "{said}");
    let (ended, said) = room.said(&["epoch", "retire", "se", "1"]);
    assert!(!ended && said.contains("the only one with lists"), "{said}");
    let (ended, said) = room.said(&["epoch", "start", "se"]);
    assert!(!ended && said.contains("--now"), "{said}");
    let (ended, said) = room.said(&["epoch", "start", "se", "--now"]);
    assert!(ended && said.contains("epoch 3"), "{said}");
    let again = ["member", "add", "se", "bank-a", "--out", "again.json"];
    assert!(room.said(&again).0);
    let (ended, said) = room.said(&["inspect", "again.json"]);
    assert!(ended && said.contains("epoch 1") && said.contains("epoch 3"));
    assert!(room.said(&["release", "se"]).0);
    let (ended, said) = room.said(&["epoch", "retire", "se", "1"]);
    assert!(!ended && said.contains("2026-12-06T00:00:00Z"), "{said}");
    let (ended, said) = room.said(&["epoch", "retire", "se", "1", "--now"]);
    assert!(ended && said.contains("epoch 1 is retired"), "{said}");
    assert!(!said.contains("bank-a"), "{said}");
}

#[test]
fn members_are_recorded_and_removed_by_command() {
    let room = Room::new();
    room.write("list.csv", "kind,value,source\ndomain,a.example,x\n");
    assert!(room.said(&["import", "se", "list.csv", "--source", "x"]).0);
    let recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    let add = ["member", "add", "se", "bank-a", "--recipient"];
    let (ended, said) = room.said(&[&add[..], &["age1"]].concat());
    assert!(!ended && said.contains("interdict member-key"), "{said}");
    let (ended, said) = room.said(&[&add[..], &[recipient]].concat());
    assert!(ended && said.contains("holds no secret"), "{said}");
    let (ended, said) = room.said(&["inspect", "bank-a.enrolment.json"]);
    assert!(
        ended && said.contains(recipient) && !said.contains("key:"),
        "{said}"
    );
    assert!(room.said(&["release", "se"]).0);
    let (ended, said) = room.said(&["status", "se"]);
    assert!(
        ended
            && said.contains(&format!(
                "bank-a: member edition, keys sealed to {recipient}"
            ))
    );
    let (ended, said) = room.said(&["member", "remove", "se", "bank-a"]);
    assert!(
        ended && said.contains("it has the key of epoch 1"),
        "{said}"
    );
    let (ended, said) = room.said(&["member", "remove", "se", "bank-a"]);
    assert!(!ended && said.contains("no member of that name"), "{said}");
}

#[test]
fn a_member_takes_the_compact_edition_while_there_is_one() {
    let room = Room::new();
    room.write("list.csv", "kind,value,source\ndomain,a.example,x\n");
    assert!(room.said(&["import", "se", "list.csv", "--source", "x"]).0);
    assert!(room.said(&["release", "se"]).0);
    let add = ["member", "add", "se", "bank-a", "--edition"];
    let with = |edition| room.said(&[&add[..], &[edition]].concat());
    let (ended, said) = with("compact");
    assert!(!ended && said.contains("release --compact on"), "{said}");
    assert!(!room.path().join("bank-a.enrolment.json").exists());
    assert!(!with("public").0, "members take no public edition");
    assert!(room.said(&["release", "se", "--compact", "on"]).0);
    assert!(with("compact").0);
    let (_, said) = room.said(&["inspect", "bank-a.enrolment.json"]);
    assert!(said.contains("edition: compact\n"), "{said}");
    let (ended, said) = room.said(&["release", "se", "--compact", "off"]);
    assert!(
        !ended && said.contains("1 of the members take the compact"),
        "{said}"
    );
    // No file is written over one that may hold keys.
    fs::remove_file(room.path().join("bank-a.enrolment.json")).unwrap();
    assert!(with("member").0);
    assert!(room.said(&["release", "se", "--compact", "off"]).0);
}

#[test]
fn a_comment_cannot_steer_the_terminal() {
    let room = Room::new();
    room.write(
        "targets.json",
        "{\"signatures\":[],\"signed\":{\"_type\":\"targets\",\"version\":1,\
         \"expires\":\"2027-01-01T00:00:00Z\",\"comment\":\"one\\u001b[2Jtwo\\nfile: root\\u202e\",\
         \"targets\":{\"a\\u0007b\":{\"length\":1}}}}",
    );
    let (ended, said) = room.said(&["inspect", "targets.json"]);
    assert!(ended, "{said}");
    assert!(
        said.contains(r"comment: one\u{1b}[2Jtwo\nfile: root\u{202e}"),
        "{said}"
    );
    assert!(said.contains(r"target: a\u{7}b, 1 bytes"), "{said}");
    assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said}");
}

#[test]
fn what_gateways_would_refuse_is_refused_at_import_with_what_to_do() {
    let room = Room::new();
    let header = "kind,value,source,action,confidence,scope,flags\n";
    let refused = [
        (
            "domain,a.example,x,block,899,,",
            "block needs a confidence of 900 or more",
        ),
        (
            "domain,a.example,x,hold_payout,799,,",
            "hold_payout needs a confidence of 800 or more",
        ),
        (
            "domain,a.example,x,review,299,,",
            "review needs a confidence of 300 or more",
        ),
        (
            "domain,a.example,x,block,950,,silent",
            "ask for monitor, or leave silent out",
        ),
        (
            "domain,a.b.c.d.e.f.example,x,review,,,",
            "list it with scope host",
        ),
        (
            "domain,z.a.b.c.d.e.f.example,x,review,,domain,",
            "list it with scope host",
        ),
        (
            "lei,506700GE1G29325QX363,x,review,,,",
            "interdict-publish kinds",
        ),
    ];
    let accepted = [
        "domain,b.example,x,block,900,,",
        "domain,c.example,x,hold_payout,800,,",
        "domain,d.example,x,review,300,,",
        "domain,e.example,x,monitor,1,,silent",
        "domain,b.c.d.e.f.example,x,,,,",
        "domain,a.b.c.d.e.g.example,x,,,host,",
        "domain,192.0.2.1,x,,,,",
        "domain,[2001:db8::1],x,,,,",
        "iban,SE3550000000054910000003,x,,,,",
    ];
    let declared = room.said(&["kinds", "se", "--declare", "iban,domain,label"]);
    let stated = "se/merchants: domain,iban,label\nthe next release is a new base\n";
    assert!(declared.1.starts_with(stated), "{}", declared.1);
    let rows = refused.iter().map(|(row, _)| row).chain(&accepted);
    let rows: String = rows.map(|row| format!("{row}\n")).collect();
    room.write("list.csv", &format!("{header}{rows}"));
    let (ended, said) = room.said(&[
        "import",
        "se",
        "list.csv",
        "--source",
        "x",
        "--report",
        "report.jsonl",
        "--verbose",
    ]);
    assert!(
        !ended && said.contains("9 accepted, 0 updated, 0 unchanged, 7 refused"),
        "{said}"
    );
    let report = fs::read_to_string(room.path().join("report.jsonl")).unwrap();
    for (index, ((row, advice), line)) in refused.iter().zip(report.lines()).enumerate() {
        assert!(
            line.contains(&format!("\"line\":{},", index + 2)),
            "{row}: {line}"
        );
        assert!(line.contains(advice), "{row}: {line}");
        assert!(
            said.contains(&format!("line {}: ", index + 2)) && said.contains(advice),
            "{said}"
        );
    }
    // What is listed must be declared.
    let (ended, said) = room.said(&["kinds", "se", "--declare", "domain"]);
    assert!(!ended && said.contains("1 entries have a kind"), "{said}");
    let (_, said) = room.said(&["kinds", "se"]);
    assert!(
        said.starts_with("se/merchants: domain,iban,label\n"),
        "{said}"
    );
    assert!(room.said(&["release", "se"]).0);
    let (_, said) = room.said(&["plan", "se"]);
    assert!(said.contains("stash of 0 changes"), "{said}");
    assert!(
        room.said(&["kinds", "se", "--declare", "iban,domain,phone"])
            .0
    );
    let (_, said) = room.said(&["plan", "se"]);
    assert!(said.contains("new base"), "{said}");
}

#[test]
fn typologies_are_chosen_by_command_and_named_by_a_plan() {
    let room = Room::new();
    room.write("list.csv", "kind,value,source\ndomain,a.example,x\n");
    assert!(room.said(&["import", "se", "list.csv", "--source", "x"]).0);
    let (ended, said) = room.said(&["typologies", "se", "--standard"]);
    assert!(
        ended && said.contains("publishes typologies standard 2, 16 rules"),
        "{said}"
    );
    let (ended, said) = room.said(&["plan", "se"]);
    assert!(ended, "{said}");
    assert!(
        said.contains("typologies standard 2, 16 rules; before none"),
        "{said}"
    );
    assert!(said.contains("new: T02, T03, T04"), "{said}");
    let (ended, said) = room.said(&["typologies", "se", "--remove", "--list", "se/merchants"]);
    assert!(
        ended && said.contains("takes the typologies back"),
        "{said}"
    );
    let (ended, said) = room.said(&["typologies", "se", "--remove"]);
    assert!(
        !ended && said.contains("se/merchants has no typologies"),
        "{said}"
    );
    for wrong in [
        &["typologies", "se"][..],
        &["typologies", "se", "--standard", "--remove"],
        &["typologies", "se", "list.csv", "--standard"],
        &["typologies", "se", "list.csv"],
        &["typologies", "se", "missing.json"],
        &["typologies", "se", "--standard", "--list", "se/other"],
    ] {
        let (ended, said) = room.said(wrong);
        assert!(!ended, "{wrong:?}: {said}");
    }
}

#[test]
fn help_says_what_protecting_does_not_do() {
    let room = Room::new();
    let (_, said) = room.said(&["protect", "--help"]);
    assert!(said.contains("names below it are not protected"), "{said}");
}

#[test]
fn the_help_of_renew_says_when_it_must_run() {
    let room = Room::new();
    let (_, help) = room.said(&["renew", "--help"]);
    assert!(
        help.contains("every 6 hours") && help.contains("3 days") && help.contains("90 days"),
        "{help}"
    );
    room.write("listed.csv", "kind,value,source\ndomain,a.example,x\n");
    room.said(&["import", "se", "listed.csv", "--source", "x"]);
    for command in ["release", "renew"] {
        let (ended, said) = room.said(&[command, "se"]);
        assert!(ended, "{said}");
        // 3 days after `Room::run`'s clock.
        assert!(
            said.contains("renew or release before 2026-11-25T00:00:00Z"),
            "{said}"
        );
    }
}

#[test]
fn the_versions_name_the_module_that_the_interdict_command_has() {
    let output = Command::new(env!("CARGO_BIN_EXE_interdict-publish"))
        .args(["--version", "--json"])
        .output()
        .unwrap();
    assert!(output.status.success());
    let versions: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let stated = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../wasm/dist/interdict.wasm.sha256"
    );
    let digest = versions["module_sha256"].as_str().unwrap();
    assert_eq!(
        fs::read_to_string(stated).unwrap(),
        format!("{digest}  interdict.wasm\n")
    );
    assert_eq!(versions["program"], "interdict-publish");
    assert_eq!(versions["version"], env!("CARGO_PKG_VERSION"));
}
