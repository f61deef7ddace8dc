//! Payment messages as their senders write them.

use std::fs;

use interdict_core::identifier::Kind;
use interdict_helpers::{CARD, shows_card};
use serde_json::{Value, json};

use super::{Serving, Told, client};

const KINDS: &[Kind] = &[
    Kind::Domain,
    Kind::Iban,
    Kind::Lei,
    Kind::CardAcceptor,
    Kind::Label,
];

/// The test merchants of `docs/identifiers.md` and what a payout to them is answered.
const ACCOUNTS: [(&str, &str, &str); 5] = [
    ("GB75TEST00000000000001", "block", "refuse"),
    ("GB48TEST00000000000002", "hold_payout", "hold"),
    ("GB21TEST00000000000003", "review", "hold"),
    ("GB91TEST00000000000004", "monitor", "pass"),
    ("GB53TEST00000000000009", "allow", "pass"),
];
const LEIS: [(&str, &str, &str); 5] = [
    ("TESTLISTEDBLOCK00057", "block", "refuse"),
    ("TESTLISTEDHOLD000072", "hold_payout", "hold"),
    ("TESTLISTEDREVIEW0078", "review", "hold"),
    // A legal entity is not who is paid (`nothing_checked`): alone it never passes a payout.
    ("TESTLISTEDMONITOR044", "review", "hold"),
    ("TESTCLEAN00000000011", "review", "hold"),
];

/// Stands in every field that is not the payee's.
const MARK: &str = "PLANTED";

fn serving(lines: &str) -> Serving {
    Serving::start_with(KINDS, lines)
}

fn from(serving: &Serving, message: &str, body: &str) -> Told {
    serving.post(&format!("/v1/screen/from/{message}"), "", body)
}

/// The answers to the transactions, and the summary.
fn lines(told: &Told) -> (Vec<Value>, Value) {
    assert_eq!(told.status, 200, "{}", told.body);
    assert_eq!(told.header("content-type"), Some("application/x-ndjson"));
    let lines = told.body.lines();
    let mut lines: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let last = lines.pop().unwrap();
    let members: Vec<&String> = last.as_object().unwrap().keys().collect();
    assert_eq!(members, ["summary"], "{last}");
    for (number, line) in (1..).zip(&lines) {
        assert_eq!(line["line"], number, "{line}");
    }
    (lines, last["summary"].clone())
}

fn account(iban: &str) -> String {
    format!("<CdtrAcct><Id><IBAN>{iban}</IBAN></Id><Nm>{MARK}</Nm></CdtrAcct>")
}

fn party(name: &str, lei: &str) -> String {
    format!(
        "<{name}><Nm>{MARK}</Nm><PstlAdr><AdrLine>{MARK}</AdrLine></PstlAdr><Id><OrgId><AnyBIC>{MARK}</AnyBIC>\
         <LEI>{lei}</LEI></OrgId></Id><CtctDtls><EmailAdr>{MARK}@mail.example</EmailAdr></CtctDtls></{name}>"
    )
}

fn transaction(payee: &str) -> String {
    format!(
        "<CdtTrfTxInf><PmtId><InstrId>{MARK}</InstrId><EndToEndId>{MARK} {CARD}</EndToEndId></PmtId>\
         <Amt><InstdAmt Ccy=\"EUR\">12.50</InstdAmt></Amt><UltmtDbtr><Nm>{MARK}</Nm></UltmtDbtr>{payee}\
         <RmtInf><Ustrd>{MARK} {CARD}</Ustrd></RmtInf></CdtTrfTxInf>"
    )
}

fn pain(transactions: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn><GrpHdr><MsgId>{MARK}</MsgId>\
         <InitgPty><Nm>{MARK}</Nm></InitgPty></GrpHdr><PmtInf><PmtInfId>{MARK}</PmtInfId><Dbtr><Nm>{MARK}</Nm></Dbtr>\
         <DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>{transactions}</PmtInf></CstmrCdtTrfInitn>\
         </Document>"
    )
}

fn pacs(transactions: &str) -> String {
    pain(transactions)
        .replace("pain.001.001.09", "pacs.008.001.08")
        .replace("CstmrCdtTrfInitn", "FIToFICstmrCdtTrf")
        .replace("<PmtInf>", "")
        .replace("</PmtInf>", "")
}

fn verification(transactions: &[String]) -> String {
    let one = |inner: &String| {
        let inner = inner.replace("CdtrAcct", "Acct").replace("Cdtr", "Pty");
        format!("<Vrfctn><Id>{MARK}</Id><PtyAndAcctId>{inner}</PtyAndAcctId></Vrfctn>")
    };
    let all: String = transactions.iter().map(one).collect();
    format!(
        "<Document><IdVrfctnReq><Assgnmt><MsgId>{MARK}</MsgId></Assgnmt>{all}</IdVrfctnReq></Document>"
    )
}

/// What is in no answer, log, journal or metric.
fn nothing_is_kept(serving: &Serving, answers: &[&str]) {
    let mut all = serving.log() + &serving.get("/metrics").body;
    for file in fs::read_dir(serving.room().join("journal")).unwrap() {
        all += &fs::read_to_string(file.unwrap().path()).unwrap_or_default();
    }
    all += &answers.concat();
    let named = ACCOUNTS.iter().chain(&LEIS).map(|(value, _, _)| *value);
    for kept in named.chain([MARK, "DE8937", "mail.example", "SHOP0001"]) {
        assert!(!all.contains(kept), "{kept}: {all}");
    }
    assert!(!shows_card(&all), "{all}");
}

#[test]
fn every_transaction_has_its_answer_and_the_last_line_counts_them() {
    let serving = serving("[journal]\n");
    let by = |values: &[(&str, &str, &str)], payee: &dyn Fn(&str) -> String| {
        let all = values.iter().map(|(value, _, _)| payee(value));
        all.collect::<Vec<String>>()
    };
    let mut told = Vec::new();
    for (payees, expected) in [
        (by(&ACCOUNTS, &account), ACCOUNTS),
        (by(&LEIS, &|lei| party("Cdtr", lei)), LEIS),
    ] {
        let mut payees = payees;
        payees.push(format!("<Cdtr><Nm>{MARK}</Nm></Cdtr>"));
        let transactions: String = payees.iter().map(|payee| transaction(payee)).collect();
        for (message, body) in [
            ("pain.001", pain(&transactions)),
            ("pacs.008", pacs(&transactions)),
            ("payee-verification", verification(&payees)),
        ] {
            let answer = from(&serving, message, &body);
            let (lines, summary) = lines(&answer);
            for ((value, action, decision), line) in expected.iter().zip(&lines) {
                let read = (line["action"].as_str(), line["decision"].as_str());
                assert_eq!(read, (Some(*action), Some(*decision)), "{value}: {line}");
            }
            let last = lines.last().unwrap();
            assert_eq!(last["error"]["type"], "urn:interdict:problem:no_merchant");
            assert_eq!((lines.len(), last.get("action")), (6, None));
            let decided = |word| expected.iter().filter(|(_, _, own)| *own == word).count();
            let [pass, hold, refuse] = ["pass", "hold", "refuse"].map(decided);
            let expected = json!({"transactions": 6, "pass": pass, "hold": hold, "refuse": refuse, "not_screened": 1});
            assert_eq!(summary, expected, "{message}");
            told.push(answer.body);
        }
    }
    let ultimate = transaction(&party("UltmtCdtr", "TESTLISTEDBLOCK00057"));
    let answer = from(&serving, "pain.001", &pain(&ultimate));
    assert_eq!(lines(&answer).1["refuse"], 1);
    told.push(answer.body);
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    nothing_is_kept(&serving, &told);
    let metrics = serving.get("/metrics").body;
    let counted = "interdict_problems_total{problem=\"no_merchant\"} 6";
    assert!(metrics.contains(counted), "{metrics}");
}

#[test]
fn json_is_read_as_xml_is() {
    let serving = serving("");
    let body = json!({"CstmrCdtTrfInitn": {"PmtInf": [
        {"DbtrAcct": {"Id": {"IBAN": MARK}}, "CdtTrfTxInf": [
            {"Amt": {"InstdAmt": 12.5}, "CdtrAcct": {"Id": {"IBAN": "GB75TEST00000000000001"}}},
            {"Cdtr": {"Id": {"OrgId": {"LEI": "TESTLISTEDHOLD000072"}}}}]},
        {"CdtTrfTxInf": {"CdtrAcct": {"Id": {"IBAN": "GB53TEST00000000000009"}}}}]}});
    let expected = json!({"transactions": 3, "pass": 1, "hold": 1, "refuse": 1, "not_screened": 0});
    for body in [body.clone(), json!({ "Document": body })] {
        let told = from(&serving, "pain.001", &body.to_string());
        assert_eq!(lines(&told).1, expected);
    }
    let scheme = json!({"party": {"name": MARK, "identification": {"organisationId": {"lei": "TESTCLEAN00000000011"}}},
        "partyAccount": {"iban": "GB75TEST00000000000001"}});
    let told = from(&serving, "payee-verification", &scheme.to_string());
    assert_eq!(lines(&told).1["refuse"], 1);
    // An account that is none is what the module says of it, and the rest of the transaction counts.
    let wrong = transaction(&account("GB75TEST00000000000002"));
    let both = transaction(&(account("x") + &party("Cdtr", "TESTLISTEDBLOCK00057")));
    let told = from(&serving, "pain.001", &pain(&(wrong + &both)));
    let (answers, _) = lines(&told);
    assert_eq!(
        answers[0]["unused"][0]["rule"], "iban_check_digits",
        "{}",
        answers[0]
    );
    assert_ne!(answers[0]["decision"], "pass", "{}", answers[0]);
    assert_eq!(answers[1]["decision"], "refuse", "{}", answers[1]);
}

#[test]
fn more_transactions_than_are_on_the_way_at_once_keep_their_order() {
    let serving = serving("");
    let many: String = (0..500)
        .map(|number| transaction(&account(ACCOUNTS[number % 5].0)))
        .collect();
    let (lines, summary) = lines(&from(&serving, "pain.001", &pain(&many)));
    for (line, (_, action, _)) in lines.iter().zip(ACCOUNTS.iter().cycle()) {
        assert_eq!(line["action"], *action, "{line}");
    }
    assert_eq!(summary["transactions"], 500);
}

#[test]
fn of_a_message_that_is_not_whole_nobody_is_screened() {
    let serving = serving("max_body = 2000\nmax_batch = 200000\n[journal]\n");
    let whole = pain(&transaction(&account("GB75TEST00000000000001")));
    let dtd = whole.replacen("<Document", "<!DOCTYPE x [<!ENTITY e \"x\">]><Document", 1);
    for body in [
        String::new(),
        "{}".to_owned(),
        whole[..whole.len() - 1].to_owned(),
        whole[..whole.len() / 2].to_owned(),
        whole.replacen("</Id>", "</IX>", 1),
        whole.replace("CstmrCdtTrfInitn", "FIToFICstmrCdtTrf"),
        dtd,
        format!("{whole}{whole}"),
        pain(""),
        pain(&transaction(&account("GB75TEST00000000000001").repeat(2))),
    ] {
        let told = from(&serving, "pain.001", &body);
        assert_eq!(
            (told.status, told.problem().as_str()),
            (400, "malformed"),
            "{body}"
        );
        assert!(
            told.json()["id"].is_string(),
            "it has a line in the journal"
        );
        assert!(
            !told.body.contains(MARK) && !told.body.contains("GB75"),
            "{}",
            told.body
        );
    }
    // Longer than one request, and still a message; longer than a batch, and none.
    assert!(whole.len() < 2000);
    let longer = pain(&transaction(&account("GB75TEST00000000000001")).repeat(10));
    assert!(longer.len() > 2000);
    assert_eq!(lines(&from(&serving, "pain.001", &longer)).1["refuse"], 10);
    let too_long = pain(&" ".repeat(200_001));
    assert_eq!(from(&serving, "pain.001", &too_long).problem(), "too_large");
    let long = json!({"DE43": "x".repeat(2_000)}).to_string();
    assert_eq!(from(&serving, "iso8583", &long).problem(), "too_large");
    nothing_is_kept(&serving, &[]);
    let metrics = serving.get("/metrics").body;
    assert!(
        metrics.contains("interdict_problems_total{problem=\"malformed\"} 10"),
        "{metrics}"
    );
    assert_eq!(
        serving.get("/v1/screen/from/pain.001").problem(),
        "method_not_allowed"
    );
    assert_eq!(from(&serving, "pain.002", &whole).problem(), "not_found");
}

#[test]
fn an_authorisation_is_answered_by_acquirer_and_acceptor() {
    let serving = serving("[journal]\n");
    let mut told = Vec::new();
    for (acceptor, action, decision) in [
        ("LISTED-BLOCK", "block", "refuse"),
        ("LISTED-HOLD", "hold_payout", "pass"),
        ("LISTED-REVIEW", "review", "pass"),
        ("LISTED-MONITOR", "monitor", "pass"),
        ("CLEAN", "allow", "pass"),
    ] {
        let body = json!({"DE18": "5734", "DE32": "999999", "DE42": acceptor, "DE43": MARK});
        let answer = from(&serving, "iso8583", &body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.body);
        let json = answer.json();
        assert_eq!(
            (&json["action"], &json["decision"]),
            (&json!(action), &json!(decision))
        );
        assert_eq!(answer.header("interdict-id"), json["id"].as_str());
        told.push(answer.body);
    }
    for (body, incomplete) in [
        (r#"{"DE42":"SHOP0001"}"#, json!(["acquirer"])),
        (r#"{"DE32":"999999"}"#, json!(["merchant"])),
        (r#"{"DE18":"5734"}"#, json!(["acquirer", "merchant"])),
    ] {
        let answer = from(&serving, "iso8583", body);
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (400, "no_merchant")
        );
        assert_eq!(answer.json()["incomplete"], incomplete, "{body}");
        told.push(answer.body);
    }
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    nothing_is_kept(&serving, &told);
}

#[test]
fn card_data_is_refused_and_kept_nowhere() {
    let serving = serving("[journal]\n");
    let number = CARD.replace(' ', "");
    let mut told = Vec::new();
    for name in [
        "DE2",
        "2",
        "002",
        "de_035",
        "\\u0044E36",
        "45",
        "DE52",
        "De-55",
    ] {
        for body in [
            format!(r#"{{"DE32":"999999","DE42":"CLEAN","{name}":"{number}"}}"#),
            format!(r#"{{"{name}":"{number}","DE32":"999999","DE42":"CLEAN"}}"#),
            format!(
                r#"{{"DE32":"999999","DE42":"CLEAN","DE43":{{"x":[{{"{name}":"{number}"}}]}}}}"#
            ),
        ] {
            let answer = from(&serving, "iso8583", &body);
            assert_eq!(
                (answer.status, answer.problem().as_str()),
                (400, "card_data"),
                "{body}"
            );
            told.push(answer.body);
        }
    }
    let other = format!(r#"{{"DE32":"999999","DE42":"CLEAN","pan":"{number}"}}"#);
    let answer = from(&serving, "iso8583", &other);
    assert_eq!(answer.problem(), "malformed");
    told.push(answer.body);
    let told: Vec<&str> = told.iter().map(String::as_str).collect();
    nothing_is_kept(&serving, &told);
}

#[test]
fn only_clients_that_may_ask_about_payouts_are_answered() {
    let serving = serving(
        &(client("shop", "shop", "flows = [\"authorisation\"]")
            + &client(
                "payouts",
                "payouts",
                "flows = [\"payout\"]\nrequests_per_second = 100",
            )
            + &client("slow", "slow", "requests_per_second = 1")),
    );
    let body = pain(&transaction(&account("GB75TEST00000000000001")).repeat(3));
    let card = json!({"DE32": "999999", "DE42": "CLEAN"}).to_string();
    let ask = |message: &str, token: &str, body: &str| {
        let headers = format!("authorization: Bearer {token}\r\n");
        serving.post(&format!("/v1/screen/from/{message}"), &headers, body)
    };
    assert_eq!(ask("pain.001", "payouts", &body).status, 200);
    assert_eq!(ask("iso8583", "shop", &card).status, 200);
    assert_eq!(ask("pain.001", "shop", &body).problem(), "flow_not_allowed");
    assert_eq!(
        ask("iso8583", "payouts", &card).problem(),
        "flow_not_allowed"
    );
    assert_eq!(ask("pain.001", "none", &body).problem(), "unauthenticated");
    assert_eq!(
        from(&serving, "iso8583", &card).problem(),
        "unauthenticated"
    );
    let told: Vec<u16> = (0..20)
        .map(|_| ask("iso8583", "slow", &card).status)
        .collect();
    assert!(told[0] == 200 && told.contains(&429), "{told:?}");
}
