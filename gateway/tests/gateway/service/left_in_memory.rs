//! What a message has beside the merchant is nowhere in the process once it is answered.

use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::thread;
use std::time::Duration;

use super::{Serving, ask, client};

/// Stands where payers and cards do. Split, so that the test's own memory says nothing about the service's.
fn mark() -> Vec<u8> {
    ["PLANTED", "9F3Q", "PAYER"].concat().into_bytes()
}

/// How often the bytes are in the writable memory of a process.
fn found(process: u32, mark: &[u8]) -> usize {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let mut memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let mut count = 0;
    for line in maps.lines() {
        let mut words = line.split(' ');
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let number = |text| u64::from_str_radix(text, 16).unwrap();
        let (from, to) = (number(from), number(to));
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        memory.seek(SeekFrom::Start(from)).unwrap();
        // Some pages of a mapping may not be readable.
        if memory.read_exact(&mut bytes).is_ok() {
            count += bytes
                .windows(mark.len())
                .filter(|part| *part == mark)
                .count();
        }
    }
    count
}

#[test]
fn nothing_of_a_message_but_the_merchant_stays_in_memory() {
    let serving = Serving::start(&client("pay", "token", ""));
    let mark = mark();
    let text = String::from_utf8(mark.clone()).unwrap();
    let message = format!(
        "<Document><FIToFICstmrCdtTrf><GrpHdr><MsgId>{text}</MsgId></GrpHdr><CdtTrfTxInf><Dbtr><Nm>{text}</Nm></Dbtr>\
         <Cdtr><Nm>{text}</Nm></Cdtr><CdtrAcct><Id><IBAN>GB29NWBK60161331926819</IBAN></Id></CdtrAcct>\
         <RmtInf><Ustrd>{text}</Ustrd></RmtInf></CdtTrfTxInf></FIToFICstmrCdtTrf></Document>"
    );
    let card = format!(
        "{{\"DE18\":\"5734\",\"DE32\":\"412345\",\"DE42\":\"SHOP0001\",\"DE43\":\"{text}\"}}"
    );
    let refused = format!("{{\"DE2\":\"{text}\",\"DE42\":\"SHOP0001\"}}");
    let token = "authorization: Bearer token\r\n";
    for (place, body, status) in [
        ("pacs.008", &message, 200),
        ("iso8583", &card, 200),
        ("iso8583", &refused, 400),
    ] {
        let told = serving.post(&format!("/v1/screen/from/{place}"), token, body);
        assert_eq!(told.status, status, "{place}: {}", told.body);
        assert!(!told.body.contains(&text), "{}", told.body);
    }
    let proxied = format!(
        "GET /v1/doors/subrequest/payout/pay?{text} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         interdict-token: token\r\nx-merchant: interdict-test-allow\r\nx-payer: {text}\r\n\r\n"
    );
    let told = serving.raw(proxied.as_bytes());
    assert_eq!(told.status, 200, "{}", told.body);
    for _ in 0..100 {
        if found(serving.child.id(), &mark) == 0 {
            return;
        }
        // Connections are freed a moment after their last byte, and what a thread had on its stack is overwritten by the next
        // requests that it answers.
        assert_eq!(serving.get("/livez").status, 200);
        let other = ask("flowers.example").to_string();
        assert_eq!(serving.post("/v1/screen", token, &other).status, 200);
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{} times in memory", found(serving.child.id(), &mark));
}
