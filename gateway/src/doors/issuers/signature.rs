//! How each issuer signs an event, over the bytes that were received.
//!
//! | issuer | header | what is signed | time |
//! | --- | --- | --- | --- |
//! | Stripe | `Stripe-Signature: t=...,v1=HEX` | `T.BODY`, HMAC-SHA-256 | `t` |
//! | Adyen | `HmacSignature: BASE64` | `BODY`, HMAC-SHA-256 | none |
//! | Lithic | `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,BASE64` | `ID.TIMESTAMP.BODY`, HMAC-SHA-256 | `webhook-timestamp` |
//! | Marqeta | `Authorization: Basic ...` | nothing: a password | none |
//!
//! Sources: <https://docs.stripe.com/webhooks/signature>, <https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures>,
//! <https://docs.lithic.com/changelog/may-22-2023> (Standard Webhooks 1.0.0),
//! <https://www.marqeta.com/docs/core-api/program-gateway-funding-sources/create-program-gateway-source>.

use axum::http::{HeaderMap, HeaderName, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac as _};
use interdict_core::common::hex;
use sha2::{Digest as _, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

use super::{Issuer, Secrets};

/// How many seconds an event's time may be before or after the service's clock, as Stripe and Standard Webhooks advise.
pub(super) const TOLERANCE: u32 = 300;
/// Signatures of one event that are looked at: more than secrets are ever valid.
const MOST_SIGNATURES: usize = 8;
/// The longest header that is read.
const LONGEST_HEADER: usize = 2 << 10;

/// An event whose signature is right, by the SHA-256 of its issuer and of what was signed.
pub(crate) type SignedEvent = [u8; 32];

/// Why an event is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureError {
    /// A header is missing, is there twice, or has not its form.
    Header,
    /// No secret makes this signature.
    Wrong,
    /// The signature is right, and too old or of the future.
    Time,
}

/// What an issuer says that it signed, and with what result.
struct Claim<'r> {
    /// Parts of what was signed, in order.
    signed: Vec<&'r [u8]>,
    signatures: Vec<[u8; 32]>,
    time: Option<u64>,
}

impl Secrets {
    /// Verifies that an event came from the issuer, in constant time.
    ///
    /// # Errors
    /// Why it is not believed.
    pub(crate) fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: u32,
    ) -> Result<SignedEvent, SignatureError> {
        let issuer = self.issuer();
        let (is_right, claim) = match issuer {
            Issuer::MarqetaJit => {
                let shown = password(headers)?;
                let claim = Claim::of(vec![body], Vec::new(), None);
                (self.has_password(&shown), claim)
            }
            _ => {
                let claim = claim(issuer, headers, body)?;
                (self.have_signed(&claim), claim)
            }
        };
        if !bool::from(is_right) {
            return Err(SignatureError::Wrong);
        }
        let is_late = |time: u64| time.abs_diff(u64::from(now)) > u64::from(TOLERANCE);
        if claim.time.is_some_and(is_late) {
            return Err(SignatureError::Time);
        }
        Ok(claim.event(issuer))
    }

    /// Whether one of the secrets made one of the signatures. Every pair is compared, whichever is right.
    fn have_signed(&self, claim: &Claim<'_>) -> Choice {
        let mut found = Choice::from(0);
        for key in self.keys() {
            // A key of any length will do.
            let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
                continue;
            };
            for part in &claim.signed {
                mac.update(part);
            }
            let made: [u8; 32] = mac.finalize().into_bytes().into();
            for signature in &claim.signatures {
                found |= made.ct_eq(signature);
            }
        }
        found
    }

    fn has_password(&self, shown: &[u8]) -> Choice {
        let shown: [u8; 32] = Sha256::digest(shown).into();
        let own = self.keys().map(|key| <[u8; 32]>::from(Sha256::digest(key)));
        own.fold(Choice::from(0), |found, key| found | key.ct_eq(&shown))
    }
}

impl<'r> Claim<'r> {
    const fn of(signed: Vec<&'r [u8]>, signatures: Vec<[u8; 32]>, time: Option<u64>) -> Self {
        Self {
            signed,
            signatures,
            time,
        }
    }

    fn event(&self, issuer: Issuer) -> SignedEvent {
        let mut hasher = Sha256::new();
        hasher.update(issuer.name());
        hasher.update([0]);
        for part in &self.signed {
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

fn claim<'r>(
    issuer: Issuer,
    headers: &'r HeaderMap,
    body: &'r [u8],
) -> Result<Claim<'r>, SignatureError> {
    match issuer {
        Issuer::StripeIssuing => stripe(header_of(headers, "stripe-signature")?, body),
        Issuer::LithicAsa => {
            let id = header_of(headers, "webhook-id")?;
            let time = header_of(headers, "webhook-timestamp")?;
            let given = header_of(headers, "webhook-signature")?.split(' ');
            let given = given.filter_map(|one| base64(one.strip_prefix("v1,")?));
            let signed = vec![id.as_bytes(), b".", time.as_bytes(), b".", body];
            Ok(Claim::of(
                signed,
                given.take(MOST_SIGNATURES).collect(),
                Some(seconds(time)?),
            ))
        }
        Issuer::AdyenRelayed | Issuer::MarqetaJit => {
            let given = base64(header_of(headers, "hmacsignature")?);
            let given = given.ok_or(SignatureError::Header)?;
            Ok(Claim::of(vec![body], vec![given], None))
        }
    }
}

/// `t=1682065865,v1=HEX,v1=HEX,v0=HEX`: one time, and a signature of each secret that is valid.
fn stripe<'r>(text: &'r str, body: &'r [u8]) -> Result<Claim<'r>, SignatureError> {
    let pairs = text
        .split(',')
        .filter_map(|part| part.trim().split_once('='));
    let mut times = pairs.clone().filter(|(name, _)| *name == "t");
    let (Some((_, time)), None) = (times.next(), times.next()) else {
        return Err(SignatureError::Header);
    };
    let given = pairs.filter(|(name, _)| *name == "v1");
    let given = given.filter_map(|(_, text)| hex::array(text));
    Ok(Claim::of(
        vec![time.as_bytes(), b".", body],
        given.take(MOST_SIGNATURES).collect(),
        Some(seconds(time)?),
    ))
}

/// A header that stands once: of two, another program may read the other.
fn header_of<'r>(headers: &'r HeaderMap, name: &str) -> Result<&'r str, SignatureError> {
    let mut all = headers.get_all(name).iter();
    let (Some(value), None) = (all.next(), all.next()) else {
        return Err(SignatureError::Header);
    };
    let text = value.to_str().map_err(|_| SignatureError::Header)?;
    match (1..=LONGEST_HEADER).contains(&text.len()) {
        true => Ok(text),
        false => Err(SignatureError::Header),
    }
}

fn base64(text: &str) -> Option<[u8; 32]> {
    BASE64.decode(text).ok()?.try_into().ok()
}

fn seconds(text: &str) -> Result<u64, SignatureError> {
    let is_number =
        (1..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = is_number.then(|| text.parse().ok()).flatten();
    seconds.ok_or(SignatureError::Header)
}

/// Name and password of HTTP's basic authentication (RFC 7617).
fn password(headers: &HeaderMap) -> Result<Zeroizing<Vec<u8>>, SignatureError> {
    const AUTHORIZATION: HeaderName = header::AUTHORIZATION;
    let text = header_of(headers, AUTHORIZATION.as_str())?;
    let (scheme, shown) = text.split_once(' ').ok_or(SignatureError::Header)?;
    let shown = match scheme.eq_ignore_ascii_case("basic") {
        true => BASE64.decode(shown.trim()).ok(),
        false => None,
    };
    shown.map(Zeroizing::new).ok_or(SignatureError::Header)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const NOW: u32 = 1_682_065_865;
    const BODY: &[u8] = br#"{"id":"evt_1"}"#;
    const STRIPE: &str = "whsec_0123456789abcdef0123456789abcdef";
    /// Made with the `hmac` module of Python 3: `hmac.new(STRIPE, b"1682065865." + BODY, "sha256").hexdigest()`.
    const SIGNED: &str = "dbd8509094108c50b04f814e6f03c3311e7d137ae3edddd2ead0a41af6be793f";

    fn secrets(issuer: Issuer, texts: &[&str]) -> Secrets {
        let mut secrets = Secrets::of(issuer);
        for text in texts {
            secrets.add(text).unwrap();
        }
        secrets
    }

    fn headers(all: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in all {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn stripe_at(header: &str, now: u32) -> Result<SignedEvent, SignatureError> {
        let own = secrets(Issuer::StripeIssuing, &[STRIPE]);
        own.verify(&headers(&[("stripe-signature", header)]), BODY, now)
    }

    #[test]
    fn stripe_signatures_hold_for_five_minutes_both_ways() {
        let header = format!("t={NOW},v1={SIGNED}");
        for now in [NOW - 300, NOW, NOW + 300] {
            assert!(stripe_at(&header, now).is_ok(), "{now}");
        }
        for now in [NOW - 301, NOW + 301] {
            assert_eq!(stripe_at(&header, now), Err(SignatureError::Time));
        }
    }

    #[test]
    fn of_several_stripe_signatures_one_is_enough() {
        let other = "0".repeat(64);
        for header in [
            format!("t={NOW},v1={other},v1={SIGNED},v0={other}"),
            format!("v1={SIGNED}, t={NOW}"),
        ] {
            assert!(stripe_at(&header, NOW).is_ok(), "{header}");
        }
    }

    #[test]
    fn a_stripe_header_that_can_be_read_in_two_ways_is_refused() {
        let later = NOW + 1;
        let upper = SIGNED.to_ascii_uppercase();
        let wrong = [
            (format!("t={later},v1={SIGNED}"), SignatureError::Wrong),
            (format!("t={NOW},v0={SIGNED}"), SignatureError::Wrong),
            (format!("t={NOW}"), SignatureError::Wrong),
            (format!("t={NOW},v1={upper}"), SignatureError::Wrong),
            (
                format!("t={NOW},v1={}", &SIGNED[2..]),
                SignatureError::Wrong,
            ),
            (
                format!("t={NOW},t={NOW},v1={SIGNED}"),
                SignatureError::Header,
            ),
            (format!("v1={SIGNED}"), SignatureError::Header),
            (format!("t=+{NOW},v1={SIGNED}"), SignatureError::Header),
            ("x".repeat(LONGEST_HEADER + 1), SignatureError::Header),
        ];
        for (header, error) in wrong {
            assert_eq!(stripe_at(&header, NOW), Err(error), "{header}");
        }
        let header = format!("t={NOW},v1={SIGNED}");
        let twice = headers(&[("stripe-signature", &header), ("stripe-signature", &header)]);
        let own = secrets(Issuer::StripeIssuing, &[STRIPE]);
        assert_eq!(own.verify(&twice, BODY, NOW), Err(SignatureError::Header));
        let none = own.verify(&HeaderMap::new(), BODY, NOW);
        assert_eq!(none, Err(SignatureError::Header));
    }

    #[test]
    fn each_of_two_secrets_is_good_and_no_other() {
        let header = headers(&[("stripe-signature", &format!("t={NOW},v1={SIGNED}"))]);
        let other = "whsec_ffffffffffffffffffffffffffffffff";
        for texts in [[STRIPE, other], [other, STRIPE]] {
            let both = secrets(Issuer::StripeIssuing, &texts);
            assert!(both.verify(&header, BODY, NOW).is_ok());
        }
        let neither = secrets(Issuer::StripeIssuing, &[other]);
        let told = neither.verify(&header, BODY, NOW);
        assert_eq!(told, Err(SignatureError::Wrong));
        let none = Secrets::of(Issuer::StripeIssuing).verify(&header, BODY, NOW);
        assert_eq!(none, Err(SignatureError::Wrong));
    }

    #[test]
    fn no_byte_of_the_body_may_change() {
        let header = headers(&[("stripe-signature", &format!("t={NOW},v1={SIGNED}"))]);
        let own = secrets(Issuer::StripeIssuing, &[STRIPE]);
        for at in 0..BODY.len() {
            let mut changed = BODY.to_vec();
            changed[at] ^= 1;
            let told = own.verify(&header, &changed, NOW);
            assert_eq!(told, Err(SignatureError::Wrong), "{at}");
        }
        for cut in [&BODY[1..], &BODY[..BODY.len() - 1]] {
            assert_eq!(own.verify(&header, cut, NOW), Err(SignatureError::Wrong));
        }
    }

    /// The key and signature of a text that Adyen's own libraries are tested with.
    #[test]
    fn adyens_published_example_and_no_other_text() {
        let text = "countryCode:currencyCode:merchantAccount:merchantReference:paymentAmount:sessionValidity:skinCode:\
                    NL:EUR:MagentoMerchantTest2:TEST-PAYMENT-2017-02-01-14\\:02\\:05:199:2017-02-02T14\\:02\\:05+01\\:00:\
                    PKz2KML1";
        let key = "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00";
        let own = secrets(Issuer::AdyenRelayed, &[key]);
        let right = headers(&[(
            "hmacsignature",
            "34oR8T1whkQWTv9P+SzKyp8zhusf9n0dpqrm9nsqSJs=",
        )]);
        assert!(own.verify(&right, text.as_bytes(), NOW).is_ok());
        let told = own.verify(&right, &text.as_bytes()[1..], NOW);
        assert_eq!(told, Err(SignatureError::Wrong));
        let odd = headers(&[("hmacsignature", "34oR8T1whkQWTv9P")]);
        let told = own.verify(&odd, text.as_bytes(), NOW);
        assert_eq!(told, Err(SignatureError::Header));
    }

    /// The example that the libraries of Standard Webhooks are tested with.
    #[test]
    fn lithics_published_example_within_five_minutes() {
        const AT: u32 = 1_614_265_330;
        let own = secrets(
            Issuer::LithicAsa,
            &["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
        );
        let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let verify = |id: &str, time: &str, signature: &str, now| {
            let all = headers(&[
                ("webhook-id", id),
                ("webhook-timestamp", time),
                ("webhook-signature", signature),
            ]);
            own.verify(&all, b"{\"test\": 2432232314}", now)
        };
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        assert!(verify(id, "1614265330", signature, AT + 300).is_ok());
        let among = format!("v1a,AAAA v1,AAAA {signature}");
        assert!(verify(id, "1614265330", &among, AT - 300).is_ok());
        let late = verify(id, "1614265330", signature, AT + 301);
        assert_eq!(late, Err(SignatureError::Time));
        let moved = verify(id, "1614265331", signature, AT);
        assert_eq!(moved, Err(SignatureError::Wrong));
        let renamed = verify("msg_1", "1614265330", signature, AT);
        assert_eq!(renamed, Err(SignatureError::Wrong));
        let unmarked = verify(id, "1614265330", &signature[3..], AT);
        assert_eq!(unmarked, Err(SignatureError::Wrong));
    }

    #[test]
    fn marqeta_shows_a_password() {
        let own = secrets(Issuer::MarqetaJit, &["user:Password-of-20-chars"]);
        let verify = |header: &str| {
            let all = headers(&[("authorization", header)]);
            own.verify(&all, BODY, NOW)
        };
        let basic = |text: &str| format!("Basic {}", BASE64.encode(text));
        assert!(verify(&basic("user:Password-of-20-chars")).is_ok());
        for wrong in [
            "user:Password-of-20-charS",
            "user:Password-of-20-char",
            "user:",
            "",
        ] {
            let told = verify(&basic(wrong));
            assert_eq!(told, Err(SignatureError::Wrong), "{wrong}");
        }
        for odd in ["Bearer token", "Basic", "Basic !"] {
            assert_eq!(verify(odd), Err(SignatureError::Header), "{odd}");
        }
    }

    #[test]
    fn the_same_event_has_one_name_and_another_has_another() {
        let header = format!("t={NOW},v1={SIGNED}");
        let one = stripe_at(&header, NOW).unwrap();
        let again = stripe_at(&format!("v1={SIGNED},t={NOW}"), NOW + 5).unwrap();
        assert_eq!(one, again);
        let password = [(
            "authorization",
            &*format!("Basic {}", BASE64.encode("u:Password-of-20-chars")),
        )];
        let marqeta = secrets(Issuer::MarqetaJit, &["u:Password-of-20-chars"]);
        let other = marqeta.verify(&headers(&password), BODY, NOW).unwrap();
        assert_ne!(one, other);
        let third = marqeta.verify(&headers(&password), b"{}", NOW).unwrap();
        assert_ne!(other, third);
    }
}
