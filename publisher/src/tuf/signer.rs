use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use interdict_core::common::hex;
use p256::ecdsa::signature::Signer as _;

use super::json::{Json, object, text};
use crate::digest::sha256;

/// What stands before the point in the DER of a P-256 public key (RFC 5480 §2).
const P256_PUBLIC: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// What stands before the 32 secret bytes of a P-256 key in PKCS #8 (RFC 5208 §5, RFC 5915 §3).
const P256_SECRET: [u8; 36] = [
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
    0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02,
    0x01, 0x01, 0x04, 0x20,
];

/// Between the secret bytes and the 65 bytes of the point.
const P256_SECRET_MIDDLE: [u8; 5] = [0xa1, 0x44, 0x03, 0x42, 0x00];

/// What stands before the 32 secret bytes of an Ed25519 key in PKCS #8 (RFC 8410 §7).
const ED25519_SECRET: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

const SECRET_HEADER: &str = "-----BEGIN PRIVATE KEY-----";
const SECRET_FOOTER: &str = "-----END PRIVATE KEY-----";

/// A private key that signs metadata. Both kinds sign deterministically (RFC 6979, RFC 8032).
pub struct Signer {
    secret: Secret,
    public: PublicKey,
}

enum Secret {
    P256(p256::ecdsa::SigningKey),
    Ed25519(ed25519_dalek::SigningKey),
}

/// A public key as root metadata names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    id: String,
    json: Json,
}

impl Signer {
    /// An ECDSA P-256 key; `None` for the one in 2^32 values that are no secret scalar.
    #[must_use]
    pub fn p256(secret: &[u8; 32]) -> Option<Self> {
        let key = p256::ecdsa::SigningKey::from_slice(secret).ok()?;
        let point = key.verifying_key().to_encoded_point(false);
        let pem = armour("PUBLIC KEY", &[&P256_PUBLIC, point.as_bytes()].concat());
        let public = PublicKey::new("ecdsa", "ecdsa-sha2-nistp256", pem);
        Some(Self {
            secret: Secret::P256(key),
            public,
        })
    }

    /// An Ed25519 key.
    #[must_use]
    pub fn ed25519(secret: &[u8; 32]) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(secret);
        let public = hex::text(key.verifying_key().as_bytes());
        let public = PublicKey::new("ed25519", "ed25519", public);
        Self {
            secret: Secret::Ed25519(key),
            public,
        }
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The hexadecimal signature of a message: DER for P-256, 64 bytes for Ed25519.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> String {
        match &self.secret {
            Secret::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                hex::text(signature.to_der().as_bytes())
            }
            Secret::Ed25519(key) => hex::text(&key.sign(message).to_bytes()),
        }
    }

    /// The private key as PKCS #8 PEM, which OpenSSL and HSM import tools read.
    pub(crate) fn to_pem(&self) -> String {
        let der = match &self.secret {
            Secret::P256(key) => {
                let point = key.verifying_key().to_encoded_point(false);
                let secret = key.to_bytes();
                [
                    &P256_SECRET[..],
                    &secret,
                    &P256_SECRET_MIDDLE,
                    point.as_bytes(),
                ]
                .concat()
            }
            Secret::Ed25519(key) => [&ED25519_SECRET[..], key.as_bytes()].concat(),
        };
        armour("PRIVATE KEY", &der)
    }

    /// Reads [`Signer::to_pem`]; text before the header is explanation (RFC 7468 §2).
    pub(crate) fn from_pem(pem: &str) -> Option<Self> {
        let (_, body) = pem.split_once(SECRET_HEADER)?;
        let (body, _) = body.split_once(SECRET_FOOTER)?;
        let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let der = STANDARD.decode(body).ok()?;
        let signer = if let Some(secret) = der.strip_prefix(&ED25519_SECRET) {
            Self::ed25519(secret.try_into().ok()?)
        } else {
            Self::p256(der.strip_prefix(&P256_SECRET)?.first_chunk()?)?
        };
        // The public half in the file must be the one the secret gives.
        let rest = pem.get(pem.find(SECRET_HEADER)?..)?;
        (rest.trim_ascii_end() == signer.to_pem().trim_ascii_end()).then_some(signer)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, secret)", self.public.id)
    }
}

impl PublicKey {
    fn new(keytype: &str, scheme: &str, public: String) -> Self {
        Self::of(object([
            ("keytype", text(keytype)),
            ("scheme", text(scheme)),
            ("keyval", object([("public", text(public))])),
        ]))
    }

    /// Names a key object by the SHA-256 of its canonical form (TUF 1.0.34 §4.2.2).
    #[must_use]
    pub fn of(json: Json) -> Self {
        Self {
            id: hex::text(&sha256(&json.canonical())),
            json,
        }
    }

    /// The key id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key object.
    #[must_use]
    pub const fn json(&self) -> &Json {
        &self.json
    }
}

/// RFC 7468 §3: lines of 64 characters.
fn armour(label: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for (index, c) in base64.chars().enumerate() {
        if index > 0 && index % 64 == 0 {
            out.push('\n');
        }
        out.push(c);
    }
    out.push_str(&format!("\n-----END {label}-----\n"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_round_trips_and_is_never_printed() {
        for signer in [Signer::p256(&[7; 32]).unwrap(), Signer::ed25519(&[7; 32])] {
            let pem = signer.to_pem();
            let back = Signer::from_pem(&format!("TEST KEY\n{pem}")).unwrap();
            assert_eq!(back.public(), signer.public());
            assert_eq!(back.sign(b"x"), signer.sign(b"x"));
            let printed = format!("{signer:?}");
            assert!(
                !printed.contains("0707") && printed.contains("secret"),
                "{printed}"
            );
            assert!(Signer::from_pem(&pem.replace('\n', "").replace("MI", "MJ")).is_none());
        }
    }

    #[test]
    fn secrets_that_are_no_scalar_are_refused() {
        assert!(Signer::p256(&[0; 32]).is_none());
        assert!(Signer::p256(&[0xff; 32]).is_none());
    }
}
