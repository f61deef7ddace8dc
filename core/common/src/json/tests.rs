use super::*;

const LIMITS: Limits = Limits {
    depth: 3,
    nodes: 20,
};

#[test]
fn canonical_form_sorts_members_and_escapes_only_quote_and_backslash() {
    let text = "{\"b\":[1,true,null],\"\u{e5}\":\"\\n\\\"\\\\\\u00e9\",\"a\":-5}";
    let expected = "{\"a\":-5,\"b\":[1,true,null],\"\u{e5}\":\"\n\\\"\\\\\u{e9}\"}";
    let canonical = parse(text.as_bytes(), LIMITS).unwrap().canonical();
    assert_eq!(String::from_utf8(canonical).unwrap(), expected);
}

#[test]
fn each_refusal_is_its_own_error() {
    for (text, error) in [
        (&b"{\"a\":1,\"a\":1}"[..], JsonError::DuplicateMember),
        (b"{\"a\":1,\"\\u0061\":1}", JsonError::DuplicateMember),
        (b"1.5", JsonError::NonInteger),
        (b"1e3", JsonError::NonInteger),
        (b"9223372036854775808", JsonError::NonInteger),
        (b"[[[[]]]]", JsonError::TooDeep),
        (
            b"[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]",
            JsonError::TooManyValues,
        ),
        (b"\"\xff\"", JsonError::Utf8),
        (b"{", JsonError::Syntax),
        (b"", JsonError::Syntax),
        (b"1 2", JsonError::Syntax),
        (b"\"\\ud800\"", JsonError::Syntax),
    ] {
        assert_eq!(
            parse(text, LIMITS),
            Err(error),
            "{}",
            String::from_utf8_lossy(text)
        );
    }
    assert!(parse(b"[[[]]]", LIMITS).is_ok());
}
