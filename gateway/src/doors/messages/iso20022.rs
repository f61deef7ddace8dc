use super::fault::MessageFault;
use super::kind::PaymentMessage;
use super::payee::Payee;
use super::walk::Walk;
use super::{json, xml};

/// What some programs write before a text in UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Whom the transactions of a message pay, in its order. XML and JSON are told apart by their first character.
///
/// # Errors
/// Why the message names nobody: nothing of it was screened.
pub(crate) fn payees(kind: PaymentMessage, message: &[u8]) -> Result<Vec<Payee>, MessageFault> {
    let text = std::str::from_utf8(message).map_err(|_| MessageFault::Encoding)?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut walk = Walk::along(kind.shape());
    match text.trim_ascii_start().starts_with('<') {
        true => xml::follow(text, &mut walk)?,
        false => json::follow(text, &mut walk)?,
    }
    walk.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A published example of an IBAN, and one of an LEI from ISO 17442.
    const IBAN: &str = "GB29NWBK60161331926819";
    const LEI: &str = "506700GE1G29325QX363";
    /// What stands in every other field.
    const MARK: &str = "MARKER";

    fn of(kind: PaymentMessage, text: &str) -> Result<Vec<Payee>, MessageFault> {
        payees(kind, text.as_bytes())
    }

    fn pain(text: &str) -> Result<Vec<Payee>, MessageFault> {
        of(PaymentMessage::Pain001, text)
    }

    fn payee(iban: Option<&str>, lei: Option<&str>, ultimate: Option<&str>) -> Payee {
        Payee {
            iban: iban.map(str::to_owned),
            lei: lei.map(str::to_owned),
            ultimate_lei: ultimate.map(str::to_owned),
        }
    }

    fn transaction(inner: &str) -> String {
        format!(
            "<CdtTrfTxInf><PmtId><EndToEndId>{MARK}</EndToEndId></PmtId>\
             <Amt><InstdAmt Ccy=\"EUR\">1.50</InstdAmt></Amt>{inner}\
             <RmtInf><Ustrd>{MARK}</Ustrd></RmtInf></CdtTrfTxInf>"
        )
    }

    fn account(iban: &str) -> String {
        format!("<CdtrAcct><Id><IBAN>{iban}</IBAN></Id></CdtrAcct>")
    }

    fn party(name: &str, lei: &str) -> String {
        format!(
            "<{name}><Nm>{MARK}</Nm><Id><OrgId><AnyBIC>{MARK}</AnyBIC><LEI>{lei}</LEI></OrgId></Id></{name}>"
        )
    }

    fn document(transactions: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn>\
             <GrpHdr><MsgId>{MARK}</MsgId></GrpHdr><PmtInf><Dbtr><Nm>{MARK}</Nm><Id><OrgId><LEI>{MARK}</LEI>\
             </OrgId></Id></Dbtr><DbtrAcct><Id><IBAN>{MARK}</IBAN></Id></DbtrAcct>{transactions}</PmtInf>\
             </CstmrCdtTrfInitn></Document>"
        )
    }

    #[test]
    fn what_names_the_payee_is_kept_and_nothing_else() {
        let all = account(IBAN) + &party("Cdtr", LEI) + &party("UltmtCdtr", LEI);
        let dbtr = party("UltmtDbtr", MARK);
        let whole = payee(Some(IBAN), Some(LEI), Some(LEI));
        let text = document(&transaction(&(dbtr.clone() + &all)));
        assert_eq!(pain(&text), Ok(vec![whole.clone()]));
        let request = whole.request(PaymentMessage::FLOW).unwrap();
        assert_eq!(
            String::from_utf8(request).unwrap(),
            format!(
                "{{\"flow\":\"payout\",\"iso20022\":{{\"cdtr_acct_iban\":\"{IBAN}\",\"cdtr_lei\":\"{LEI}\",\
                 \"ultmt_cdtr_lei\":\"{LEI}\"}}}}"
            )
        );
        // Each is optional, and a transaction without any is still one.
        for (inner, expected) in [
            (account(IBAN), payee(Some(IBAN), None, None)),
            (party("Cdtr", LEI), payee(None, Some(LEI), None)),
            (party("UltmtCdtr", LEI), payee(None, None, Some(LEI))),
            (account(""), Payee::default()),
            (dbtr, Payee::default()),
            (String::new(), Payee::default()),
        ] {
            assert_eq!(
                pain(&document(&transaction(&inner))),
                Ok(vec![expected]),
                "{inner}"
            );
        }
        assert!(Payee::default().request(PaymentMessage::FLOW).is_none());
    }

    #[test]
    fn transactions_keep_their_order_across_payments() {
        let one = transaction(&account("AA"));
        let text = document(&format!(
            "{one}{}</PmtInf><PmtInf>{}",
            transaction(""),
            transaction(&account("CC"))
        ));
        let expected = vec![
            payee(Some("AA"), None, None),
            Payee::default(),
            payee(Some("CC"), None, None),
        ];
        assert_eq!(pain(&text), Ok(expected.clone()));
        let json = r#"{"CstmrCdtTrfInitn":{"PmtInf":[
            {"CdtTrfTxInf":[{"CdtrAcct":{"Id":{"IBAN":"AA"}}},{"Amt":{"InstdAmt":1.5e3}}]},
            {"CdtTrfTxInf":{"CdtrAcct":{"Id":{"IBAN":"CC"}},"Dbtr":[[{"x":null}]]}}]}}"#;
        assert_eq!(pain(json), Ok(expected.clone()));
        assert_eq!(pain(&format!("{{\"Document\":{json}}}")), Ok(expected));
    }

    #[test]
    fn fields_count_in_their_own_path_alone() {
        for inner in [
            format!("<IBAN>{IBAN}</IBAN>"),
            format!("<CdtrAcct><IBAN>{IBAN}</IBAN></CdtrAcct>"),
            format!("<Cdtr><Id><PrvtId><LEI>{LEI}</LEI></PrvtId></Id></Cdtr>"),
            format!(
                "<SplmtryData><Envlp>{}</Envlp></SplmtryData>",
                account(IBAN)
            ),
            format!("<Dbtr>{}</Dbtr>", account(IBAN)),
            account(IBAN).replace("CdtrAcct", "CdtrAgtAcct"),
            account(IBAN).replace("CdtrAcct", "cdtrAcct"),
            format!("<!-- {} -->", account(IBAN)),
            format!("<Nm><![CDATA[{}]]></Nm>", account(IBAN)),
        ] {
            let read = pain(&document(&transaction(&inner)));
            assert_eq!(read, Ok(vec![Payee::default()]), "{inner}");
        }
        let json = format!(r#"{{"CstmrCdtTrfInitn":{{"CdtTrfTxInf":{{"IBAN":"{IBAN}"}}}}}}"#);
        assert_eq!(pain(&json), Err(MessageFault::NoTransaction));
    }

    #[test]
    fn any_version_prefix_and_spelling_of_text_is_read() {
        let plain = document(&transaction(&account(IBAN)));
        let expected = Ok(vec![payee(Some(IBAN), None, None)]);
        for (from, to) in [
            ("pain.001.001.09", "pain.001.001.03"),
            ("GB29", "GB<!-- a comment -->29"),
            ("GB29", "<![CDATA[GB29]]>"),
            ("GB29", "&#71;&#x42;29"),
            ("<IBAN>GB29", "<IBAN a=\"b\">\n GB29"),
            ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", ""),
            ("<?xml", "\u{feff}<?xml"),
            ("<Document", "<?xml-stylesheet href=\"x\"?>\n<Document"),
        ] {
            let text = plain.replacen(from, to, 1);
            assert_ne!(text, plain, "{from}");
            assert_eq!(pain(&text), expected, "{to}");
        }
        let prefixed = plain.replace("</", "</p:").replace('<', "<p:");
        let prefixed = prefixed
            .replace("<p:/p:", "</p:")
            .replace("<p:?xml", "<?xml");
        let prefixed = prefixed.replace("xmlns=", "xmlns:p=");
        assert_eq!(pain(&prefixed), expected, "{prefixed}");
    }

    #[test]
    fn what_two_readers_could_read_differently_names_nobody() {
        let twice = MessageFault::Twice;
        let once = account(IBAN);
        for (inner, fault) in [
            (format!("{once}{once}"), twice),
            (once.replace("<Id>", "<Id/><Id>"), twice),
            (once.replace("</IBAN>", "</IBAN><IBAN/>"), twice),
            (once.replace("</IBAN>", "<b/></IBAN>"), MessageFault::Form),
            (once.replace("<Id>", "<Id>x"), MessageFault::Form),
            (account(&"9".repeat(300)), MessageFault::Form),
            (account("&iban;"), MessageFault::Entity),
            (account("&#0;"), MessageFault::Entity),
        ] {
            let read = pain(&document(&transaction(&inner)));
            assert_eq!(read, Err(fault), "{inner}");
        }
        for (inner, fault) in [
            (r#""CdtrAcct":{"Id":{}},"CdtrAcct":{"Id":{}}"#, twice),
            (r#""CdtrAcct":[{},{}]"#, twice),
            (r#""CdtrAcct":{"Id":{"IBAN":["a","b"]}}"#, twice),
            (r#""CdtrAcct":{"Id":{"IBAN":1}}"#, MessageFault::Form),
            (r#""CdtrAcct":{"Id":{"IBAN":true}}"#, MessageFault::Form),
            (r#""CdtrAcct":{"Id":{"IBAN":{"a":1}}}"#, MessageFault::Form),
            (r#""CdtrAcct":{"Id":"x"}"#, MessageFault::Form),
            (r#""\u0043dtrAcct":"x""#, MessageFault::Form),
        ] {
            let text = format!(r#"{{"FIToFICstmrCdtTrf":{{"CdtTrfTxInf":{{{inner}}}}}}}"#);
            let read = of(PaymentMessage::Pacs008, &text);
            assert_eq!(read, Err(fault), "{inner}");
        }
        let none = r#"{"FIToFICstmrCdtTrf":{"CdtTrfTxInf":[{"CdtrAcct":null},{"CdtrAcct":{"Id":{"IBAN":null}}}]}}"#;
        let read = of(PaymentMessage::Pacs008, none);
        assert_eq!(read, Ok(vec![Payee::default(), Payee::default()]));
    }

    #[test]
    fn what_is_no_whole_message_of_its_kind_names_nobody() {
        let plain = document(&transaction(&account(IBAN)));
        for end in 0..plain.len() {
            let cut = plain.get(..end).unwrap();
            assert_eq!(pain(cut), Err(MessageFault::Syntax), "{cut}");
        }
        let entity = "<!DOCTYPE Document [<!ENTITY iban \"GB29NWBK60161331926819\">]><Document";
        let deep = "<a>".repeat(1_000) + &"</a>".repeat(1_000);
        for (text, fault) in [
            (
                plain.replacen("<Document", entity, 1),
                MessageFault::DocumentType,
            ),
            (format!("<!-- -->{plain}"), MessageFault::Syntax),
            (
                plain.replacen("UTF-8", "ISO-8859-1", 1),
                MessageFault::Encoding,
            ),
            (
                plain.replacen("</Document>", "</Document><Document/>", 1),
                MessageFault::Syntax,
            ),
            (
                plain.replacen("</Document>", "</Document>x", 1),
                MessageFault::Syntax,
            ),
            (plain.replacen("</Id>", "</Ix>", 1), MessageFault::Syntax),
            (plain.replacen("EUR\"", "EUR", 1), MessageFault::Syntax),
            (document(&deep), MessageFault::TooDeep),
            (document(""), MessageFault::NoTransaction),
            (
                plain.replace("CstmrCdtTrfInitn", "FIToFICstmrCdtTrf"),
                MessageFault::NoTransaction,
            ),
            (
                plain.replace("Document", "Envelope"),
                MessageFault::NoTransaction,
            ),
            (String::new(), MessageFault::Syntax),
            ("{}".to_owned(), MessageFault::NoTransaction),
            ("[]".to_owned(), MessageFault::Syntax),
            ("\"\"".to_owned(), MessageFault::Syntax),
            ("{\"a\":1}x".to_owned(), MessageFault::Syntax),
            (
                "{\"a\":".to_owned() + &"[".repeat(1 << 20),
                MessageFault::Syntax,
            ),
        ] {
            assert_eq!(pain(&text), Err(fault), "{:?}", text.get(..200));
        }
        assert_eq!(
            payees(PaymentMessage::Pain001, &[b'<', 0xff]),
            Err(MessageFault::Encoding)
        );
        assert_eq!(
            of(PaymentMessage::Pacs008, &plain),
            Err(MessageFault::NoTransaction)
        );
    }

    #[test]
    fn more_transactions_than_are_taken_name_nobody() {
        let many = "<CdtTrfTxInf/>".repeat(200_000);
        assert_eq!(pain(&document(&many)).unwrap().len(), 200_000);
        let more = many + "<CdtTrfTxInf/>";
        assert_eq!(pain(&document(&more)), Err(MessageFault::TooMany));
    }

    #[test]
    fn the_party_of_a_verification_is_read_in_each_of_its_forms() {
        let both = Ok(vec![payee(Some(IBAN), Some(LEI), None)]);
        let read = |text: &str| of(PaymentMessage::PayeeVerification, text);
        let xml = |account: &str| {
            format!(
                "<Document><IdVrfctnReq><Assgnmt><MsgId>{MARK}</MsgId></Assgnmt><Vrfctn><Id>{MARK}</Id><PtyAndAcctId>\
                 <Pty><Nm>{MARK}</Nm><Id><OrgId><LEI>{LEI}</LEI></OrgId></Id></Pty>{account}</PtyAndAcctId></Vrfctn>\
                 </IdVrfctnReq></Document>"
            )
        };
        assert_eq!(
            read(&xml(&format!("<Acct><IBAN>{IBAN}</IBAN></Acct>"))),
            both
        );
        assert_eq!(
            read(&xml(&format!("<Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>"))),
            both
        );
        let two = format!("<Acct><IBAN>{IBAN}</IBAN><Id><IBAN>{IBAN}</IBAN></Id></Acct>");
        assert_eq!(read(&xml(&two)), Err(MessageFault::Twice));
        let scheme = format!(
            r#"{{"party":{{"name":"{MARK}","identification":{{"organisationId":{{"lei":"{LEI}"}}}}}},
                "partyAccount":{{"iban":"{IBAN}"}},"partyAgent":{{"financialInstitutionId":{{"bicfi":"{MARK}"}}}}}}"#
        );
        assert_eq!(read(&scheme), both);
        let name = format!(r#"{{"party":{{"name":"{MARK}"}}}}"#);
        assert_eq!(read(&name), Ok(vec![Payee::default()]));
        let account = format!(r#"{{"partyAccount":{{"iban":"{IBAN}"}}}}"#);
        assert_eq!(read(&account), Ok(vec![payee(Some(IBAN), None, None)]));
    }
}
