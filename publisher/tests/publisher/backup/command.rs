//! The commands as a person types them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

fn said(room: &Path, clock: &str, arguments: &str) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_interdict-publish"));
    let command = command.args(["--clock", clock]).args(arguments.split(' '));
    let output = command.current_dir(room).output().unwrap();
    let all = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(all).unwrap())
}

#[test]
fn a_coalition_is_backed_up_restored_and_recovered_by_command() {
    let room = tempfile::tempdir().unwrap();
    let room = room.path();
    let run = |day: u32, arguments: &str| {
        let clock = format!("2026-11-{day}T00:00:00Z");
        let (ended, said) = said(room, &clock, arguments);
        // What the register lacks stays published until somebody agrees to its end.
        assert!(ended || said.contains("held back"), "{arguments}: {said}");
        said
    };
    run(22, "init se --coalition se --test-keys");
    let rows = "kind,value,action\ndomain,old.example,block\ndomain,gone.example,block\n";
    fs::write(room.join("list.csv"), rows).unwrap();
    run(22, "source add se x --class bank");
    run(22, "import se list.csv --source x");
    run(23, "release se");
    let said_key = run(23, "backup-key backup-key.txt");
    let recipient = said_key.lines().next().unwrap();
    assert!(recipient.starts_with("age1"), "{said_key}");
    let mode = fs::metadata(room.join("backup-key.txt"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let made = run(
        23,
        &format!("backup se se.age --recipient {recipient} --with-keys"),
    );
    assert!(
        made.contains("key files") && made.contains("sha256 "),
        "{made}"
    );

    fs::write(
        room.join("more.csv"),
        rows.replace("old", "new").replace("gone", "new2"),
    )
    .unwrap();
    run(24, "import se more.csv --source x");
    run(24, "delist se --kind domain --value gone.example");
    run(24, "release se");
    fs::rename(room.join("se/repository"), room.join("served")).unwrap();
    fs::remove_dir_all(room.join("se")).unwrap();

    let back = run(25, "restore se.age se --identity backup-key.txt");
    assert!(
        back.contains("the register of se as of 2026-11-23T00:00:00Z"),
        "{back}"
    );
    let (ended, refused) = said(room, "2026-11-25T00:00:00Z", "release se");
    assert!(
        !ended && refused.contains("interdict-publish recover"),
        "{refused}"
    );
    let found = run(25, "recover se --from served");
    assert!(
        found.contains("2 by se.x (block) are not in the register"),
        "{found}"
    );
    assert!(
        found.contains("1 entries were taken off the list"),
        "{found}"
    );
    let shown = run(25, "recover se --show-withdrawn");
    assert!(
        shown.contains("kind,value\ndomain,gone.example\n"),
        "{shown}"
    );
    let released = run(25, "release se");
    assert!(released.contains("--confirm "), "{released}");
    let again = run(25, "recover se --list-again");
    assert!(again.contains("1 entries go out again"), "{again}");
    let verified = run(25, "verify se --from served");
    assert!(verified.contains("a register that was lost"), "{verified}");
    for (arguments, named) in [
        ("recover se", "--from"),
        ("recover", "DIRECTORY"),
        ("recover clock se --from served", "--from"),
        (
            "recover se --from served --nothing-left",
            "cannot be used with",
        ),
    ] {
        let (ended, wrong) = said(room, "2026-11-25T00:00:00Z", arguments);
        assert!(!ended && wrong.contains(named), "{arguments}: {wrong}");
    }
    let clock = run(25, "recover clock se --today 2026-11-25");
    assert!(
        clock.contains("nothing that was published is ahead"),
        "{clock}"
    );
}
