use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_core::common::hex;
use zeroize::Zeroizing;

use super::Issuer;

/// Bytes of an HMAC key that are enough against guessing.
const SHORTEST_KEY: usize = 16;
/// The longest file of a secret.
pub(crate) const LARGEST_SECRET: u64 = 4 << 10;
/// The shortest password that Marqeta takes.
const SHORTEST_PASSWORD: usize = 20;

/// What an issuer's events are signed with. Several are good at a time while they are rotated.
pub(crate) struct Secrets {
    issuer: Issuer,
    keys: Vec<Zeroizing<Vec<u8>>>,
}

/// A text is no secret of its issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecretError {
    /// What it should be.
    told: &'static str,
}

impl Secrets {
    /// Those of an issuer; none yet.
    pub(crate) const fn of(issuer: Issuer) -> Self {
        Self {
            issuer,
            keys: Vec::new(),
        }
    }

    /// Adds the secret of a file, as the issuer shows it.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn add(&mut self, text: &str) -> Result<(), SecretError> {
        let text = text.trim();
        let key = match self.issuer {
            Issuer::StripeIssuing => text
                .strip_prefix("whsec_")
                .map(|_| text.as_bytes().to_vec()),
            Issuer::AdyenRelayed => {
                let lower = Zeroizing::new(text.to_ascii_lowercase());
                hex::array::<32>(&lower).map(Vec::from)
            }
            Issuer::LithicAsa => {
                let text = text.strip_prefix("whsec_").unwrap_or(text);
                BASE64.decode(text).ok()
            }
            Issuer::MarqetaJit => is_password(text).then(|| text.as_bytes().to_vec()),
        };
        let key = key.map(Zeroizing::new);
        let key = key.filter(|key| key.len() >= SHORTEST_KEY);
        self.keys.push(key.ok_or(SecretError {
            told: form(self.issuer),
        })?);
        Ok(())
    }

    pub(super) const fn issuer(&self) -> Issuer {
        self.issuer
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.keys.iter().map(|key| key.as_slice())
    }
}

/// A user's name and a password, as HTTP's basic authentication joins them.
fn is_password(text: &str) -> bool {
    let parts = text.split_once(':');
    parts.is_some_and(|(user, password)| !user.is_empty() && password.len() >= SHORTEST_PASSWORD)
}

const fn form(issuer: Issuer) -> &'static str {
    match issuer {
        Issuer::StripeIssuing => "write the signing secret of the webhook endpoint, whsec_...",
        Issuer::AdyenRelayed => "write the HMAC key of the webhook, 64 hexadecimal digits",
        Issuer::LithicAsa => "write the HMAC secret of Auth Stream Access, whsec_ and base64",
        Issuer::MarqetaJit => {
            "write USER:PASSWORD of the program gateway funding source, the password of 20 characters or more"
        }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets of {}", self.keys.len(), self.issuer.name())
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_the_form_in_which_its_issuer_shows_it() {
        let hexadecimal = "0123456789ABCDEF".repeat(4);
        let right = [
            (Issuer::StripeIssuing, "whsec_0123456789abcdef\n"),
            (Issuer::AdyenRelayed, &hexadecimal),
            (Issuer::LithicAsa, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            (Issuer::LithicAsa, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
            (Issuer::MarqetaJit, "user:Password-of-20-chars"),
        ];
        for (issuer, text) in right {
            assert_eq!(Secrets::of(issuer).add(text), Ok(()), "{text}");
        }
        let wrong = [
            (Issuer::StripeIssuing, "0123456789abcdef0123456789abcdef"),
            (Issuer::StripeIssuing, "whsec_1"),
            (Issuer::AdyenRelayed, &hexadecimal[2..]),
            (
                Issuer::AdyenRelayed,
                "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            ),
            (Issuer::LithicAsa, "whsec_AAAA"),
            (Issuer::LithicAsa, "whsec_!"),
            (Issuer::MarqetaJit, "Password-of-20-characters"),
            (Issuer::MarqetaJit, ":Password-of-20-characters"),
            (Issuer::MarqetaJit, "user:Password-of-19-cha"),
        ];
        for (issuer, text) in wrong {
            assert!(Secrets::of(issuer).add(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nothing_that_is_printed_holds_a_secret() {
        let mut secrets = Secrets::of(Issuer::MarqetaJit);
        secrets.add("user:Password-of-20-chars").unwrap();
        assert_eq!(format!("{secrets:?}"), "1 secrets of marqeta-jit");
        let error = Secrets::of(Issuer::LithicAsa)
            .add("Password-of-20-chars")
            .unwrap_err();
        assert!(!format!("{error:?} {error}").contains("Password"));
    }
}
