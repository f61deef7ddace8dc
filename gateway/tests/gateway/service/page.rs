//! The page for people: who sees it, what it shows, and what gets through it into the cases.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use interdict::{ClientName, LINK_SECONDS, create_link};
use interdict_helpers::{CARD, Coalition, NOW, shows_card};
use serde_json::json;

use super::{Serving, Told, client, decisions, first, run};
use crate::enrolment::enrol_file;

const PLACES: [&str; 7] = [
    "/",
    "/cases",
    "/cases/1",
    "/screen",
    "/lists",
    "/today",
    "/sign-out",
];

/// A merchant's id may have any printable character.
const HOSTILE: &str = "m_<script>alert(1)</script>\"'&";

/// A service with a page and two merchants whose cases are open.
fn serving(lines: &str) -> Serving {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[first()]);
    enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
    let merchant = |id: &str, name: &str| {
        let identifier = json!({"kind": "domain", "value": name});
        json!({"id": id, "flow": "payout", "identifiers": [identifier]}).to_string()
    };
    let both = [
        merchant("m_1", "shop.example"),
        merchant(HOSTILE, "market.example"),
    ];
    fs::write(room.path().join("merchants.ndjson"), both.join("\n")).unwrap();
    let lines = format!("[service]\nlisten = \"127.0.0.1:0\"\n[portfolio]\n[page]\n{lines}");
    let serving = Serving::start_in(room, &lines);
    let room = serving.room.path();
    run(room, &["portfolio", "import", "merchants.ndjson"]);
    for _ in 0..600 {
        if run(room, &["case", "list"]).lines().count() == 2 {
            return serving;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("no cases: {}", serving.log());
}

fn link(room: &Path) -> String {
    let told = run(room, &["sign-in", "ada"]);
    let link = told.trim().rsplit_once("/sign-in/");
    link.unwrap_or_else(|| panic!("{told}")).1.to_owned()
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let plain = |text: &str| -> String {
        let bytes = text.bytes().map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        });
        bytes.collect()
    };
    let pairs = fields.iter();
    let pairs = pairs.map(|(name, value)| format!("{name}={}", plain(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Whoever looks at the page.
struct Browser<'s> {
    serving: &'s Serving,
    cookie: String,
    form_token: String,
}

impl<'s> Browser<'s> {
    fn new(serving: &'s Serving) -> Self {
        Self {
            serving,
            cookie: String::new(),
            form_token: String::new(),
        }
    }

    /// One who has taken a link.
    fn signed_in(serving: &'s Serving) -> Self {
        let mut browser = Self::new(serving);
        let told = browser.send("/sign-in", &[("link", &link(serving.room.path()))]);
        assert_eq!(told.status, 303, "{} {}", told.head, told.body);
        browser.take_cookie(&told);
        browser
    }

    fn take_cookie(&mut self, told: &Told) {
        let line = told.header("set-cookie").unwrap();
        self.cookie = line.split(';').next().unwrap().to_owned();
        let body = self.get("/screen").body;
        let (_, rest) = body.split_once("name=\"form_token\" value=\"").unwrap();
        self.form_token = rest.split('"').next().unwrap().to_owned();
    }

    fn origin(&self) -> String {
        format!("origin: {}\r\n", self.serving.place)
    }

    fn host(&self) -> &str {
        self.serving.place.strip_prefix("http://").unwrap()
    }

    fn get(&self, path: &str) -> Told {
        self.serving.raw(
            format!(
                "GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncookie: other=1; {}\r\n\r\n",
                self.host(),
                self.cookie
            )
            .as_bytes(),
        )
    }

    /// Sends a form with these headers and without the session's token.
    fn bare(&self, path: &str, headers: &str, fields: &[(&str, &str)]) -> Told {
        let body = encoded(fields);
        self.serving.raw(
            format!(
                "POST {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncookie: {}\r\n\
                 content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n{headers}\r\n{body}",
                self.host(),
                self.cookie,
                body.len()
            )
            .as_bytes(),
        )
    }

    /// Sends a form as a browser does.
    fn send(&self, path: &str, fields: &[(&str, &str)]) -> Told {
        let token = [("form_token", self.form_token.as_str())];
        let fields = [&token, fields].concat();
        self.bare(path, &self.origin(), &fields)
    }
}

fn case(serving: &Serving) -> String {
    run(serving.room.path(), &["case", "show", "1"])
}

#[test]
fn whoever_is_not_signed_in_sees_nothing_and_without_a_table_there_is_no_page() {
    let serving = serving("");
    let mut browser = Browser::new(&serving);
    for cookie in ["", "interdict=", "interdict=0000", "__Host-interdict=1"] {
        cookie.clone_into(&mut browser.cookie);
        for place in PLACES {
            let told = browser.get(place);
            assert!([303, 405].contains(&told.status), "{place} {}", told.status);
            assert!(!told.body.contains("m_1"), "{place}");
        }
        let fields = [("note", "x"), ("value", "shop.example"), ("kind", "domain")];
        for place in ["/cases/1/note", "/screen", "/sign-out"] {
            let told = browser.send(place, &fields);
            assert_eq!((told.status, told.body.as_str()), (303, ""), "{place}");
        }
    }
    assert!(!case(&serving).contains("noted"));
    let told = browser.get("/sign-in");
    assert!(
        told.body.contains("interdict sign-in NAME"),
        "{}",
        told.body
    );
    let bare = Serving::start("");
    for place in PLACES {
        assert_eq!(bare.get(place).problem(), "not_found");
    }
}

#[test]
fn a_link_opens_the_page_once_and_for_ten_minutes() {
    let serving = serving("");
    let room = serving.room.path();
    let browser = Browser::new(&serving);
    let ada = link(room);
    // A program that looks at links takes none.
    let told = browser.get(&format!("/sign-in/{ada}"));
    assert!(
        told.body.contains(&format!("value=\"{ada}\"")),
        "{}",
        told.body
    );
    let told = browser.send("/sign-in", &[("link", &ada)]);
    let cookie = told.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("interdict=")
            && cookie.ends_with("; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    let again = browser.send("/sign-in", &[("link", &ada)]);
    assert_eq!((again.status, again.header("set-cookie")), (403, None));
    let person = ClientName::try_from("ada".to_owned()).unwrap();
    let old = create_link(&room.join("sign-in"), &person, NOW - LINK_SECONDS).unwrap();
    for link in [old.as_str(), "", "../gateway.toml", &"0".repeat(64)] {
        let told = browser.send("/sign-in", &[("link", link)]);
        assert_eq!((told.status, told.header("set-cookie")), (403, None));
    }
    let mut ada = Browser::signed_in(&serving);
    assert!(ada.get("/").body.contains("Signed in as </span>ada"));
    let cookie = ada.cookie.clone();
    assert_eq!(ada.send("/sign-out", &[]).status, 303);
    ada.cookie = cookie;
    assert_eq!(
        ada.get("/").status,
        303,
        "the session has ended, not the cookie alone"
    );
    let log = serving.log();
    assert!(
        !log.contains(&old) && log.contains("/sign-in/{link}"),
        "{log}"
    );
}

#[test]
fn a_form_of_another_origin_or_session_changes_nothing() {
    let serving = serving("");
    let ada = Browser::signed_in(&serving);
    let bo = Browser::signed_in(&serving);
    let own = ada.origin();
    let token = ada.form_token.as_str();
    let elsewhere = [
        String::new(),
        "origin: null\r\n".to_owned(),
        "origin: http://interdict.example\r\n".to_owned(),
        own.replace("http:", "https:"),
        format!("{own}sec-fetch-site: cross-site\r\n"),
        format!("{own}sec-fetch-site: same-site\r\n"),
    ];
    for (path, name) in [
        ("/cases/1/note", "note"),
        ("/cases/1/assign", "to"),
        ("/cases/1/close", "decision"),
    ] {
        for headers in &elsewhere {
            let told = ada.bare(path, headers, &[("form_token", token), (name, "x")]);
            assert_eq!(told.status, 403, "{path} {headers}");
        }
        for token in ["", "0", bo.form_token.as_str()] {
            let told = ada.bare(path, &own, &[("form_token", token), (name, "x")]);
            assert_eq!(told.status, 403, "{path} {token}");
        }
        assert_eq!(ada.bare(path, &own, &[(name, "x")]).status, 403);
    }
    let told = ada.bare(
        "/sign-in",
        &elsewhere[2],
        &[("link", &link(serving.room.path()))],
    );
    assert_eq!((told.status, told.header("set-cookie")), (403, None));
    let history = case(&serving);
    assert!(
        ["noted", "assigned", "closed"]
            .iter()
            .all(|step| !history.contains(step)),
        "{history}"
    );
}

#[test]
fn a_page_is_shown_under_its_own_names_alone() {
    let get = |serving: &Serving, host: &str| {
        let head = format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        serving.raw(head.as_bytes()).status
    };
    let own = serving("");
    assert_eq!(get(&own, "localhost:8470"), 303);
    assert_eq!(get(&own, "evil.example"), 403);
    let form = encoded(&[("link", &link(own.room()))]);
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nhost: evil.example\r\norigin: http://evil.example\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    let told = own.raw(head.as_bytes());
    assert_eq!((told.status, told.header("set-cookie")), (403, None));
    let behind = serving("address = \"https://interdict.example\"\n");
    assert_eq!(get(&behind, "interdict.example"), 303);
    assert_eq!(
        get(&behind, "127.0.0.1:8470"),
        303,
        "the proxy asks by address"
    );
    assert_eq!(get(&behind, "evil.example"), 403);
}

#[test]
fn what_a_person_decides_is_in_the_history_and_the_journal_in_that_persons_name() {
    let serving = serving("[journal]\n");
    let ada = Browser::signed_in(&serving);
    let queue = ada.get("/").body;
    for part in [
        "<h1>Open cases</h1>",
        ">m_1<",
        "action block\">Block",
        "Listed on se/merchants by ",
        "nobody",
    ] {
        assert!(queue.contains(part), "{part}: {queue}");
    }
    for (path, field) in [
        ("/cases/1/assign", ("to", "bo")),
        (
            "/cases/1/note",
            ("note", "called the acquirer\r\nno answer"),
        ),
        ("/cases/1/close", ("decision", "offboarded")),
    ] {
        let told = ada.send(path, &[field, ("by", "eve")]);
        assert_eq!(
            (told.status, told.header("location")),
            (303, Some("/cases/1"))
        );
    }
    let history = case(&serving);
    for part in [
        "assigned  by ada  bo",
        "noted  by ada  called the acquirer",
        "closed  by ada  offboarded",
    ] {
        assert!(history.contains(part), "{history}");
    }
    let recorded = decisions(serving.room());
    assert_eq!(recorded.len(), 3);
    for line in recorded {
        assert!(line.contains(r#""client":"ada","door":"page""#), "{line}");
        assert!(line.contains(r#""by":"ada""#), "{line}");
    }
    let page = ada.get("/cases/1").body;
    for part in [
        "called the acquirer\nno answer",
        "<strong>Closed</strong> by ada",
        "shop.example",
        "If no list named the domain shop.example</th>",
        "action allow\">Allow",
        "Receipt <code>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("Close the case"), "it is closed");
    assert!(!ada.get("/").body.contains(">m_1<"));
    assert!(ada.get("/cases").body.contains(">m_1<"));
    assert_eq!(
        ada.send("/cases/1/close", &[("decision", "again")]).status,
        404
    );
    assert_eq!(ada.get("/cases/9").status, 404);
}

#[test]
fn what_comes_from_outside_is_escaped_and_card_numbers_do_not_come_back() {
    let mut serving = serving("");
    let ada = Browser::signed_in(&serving);
    let script = "<script>alert(1)</script>\"'>";
    let told = ada.send("/cases/2/note", &[("note", script)]);
    assert_eq!(told.status, 303);
    assert_eq!(ada.send("/cases/2/assign", &[("to", script)]).status, 303);
    let asked = [
        ("kind", "domain"),
        ("value", script),
        ("flow", "payout"),
        ("language", "sv\" onload=\"x"),
    ];
    let pages = [
        ada.get("/"),
        ada.get("/cases/2"),
        ada.get(&format!("/sign-in/{}", encoded(&[("x", script)]))),
        ada.send("/screen", &asked),
        ada.send("/screen", &asked[..3]),
        ada.send("/screen", &[("merchant", HOSTILE)]),
    ];
    for told in &pages {
        assert!(
            !told.body.contains("<script") && !told.body.contains("sv\" onload"),
            "{}",
            told.body
        );
        assert!(
            told.body.contains("script"),
            "{} {}",
            told.status,
            told.body
        );
    }
    for told in [
        ada.send("/cases/1/note", &[("note", CARD)]),
        ada.send("/cases/1/assign", &[("to", CARD)]),
        ada.send("/cases/1/close", &[("decision", CARD)]),
        ada.send(
            "/screen",
            &[("kind", "iban"), ("value", CARD), ("flow", "payout")],
        ),
        ada.send(
            "/screen",
            &[("kind", "url"), ("value", CARD), ("flow", "payout")],
        ),
        ada.send("/screen", &[("merchant", CARD)]),
    ] {
        assert!([200, 400, 404].contains(&told.status), "{}", told.status);
        assert!(!shows_card(&told.body), "{}", told.body);
    }
    assert!(!shows_card(&case(&serving)));
    serving.end();
    let log = serving.log();
    assert!(!shows_card(&log) && !log.contains("script"), "{log}");
}

#[test]
fn every_answer_lets_a_browser_load_nothing_but_the_style_sheet() {
    let serving = serving("");
    let ada = Browser::signed_in(&serving);
    let nobody = Browser::new(&serving);
    let policy = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    let answers = [
        ada.get("/"),
        ada.get("/cases/1"),
        ada.get("/cases/9"),
        ada.get("/screen"),
        ada.get("/lists"),
        ada.get("/today"),
        ada.get("/page.css"),
        nobody.get("/"),
        nobody.get("/sign-in"),
        nobody.bare("/screen", "", &[]),
    ];
    for told in &answers {
        assert_eq!(
            told.header("content-security-policy"),
            Some(policy),
            "{}",
            told.head
        );
        assert_eq!(told.header("referrer-policy"), Some("same-origin"));
        assert_eq!(told.header("cache-control"), Some("no-store"));
        assert_eq!(told.header("x-content-type-options"), Some("nosniff"));
        assert!(!told.body.contains("<script") && !told.body.contains(" style="));
    }
    // What a reader by ear or by keyboard needs.
    for told in &answers[..6] {
        let count = |part: &str| told.body.matches(part).count();
        assert!(
            count("<h1") == 1 && count("<main id=\"main\"") == 1,
            "{}",
            told.body
        );
        assert!(count("lang=\"en\"") >= 1 && count("<title>") == 1);
        assert_eq!(count("<table"), count("<caption"));
        for id in told.body.split("<label for=\"").skip(1) {
            let id = id.split('"').next().unwrap();
            assert_eq!(count(&format!(" id=\"{id}\"")), 1, "{id}");
        }
        let fields = count("<input id=") + count("<select") + count("<textarea");
        assert_eq!(count("<label"), fields);
    }
}

#[test]
fn a_screening_on_the_page_is_one_like_any_other_in_the_persons_name() {
    let mut serving = serving("names_per_day = 2\n[journal]\ndirectory = \"journal\"\n");
    let ada = Browser::signed_in(&serving);
    let ask = |value: &str| {
        let asked = [
            ("kind", "domain"),
            ("value", value),
            ("flow", "payout"),
            ("language", "sv"),
        ];
        ada.send("/screen", &asked)
    };
    let told = ask("shop.example");
    for part in [
        "action block\">Block",
        "A door would</dt><dd>refuse",
        "Upptagen på se/merchants av hotline.example",
        "Detta kan inte genomföras.",
        "If no list named the domain shop.example</th>",
        "action allow\">Allow",
    ] {
        assert!(told.body.contains(part), "{part}: {}", told.body);
    }
    assert!(ask("flowers.example").body.contains("action allow\">Allow"));
    let told = ask("third.example");
    assert_eq!(told.status, 429);
    assert!(!told.body.contains("<h2 id=\"verdict\""), "{}", told.body);
    let both = [
        ("merchant", "m_1"),
        ("kind", "domain"),
        ("value", "a.example"),
    ];
    assert_eq!(ada.send("/screen", &both).status, 400);
    assert_eq!(ada.send("/screen", &[("kind", "domain")]).status, 400);
    assert_eq!(ada.send("/screen", &[("merchant", "m_9")]).status, 404);
    let told = ada.send("/screen", &[("merchant", "m_1")]);
    assert!(told.body.contains("action block\">Block"), "{}", told.body);
    serving.end();
    let mut text = String::new();
    for file in fs::read_dir(serving.room.path().join("journal")).unwrap() {
        text += &fs::read_to_string(file.unwrap().path()).unwrap_or_default();
    }
    let lines = text
        .lines()
        .filter(|line| line.contains("\"door\":\"page\""));
    let lines: Vec<&str> = lines.collect();
    let of = |content: &str| lines.iter().filter(|line| line.contains(content)).count();
    assert_eq!((of("\"receipt\":"), of("\"problem\":")), (3, 2), "{text}");
    assert!(lines.iter().all(|line| line.contains("\"client\":\"ada\"")));
}

#[test]
fn a_payment_client_finds_no_page_and_a_client_that_is_a_person_signs_in_without_a_link() {
    let clients = client("payments", "one", "") + &client("bo", "two", "page = true");
    let serving = serving(&clients);
    let ada = Browser::signed_in(&serving);
    for path in ["/", "/sign-in", "/page.css"] {
        let told = serving.raw(
            format!(
                "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncookie: {}\r\nauthorization: Bearer one\r\n\r\n",
                ada.cookie
            )
            .as_bytes(),
        );
        assert_eq!(told.status, 404, "{path}");
        assert!(!told.body.contains("m_1"));
    }
    let mut bo = Browser::new(&serving);
    let with = |token: &str| format!("{}authorization: Bearer {token}\r\n", bo.origin());
    assert_eq!(bo.bare("/sign-in", &with("one"), &[]).status, 404);
    assert_eq!(bo.bare("/sign-in", &with("three"), &[]).status, 403);
    let told = bo.bare("/sign-in", &with("two"), &[]);
    assert_eq!(told.status, 303, "{}", told.body);
    bo.take_cookie(&told);
    assert!(bo.get("/").body.contains("Signed in as </span>bo"));
}

#[test]
fn what_is_loaded_and_what_is_wrong_with_it_is_on_the_page() {
    let serving = serving("");
    let ada = Browser::signed_in(&serving);
    let told = ada.get("/lists").body;
    for part in [
        "Coalition se</h2>",
        "se/merchants</th>",
        "freshness fresh",
        "Self-test</dt><dd>passed",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    fs::remove_dir_all(serving.room.path().join("state/se")).unwrap();
    let told = (0..300).find_map(|_| {
        thread::sleep(Duration::from_millis(100));
        let told = ada.get("/lists").body;
        told.contains("Look at this").then_some(told)
    });
    assert!(told.unwrap().contains("class=\"count\""));
    let today = ada.get("/today").body;
    assert!(
        today.contains("aria-label=\"Block: 0 in 24 hours"),
        "{today}"
    );
    for _ in 0..10 {
        ada.send("/screen", &[("merchant", "m_1")]);
    }
    let today = ada.get("/today").body;
    assert!(
        today.contains(" in 24 hours, at most 10 in one hour\""),
        "{today}"
    );
}

/// The luminance of WCAG 2.2 for a colour such as `#1d2126`.
fn luminance(colour: &str) -> f64 {
    let part = |from: usize| {
        let value = f64::from(u8::from_str_radix(&colour[from..from + 2], 16).unwrap()) / 255.0;
        match value <= 0.04045 {
            true => value / 12.92,
            false => ((value + 0.055) / 1.055).powf(2.4),
        }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

#[test]
fn both_palettes_have_enough_contrast() {
    let style = include_str!("../../../src/service/page/style.css");
    let palettes: Vec<BTreeMap<&str, &str>> = style
        .split(":root {")
        .skip(1)
        .map(|palette| {
            let lines = palette.split('}').next().unwrap().lines();
            let pairs = lines.filter_map(|line| line.trim().strip_suffix(';')?.split_once(": "));
            pairs.collect()
        })
        .collect();
    assert_eq!(palettes.len(), 2);
    let words = [
        "--text",
        "--soft",
        "--link",
        "--allow",
        "--monitor",
        "--review",
        "--hold",
        "--block",
    ];
    let on_both = words
        .iter()
        .flat_map(|one| [(*one, "--ground", 4.5), (*one, "--raised", 4.5)]);
    let others = [
        ("--on-button", "--button", 4.5),
        ("--warn-text", "--warn-ground", 4.5),
        ("--edge", "--raised", 3.0),
        ("--focus", "--ground", 3.0),
        ("--focus", "--raised", 3.0),
    ];
    for palette in &palettes {
        for (front, back, least) in on_both.clone().chain(others) {
            let both = [front, back].map(|name| luminance(palette[name]) + 0.05);
            let ratio = both[0].max(both[1]) / both[0].min(both[1]);
            assert!(ratio >= least, "{front} on {back}: {ratio:.2}");
        }
    }
}
