use std::time::Duration;

use interdict_host::{StoreError, connection_failure};
use ureq::Agent;

use super::token::{request, token, verify};
use super::trust::TrustedAuthorities;
use crate::error::Error;
use crate::outgoing::to_named_server;
use crate::time_stamp_error::TimeStampError;

/// How long an authority has for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A token with all certificates of its chain takes a tenth of it.
const MAX_ANSWER: u64 = 100_000;

/// Somebody who gives time stamps over HTTP (RFC 3161, section 3.4).
#[derive(Debug)]
pub struct Authority {
    url: String,
    trust: TrustedAuthorities,
    agent: Agent,
}

impl Authority {
    /// The one at this address, believed if a trusted certificate vouches for it.
    pub(crate) fn new(url: &str, trust: TrustedAuthorities) -> Self {
        let config = to_named_server(PATIENCE).build();
        Self {
            url: url.to_owned(),
            trust,
            agent: config.new_agent(),
        }
    }

    /// A verified token for a digest.
    ///
    /// # Errors
    /// [`TimeStampError`], or [`StoreError::Randomness`].
    pub(crate) fn stamp(&self, sha256: &[u8; 32]) -> Result<Vec<u8>, Error> {
        let mut nonce = [0; 8];
        getrandom::fill(&mut nonce).map_err(|_| StoreError::Randomness)?;
        // A positive number of eight bytes, so that it is the same in DER.
        nonce[0] = nonce[0] & 0x3f | 0x40;
        let answer = self.ask(&request(sha256, &nonce))?;
        let token = token(&answer)?;
        verify(&token, sha256, Some(&nonce), &self.trust)?;
        Ok(token)
    }

    fn ask(&self, request: &[u8]) -> Result<Vec<u8>, TimeStampError> {
        let sent = self
            .agent
            .post(&self.url)
            .header("content-type", "application/timestamp-query")
            .send(request);
        let failed =
            |error: ureq::Error| TimeStampError::NotReached(connection_failure(&self.url, &error));
        let mut answer = sent.map_err(failed)?;
        let status = answer.status().as_u16();
        if status != 200 {
            let told = format!("the server answered {status}");
            return Err(TimeStampError::NotReached(told));
        }
        let body = answer.body_mut().with_config().limit(MAX_ANSWER);
        body.read_to_vec().map_err(failed)
    }
}
