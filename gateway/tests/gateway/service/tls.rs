//! Certificates: of the service, of payment systems, and of people who look at the page.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use interdict_helpers::Coalition;
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Serving, Told, ask, first, read, request};
use crate::enrolment::enrol_file;

/// Who issues certificates.
struct Authority {
    root: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key.
struct Identity {
    certificate: String,
    sha256: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::new(vec![]).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = parameters.self_signed(&key).unwrap();
        let issuer = Issuer::new(parameters, key);
        Self { root, issuer }
    }

    fn issue(&self, name: &str) -> Identity {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        Identity::of(&parameters.signed_by(&key, &self.issuer).unwrap(), &key)
    }

    /// A service that lists `shop.example`, with a certificate of this authority and these lines in `gateway.toml`.
    fn serve(&self, lines: &str) -> Serving {
        let room = tempfile::tempdir().unwrap();
        let coalition = Coalition::new(room.path());
        coalition.publish(1, &[first()]);
        enrol_file(room.path(), &coalition.enrolment("repository", &[1]));
        self.write(room.path());
        let lines = format!(
            "[service]\nlisten = \"127.0.0.1:0\"\n\
             tls = {{ certificate = \"server.pem\", key = \"server.key\", clients = \"root.pem\" }}\n{lines}"
        );
        Serving::start_in(room, &lines)
    }

    fn write(&self, room: &Path) {
        let server = self.issue("localhost");
        for (name, text) in [
            ("server.pem", server.certificate),
            ("server.key", server.key),
            ("root.pem", self.root.pem()),
        ] {
            fs::write(room.join(name), text).unwrap();
        }
    }

    /// What the service answers to these bytes; `None` if the handshake fails.
    fn send(&self, serving: &Serving, identity: Option<&Identity>, bytes: &str) -> Option<Told> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.root.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots);
        let config = match identity {
            None => config.with_no_client_auth(),
            Some(Identity {
                certificate, key, ..
            }) => {
                let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
                let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
                config.with_client_auth_cert(chain, key).unwrap()
            }
        };
        let name = "localhost".try_into().unwrap();
        let connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, serving.stream());
        stream.write_all(bytes.as_bytes()).ok()?;
        let told = read(stream);
        (told.status != 0).then_some(told)
    }
}

impl Identity {
    fn of(certificate: &Certificate, key: &KeyPair) -> Self {
        let digest = Sha256::digest(certificate.der());
        Self {
            certificate: certificate.pem(),
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            key: key.serialize_pem(),
        }
    }

    /// A `[[client]]` that it is known by.
    fn client(&self, name: &str, lines: &str) -> String {
        let sha256 = &self.sha256;
        format!("[[client]]\nname = \"{name}\"\ncertificate_sha256 = \"{sha256}\"\n{lines}\n")
    }
}

#[test]
fn tls_shows_the_service_and_a_certificate_shows_the_client() {
    let authority = Authority::new();
    let own = authority.issue("payments.test");
    let serving = authority.serve(&own.client("payments", ""));
    let asked = request("/v1/screen", "", &ask("shop.example").to_string());
    let status = |identity: Option<&Identity>| {
        let told = authority.send(&serving, identity, &asked);
        told.map(|told| told.status)
    };
    assert_eq!(status(Some(&own)), Some(200));
    assert_eq!(status(None), Some(401));
    let other = authority.issue("payments.test");
    assert_eq!(
        status(Some(&other)),
        Some(401),
        "issued by the same, and not named"
    );
    let stranger = rcgen::generate_simple_self_signed(vec!["payments.test".to_owned()]).unwrap();
    let stranger = Identity::of(&stranger.cert, &stranger.signing_key);
    assert_eq!(status(Some(&stranger)), None, "the handshake fails");
}

#[test]
fn a_person_s_certificate_opens_the_page_and_that_of_a_payment_system_does_not() {
    let authority = Authority::new();
    let (ada, payments) = (
        authority.issue("ada.test"),
        authority.issue("payments.test"),
    );
    let serving = authority.serve(&format!(
        "[portfolio]\n[page]\n{}{}",
        ada.client("ada", "page = true"),
        payments.client("payments", "")
    ));
    let send = |identity: Option<&Identity>, head: &str, cookie: &str, form: &str| {
        let bytes = format!(
            "{head} HTTP/1.1\r\nhost: localhost\r\norigin: https://localhost\r\nconnection: close\r\n\
             cookie: {cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n\r\n{form}",
            form.len()
        );
        authority.send(&serving, identity, &bytes).unwrap()
    };
    let shown = send(Some(&ada), "GET /sign-in", "", "");
    assert!(shown.body.contains("ada"), "{}", shown.body);
    let entered = send(Some(&ada), "POST /sign-in", "", "");
    assert_eq!(entered.status, 303, "{}", entered.body);
    let cookie = entered.header("set-cookie").unwrap();
    assert!(
        cookie.starts_with("__Host-interdict=")
            && cookie.ends_with("; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict; Secure"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap();
    let page = send(Some(&ada), "GET /", cookie, "");
    assert!(
        page.body.contains("Signed in as </span>ada"),
        "{}",
        page.body
    );
    // A cookie that another host could have set is none.
    let (_, value) = cookie.split_once('=').unwrap();
    let unsafe_name = format!("interdict={value}");
    assert_eq!(send(Some(&ada), "GET /", &unsafe_name, "").status, 303);
    // Neither a payment system nor a stranger signs in, and the former finds nothing whatever cookie it shows.
    for (identity, status) in [(Some(&payments), 404), (None, 403)] {
        let told = send(identity, "POST /sign-in", "", "");
        assert_eq!((told.status, told.header("set-cookie")), (status, None));
    }
    assert_eq!(send(Some(&payments), "GET /", cookie, "").status, 404);
    // The certificate of a person is a client's too.
    let asked = request(
        "/v1/screen",
        "",
        &json!({"flow": "payout", "url": "shop.example"}).to_string(),
    );
    assert_eq!(
        authority.send(&serving, Some(&ada), &asked).unwrap().status,
        200
    );
}
