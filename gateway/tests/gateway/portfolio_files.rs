//! Files of merchants, from rows to requests.

use std::fs;

use serde_json::{Value, json};

use crate::portfolio::id;
use crate::portfolio_changes::Room;

const MAP: &str = "
id = \"merchant\"
flow = \"onboarding\"
flow_column = \"flow\"
separator = \";\"
[identifiers]
site = \"url\"
domains = \"domain\"
acquirer = \"iso8583.de32\"
acceptor = \"iso8583.de42\"
[signals]
category = \"mcc\"
age = \"merchant_age_days\"
prepaid = \"prepaid_only\"
shops = \"declared_urls\"
";

const CSV: &str = "\
merchant,name,flow,site,domains,acquirer,acceptor,category,age,prepaid,shops
m_1,Anna's flowers,,https://one.example/x, a.example; b.example ,412345,SHOP0001,5992,30,no,https://c.example;https://d.example
m_2,\"Two, \"\"Inc\"\"\",payout,https://two.example,,,,,,,
";

/// A gateway that has a portfolio, still without merchants.
fn room() -> Room {
    let room = Room::new();
    room.say("[portfolio]\n");
    room
}

fn request(room: &Room, name: &str) -> Value {
    let text = room.portfolio().request(&id(name), None).unwrap().unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn columns_become_the_fields_and_signals_that_the_map_names() {
    let room = room();
    fs::write(room.path("map.toml"), MAP).unwrap();
    fs::write(room.path("merchants.csv"), CSV).unwrap();
    let (code, text) = room.run(&["portfolio", "import", "merchants.csv", "--map", "map.toml"]);
    assert_eq!((code, text.as_str()), (Some(0), "2 merchants: added\n"));
    let expected = json!({"flow": "onboarding", "url": "https://one.example/x",
        "identifiers": [{"kind": "domain", "value": "a.example"}, {"kind": "domain", "value": "b.example"}],
        "iso8583": {"de32": "412345", "de42": "SHOP0001"},
        "signals": {"mcc": "5992", "merchant_age_days": 30, "prepaid_only": false,
            "declared_urls": ["https://c.example", "https://d.example"]}});
    assert_eq!(request(&room, "m_1"), expected);
    assert_eq!(
        request(&room, "m_2"),
        json!({"flow": "payout", "url": "https://two.example"})
    );
    // The same, from lines of JSON.
    let lines = json!({"merchant": "m_1", "flow": null, "name": "x", "site": "https://one.example/x",
        "domains": ["a.example", "b.example"], "acquirer": 412_345, "acceptor": "SHOP0001", "category": 5992,
        "age": 30, "prepaid": false, "shops": "https://c.example;https://d.example"});
    fs::write(room.path("merchants.ndjson"), format!("{lines}\n")).unwrap();
    let (code, text) = room.run(&[
        "portfolio",
        "import",
        "merchants.ndjson",
        "--map",
        "map.toml",
    ]);
    assert_eq!(
        (code, text.as_str()),
        (Some(0), "1 merchant: as they were\n")
    );
}

#[test]
fn a_row_that_cannot_be_read_is_named_by_line_and_rule_and_the_rest_goes_in() {
    let room = room();
    let card = "4111111111111111";
    let rows = "id,flow,url,iban,mcc,age_days\nm_1,payout,https://one.example,,,\n";
    fs::write(room.path("a.csv"), rows).unwrap();
    let (code, text) = room.run(&["portfolio", "import", "a.csv"]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("column 6 is none of"), "{text}");
    let rows = format!(
        "id,flow,url,iban,mcc,merchant_age_days\n\
         m_1,payout,https://one.example,,,\n\
         m_2,sale,https://two.example,,,\n\
         {card},payout,https://three.example,,,\n\
         m_4,payout,,{card},,\n\
         m_5,payout,https://five.example\n\
         ,payout,https://six.example,,,\n\
         m_1,payout,https://seven.example,,,\n\
         m_8,payout,https://eight.example,SE45,,many\n\
         \"m_9\",payout,\"https://nine.example\n\",,,\n\
         m_10,payout,,,,\n\
         m_11,payout,https://eleven.example,,,\n"
    );
    fs::write(room.path("a.csv"), rows).unwrap();
    let (code, text) = room.run(&["portfolio", "import", "a.csv"]);
    assert_eq!(code, Some(2), "{text}");
    for part in [
        "line 3, column flow, merchant m_2: not taken: flow: unknown_value",
        "line 4, column id: not taken: a merchant's id has no run of digits",
        "line 5, column iban, merchant m_4: not taken: identifiers[0].value: it may be a card number",
        "line 6: not taken: the row has 3 cells, and the header 6",
        "line 7: not taken: there is no id",
        "line 8, column id, merchant m_1: not taken: an earlier row has this id",
        "line 9, column iban, merchant m_8: taken, but identifiers[0].value cannot be used: iban_check_digits",
        "line 9, column merchant_age_days, merchant m_8: taken without signals.merchant_age_days: no value of this signal",
        "line 12, merchant m_10: not taken: no_identifier",
        "4 merchants: added",
        "7 merchants: not taken",
        "1 merchant: taken with a field that cannot be used",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains(card) && !text.contains("example"), "{text}");
    let (code, listed) = room.run(&["portfolio", "list"]);
    assert_eq!((code, listed.lines().count()), (Some(0), 4), "{listed}");
}

#[test]
fn lines_of_json_are_requests_with_an_id() {
    let room = room();
    let lines = [
        json!({"id": "m_1", "flow": "payout", "url": "https://one.example"}).to_string(),
        json!({"id": "m_2", "flow": "payout", "url": "https://two.example", "view": "analyst"}).to_string(),
        r#"{"id": "m_3", "flow": "payout", "url": "https://a.example", "url": "https://b.example"}"#.to_owned(),
        "{\"id\": ".to_owned(),
        format!("{{\"id\": \"{}\"}}", "x".repeat(70_000)),
        json!({"id": 6, "flow": "payout", "url": "https://six.example"}).to_string(),
        json!({"id": "m_7", "flow": "payout", "url": "https://seven.example"}).to_string(),
    ];
    fs::write(room.path("a.jsonl"), lines.join("\n")).unwrap();
    let (code, text) = room.run(&["portfolio", "import", "a.jsonl"]);
    assert_eq!(code, Some(2), "{text}");
    let not_taken: Vec<_> = text
        .lines()
        .filter(|line| line.contains(": not taken: "))
        .collect();
    assert_eq!(not_taken.len(), 5, "{text}");
    assert!(text.contains("2 merchants: added"), "{text}");
    assert_eq!(
        request(&room, "m_7"),
        json!({"flow": "payout", "url": "https://seven.example"})
    );
}

#[test]
fn a_sync_that_would_drop_more_than_a_tenth_needs_the_exact_number() {
    let room = room();
    let file = |numbers: std::ops::Range<u32>, extra: &str| {
        let rows =
            numbers.map(|number| format!("m_{number},payout,https://shop-{number}.example\n"));
        let text = format!("id,flow,url\n{}{extra}", rows.collect::<String>());
        fs::write(room.path("a.csv"), text).unwrap();
    };
    let sync = |more: &[&str]| room.run(&[&["portfolio", "sync", "a.csv"], more].concat());
    file(0..20, "");
    assert_eq!(sync(&[]), (Some(0), "20 merchants: added\n".to_owned()));
    file(2..21, "");
    let (code, text) = sync(&[]);
    let done = "1 merchant: added\n18 merchants: as they were\n2 merchants: removed\n";
    assert_eq!((code, text.as_str()), (Some(0), done));
    file(5..21, "");
    for wrong in [&[][..], &["--confirm-drop", "4"]] {
        let (code, text) = sync(wrong);
        assert_eq!(code, Some(3), "{text}");
        assert!(
            text.contains("lacks 3 of 19 merchants") && text.contains("--confirm-drop 3"),
            "{text}"
        );
        assert_eq!(room.portfolio().count().unwrap(), 19);
    }
    // A row that cannot be read may be of anybody, and one of a known merchant keeps that one.
    file(6..21, "m_5,sale,https://five.example\n");
    let (code, text) = sync(&["--confirm-drop", "4"]);
    assert_eq!(
        (code, text.contains("lacks 3 of 19")),
        (Some(3), true),
        "{text}"
    );
    let (code, text) = sync(&["--confirm-drop", "3"]);
    assert_eq!(
        (code, text.contains("3 merchants: removed")),
        (Some(2), true),
        "{text}"
    );
    assert_eq!(room.portfolio().count().unwrap(), 16);
    file(7..21, ",payout,https://anybody.example\n");
    let (code, text) = sync(&["--confirm-drop", "2"]);
    assert_eq!(
        (code, text.contains("nothing was removed")),
        (Some(2), true),
        "{text}"
    );
    assert_eq!(room.portfolio().count().unwrap(), 16);
}

#[test]
fn one_merchant_is_added_shown_and_removed_by_hand() {
    let room = room();
    let add = [
        "portfolio",
        "add",
        "m_1",
        "shop.example",
        "412345/SHOP0001",
        "--flow",
        "onboarding",
    ];
    assert_eq!(room.run(&add), (Some(0), "m_1: added\n".to_owned()));
    assert_eq!(room.run(&add), (Some(0), "m_1: as it was\n".to_owned()));
    let (code, text) = room.run(&["portfolio", "show", "m_1"]);
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (code, &shown["identifiers"][1]["kind"]),
        (Some(0), &json!("card_acceptor"))
    );
    assert_eq!(
        (&shown["flow"], &shown["verdict"], &shown["is_due"]),
        (&json!("onboarding"), &Value::Null, &json!(true))
    );
    assert_eq!(
        room.run(&["portfolio", "remove", "m_1"]),
        (Some(0), "m_1: removed\n".to_owned())
    );
    for command in ["show", "remove"] {
        let gone = room.run(&["portfolio", command, "m_1"]);
        assert_eq!(gone, (Some(2), "m_1: not in the portfolio\n".to_owned()));
    }
    let (code, text) = room.run(&["portfolio", "add", "m 1", "shop.example"]);
    assert_eq!(code, Some(3), "{text}");
}

#[test]
fn no_portfolio_is_made_for_who_has_none_in_the_configuration() {
    let room = Room::new();
    fs::write(room.path("m.ndjson"), "").unwrap();
    for arguments in [
        &["portfolio", "list"][..],
        &["portfolio", "import", "m.ndjson"],
        &["case", "list"],
    ] {
        let (code, text) = room.run(arguments);
        let lines = "gateway.toml has no table [portfolio]; add these two lines at its end:\n[portfolio]\n\
             database = \"portfolio.sqlite\"\n";
        assert_eq!((code, text.contains(lines)), (Some(3), true), "{text}");
        assert!(!room.path("portfolio.sqlite").exists());
    }
    room.say("[portfolio]\ndatabase = \"portfolio.sqlite\"\n");
    assert_eq!(room.run(&["portfolio", "list"]), (Some(0), String::new()));
    // One that was made without the table before goes on being used.
    let room = Room::new().with(&["shop"]);
    let (code, text) = room.run(&["portfolio", "list"]);
    assert!(code == Some(0) && text.starts_with("m_shop\t"), "{text}");
}

#[test]
fn columns_are_named_at_a_terminal_and_not_in_a_pipe() {
    let room = Room::new().with(&["shop"]);
    let listed = |command: &str, first: &str| {
        let piped: Vec<&str> = command.split(' ').collect();
        let (code, text) = room.run(&piped);
        assert!(code == Some(0) && !text.contains(first), "{text}");
        let line = format!("{} {command}", env!("CARGO_BIN_EXE_interdict"));
        let mut script = std::process::Command::new("script");
        script
            .current_dir(room.path(""))
            .args(["-qec", &line, "/dev/null"]);
        // Not every machine can make a terminal.
        let Ok(shown) = script.output() else { return };
        let shown = String::from_utf8(shown.stdout).unwrap();
        assert!(shown.starts_with(first), "{shown}");
    };
    listed("portfolio list", "MERCHANT\tACTION\tCAUSE\tSINCE");
    listed(
        "case list",
        "CASE\tSTATE\tMERCHANT\tACTION\tCAUSE\tOPENED\tASSIGNEE",
    );
}

#[test]
fn what_a_column_may_hold_is_in_the_help_and_in_the_refusal_of_another() {
    let room = room();
    let (code, help) = room.run(&["portfolio", "--help"]);
    assert_eq!(code, Some(0), "{help}");
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    fs::write(
        room.path("map.toml"),
        "id = \"id\"\n[identifiers]\nsite = \"website\"\n",
    )
    .unwrap();
    fs::write(room.path("a.csv"), "id,site\n").unwrap();
    let (code, refused) = room.run(&["portfolio", "import", "a.csv", "--map", "map.toml"]);
    assert_eq!(code, Some(3), "{refused}");
    let known = ["url", "facilitator.url", "iso8583.de42"];
    let kinds = interdict_core::identifier::Kind::ALL
        .iter()
        .map(|kind| kind.name());
    for name in kinds.chain(known) {
        assert!(
            help.contains(&format!(" {name},")) || help.contains(&format!(" {name}.")),
            "{name}: {help}"
        );
        assert!(refused.contains(name), "{name}: {refused}");
    }
}
