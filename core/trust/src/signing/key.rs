//! Public keys, and the check of one signature with one key.
//!
//! | keytype | scheme | `keyval.public` | `sig` |
//! | --- | --- | --- | --- |
//! | `ecdsa`, `ecdsa-sha2-nistp256` | `ecdsa-sha2-nistp256` | PEM, SubjectPublicKeyInfo | DER, hex |
//! | `ed25519` | `ed25519` | 32 bytes, hex | 64 bytes, hex |
//!
//! Hexadecimal is lower case, as every TUF publisher writes it.
//!
//! Anyone can rewrite an ECDSA signature into a second valid one, so a signature never serves as an
//! identifier.

use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Verifier as _;

use interdict_common::hex;
use interdict_common::json::{Object, Value};

use crate::limits::MAX_P256_SIGNATURE_BYTES;

const PEM_HEADER: &str = "-----BEGIN PUBLIC KEY-----";
const PEM_FOOTER: &str = "-----END PUBLIC KEY-----";

/// The bytes before the point in the DER of every P-256 key (RFC 5480 §2: a SEQUENCE of 89 bytes
/// with id-ecPublicKey, secp256r1 and a BIT STRING of 66 bytes).
const P256_SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A public key of a supported kind. Two keys are equal if their bytes are equal, whatever key ids
/// they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// ECDSA on P-256 with SHA-256 (FIPS 186-5 §6), which HSMs and cloud key services offer.
    P256(p256::ecdsa::VerifyingKey),
    /// Ed25519 (RFC 8032), verified strictly.
    Ed25519(ed25519_dalek::VerifyingKey),
}

impl Key {
    /// Reads a key object (TUF 1.0.34 §4.2.2). `None` if keytype and scheme are not a pair in the
    /// table above, or if the key is not a valid point.
    pub(crate) fn parse(key: &Object<'_>) -> Option<Self> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let public = key.get("keyval")?.as_object()?.get("public")?.as_str()?;
        Self::of(text("keytype")?, text("scheme")?, public)
    }

    /// The same, from the three texts of a key object.
    pub(crate) fn of(keytype: &str, scheme: &str, public: &str) -> Option<Self> {
        match (keytype, scheme) {
            ("ecdsa" | "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256") => p256_from_pem(public),
            ("ed25519", "ed25519") => ed25519_from_hex(public),
            _ => None,
        }
    }

    /// Whether this key signed the message. A signature in any other form does not count.
    pub(crate) fn signed(&self, message: &[u8], signature: &str) -> bool {
        match self {
            Self::P256(key) => p256_signature(signature)
                .is_some_and(|signature| key.verify(message, &signature).is_ok()),
            // Strict verification refuses small-order points, with which one signature fits many
            // messages.
            Self::Ed25519(key) => hex::array::<64>(signature).is_some_and(|bytes| {
                let signature = ed25519_dalek::Signature::from_bytes(&bytes);
                key.verify_strict(message, &signature).is_ok()
            }),
        }
    }
}

fn p256_signature(text: &str) -> Option<p256::ecdsa::Signature> {
    // Two digits a byte. The bound comes before decoding, because the text may be as long as the
    // file.
    if text.len().div_euclid(2) > MAX_P256_SIGNATURE_BYTES {
        return None;
    }
    let byte =
        |digits: &[u8]| hex::array::<1>(core::str::from_utf8(digits).ok()?).map(u8::from_be_bytes);
    let der: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    p256::ecdsa::Signature::from_der(&der?).ok()
}

/// Reads PEM (RFC 7468 §13) with one key and nothing else. The DER is compared, not parsed: a P-256
/// key has only one encoding.
fn p256_from_pem(pem: &str) -> Option<Key> {
    let body = pem
        .trim_ascii_end()
        .strip_prefix(PEM_HEADER)?
        .strip_suffix(PEM_FOOTER)?;
    if !body.starts_with(['\r', '\n']) {
        return None;
    }
    let body: String = body.chars().filter(|&c| c != '\r' && c != '\n').collect();
    let der = STANDARD.decode(body).ok()?;
    let point: &[u8; 65] = der.strip_prefix(&P256_SPKI_PREFIX)?.try_into().ok()?;
    // 65 bytes are the uncompressed form (SEC 1 §2.3.3). The call checks that the point is on the
    // curve.
    p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
        .ok()
        .map(Key::P256)
}

fn ed25519_from_hex(text: &str) -> Option<Key> {
    let bytes = hex::array::<32>(text)?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).ok()?;
    // A second encoding of one point would let one key count twice. A weak key accepts signatures
    // that anyone can make.
    let only_encoding = key.to_edwards().compress().to_bytes() == bytes;
    (only_encoding && !key.is_weak()).then_some(Key::Ed25519(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scheme, Signer};
    use interdict_common::json::{Limits, parse};

    fn key(json: &str) -> Option<Key> {
        let value = parse(
            json.as_bytes(),
            Limits {
                depth: 4,
                nodes: 20,
            },
        )
        .unwrap();
        Key::parse(value.as_object().unwrap())
    }

    fn p256(pem: &str) -> Option<Key> {
        key(&format!(
            r#"{{"keytype":"ecdsa","scheme":"ecdsa-sha2-nistp256","keyval":{{"public":"{}"}}}}"#,
            pem.replace('\n', "\\n")
        ))
    }

    fn ed25519(public: &str) -> Option<Key> {
        key(&format!(
            r#"{{"keytype":"ed25519","scheme":"ed25519","keyval":{{"public":"{public}"}}}}"#
        ))
    }

    #[test]
    fn keys_of_both_schemes_check_their_own_signatures_only() {
        for scheme in [Scheme::P256, Scheme::Ed25519] {
            let signer = Signer::new(scheme, 7);
            let key = key(&signer.key().to_string()).unwrap();
            let signature = signer.sign(b"message");
            assert!(key.signed(b"message", &signature));
            assert!(!key.signed(b"massage", &signature));
            assert!(!key.signed(b"message", &Signer::new(scheme, 8).sign(b"message")));
            for other in [
                "",
                "00",
                "zz",
                signature.get(2..).unwrap(),
                &format!("{signature}00"),
            ] {
                assert!(!key.signed(b"message", other), "{other}");
            }
        }
    }

    #[test]
    fn published_vectors_verify() {
        // RFC 8032 §7.1, test 2.
        let key = ed25519("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert!(key.unwrap().signed(
            &[0x72],
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ));
        // RFC 6979 §A.2.5, SHA-256, "sample"; its s is in the upper half of the range.
        let x = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
        let y = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
        let coordinate = |text| hex::array::<32>(text).unwrap();
        let der = [&P256_SPKI_PREFIX[..], &[4], &coordinate(x), &coordinate(y)].concat();
        let pem = format!("{PEM_HEADER}\n{}\n{PEM_FOOTER}\n", STANDARD.encode(der));
        assert!(p256(&pem).unwrap().signed(
            b"sample",
            "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
             022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
        ));
    }

    #[test]
    fn an_ed25519_signature_over_a_small_order_point_is_refused() {
        // R is the identity and S = H(R, A, M) * a: RFC 8032 alone would accept it.
        let r = "0100000000000000000000000000000000000000000000000000000000000000";
        let s = "d4c5323131ff9683cfb3d30197c786c9043f1052d6c2d5293f19d6f36b911104";
        let signature = format!("{r}{s}");
        let key = key(&Signer::new(Scheme::Ed25519, 7).key().to_string()).unwrap();
        assert!(!key.signed(b"message", &signature));
        let Key::Ed25519(lax) = key else {
            panic!("the key is Ed25519")
        };
        let bytes = hex::array::<64>(&signature).unwrap();
        assert!(
            lax.verify(b"message", &ed25519_dalek::Signature::from_bytes(&bytes))
                .is_ok()
        );
    }

    #[test]
    fn the_scheme_belongs_to_the_key() {
        let signer = Signer::new(Scheme::Ed25519, 1).key().to_string();
        assert!(key(&signer).is_some());
        for scheme in ["ecdsa-sha2-nistp256", "ed25519ph", "rsassa-pss-sha256", ""] {
            let other = signer.replace(r#""scheme":"ed25519""#, &format!(r#""scheme":"{scheme}""#));
            assert_eq!(key(&other), None, "{scheme}");
        }
    }

    #[test]
    fn other_forms_of_a_pem_key_are_refused() {
        let pem = Signer::new(Scheme::P256, 1).public();
        assert!(p256(&pem).is_some());
        assert!(
            p256(pem.trim_end()).is_some(),
            "the last line break is optional"
        );
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = STANDARD.decode(base64).unwrap();
        let wrap = |der: &[u8]| format!("{PEM_HEADER}\n{}\n{PEM_FOOTER}\n", STANDARD.encode(der));
        assert!(p256(&wrap(&der)).is_some());
        let mut off_curve = der.clone();
        off_curve[90] ^= 1;
        let mut other_curve = der.clone();
        other_curve[22] = 0x06;
        let mut hybrid = der.clone();
        hybrid[26] = 0x06;
        let compressed = [&der[..26], &[2 + (der[90] & 1)], &der[27..59]].concat();
        let trailing = [&der[..], &[0]].concat();
        for der in [off_curve, other_curve, hybrid, compressed, trailing, vec![]] {
            assert_eq!(p256(&wrap(&der)), None, "{der:02x?}");
        }
        for text in [
            format!(" {pem}"),
            format!("{pem}{pem}"),
            pem.replace("PUBLIC", "PRIVATE"),
            pem.replace('\n', ""),
            pem.replace('\n', " "),
        ] {
            assert_eq!(p256(&text), None, "{text}");
        }
    }

    #[test]
    fn weak_and_second_encodings_of_ed25519_keys_are_refused() {
        // The identity; y = 1 with the sign bit; y = p + 3, a second encoding of y = 3.
        for public in [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ] {
            assert_eq!(ed25519(public), None, "{public}");
        }
        assert!(
            ed25519("0300000000000000000000000000000000000000000000000000000000000000").is_some()
        );
    }
}
