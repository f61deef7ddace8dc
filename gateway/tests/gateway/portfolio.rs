//! The portfolio's file: who may read it, what may stand in it, and what comes out of it.

use std::fs;
use std::path::Path;

use interdict::{
    Error, Merchant, MerchantId, MerchantReader, Portfolio, PortfolioError, Put, RowProblem,
};
use interdict_core::policy::Flow;
use interdict_helpers::NOW;
use serde_json::{Value, json};

pub(crate) fn open(path: &Path) -> Portfolio {
    Portfolio::open(path).unwrap()
}

pub(crate) fn id(text: &str) -> MerchantId {
    MerchantId::parse(text).unwrap()
}

pub(crate) fn domain(name: &str) -> Value {
    json!({"flow": "payout", "identifiers": [{"kind": "domain", "value": name}]})
}

pub(crate) fn merchant(id: &str, request: &Value) -> Merchant {
    let mut reader = MerchantReader::new(None, NOW).unwrap();
    reader.read(id, request).unwrap()
}

#[cfg(unix)]
#[test]
fn only_its_owner_may_read_the_file_and_what_sqlite_writes_beside_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("portfolio.sqlite");
    let mut portfolio = open(&path);
    portfolio
        .put(&merchant("m_1", &domain("shop.example")), NOW)
        .unwrap();
    let modes: Vec<_> = fs::read_dir(room.path())
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().permissions().mode() & 0o777)
        .collect();
    assert_eq!(modes, [0o600; 3], "the file, its log and its index");
    drop(portfolio);
    for mode in [0o640, 0o604, 0o660] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused = Portfolio::open(&path).unwrap_err();
        assert!(
            matches!(&refused, Error::Portfolio(PortfolioError::OpenToOthers(named)) if *named == path),
            "{refused}"
        );
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(open(&path).count().unwrap(), 1);
}

#[test]
fn a_file_of_another_program_or_of_a_newer_version_is_refused_and_left_alone() {
    let room = tempfile::tempdir().unwrap();
    let rubbish = room.path().join("rubbish");
    fs::write(
        &rubbish,
        "this is no database, and long enough to look like one".repeat(99),
    )
    .unwrap();
    let other = room.path().join("other");
    let connection = rusqlite::Connection::open(&other).unwrap();
    connection
        .execute_batch("CREATE TABLE merchants (id)")
        .unwrap();
    drop(connection);
    let newer = room.path().join("newer");
    drop(open(&newer));
    let connection = rusqlite::Connection::open(&newer).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    for path in [&rubbish, &other, &newer] {
        private(path);
        let before = fs::read(path).unwrap().len();
        let refused = Portfolio::open(path).unwrap_err();
        let is_newer = path == &newer;
        let expected = match &refused {
            Error::Portfolio(PortfolioError::Newer { version, .. }) => is_newer && *version == 99,
            Error::Portfolio(PortfolioError::NotAPortfolio(_)) => !is_newer,
            _ => false,
        };
        assert!(expected, "{refused}");
        assert_eq!(fs::read(path).unwrap().len(), before);
    }
}

fn private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn a_merchant_is_asked_for_by_its_id_alone_in_its_own_flow_or_in_another() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("portfolio.sqlite");
    let mut portfolio = open(&path);
    let mut request = domain("shop.example");
    request["signals"] = json!({"mcc": "5967"});
    let shop = merchant("m_1", &request);
    assert_eq!(portfolio.put(&shop, NOW).unwrap(), Put::Added);
    assert_eq!(portfolio.put(&shop, NOW + 1).unwrap(), Put::Unchanged);
    let other = merchant("m_1", &domain("other.example"));
    assert_eq!(portfolio.put(&other, NOW + 2).unwrap(), Put::Replaced);
    assert_eq!(portfolio.put(&shop, NOW + 3).unwrap(), Put::Replaced);
    let asked = |portfolio: &Portfolio, flow| {
        let text = portfolio.request(&id("m_1"), flow).unwrap().unwrap();
        serde_json::from_str::<Value>(&text).unwrap()
    };
    // Another process has the same file open.
    let reading = open(&path);
    assert_eq!(asked(&reading, None), request);
    request["flow"] = json!("authorisation");
    assert_eq!(asked(&reading, Some(Flow::Authorisation)), request);
    assert_eq!(reading.request(&id("m_2"), None).unwrap(), None);
    assert_eq!(
        format!("{:?}", reading.merchant(&id("m_1")).unwrap()),
        "Some(Merchant { id: MerchantId(\"m_1\"), flow: Payout, .. })"
    );
    assert!(
        portfolio.remove(&id("m_1"), NOW).unwrap() && !portfolio.remove(&id("m_1"), NOW).unwrap()
    );
    assert_eq!(reading.count().unwrap(), 0);
}

#[test]
fn merchants_come_in_batches_by_id_and_each_once() {
    let room = tempfile::tempdir().unwrap();
    let mut portfolio = open(&room.path().join("portfolio.sqlite"));
    for number in 0..25 {
        let name = format!("m_{number:02}");
        portfolio
            .put(&merchant(&name, &domain("shop.example")), NOW)
            .unwrap();
    }
    let mut seen: Vec<MerchantId> = Vec::new();
    loop {
        let batch = portfolio.merchants_after(seen.last(), 10).unwrap();
        if batch.is_empty() {
            break;
        }
        seen.extend(batch.iter().map(|merchant| merchant.id().clone()));
    }
    let expected: Vec<_> = (0..25)
        .map(|number| id(&format!("m_{number:02}")))
        .collect();
    assert_eq!(seen, expected);
}

#[test]
fn what_the_module_would_refuse_and_what_may_be_a_card_number_is_never_stored() {
    let mut reader = MerchantReader::new(None, NOW).unwrap();
    let with = |name: &str, value: Value| {
        let mut request = domain("shop.example");
        request[name] = value;
        request
    };
    let card = "4111111111111111";
    for (request, told) in [
        (json!([]), "the row is no JSON object"),
        (json!({"flow": "payout"}), "no_identifier"),
        (with("flow", json!("sale")), "flow: unknown_value"),
        (with("urls", json!("shop.example")), "unknown_field"),
        (with("pan", json!("1")), "pan_refused"),
        (with("view", json!("analyst")), "view: this member"),
        (with("reference", json!("7")), "reference: this member"),
        (
            with("url", json!(format!("https://shop.example/?c={card}"))),
            "url: it may be a card number",
        ),
        (
            with("iso20022", json!({"cdtr_acct_iban": card})),
            "iso20022.cdtr_acct_iban: it may be a card number",
        ),
        (
            with("signals", json!({"mcc": card})),
            "signals.mcc: it may be a card number",
        ),
        (
            with(
                "identifiers",
                json!([{"kind": "other", "value": format!("shopid:{card}")}]),
            ),
            "identifiers[0].value: it may be a card number",
        ),
    ] {
        let refused = reader.read("m_1", &request).unwrap_err();
        let text = refused.to_string();
        assert!(
            text.contains(told) && !text.contains(card),
            "{request}: {text}"
        );
    }
    // What merely names nobody is kept, so that no merchant keeps itself from being screened.
    let request = with("iso20022", json!({"cdtr_acct_iban": "SE45"}));
    let (_, unused) = reader.read_with_unused("m_1", &request).unwrap();
    assert_eq!(unused[0].path, "iso20022.cdtr_acct_iban");
    let refused = reader.read(card, &domain("shop.example"));
    assert!(matches!(refused, Err(RowProblem::Id(_))));
}
