//! Keys from fixed seeds, and what they sign.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use interdict_common::hex;
use interdict_common::json::{Limits, parse};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    P256,
    Ed25519,
}

/// A key pair made from a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signer {
    scheme: Scheme,
    seed: u8,
    /// Distinguishes two key ids of one key.
    alias: u8,
}

impl Signer {
    pub(crate) const fn new(scheme: Scheme, seed: u8) -> Self {
        Self {
            scheme,
            seed,
            alias: 0,
        }
    }

    pub(crate) const fn alias(self, alias: u8) -> Self {
        Self { alias, ..self }
    }

    pub(crate) fn id(self) -> String {
        format!("{:?}-{}-{}", self.scheme, self.seed, self.alias)
    }

    fn p256(self) -> p256::ecdsa::SigningKey {
        p256::ecdsa::SigningKey::from_slice(&[self.seed; 32]).unwrap()
    }

    fn ed25519(self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&[self.seed; 32])
    }

    pub(crate) fn pem(self) -> String {
        let prefix = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
        let mut der = hex::array::<26>(prefix).unwrap().to_vec();
        der.extend_from_slice(
            self.p256()
                .verifying_key()
                .to_encoded_point(false)
                .as_bytes(),
        );
        let base64 = STANDARD.encode(der);
        let (first, second) = base64.split_at(64);
        format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----\n")
    }

    /// The key object for a root.
    pub(crate) fn json(self) -> String {
        let (keytype, scheme, public) = match self.scheme {
            Scheme::P256 => (
                "ecdsa",
                "ecdsa-sha2-nistp256",
                self.pem().replace('\n', "\\n"),
            ),
            Scheme::Ed25519 => (
                "ed25519",
                "ed25519",
                hex::text(self.ed25519().verifying_key().as_bytes()),
            ),
        };
        format!(r#"{{"keytype":"{keytype}","scheme":"{scheme}","keyval":{{"public":"{public}"}}}}"#)
    }

    pub(crate) fn sign(self, message: &[u8]) -> String {
        use ed25519_dalek::Signer as _;
        match self.scheme {
            Scheme::P256 => {
                let signature: p256::ecdsa::Signature = self.p256().sign(message);
                hex::text(signature.to_der().as_bytes())
            }
            Scheme::Ed25519 => hex::text(&self.ed25519().sign(message).to_bytes()),
        }
    }
}

/// Signs the text of a `signed` member.
pub(crate) fn sign(signed: &str, signers: &[Signer]) -> Vec<u8> {
    let canonical = parse(
        signed.as_bytes(),
        Limits {
            depth: 50,
            nodes: 1_000_000,
        },
    )
    .unwrap()
    .canonical();
    let signatures: Vec<_> = signers
        .iter()
        .map(|signer| {
            format!(
                r#"{{"keyid":"{}","sig":"{}"}}"#,
                signer.id(),
                signer.sign(&canonical)
            )
        })
        .collect();
    format!(
        r#"{{"signatures":[{}],"signed":{signed}}}"#,
        signatures.join(",")
    )
    .into_bytes()
}
