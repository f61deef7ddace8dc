//! Time stamps of the journal's heads, by a real authority: `openssl ts` behind a small web server.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use interdict::{
    Authority, Content, Entry, Journal, JournalSettings, StampReport, TimeStampError,
    TrustedAuthorities, verify_stamps,
};
use interdict_helpers::NOW;
use sha2::{Digest as _, Sha256};

/// What the authority does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Right,
    /// It answers another nonce.
    OtherNonce,
    /// It stamps another digest.
    OtherDigest,
    Refusing,
    Garbage,
    Failing,
}

const CONFIGURATION: &str = "\
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[stamps]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[mail]
basicConstraints = CA:FALSE
extendedKeyUsage = emailProtection
[tsa]
default_tsa = own
[own]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
certs = tsa.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
";

/// A journal, and an authority with a certificate authority of its own.
struct Room {
    room: tempfile::TempDir,
    manner: Arc<Mutex<Manner>>,
    url: String,
}

impl Room {
    /// `None` without the program.
    fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("SKIPPED: openssl is not installed");
            return None;
        }
        let room = tempfile::tempdir().unwrap();
        let path = room.path();
        fs::write(path.join("openssl.cnf"), CONFIGURATION).unwrap();
        fs::write(path.join("serial"), "01\n").unwrap();
        certificate_authority(path, "ca");
        certificate_authority(path, "other");
        certify(path, "tsa", "stamps");
        certify(path, "mail", "mail");
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/tsa", listener.local_addr().unwrap());
        let manner = Arc::new(Mutex::new(Manner::Right));
        let (shared, place) = (Arc::clone(&manner), path.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let manner = *shared.lock().unwrap();
                answer(stream.unwrap(), &place, manner);
            }
        });
        Some(Self { room, manner, url })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    fn settings(&self) -> JournalSettings {
        JournalSettings {
            directory: self.path("journal"),
            time_stamp_url: Some(self.url.clone()),
            time_stamp_roots: Some(self.path("ca.pem")),
            ..JournalSettings::default()
        }
    }

    fn authority(&self) -> Authority {
        self.settings().authority().unwrap().unwrap()
    }

    fn is(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    fn verified(&self, roots: &str) -> StampReport {
        let trust = TrustedAuthorities::read(&self.path(roots)).unwrap();
        verify_stamps(&self.path("journal"), &trust).unwrap()
    }

    fn token(&self, number: u64) -> PathBuf {
        self.path(&format!("journal/stamps/{number:016}.tst"))
    }
}

fn openssl(room: &Path, arguments: &str) {
    let run = Command::new("openssl")
        .current_dir(room)
        .args(arguments.split(' '))
        .env("OPENSSL_CONF", room.join("openssl.cnf"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "openssl {arguments}: {told}");
}

fn certificate_authority(room: &Path, name: &str) {
    openssl(
        room,
        &format!("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out {name}.key"),
    );
    openssl(
        room,
        &format!(
            "req -x509 -new -key {name}.key -out {name}.pem -subj /CN={name} -days 30 -extensions ca"
        ),
    );
}

fn certify(room: &Path, name: &str, extensions: &str) {
    openssl(
        room,
        &format!("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out {name}.key"),
    );
    openssl(
        room,
        &format!("req -new -key {name}.key -out {name}.csr -subj /CN={name}"),
    );
    openssl(
        room,
        &format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -out {name}.pem \
             -extfile openssl.cnf -extensions {extensions}"
        ),
    );
}

/// Answers one request over HTTP.
fn answer(mut stream: TcpStream, room: &Path, manner: Manner) {
    let mut read = Vec::new();
    let body = loop {
        let mut some = [0; 4_096];
        let count = stream.read(&mut some).unwrap();
        read.extend_from_slice(&some[..count]);
        let text = String::from_utf8_lossy(&read).to_lowercase();
        let head = read.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(head) = head {
            assert!(text.contains("content-type: application/timestamp-query"));
            let length = text.split("content-length: ").nth(1).unwrap();
            let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
            if read.len() >= head + 4 + length {
                break read[head + 4..].to_vec();
            }
        }
        assert!(count > 0);
    };
    let (status, answer) = match manner {
        Manner::Failing => (500, Vec::new()),
        Manner::Garbage => (200, b"<html>".to_vec()),
        Manner::Refusing => (200, vec![0x30, 5, 0x30, 3, 2, 1, 2]),
        _ => (200, stamped(room, body, manner)),
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    stream
        .write_all(&[head.as_bytes(), &answer].concat())
        .unwrap();
}

fn stamped(room: &Path, mut query: Vec<u8>, manner: Manner) -> Vec<u8> {
    match manner {
        Manner::OtherDigest => query[30] ^= 1,
        Manner::OtherNonce => query[60] ^= 1,
        _ => {}
    }
    fs::write(room.join("query"), query).unwrap();
    openssl(
        room,
        "ts -reply -config openssl.cnf -queryfile query -out reply",
    );
    fs::read(room.join("reply")).unwrap()
}

fn append(journal: &Journal, now: u32) {
    let entry = Entry::of(Content::Receipt("{\"format\":1}"));
    journal.append(&entry, now).unwrap();
}

#[test]
fn a_head_is_stamped_every_hour_and_in_each_new_file_and_another_program_verifies_it() {
    let Some(room) = Room::new() else { return };
    let authority = room.authority();
    let journal = Journal::open(&room.settings(), NOW).unwrap();
    let stamp = |now| journal.stamp_if_due(&authority, now).unwrap();
    assert_eq!(stamp(NOW), Some(1));
    append(&journal, NOW + 10);
    journal.close(NOW + 20).unwrap();
    assert_eq!(stamp(NOW + 20), None, "an hour is not over");
    assert_eq!(stamp(NOW + 3_600), Some(3));
    assert_eq!(stamp(NOW + 7_200), None, "the newest head has one");
    append(&journal, NOW + 86_400);
    journal
        .append(&Entry::of(Content::Receipt("{}")), NOW + 86_400)
        .unwrap();
    assert_eq!(stamp(NOW + 86_401), Some(4));
    let report = room.verified("ca.pem");
    assert_eq!((report.good, report.wrong.len()), (3, 0), "{report:?}");
    assert_eq!(report.last.unwrap().0, 4);
    let text: String = fs::read_dir(room.path("journal"))
        .unwrap()
        .filter_map(|entry| fs::read_to_string(entry.unwrap().path()).ok())
        .collect();
    let head = text.lines().find(|line| line.contains("\"number\":3,"));
    let digest: String = interdict_forge::hex(&Sha256::digest(head.unwrap()));
    let token = room.token(3);
    let verify = format!(
        "ts -verify -digest {digest} -token_in -in {} -CAfile ca.pem",
        token.display()
    );
    openssl(room.room.path(), &verify);
    // A later process knows which one is the last.
    drop(journal);
    let journal = Journal::open(&room.settings(), NOW + 86_402).unwrap();
    let again = journal.stamp_if_due(&authority, NOW + 86_402).unwrap();
    assert_eq!(again, None);
}

#[test]
fn a_time_stamp_of_another_head_by_another_authority_or_for_another_use_is_named() {
    let Some(room) = Room::new() else { return };
    let journal = Journal::open(&room.settings(), NOW).unwrap();
    journal.stamp_if_due(&room.authority(), NOW).unwrap();
    let good = fs::read(room.token(1)).unwrap();
    let wrong = || {
        let report = room.verified("ca.pem");
        assert_eq!(report.good + u64::try_from(report.wrong.len()).unwrap(), 1);
        report.wrong.first().map(|(_, why)| why.clone())
    };
    assert_eq!(wrong(), None);
    let report = room.verified("other.pem");
    assert_eq!(report.wrong, [(1, TimeStampError::Certificate)]);
    // Signed by a key that the same authority certified for mail.
    let token = room.token(1);
    let path = token.display();
    openssl(
        room.room.path(),
        &format!("cms -verify -noverify -inform DER -in {path} -out info"),
    );
    openssl(
        room.room.path(),
        "cms -sign -binary -nodetach -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 -signer mail.pem \
         -inkey mail.key -in info -outform DER -out mail.tst",
    );
    fs::copy(room.path("mail.tst"), &token).unwrap();
    assert_eq!(wrong(), Some(TimeStampError::Certificate));
    let digest = good.windows(2).position(|two| two == [0x04, 0x20]).unwrap();
    for (place, expected) in [
        (digest + 2, TimeStampError::OtherDigest),
        // The serial number, which follows the digest, and the end of the signature.
        (digest + 36, TimeStampError::Signature),
        (good.len() - 1, TimeStampError::Signature),
        (1, TimeStampError::NotRead),
    ] {
        let mut changed = good.clone();
        changed[place] ^= 1;
        fs::write(&token, changed).unwrap();
        assert_eq!(wrong(), Some(expected), "{place}");
    }
    for length in 0..good.len() {
        fs::write(&token, &good[..length]).unwrap();
        assert_eq!(wrong(), Some(TimeStampError::NotRead), "{length}");
    }
    // The head is gone, or is another line.
    fs::write(&token, &good).unwrap();
    append(&journal, NOW);
    fs::rename(&token, room.token(2)).unwrap();
    assert_eq!(wrong(), Some(TimeStampError::OtherDigest));
    fs::rename(room.token(2), room.token(9)).unwrap();
    assert_eq!(wrong(), Some(TimeStampError::OtherDigest));
    let run = Command::new(env!("CARGO_BIN_EXE_interdict"))
        .current_dir(room.room.path())
        .args(["audit", "verify", "journal", "--time-stamp-roots", "ca.pem"])
        .output()
        .unwrap();
    let told = String::from_utf8(run.stdout).unwrap();
    assert!(
        run.status.code() == Some(2) && told.contains("WRONG: time stamp of line 9"),
        "{told}"
    );
}

/// Unpacks evidence of a line, and returns its page and what `audit verify` says of its part of the chain.
fn evidence(room: &Room, id: &str) -> (String, String) {
    let run = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        let run = command
            .current_dir(room.room.path())
            .args(arguments)
            .output();
        let run = run.unwrap();
        let told = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(run.status.success(), "{arguments:?}: {told}{run:?}");
        told
    };
    let interdict = env!("CARGO_BIN_EXE_interdict");
    let file = format!("{id}.zip");
    run(
        interdict,
        &["evidence", id, "--journal", "journal", "--out", &file],
    );
    run("unzip", &["-q", &file, "-d", id]);
    let (key, chain) = (format!("{id}/journal.pub"), format!("{id}/chain"));
    let verify = [
        "audit",
        "verify",
        "--part",
        "--key",
        &key,
        "--time-stamp-roots",
        "ca.pem",
        &chain,
    ];
    let verified = run(interdict, &verify);
    let page = fs::read_to_string(room.path(id).join("README.html")).unwrap();
    (page, verified)
}

#[test]
fn evidence_has_the_time_stamp_that_covers_its_line_and_says_so() {
    let Some(room) = Room::new() else { return };
    fs::write(room.path("gateway.toml"), "").unwrap();
    let authority = room.authority();
    let journal = Journal::open(&room.settings(), NOW).unwrap();
    let line = |now| {
        let entry = Entry::of(Content::Receipt("{\"format\":1}"));
        let id = journal.append(&entry, now).unwrap().to_string();
        journal.close(now).unwrap();
        id
    };
    // Heads are 1, 3, 5 and 7; the third has a time stamp.
    let (earlier, covered) = (line(NOW), line(NOW + 1));
    assert_eq!(journal.stamp_if_due(&authority, NOW + 1).unwrap(), Some(5));
    let later = line(NOW + 2);
    for id in [&earlier, &covered] {
        let (page, verified) = evidence(&room, id);
        assert!(
            page.contains("stamps/0000000000000005.tst is a time stamp"),
            "{page}"
        );
        assert!(
            verified.contains("1 time stamp; lines up to 5 were there at "),
            "{verified}"
        );
    }
    let (page, verified) = evidence(&room, &later);
    assert!(
        page.contains("No time stamp of an authority covers the line"),
        "{page}"
    );
    assert!(!verified.contains("time stamp"), "{verified}");
}

#[test]
fn an_authority_that_fails_is_shown_and_asked_again_and_nothing_waits_for_it() {
    let Some(room) = Room::new() else { return };
    let authority = room.authority();
    let journal = Journal::open(&room.settings(), NOW).unwrap();
    let mut now = NOW;
    for (manner, expected) in [
        (
            Manner::Failing,
            TimeStampError::NotReached("the server answered 500".to_owned()),
        ),
        (Manner::Garbage, TimeStampError::NotRead),
        (Manner::Refusing, TimeStampError::Refused),
        (Manner::OtherNonce, TimeStampError::OtherNonce),
        (Manner::OtherDigest, TimeStampError::OtherDigest),
    ] {
        room.is(manner);
        let refused = journal.stamp_if_due(&authority, now).unwrap_err();
        assert_eq!(refused.to_string(), expected.to_string(), "{manner:?}");
        assert!(journal.warnings()[0].contains(&expected.to_string()));
        append(&journal, now);
        // It is not asked again at once.
        assert_eq!(journal.stamp_if_due(&authority, now + 299).unwrap(), None);
        now += 300;
    }
    assert!(!room.token(1).exists());
    room.is(Manner::Right);
    assert_eq!(journal.stamp_if_due(&authority, now).unwrap(), Some(1));
    assert_eq!(journal.warnings(), [""; 0]);
    assert_eq!(room.verified("ca.pem").good, 1);
}
