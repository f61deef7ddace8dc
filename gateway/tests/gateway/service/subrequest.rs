//! A proxy asks whether it may let a request through.

use super::{Serving, Told, client};

const TOKEN: &str = "interdict-token: token\r\n";

fn serving(lines: &str) -> Serving {
    Serving::start(&format!("{}{lines}", client("proxy", "token", "")))
}

fn ask(serving: &Serving, place: &str, headers: &str) -> Told {
    let head = format!("GET /v1/doors/subrequest/{place} HTTP/1.1\r\nhost: localhost\r\n");
    serving.raw(format!("{head}connection: close\r\n{headers}\r\n").as_bytes())
}

fn named(serving: &Serving, place: &str, merchant: &str) -> Told {
    ask(
        serving,
        place,
        &format!("{TOKEN}x-merchant: {merchant}\r\n"),
    )
}

#[test]
fn every_action_has_the_status_of_its_column_and_an_answer_that_says_no_more() {
    let serving = serving("[journal]\n");
    for (flow, statuses) in [
        ("authorisation", [200, 200, 200, 200, 403]),
        ("checkout", [200, 200, 200, 200, 403]),
        ("onboarding", [200, 200, 403, 403, 403]),
        ("payout", [200, 200, 403, 403, 403]),
    ] {
        let actions = ["allow", "monitor", "review", "hold-payout", "block"];
        for (action, status) in actions.iter().zip(statuses) {
            let told = named(&serving, flow, &format!("interdict-test-{action}"));
            assert_eq!(told.status, status, "{flow} {action}: {}", told.body);
            assert_eq!(told.body, "");
            let id = told.header("interdict-id").unwrap();
            assert_eq!(id.len(), 36, "{id}");
            let is_passed = status == 200;
            assert_eq!(
                told.header("interdict-decision"),
                is_passed.then_some("pass")
            );
            let word = action.replace('-', "_");
            let expected = is_passed.then_some(word.as_str());
            assert_eq!(told.header("interdict-action"), expected, "{flow} {action}");
        }
    }
}

/// A proxy takes 401 and 403 for an answer about the merchant.
#[test]
fn whatever_goes_wrong_is_503_and_never_a_refusal() {
    let serving = serving("");
    let allow = "x-merchant: interdict-test-allow\r\n";
    for (place, headers, problem) in [
        ("payout", allow.to_owned(), "unauthenticated"),
        (
            "payout",
            format!("interdict-token: other\r\n{allow}"),
            "unauthenticated",
        ),
        // The proxy's client sent it, and the proxy has none of its own.
        (
            "payout",
            format!("authorization: Bearer other\r\n{allow}"),
            "unauthenticated",
        ),
        ("payout", format!("{TOKEN}{TOKEN}{allow}"), "odd_header"),
        ("payouts", format!("{TOKEN}{allow}"), "unknown_flow"),
        ("", format!("{TOKEN}{allow}"), "unknown_flow"),
        ("payout", TOKEN.to_owned(), "no_merchant"),
        ("payout", format!("{TOKEN}{allow}{allow}"), "odd_header"),
        (
            "payout",
            format!("{TOKEN}x-merchant: a,b\r\n"),
            "odd_header",
        ),
        ("payout", format!("{TOKEN}x-merchant: \r\n"), "odd_header"),
        (
            "payout",
            format!("{TOKEN}x-merchant: m_nobody\r\n"),
            "unknown_merchant",
        ),
        (
            "payout",
            format!("{TOKEN}x-merchant: interdict-test-absent\r\n"),
            "unknown_merchant",
        ),
        ("payout/a%2fb", format!("{TOKEN}{allow}"), "odd_path"),
        ("payout/a/../b", format!("{TOKEN}{allow}"), "odd_path"),
        (
            "payout",
            format!("{TOKEN}x-original-uri: /a/%2e%2e/b\r\n{allow}"),
            "odd_path",
        ),
        (
            "payout",
            format!("{TOKEN}x-forwarded-uri: /a//b\r\n{allow}"),
            "odd_path",
        ),
    ] {
        let told = ask(&serving, place, &headers);
        assert_eq!(told.status, 503, "{headers}: {}", told.body);
        assert_eq!(told.problem(), problem, "{headers}");
        assert_eq!(told.header("www-authenticate"), None);
    }
    for place in ["payout/a/b?c=..", "payout/"] {
        let told = ask(&serving, place, &format!("{TOKEN}{allow}"));
        assert_eq!(told.status, 200, "{place}");
    }
    let own = ask(
        &serving,
        "payout",
        &format!("authorization: Bearer token\r\n{allow}"),
    );
    assert_eq!(own.status, 200);
}

#[test]
fn the_merchant_stands_where_the_configuration_says() {
    let path = serving("[doors.subrequest]\nmerchant = { path = \"/merchants/{merchant}/*\" }\n");
    let told = ask(
        &path,
        "payout/merchants/interdict-test-block/payouts",
        TOKEN,
    );
    assert_eq!(told.status, 403);
    let told = ask(
        &path,
        "payout/merchants/interdict-test-allow/payouts",
        TOKEN,
    );
    assert_eq!(told.status, 200);
    // A header of the proxy's client changes nothing.
    let forged = format!("{TOKEN}x-merchant: interdict-test-allow\r\n");
    let told = ask(
        &path,
        "payout/merchants/interdict-test-block/payouts",
        &forged,
    );
    assert_eq!(told.status, 403);
    assert_eq!(
        named(&path, "payout", "interdict-test-allow").problem(),
        "no_merchant"
    );
    let header = serving(
        "[doors.subrequest]\nmerchant = { header = \"X-Original-Uri\", path = \"/m/{merchant}\" }\n",
    );
    for (uri, status) in [
        ("/m/interdict-test-block?a=b", 403),
        ("/m/interdict-test-allow", 200),
        ("/m/interdict-test-allow/..", 503),
        ("/other", 503),
    ] {
        let told = ask(
            &header,
            "payout",
            &format!("{TOKEN}x-original-uri: {uri}\r\n"),
        );
        assert_eq!(told.status, status, "{uri}: {}", told.body);
    }
}

#[test]
fn the_words_of_the_table_are_answered() {
    let chosen = serving(
        "[doors.subrequest]\nanswers = { pass = \"204\", hold = \"not_screened\", refuse = \"401\", not_screened = \"503\" }\n",
    );
    for (action, status) in [
        ("allow", 204),
        ("review", 503),
        ("hold-payout", 503),
        ("block", 401),
    ] {
        let told = named(&chosen, "payout", &format!("interdict-test-{action}"));
        assert_eq!(told.status, status, "{action}");
        if status == 503 {
            assert_eq!(told.problem(), "cannot_hold");
            assert!(told.header("interdict-id").is_some());
        }
    }
}

/// Otherwise anybody who can choose a merchant's id could have a proxy take its gateways for broken.
#[test]
fn only_for_a_doctor_the_service_plays_that_it_has_stopped() {
    let serving = serving("");
    let mark = "0123456789abcdef0123456789abcdef";
    let stopped = format!("interdict-test-stopped.{mark}");
    for id in [
        "interdict-test-stopped",
        "interdict-test-stopped.",
        &stopped,
    ] {
        let told = named(&serving, "payout", id);
        assert_eq!(
            (told.status, told.problem().as_str()),
            (503, "unknown_merchant"),
            "{id}"
        );
    }
    std::fs::write(serving.room().join("doctor.mark"), mark).unwrap();
    let told = named(&serving, "payout", &stopped);
    assert_eq!((told.status, told.body.as_str()), (0, ""));
    let told = named(
        &serving,
        "payout",
        "interdict-test-stopped.0123456789abcdef",
    );
    assert_eq!(told.status, 503);
}

/// NGINX announces a body that it does not send, unless it is told not to, and the next request of the connection would be
/// read as that body.
#[test]
fn a_request_that_announces_a_body_is_not_screened_and_ends_its_connection() {
    let serving = serving("");
    let allow = "x-merchant: interdict-test-allow\r\n";
    for body in ["content-length: 5\r\n", "transfer-encoding: chunked\r\n"] {
        let head = "POST /v1/doors/subrequest/payout HTTP/1.1\r\nhost: localhost\r\n";
        let next = format!(
            "GET /v1/doors/subrequest/payout HTTP/1.1\r\nhost: localhost\r\n{TOKEN}{allow}\r\n"
        );
        let told = serving.raw(format!("{head}{TOKEN}{allow}{body}\r\n{next}").as_bytes());
        assert_eq!(
            (told.status, told.header("connection")),
            (503, Some("close")),
            "{body}"
        );
        assert_eq!(
            told.body.matches("HTTP/1.1").count(),
            0,
            "the next request was answered"
        );
    }
    let none = format!("{TOKEN}{allow}content-length: 0\r\n");
    assert_eq!(ask(&serving, "payout", &none).status, 200);
}
