use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac as _};
use interdict_host::connection_failure;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use sha2::Sha256;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::outgoing::to_named_server;

/// A web server that takes alerts, signed as Standard Webhooks 1.0.0 says.
#[derive(Debug)]
pub struct Webhook {
    url: String,
    secret: WebhookSecret,
    agent: Agent,
}

/// The key that the server shares with this gateway: 24 to 64 bytes.
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// Reads `whsec_` and the key in base64, as the specification writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let key = BASE64.decode(text.trim().strip_prefix("whsec_")?).ok()?;
        Some(Self(key)).filter(|key| (24..=64).contains(&key.0.len()))
    }

    /// The header `webhook-signature` of a message.
    #[must_use]
    pub fn signature(&self, id: &str, timestamp: u32, body: &str) -> String {
        // A key of any length will do.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", BASE64.encode(mac.finalize().into_bytes()))
    }
}

impl Webhook {
    /// A server that has so long for an answer. Redirects are not followed.
    #[must_use]
    pub fn new(url: &str, secret: WebhookSecret, limit: Duration) -> Self {
        Self::trusting(RootCerts::WebPki, url, secret, limit)
    }

    /// A server whose certificate one of these issued (PEM), and nobody else. `None` if the text has no certificate, or
    /// something that is none.
    #[must_use]
    pub fn of_issuers(
        issuers: &[u8],
        url: &str,
        secret: WebhookSecret,
        limit: Duration,
    ) -> Option<Self> {
        let issuers: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(issuers)
            .collect::<Result<_, _>>()
            .ok()?;
        let issuers = issuers.iter();
        let issuers = issuers.map(|one| Certificate::from_der(one.as_ref()).to_owned());
        let issuers: Vec<Certificate<'static>> = issuers.collect();
        let roots = RootCerts::new_with_certs(&issuers);
        (!issuers.is_empty()).then(|| Self::trusting(roots, url, secret, limit))
    }

    fn trusting(roots: RootCerts, url: &str, secret: WebhookSecret, limit: Duration) -> Self {
        let tls = TlsConfig::builder().root_certs(roots).build();
        let config = to_named_server(limit).tls_config(tls).build();
        Self {
            url: url.to_owned(),
            secret,
            agent: config.new_agent(),
        }
    }

    pub(super) fn post(&self, id: &str, body: &str, now: u32) -> Result<(), String> {
        let sent = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", now.to_string())
            .header("webhook-signature", self.secret.signature(id, now, body))
            .send(body);
        match sent {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(format!(
                "the server answered {}",
                response.status().as_u16()
            )),
            Err(error) => Err(connection_failure(&self.url, &error)),
        }
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the libraries of the specification are tested with.
    #[test]
    fn the_signature_of_the_published_example() {
        let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = secret.signature(id, 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(format!("{secret:?}"), "WebhookSecret");
    }

    #[test]
    fn a_secret_that_is_short_or_unmarked_is_none() {
        let short = format!("whsec_{}", BASE64.encode([7; 23]));
        let long = format!("whsec_{}", BASE64.encode([7; 65]));
        let unmarked = BASE64.encode([7; 32]);
        for text in [&*short, &*long, &*unmarked, "whsec_!", ""] {
            assert!(WebhookSecret::parse(text).is_none(), "{text}");
        }
        let ended = format!("whsec_{unmarked}\n");
        assert!(WebhookSecret::parse(&ended).is_some());
    }
}
