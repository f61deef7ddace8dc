use super::*;
use crate::common::schema::Fault;
use crate::wire::limits::MAX_KEYS;
use grant::MAX_ADDRESS;

fn file() -> String {
    let key = "ab".repeat(32);
    format!(
        r#"{{"format":"interdict-enrolment-1","coalition":"se","member":"bank-a","edition":"member","repository":"https://lists.example/se","root":"cm9vdCAx","lists":["se/merchants"],"keys":[{{"epoch":1,"key":"{key}"}}]}}"#
    )
}

fn public_file() -> String {
    file()
        .replace("interdict-enrolment", "interdict-public-enrolment")
        .replace(
            r#""member":"bank-a","edition":"member""#,
            r#""edition":"public""#,
        )
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

/// What a page does is in a public file alone, and a file that does not say it is the careful one.
#[test]
fn a_public_file_says_what_pages_do_and_the_careful_choice_goes_without_saying() {
    let with = |page: &str| public_file().replace("\"keys\"", &format!("\"page\":{page},\"keys\""));
    let read = |text: &str| PublicEnrolment::read(text.as_bytes());
    let careful = read(&public_file()).unwrap();
    assert_eq!(careful.page().fresh_miss, FreshMiss::AskGateway);
    assert_eq!(careful.page().on_no_gateway, OnNoGateway::Refuse);
    for page in [
        "{}",
        r#"{"fresh_miss":"ask_gateway"}"#,
        r#"{"on_no_gateway":"refuse","fresh_miss":"ask_gateway"}"#,
    ] {
        assert_eq!(read(&with(page)).as_ref(), Ok(&careful), "{page}");
    }
    for (page, fresh_miss, on_no_gateway) in [
        (
            r#"{"fresh_miss":"proceed","on_no_gateway":"refuse"}"#,
            FreshMiss::Proceed,
            OnNoGateway::Refuse,
        ),
        (
            r#"{"fresh_miss":"ask_gateway","on_no_gateway":"proceed"}"#,
            FreshMiss::AskGateway,
            OnNoGateway::Proceed,
        ),
    ] {
        let file = with(page);
        let chosen = read(&file).unwrap();
        let choices = PageChoices {
            fresh_miss,
            on_no_gateway,
        };
        assert_eq!(chosen.page(), choices);
        let written = String::from_utf8(chosen.to_bytes()).unwrap();
        assert_eq!(written.replace(['\n', ' '], ""), file);
        assert_eq!(careful.clone().with_page(choices), chosen);
    }
    let page = Path::default().member("page");
    for (wrong, fault, path) in [
        ("[]", Fault::WrongType, page),
        ("\"proceed\"", Fault::WrongType, page),
        (r#"{"fresh_mis":"proceed"}"#, Fault::UnknownField, page),
        (
            r#"{"fresh_miss":"refuse"}"#,
            Fault::UnknownValue,
            page.member("fresh_miss"),
        ),
        (
            r#"{"fresh_miss":true}"#,
            Fault::WrongType,
            page.member("fresh_miss"),
        ),
        (
            r#"{"on_no_gateway":"ask_gateway"}"#,
            Fault::UnknownValue,
            page.member("on_no_gateway"),
        ),
    ] {
        assert_eq!(read(&with(wrong)), Err(schema(fault, path)), "{wrong}");
    }
    let members = file().replace("\"keys\"", "\"page\":{},\"keys\"");
    let refused = Enrolment::read(members.as_bytes());
    assert_eq!(refused, Err(schema(Fault::UnknownField, Path::default())));
}

#[test]
fn keys_are_neither_printed_nor_part_of_an_error() {
    let read = Enrolment::read(file().as_bytes()).unwrap();
    assert!(!format!("{read:?}").contains("abab"));
    let wrong = file().replace("\"keys\":[{", "\"keys\":[\"5ec7e7\",{");
    let error = Enrolment::read(wrong.as_bytes()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("5ec7e7"));
}

fn parts<'a>(lists: &'a [ListId], keys: &'a [EnrolmentKey]) -> EnrolmentParts<'a> {
    EnrolmentParts {
        coalition: "se",
        member: "a",
        edition: Edition::Member,
        repository: "/x",
        root: b"root",
        lists,
        recipient: None,
        keys,
    }
}

fn key(epoch: u32) -> EnrolmentKey {
    EnrolmentKey::new(epoch, &"ab".repeat(32)).unwrap()
}

#[test]
fn keys_are_in_the_order_of_their_epochs() {
    let lists = [ListId::parse("se/merchants").unwrap()];
    let made = Enrolment::new(&parts(&lists, &[key(2), key(1)])).unwrap();
    let epochs: Vec<u32> = made.keys().iter().map(EnrolmentKey::epoch).collect();
    assert_eq!(epochs, [1, 2]);
    assert_eq!(EnrolmentKey::new(0, &"ab".repeat(32)), None);
}

#[test]
fn what_could_not_be_read_is_not_made() {
    let list = ListId::parse("se/merchants").unwrap();
    let (lists, many) = (vec![list.clone()], vec![list; MAX_KEYS + 1]);
    let keys: Vec<EnrolmentKey> = (1..=257).map(key).collect();
    let top = Path::default;
    let large = vec![7; MAX_ENROLMENT];
    let good = parts(&lists, &keys[..1]);
    assert!(Enrolment::new(&parts(&lists, &keys[..MAX_KEYS])).is_ok());
    for (wrong, fault, path) in [
        (
            parts(&many, &keys[..1]),
            Fault::TooMany,
            top().member("lists"),
        ),
        (parts(&lists, &keys), Fault::TooMany, top().member("keys")),
        (parts(&lists, &[]), Fault::OutOfRange, top().member("keys")),
        (
            EnrolmentParts {
                root: &large,
                ..good
            },
            Fault::TooLarge,
            top(),
        ),
        (
            EnrolmentParts {
                member: "A",
                ..good
            },
            Fault::OutOfRange,
            top().member("member"),
        ),
        (
            EnrolmentParts {
                recipient: Some("age1"),
                ..good
            },
            Fault::OutOfRange,
            top().member("recipient"),
        ),
        (
            EnrolmentParts {
                edition: Edition::Public,
                ..good
            },
            Fault::UnknownValue,
            top().member("edition"),
        ),
    ] {
        assert_eq!(Enrolment::new(&wrong), Err(schema(fault, path)));
    }
    let public = PublicEnrolment::new("se", "/x", b"root", &many, &keys[..1]);
    assert_eq!(public, Err(schema(Fault::TooMany, top().member("lists"))));
}

/// From the age specification's test vectors.
const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

#[test]
fn a_file_may_lack_keys_exactly_when_it_names_whom_they_are_sealed_to() {
    let recipient = format!(r#""recipient":"{RECIPIENT}","keys""#);
    let sealed = file().replace("\"keys\"", &recipient);
    let with_both = Enrolment::read(sealed.as_bytes()).unwrap();
    assert_eq!(with_both.recipient(), Some(RECIPIENT));
    assert_eq!(with_both.keys().len(), 1);
    let start = sealed.find("[{\"epoch\"").unwrap();
    let sealed = format!("{}[]}}", sealed.get(..start).unwrap());
    let read = Enrolment::read(sealed.as_bytes()).unwrap();
    assert!(read.keys().is_empty());
    let written = String::from_utf8(read.to_bytes()).unwrap();
    assert_eq!(written.replace(['\n', ' '], ""), sealed);
    let without = sealed.replace(&format!(r#""recipient":"{RECIPIENT}","#), "");
    let keys = Path::default().member("keys");
    assert_eq!(
        Enrolment::read(without.as_bytes()),
        Err(schema(Fault::OutOfRange, keys))
    );
    let path = Path::default().member("recipient");
    for other in [
        "",
        "age1",
        "AGE1ZVKYG2LQZRAA2LNJVQEJ32NKUU0UES2S82HZRYE869XEEXVN73EQUNUJWJ",
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujw",
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwjj",
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujbb",
        "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX",
    ] {
        let wrong = sealed.replace(RECIPIENT, other);
        let refused = Enrolment::read(wrong.as_bytes());
        assert_eq!(refused, Err(schema(Fault::OutOfRange, path)), "{other}");
    }
}

#[test]
fn a_file_that_names_no_edition_is_a_members() {
    let without = file().replace(r#","edition":"member""#, "");
    let read = Enrolment::read(without.as_bytes());
    assert_eq!(read, Enrolment::read(file().as_bytes()));
    for other in ["public", "Member", ""] {
        let wrong = file().replace(r#""edition":"member""#, &format!(r#""edition":"{other}""#));
        let edition = Path::default().member("edition");
        let refused = Enrolment::read(wrong.as_bytes());
        assert_eq!(
            refused,
            Err(schema(Fault::UnknownValue, edition)),
            "{other}"
        );
    }
}

#[test]
fn what_was_sealed_names_its_target_and_another_form_of_it_is_refused() {
    let sealed = SealedKey::new("se", &key(2));
    assert_eq!(sealed.target().path(), "se/epoch-2.key.age");
    let text = String::from_utf8(sealed.to_bytes()).unwrap();
    let expected = format!(
        r#"{{"format":"interdict-key-1","coalition":"se","epoch":2,"key":"{}"}}"#,
        "ab".repeat(32)
    );
    assert_eq!(text, expected);
    assert!(!format!("{sealed:?}").contains("abab"));
    let newer = text.replace("{\"format\"", "{\"note\":1,\"format\"");
    for good in [&text, &newer] {
        assert_eq!(SealedKey::read(good.as_bytes()).as_ref(), Ok(&sealed));
    }
    for (from, to) in [
        ("key-1", "key-2"),
        ("\"se\"", "\"SE\""),
        ("\"epoch\":2", "\"epoch\":0"),
        ("\"epoch\":2", "\"epoch\":2,\"epoch\":2"),
        ("abab", "ab"),
        ("abab", "ABAB"),
        ("}", ""),
        ("}", "} x"),
        ("{", &format!("{{\"x\":\"{}\",", "a".repeat(512))),
    ] {
        assert!(text.contains(from));
        assert!(
            SealedKey::read(text.replacen(from, to, 1).as_bytes()).is_err(),
            "{from}"
        );
    }
}
