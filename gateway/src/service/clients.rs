use std::num::NonZeroU32;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use interdict_host::Flow;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::limits::{ClientLimits, Probing};
use super::problem::{Cause, Problem};
use super::sessions::{SessionError, Sessions};
use crate::error::Error;
use crate::journal::Word;
use crate::service_settings::{ClientName, ClientSettings, FlowName, Origin};

/// The name of whoever asks a service without `[[client]]`, which only this machine can reach.
const LOCAL: &str = "local";
/// Many times what a person asks.
const PERSON_PER_SECOND: u32 = 10;

/// Credentials of nobody that are told so, in a second; after that they are asked to wait.
const STRANGERS: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

/// What a connection brings to show who is at its other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Credential {
    /// SHA-256 of the certificate that it showed.
    pub certificate: Option<[u8; 32]>,
    /// User id of the process, on a Unix socket.
    pub uid: Option<u32>,
}

/// Who may ask.
#[derive(Debug)]
pub(crate) struct Clients {
    all: Vec<Arc<Client>>,
    /// How many credentials of nobody are looked at.
    strangers: DefaultDirectRateLimiter,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Client {
    settings: ClientSettings,
    pub(crate) limits: ClientLimits,
    pub(crate) sessions: Sessions,
}

impl Clients {
    pub(crate) fn of(settings: &[ClientSettings]) -> Result<Self, Error> {
        let local = ClientSettings::without_credential(ClientName(Word::new(LOCAL)?));
        let all = match settings {
            [] => std::slice::from_ref(&local),
            all => all,
        };
        let all = all.iter().cloned();
        Ok(Self {
            all: all.map(Client::new).map(Arc::new).collect(),
            strangers: RateLimiter::direct(Quota::per_second(STRANGERS)),
        })
    }

    /// Whether one more credential of nobody is told so. Clients are not kept out by those who are none.
    pub(crate) fn takes_a_stranger(&self) -> bool {
        self.strangers.check().is_ok()
    }

    /// Each client's name, and what its names of today look like if they look tried.
    pub(crate) fn probing(&self) -> impl Iterator<Item = (&str, Option<Probing>)> {
        let all = self.all.iter();
        all.map(|client| (client.name(), client.limits.probing()))
    }

    /// Who sends a request.
    pub(crate) fn asking(&self, request: &Request) -> Option<Arc<Client>> {
        let credential = request.extensions().get::<Credential>();
        self.find(
            &credential.copied().unwrap_or_default(),
            bearer(request.headers()),
        )
    }

    /// The origins of the pages that any client may open sessions for.
    pub(crate) fn origins(&self) -> impl Iterator<Item = &str> {
        let all = self
            .all
            .iter()
            .flat_map(|one| &one.settings.checkout_origins);
        all.map(Origin::as_str)
    }

    /// Whose session this is, and what is asked in it.
    pub(crate) fn asked_in_session(
        &self,
        token: &str,
        origin: &str,
        now: u32,
    ) -> Result<(Arc<Client>, Arc<[u8]>), SessionError> {
        for client in &self.all {
            match client.sessions.ask(token, origin, now) {
                Ok(request) => return Ok((Arc::clone(client), request)),
                Err(SessionError::Unknown) => {}
                Err(other) => return Err(other),
            }
        }
        Err(SessionError::Unknown)
    }

    /// Whose connection and bearer token these are. All clients are compared, so that time tells nothing.
    pub(crate) fn find(&self, credential: &Credential, token: Option<&str>) -> Option<Arc<Client>> {
        let token: Option<[u8; 32]> = token.map(|token| Sha256::digest(token.as_bytes()).into());
        let mut found = None;
        for client in &self.all {
            if client.has(credential, token.as_ref()) {
                found = Some(Arc::clone(client));
            }
        }
        found
    }
}

impl Client {
    fn new(settings: ClientSettings) -> Self {
        let limits = ClientLimits::of(settings.requests_per_second, settings.names_per_day);
        Self {
            settings,
            limits,
            sessions: Sessions::default(),
        }
    }

    /// A person who is signed in to the page.
    pub(crate) fn person(name: ClientName, names_per_day: usize) -> Self {
        Self::new(ClientSettings {
            requests_per_second: PERSON_PER_SECOND,
            names_per_day,
            page: true,
            ..ClientSettings::without_credential(name)
        })
    }

    /// Whoever signs the events of an issuer. It is not among [`Clients`]: no credential stands for it.
    pub(crate) fn issuer(name: ClientName) -> Self {
        Self::new(ClientSettings {
            flows: vec![FlowName(Flow::Authorisation)],
            ..ClientSettings::without_credential(name)
        })
    }

    /// Whoever asks at a door that has credentials of its own.
    pub(crate) fn door(name: Word) -> Self {
        Self::new(ClientSettings::without_credential(ClientName(name)))
    }

    /// Whether it is a person.
    pub(crate) const fn is_person(&self) -> bool {
        self.settings.page
    }

    /// Whether it has no credential, as the only client of a service without `[[client]]`.
    pub(crate) const fn is_anyone(&self) -> bool {
        let own = &self.settings;
        own.token_sha256.is_none() && own.certificate_sha256.is_none() && own.uid.is_none()
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.word().as_str()
    }

    /// Its name, as the configuration has it.
    pub(crate) const fn client_name(&self) -> &ClientName {
        &self.settings.name
    }

    /// Its name, as the audit has it.
    pub(crate) const fn word(&self) -> &Word {
        &self.settings.name.0
    }

    /// Whether it may ask in a flow.
    pub(crate) fn may_ask(&self, flow: Flow) -> bool {
        self.settings.flows.is_empty() || self.settings.flows.iter().any(|one| one.0 == flow)
    }

    /// The policy that a request of this client is screened under, where the request names `named`; `None` for the
    /// gateway's own.
    pub(crate) fn policy<'n>(&'n self, named: Option<&'n str>) -> Result<Option<&'n str>, Problem> {
        let own = self.settings.policy.as_deref();
        match named {
            Some(name) if own != Some(name) && !self.is_anyone() => {
                let told = "leave out policy, or ask whoever runs the gateway";
                Err(Cause::PolicyNotAllowed.problem(told))
            }
            Some(name) => Ok(Some(name)),
            None => Ok(own),
        }
    }

    /// Whether it may open checkout sessions for pages of this origin.
    pub(crate) fn may_open_for(&self, origin: &str) -> bool {
        let own = &self.settings.checkout_origins;
        own.iter().any(|one| one.as_str() == origin)
    }

    /// Whether it may read cases and act on them.
    pub(crate) const fn may_work_on_cases(&self) -> bool {
        self.settings.cases
    }

    fn has(&self, credential: &Credential, token: Option<&[u8; 32]>) -> bool {
        let own = &self.settings;
        let same = |own: Option<[u8; 32]>, shown: Option<&[u8; 32]>| match (own, shown) {
            (Some(own), Some(shown)) => bool::from(own.ct_eq(shown)),
            _ => false,
        };
        let by_token = same(own.token_sha256.map(|text| text.0), token);
        let by_certificate = same(
            own.certificate_sha256.map(|text| text.0),
            credential.certificate.as_ref(),
        );
        let by_uid = own.uid.is_some() && own.uid == credential.uid;
        by_token | by_certificate | by_uid | self.is_anyone()
    }
}

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service_settings::Sha256Text;

    fn client(name: &str, token: &str) -> ClientSettings {
        ClientSettings {
            token_sha256: Some(Sha256Text(Sha256::digest(token).into())),
            flows: vec![FlowName(Flow::Payout)],
            ..ClientSettings::without_credential(ClientName::try_from(name.to_owned()).unwrap())
        }
    }

    fn named(clients: &Clients, credential: Credential, token: Option<&str>) -> Option<String> {
        let client = clients.find(&credential, token);
        client.map(|client| client.name().to_owned())
    }

    #[test]
    fn a_client_is_known_by_token_certificate_or_process() {
        let nobody = Credential::default();
        let mut settings = vec![client("a", "one"), client("b", "two")];
        settings.push(ClientSettings {
            token_sha256: None,
            certificate_sha256: Some(Sha256Text([3; 32])),
            ..client("c", "")
        });
        settings.push(ClientSettings {
            token_sha256: None,
            uid: Some(33),
            ..client("d", "")
        });
        let clients = Clients::of(&settings).unwrap();
        assert_eq!(named(&clients, nobody, Some("one")).as_deref(), Some("a"));
        assert_eq!(named(&clients, nobody, Some("two")).as_deref(), Some("b"));
        let shown = Credential {
            certificate: Some([3; 32]),
            uid: Some(0),
        };
        assert_eq!(named(&clients, shown, None).as_deref(), Some("c"));
        let process = Credential {
            certificate: None,
            uid: Some(33),
        };
        assert_eq!(named(&clients, process, None).as_deref(), Some("d"));
        for wrong in [None, Some(""), Some("One"), Some("one ")] {
            assert_eq!(named(&clients, nobody, wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_service_without_clients_knows_everyone_and_one_with_clients_nobody_else() {
        let open = Clients::of(&[]).unwrap();
        let nobody = Credential::default();
        assert_eq!(named(&open, nobody, None).as_deref(), Some(LOCAL));
        assert!(open.find(&nobody, None).unwrap().may_ask(Flow::Checkout));
        let closed = Clients::of(&[client("a", "one")]).unwrap();
        assert_eq!(named(&closed, nobody, None), None);
        let known = closed.find(&nobody, Some("one")).unwrap();
        assert!(known.may_ask(Flow::Payout) && !known.may_ask(Flow::Checkout));
    }
}
