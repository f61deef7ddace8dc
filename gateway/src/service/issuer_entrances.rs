use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use super::clients::Client;
use super::problem::{Problem, ProblemName};
use crate::doors::issuers::{Issuer, LARGEST_SECRET, Replays, Secrets};
use crate::doors::{Answers, DoorSettings, IssuerDoor};
use crate::error::Error;
use crate::journal::Word;
use crate::portfolio::read_named;
use crate::service_settings::ClientName;

/// Events of one issuer whose signature is still to be read.
const MOST_UNSIGNED: usize = 64;

/// The doors of the issuers, with their secrets and what each has answered.
#[derive(Debug)]
pub(crate) struct IssuerEntrances([Arc<IssuerEntrance>; 4]);

/// One of them.
#[derive(Debug)]
pub(crate) struct IssuerEntrance {
    pub(crate) issuer: Issuer,
    pub(crate) answers: Answers,
    pub(crate) secrets: Secrets,
    pub(crate) is_open: bool,
    /// Stands in the audit for whoever signs: a token of a client opens no door of an issuer.
    pub(crate) client: Client,
    pub(crate) word: Word,
    pub(crate) replays: Replays<Told>,
    /// Places for events that nobody has signed yet.
    pub(crate) reading: Semaphore,
}

/// An answer, in the bytes in which it is given again.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
    /// The line in the audit.
    pub(crate) id: Option<HeaderValue>,
    pub(crate) problem: Option<ProblemName>,
}

impl IssuerEntrances {
    /// Reads the secrets that the configuration in a directory names.
    ///
    /// # Errors
    /// A file cannot be read, or holds no secret of its issuer.
    pub(crate) fn open(settings: &DoorSettings, directory: &Path) -> Result<Self, Error> {
        let [stripe, adyen, lithic, marqeta] = &settings.issuers;
        let open = |issuer, door| IssuerEntrance::open(issuer, door, directory).map(Arc::new);
        Ok(Self([
            open(Issuer::StripeIssuing, stripe)?,
            open(Issuer::AdyenRelayed, adyen)?,
            open(Issuer::LithicAsa, lithic)?,
            open(Issuer::MarqetaJit, marqeta)?,
        ]))
    }

    pub(crate) const fn of(&self, issuer: Issuer) -> &Arc<IssuerEntrance> {
        let [stripe, adyen, lithic, marqeta] = &self.0;
        match issuer {
            Issuer::StripeIssuing => stripe,
            Issuer::AdyenRelayed => adyen,
            Issuer::LithicAsa => lithic,
            Issuer::MarqetaJit => marqeta,
        }
    }
}

impl IssuerEntrance {
    fn open(issuer: Issuer, door: &IssuerDoor, directory: &Path) -> Result<Self, Error> {
        let word = Word::new(issuer.name())?;
        let mut secrets = Secrets::of(issuer);
        for file in &door.secrets {
            let path = directory.join(file);
            let bytes = read_named(&path, LARGEST_SECRET).map_err(Error::of_setting("secrets"))?;
            let bytes = Zeroizing::new(bytes);
            let text = std::str::from_utf8(&bytes).unwrap_or_default();
            secrets.add(text).map_err(|error| {
                Error::Service(format!(
                    "{} holds no secret for {}: {error}",
                    path.display(),
                    issuer.name()
                ))
            })?;
        }
        Ok(Self {
            issuer,
            answers: door.answers,
            is_open: !door.secrets.is_empty(),
            secrets,
            client: Client::issuer(ClientName(word.clone())),
            word,
            replays: Replays::new(),
            reading: Semaphore::new(MOST_UNSIGNED),
        })
    }
}

impl Told {
    pub(crate) fn of(status: StatusCode, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            id: None,
            problem: None,
        }
    }

    /// A problem that is given again like an answer: the merchant was screened, and the door has no word for it.
    pub(crate) fn problem(problem: &Problem) -> Self {
        let body = serde_json::to_vec(problem).unwrap_or_default();
        Self {
            problem: Some(ProblemName(problem.name().to_owned())),
            ..Self::of(StatusCode::SERVICE_UNAVAILABLE, body)
        }
    }

    pub(crate) const fn kind(&self) -> &'static str {
        match self.problem {
            Some(_) => "application/problem+json",
            None => "application/json",
        }
    }
}
