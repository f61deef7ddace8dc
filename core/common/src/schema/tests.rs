use super::card_data::{CARD_DATA, is_made_for_cards};
use super::*;

#[test]
fn an_unknown_member_is_refused_without_its_name() {
    let value = read(br#"{"known":1,"secret-name":2}"#, 100).unwrap();
    let mut fields = Fields::of(&value, Path::default().member("request")).unwrap();
    assert_eq!(fields.required("known").unwrap().number(0, 9), Ok(1));
    let error = fields.end().unwrap_err();
    assert_eq!(
        (error.fault, error.path.to_string()),
        (Fault::UnknownField, "request".into())
    );
}

#[test]
fn a_member_made_for_card_data_is_refused_as_such_whatever_it_holds() {
    assert!(CARD_DATA.is_sorted());
    for name in [
        "pan",
        "PAN",
        "card_number",
        "CardNumber",
        "de2",
        "DE02",
        "de002",
        "de035",
        "Cvv-2",
        "track_2",
        "de35",
    ] {
        for held in ["null", "1", r#""masked""#] {
            let text = format!(r#"{{"known":1,"{name}":{held}}}"#);
            let value = read(text.as_bytes(), 100).unwrap();
            let mut fields = Fields::of(&value, Path::default()).unwrap();
            fields.required("known").unwrap();
            assert_eq!(fields.end().unwrap_err().fault, Fault::CardNumber, "{text}");
        }
    }
    for name in ["de22", "panel", "pins", "de", "de32"] {
        assert!(!is_made_for_cards(name), "{name}");
    }
}

#[test]
fn paths_read_like_the_schema() {
    let path = Path::default()
        .member("identifiers")
        .index(2)
        .member("value");
    assert_eq!(path.to_string(), "identifiers[2].value");
}

#[test]
fn numbers_javascript_cannot_hold_are_refused() {
    let value = read(br#"{"n":9007199254740993}"#, 100).unwrap();
    let mut fields = Fields::of(&value, Path::default()).unwrap();
    let error = fields
        .required("n")
        .unwrap()
        .number(0, u64::MAX)
        .unwrap_err();
    assert_eq!(error.fault, Fault::OutOfRange);
}
