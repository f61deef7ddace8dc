use super::*;

fn file() -> String {
    let key = "ab".repeat(32);
    format!(
        r#"{{"format":"interdict-enrolment-1","coalition":"se","member":"bank-a","repository":"https://lists.example/se","root":"cm9vdCAx","lists":["se/merchants"],"keys":[{{"epoch":1,"key":"{key}"}}]}}"#
    )
}

fn public_file() -> String {
    file()
        .replace("interdict-enrolment", "interdict-public-enrolment")
        .replace(r#""member":"bank-a""#, r#""edition":"public""#)
}

fn schema(fault: Fault, path: Path) -> EnrolmentError {
    EnrolmentError::Schema(path.error(fault))
}

#[test]
fn a_file_that_was_read_is_written_the_same() {
    let read = Enrolment::read(file().as_bytes()).unwrap();
    let written = String::from_utf8(read.to_bytes()).unwrap();
    assert!(written.starts_with("{\n  \"format\": \"interdict-enrolment-1\",\n"));
    assert_eq!(written.replace(['\n', ' '], ""), file());
    assert_eq!(Enrolment::read(written.as_bytes()), Ok(read));
    let read = PublicEnrolment::read(public_file().as_bytes()).unwrap();
    let written = String::from_utf8(read.to_bytes()).unwrap();
    assert_eq!(written.replace(['\n', ' '], ""), public_file());
}

#[test]
fn one_format_is_not_read_as_the_other() {
    let member = Enrolment::read(public_file().as_bytes());
    assert_eq!(member, Err(EnrolmentError::Format));
    let public = PublicEnrolment::read(file().as_bytes());
    assert_eq!(public, Err(EnrolmentError::Format));
}

#[test]
fn another_file_is_refused_where_it_differs() {
    let key = "ab".repeat(32);
    let top = Path::default;
    let list = top().member("lists").index(0);
    let first = top().member("keys").index(0);
    let second_key = format!(r#"}},{{"epoch":1,"key":"{}"}}]"#, "cd".repeat(32));
    let long = format!("https://{}", "a".repeat(MAX_ADDRESS));
    for (from, to, fault, path) in [
        (
            "\"member\"",
            "\"mumber\"",
            Fault::MissingField,
            top().member("member"),
        ),
        (
            "{\"format\"",
            "{\"a\":1,\"format\"",
            Fault::UnknownField,
            top(),
        ),
        (
            "\"epoch\":1",
            "\"epoch\":1,\"a\":1",
            Fault::UnknownField,
            first,
        ),
        (
            "\"se\"",
            "\"SE\"",
            Fault::OutOfRange,
            top().member("coalition"),
        ),
        (
            "bank-a",
            "bank a",
            Fault::OutOfRange,
            top().member("member"),
        ),
        (
            "https://lists.example/se",
            "",
            Fault::OutOfRange,
            top().member("repository"),
        ),
        (
            "https://lists.example/se",
            "a\\u001b[2J",
            Fault::OutOfRange,
            top().member("repository"),
        ),
        (
            "https://lists.example/se",
            &long,
            Fault::OutOfRange,
            top().member("repository"),
        ),
        ("cm9vdCAx", "?", Fault::OutOfRange, top().member("root")),
        ("cm9vdCAx", "", Fault::OutOfRange, top().member("root")),
        (
            "[\"se/merchants\"]",
            "[]",
            Fault::OutOfRange,
            top().member("lists"),
        ),
        ("se/merchants", "merchants", Fault::OutOfRange, list),
        ("se/merchants", "nl/merchants", Fault::OutOfRange, list),
        (&key, "00", Fault::OutOfRange, first.member("key")),
        (
            &key,
            &"AB".repeat(32),
            Fault::OutOfRange,
            first.member("key"),
        ),
        (
            "\"epoch\":1",
            "\"epoch\":0",
            Fault::OutOfRange,
            first.member("epoch"),
        ),
        (
            "\"epoch\":1",
            "\"epoch\":4294967296",
            Fault::OutOfRange,
            first.member("epoch"),
        ),
        ("}]", &second_key, Fault::OutOfRange, top().member("keys")),
    ] {
        assert!(file().contains(from), "{from}");
        let refused = Enrolment::read(file().replacen(from, to, 1).as_bytes());
        assert_eq!(refused, Err(schema(fault, path)), "{from} {to}");
    }
    let twice = file().replace("{\"format\"", "{\"coalition\":\"se\",\"format\"");
    assert!(Enrolment::read(twice.as_bytes()).is_err());
    let keyless = file().replace(&format!(r#"{{"epoch":1,"key":"{key}"}}"#), "");
    let refused = Enrolment::read(keyless.as_bytes());
    assert_eq!(
        refused,
        Err(schema(Fault::OutOfRange, top().member("keys")))
    );
    let large = format!("{}{}", file(), " ".repeat(MAX_ENROLMENT));
    let refused = Enrolment::read(large.as_bytes());
    assert_eq!(refused, Err(schema(Fault::TooLarge, top())));
}

#[test]
fn a_public_file_is_checked_like_a_members() {
    for (from, to) in [
        ("\"public\"", "\"member\""),
        ("se/merchants", "nl/merchants"),
        ("cm9vdCAx", ""),
        ("\"epoch\":1", "\"epoch\":0"),
    ] {
        let refused = PublicEnrolment::read(public_file().replacen(from, to, 1).as_bytes());
        assert!(refused.is_err(), "{from}");
    }
}

#[test]
fn keys_are_neither_printed_nor_part_of_an_error() {
    let read = Enrolment::read(file().as_bytes()).unwrap();
    assert!(!format!("{read:?}").contains("abab"));
    let wrong = file().replace("\"keys\":[{", "\"keys\":[\"5ec7e7\",{");
    let error = Enrolment::read(wrong.as_bytes()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("5ec7e7"));
}

#[test]
fn keys_are_in_the_order_of_their_epochs() {
    let key = |epoch| EnrolmentKey::new(epoch, &"ab".repeat(32)).unwrap();
    let list = ListId::parse("se/merchants").unwrap();
    let made = Enrolment::new("se", "a", "/x", b"root", &[list], &[key(2), key(1)]).unwrap();
    let epochs: Vec<u32> = made.keys().iter().map(EnrolmentKey::epoch).collect();
    assert_eq!(epochs, [1, 2]);
    assert_eq!(EnrolmentKey::new(0, &"ab".repeat(32)), None);
}
