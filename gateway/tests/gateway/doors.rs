//! `interdict doors`, and what `interdict doctor` says without a peer.

use std::fs;
use std::path::Path;

use crate::command::run;

fn room() -> tempfile::TempDir {
    let room = tempfile::tempdir().unwrap();
    let (code, told) = run(room.path(), &["init"]);
    assert_eq!(code, Some(0), "{told}");
    room
}

/// What the file that `init` wrote says after one change.
fn changed(room: &Path, from: &str, to: &str) -> (Option<i32>, String) {
    let path = room.join("gateway.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    let told = run(room, &["doors"]);
    fs::write(&path, text).unwrap();
    told
}

#[test]
fn the_table_is_printed_as_the_file_has_it() {
    let room = room();
    let (code, told) = run(room.path(), &["doors"]);
    assert_eq!(code, Some(0), "{told}");
    for row in [
        "subrequest      200      refuse_if_named  403                503",
        "envoy           OK       refuse_if_named  PERMISSION_DENIED  UNAVAILABLE",
        "signifyd        ACCEPT   HOLD             REJECT             503",
        "marqeta-jit     verdict  verdict          verdict            503",
        "lithic-asa is closed: [doors.lithic_asa] has no secrets = [...]",
    ] {
        assert!(told.lines().any(|line| line == row), "{row}\n{told}");
    }
    let subrequest =
        "{ pass = \"200\", hold = \"refuse_if_named\", refuse = \"403\", not_screened = \"503\" }";
    let chosen =
        "{ pass = \"204\", hold = \"not_screened\", refuse = \"401\", not_screened = \"503\" }";
    let (_, told) = changed(room.path(), subrequest, chosen);
    let row = "subrequest      204      not_screened     401                503";
    assert!(told.lines().any(|line| line == row), "{told}");
}

#[test]
fn what_would_let_a_merchant_pass_is_refused_with_its_line() {
    let room = room();
    for (from, to, told) in [
        (
            "hold = \"HOLD\"",
            "hold = \"CHALLENGE\"",
            "cannot answer \"CHALLENGE\" for hold",
        ),
        (
            "not_screened = \"503\"",
            "not_screened = \"200\"",
            "cannot answer \"200\"",
        ),
        (
            "pass = \"verdict\"",
            "pass = \"approve\"",
            "verdict stands for all",
        ),
        (
            "# merchant = { header = \"x-merchant\" }",
            "merchant = { header = \"x merchant\" }",
            "name of a header",
        ),
        (
            "# merchant = { header = \"x-merchant\" }",
            "merchant = { path = \"/m?x={merchant}\" }",
            "a plain one",
        ),
        (
            "# connectors = [{ key_sha256 = \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\", merchant = \"m_123\" }]",
            "connectors = [{ key_sha256 = \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\", merchant = \"a\" }, \
             { key_sha256 = \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\", merchant = \"b\" }]",
            "one key stands for two",
        ),
        (
            "# connectors = [{ key_sha256 = \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\", merchant = \"m_123\" }]",
            "connectors = [{ key_sha256 = \"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\", \
             merchant = \"interdict-test-allow\" }]",
            "reserved for tests",
        ),
    ] {
        let (code, said) = changed(room.path(), from, to);
        assert_eq!(code, Some(3), "{to}: {said}");
        assert!(
            said.contains(told) && said.contains("line "),
            "{to}: {said}"
        );
    }
}

#[test]
fn doctor_finds_hyperswitch_open_wherever_its_configuration_says_so() {
    let room = room();
    let closed = "[default-configs]\n\"frm.pre_frm_failure_mode\" = { value = \"fail_closed\" }\n";
    for (text, code) in [
        (closed.to_owned(), 0),
        // The default is open.
        ("[default-configs]\nother = { value = 1 }\n".to_owned(), 2),
        (closed.replace("closed", "open"), 2),
        (
            format!("{closed}[[overrides]]\n\"frm.pre_frm_failure_mode\" = \"fail_closed\"\n"),
            0,
        ),
        (
            format!("{closed}[[overrides]]\n\"frm.pre_frm_failure_mode\" = \"fail_open\"\n"),
            2,
        ),
        (
            format!("{closed}[[overrides]]\nfrm.pre_frm_failure_mode = \"fail_open\"\n"),
            2,
        ),
        (
            format!("{closed}[overrides.one]\n\"frm.pre_frm_failure_mode\" = \"fail_open\"\n"),
            2,
        ),
        (
            format!("{closed}[overrides.one]\n\"frm.pre_frm_failure_mode\" = 7\n"),
            2,
        ),
    ] {
        fs::write(room.path().join("seed.toml"), &text).unwrap();
        let (exit, told) = run(
            room.path(),
            &["doctor", "hyperswitch", "--file", "seed.toml"],
        );
        assert_eq!(exit, Some(code), "{text}{told}");
        assert_eq!(told.starts_with("ok"), code == 0, "{told}");
    }
}
