use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::text::hex;

/// The bytes before the point of a P-256 public key in DER (RFC 5480 §2).
const P256_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheme {
    /// ECDSA P-256 with SHA-256.
    P256,
    /// Ed25519.
    Ed25519,
}

/// A key pair: every byte of its secret is the seed. Both schemes sign deterministically.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Signer {
    /// How it signs.
    pub scheme: Scheme,
    /// Names the key.
    pub seed: u8,
    /// Distinguishes several ids of one key.
    pub alias: u8,
}

impl Signer {
    /// The key of a seed, which must not be 0 for P-256.
    #[must_use]
    pub const fn new(scheme: Scheme, seed: u8) -> Self {
        Self {
            scheme,
            seed,
            alias: 0,
        }
    }

    /// An Ed25519 key. It is verified several times faster than a P-256 key.
    #[must_use]
    pub const fn ed25519(seed: u8) -> Self {
        Self::new(Scheme::Ed25519, seed)
    }

    /// A P-256 key.
    #[must_use]
    pub const fn p256(seed: u8) -> Self {
        Self::new(Scheme::P256, seed)
    }

    /// The same key under another id.
    #[must_use]
    pub const fn alias(self, alias: u8) -> Self {
        Self { alias, ..self }
    }

    /// Its id in metadata. Ids are opaque (TAP 12).
    #[must_use]
    pub fn id(self) -> String {
        let alias = match self.alias {
            0 => String::new(),
            alias => format!("-{alias}"),
        };
        match self.scheme {
            Scheme::P256 => format!("p256-{}{alias}", self.seed),
            Scheme::Ed25519 => format!("key-{}{alias}", self.seed),
        }
    }

    /// The public half in the form of metadata: PEM for P-256, hexadecimal for Ed25519.
    ///
    /// # Panics
    /// On a P-256 key of seed 0.
    #[must_use]
    pub fn public(self) -> String {
        match self.scheme {
            Scheme::P256 => {
                let point = self.p256_secret().verifying_key().to_encoded_point(false);
                let der = BASE64.encode([&P256_PREFIX, point.as_bytes()].concat());
                let (first, second) = der.split_at(64);
                format!("-----BEGIN PUBLIC KEY-----\n{first}\n{second}\n-----END PUBLIC KEY-----\n")
            }
            Scheme::Ed25519 => hex(self.ed25519_secret().verifying_key().as_bytes()),
        }
    }

    /// The key object of metadata.
    ///
    /// # Panics
    /// On a P-256 key of seed 0.
    #[must_use]
    pub fn key(self) -> Value {
        let (keytype, scheme) = match self.scheme {
            Scheme::P256 => ("ecdsa", "ecdsa-sha2-nistp256"),
            Scheme::Ed25519 => ("ed25519", "ed25519"),
        };
        json!({"keytype": keytype, "scheme": scheme, "keyval": {"public": self.public()}})
    }

    /// The hexadecimal signature of a message: DER for P-256, 64 bytes for Ed25519.
    ///
    /// # Panics
    /// On a P-256 key of seed 0.
    #[must_use]
    pub fn sign(self, message: &[u8]) -> String {
        match self.scheme {
            Scheme::P256 => {
                let signature: p256::ecdsa::Signature =
                    p256::ecdsa::signature::Signer::sign(&self.p256_secret(), message);
                hex(signature.to_der().as_bytes())
            }
            Scheme::Ed25519 => {
                let secret = self.ed25519_secret();
                hex(&ed25519_dalek::Signer::sign(&secret, message).to_bytes())
            }
        }
    }

    fn p256_secret(self) -> p256::ecdsa::SigningKey {
        let secret = p256::ecdsa::SigningKey::from_slice(&[self.seed; 32]);
        secret.expect("a seed that is not 0")
    }

    fn ed25519_secret(self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&[self.seed; 32])
    }
}
