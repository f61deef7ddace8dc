use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::clients::Client;
use super::day::Day;
use crate::config::Config;
use crate::error::Error;
use crate::journal::Word;
use crate::page_settings::PageSettings;
use crate::portfolio::Portfolio;
use crate::service_settings::ClientName;
use crate::sign_in::{random_text, take_link};

/// Sessions at once; a further one ends the oldest.
const MOST_SESSIONS: usize = 64;

/// Who is signed in to the page, and what the page alone needs.
#[derive(Debug)]
pub(crate) struct Visitors {
    settings: PageSettings,
    /// The scheme and host that browsers use, if that is not the service's own.
    pub(crate) address: Option<String>,
    /// Whether browsers reach the page over TLS alone.
    pub(crate) is_secure: bool,
    /// By the SHA-256 of what the cookie holds.
    sessions: Mutex<HashMap<[u8; 32], Session>>,
    /// Everybody who was ever signed in, so that a second session does not double what one may ask.
    clients: Mutex<BTreeMap<String, Arc<Client>>>,
    /// The page's own connection: whoever decides may wait for a re-screening, and payments must not.
    portfolio: Option<Mutex<Portfolio>>,
    /// What was answered lately.
    pub(crate) day: Day,
    /// What the audit calls the page.
    pub(crate) door: Word,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) client: Arc<Client>,
    /// What every form of this session holds, and no other origin knows.
    pub(crate) form_token: String,
    until: u32,
}

impl Session {
    /// Whether a form is of this session.
    pub(crate) fn has_sent(&self, form_token: &str) -> bool {
        bool::from(self.form_token.as_bytes().ct_eq(form_token.as_bytes()))
    }
}

impl Visitors {
    /// Nobody yet; `None` if the configuration has no page.
    ///
    /// # Errors
    /// The portfolio cannot be opened.
    pub(crate) fn of(config: &Config) -> Result<Option<Self>, Error> {
        let Some(settings) = config.page() else {
            return Ok(None);
        };
        let (service, _) = config.service()?;
        let database = config.portfolio().map(|settings| &settings.database);
        let portfolio = database.map(|path| Portfolio::open(&config.directory().join(path)));
        Ok(Some(Self {
            is_secure: settings.is_secure(&service),
            address: settings.address.clone(),
            settings,
            sessions: Mutex::default(),
            clients: Mutex::default(),
            portfolio: portfolio.transpose()?.map(Mutex::new),
            day: Day::default(),
            door: Word::new("page")?,
        }))
    }

    /// Starts a session for whoever a link is for, and returns what its cookie holds. `None` if the link was taken
    /// already or is too old.
    pub(crate) fn sign_in(&self, link: &str, now: u32) -> Result<Option<String>, Error> {
        let person = take_link(&self.settings.links, link, now)?;
        person.map(|person| self.enter(person, now)).transpose()
    }

    /// Starts a session for a person, and returns what its cookie holds.
    pub(crate) fn enter(&self, person: ClientName, now: u32) -> Result<String, Error> {
        let cookie = random_text()?;
        let session = Session {
            client: self.client(person),
            form_token: random_text()?,
            until: now.saturating_add(self.settings.session_hours.saturating_mul(3_600)),
        };
        let mut sessions = lock(&self.sessions);
        sessions.retain(|_, session| session.until > now);
        let oldest = sessions.iter().min_by_key(|(_, session)| session.until);
        let oldest = oldest.map(|(key, _)| *key);
        if let Some(oldest) = oldest.filter(|_| sessions.len() >= MOST_SESSIONS) {
            sessions.remove(&oldest);
        }
        sessions.insert(key(&cookie), session);
        Ok(cookie)
    }

    /// The session of a cookie.
    pub(crate) fn session(&self, cookie: &str, now: u32) -> Option<Session> {
        let sessions = lock(&self.sessions);
        let session = sessions.get(&key(cookie))?;
        (session.until > now).then(|| session.clone())
    }

    /// Ends the session of a cookie.
    pub(crate) fn sign_out(&self, cookie: &str) {
        lock(&self.sessions).remove(&key(cookie));
    }

    /// How long a cookie is good for, in seconds.
    pub(crate) const fn session_seconds(&self) -> u32 {
        self.settings.session_hours.saturating_mul(3_600)
    }

    /// The gateway's own merchants, if it has a portfolio.
    pub(crate) fn portfolio(&self) -> Option<MutexGuard<'_, Portfolio>> {
        self.portfolio.as_ref().map(lock)
    }

    fn client(&self, person: ClientName) -> Arc<Client> {
        let mut clients = lock(&self.clients);
        let name = person.0.as_str().to_owned();
        let names_per_day = self.settings.names_per_day;
        let new = || Arc::new(Client::person(person, names_per_day));
        Arc::clone(clients.entry(name).or_insert_with(new))
    }
}

fn key(cookie: &str) -> [u8; 32] {
    Sha256::digest(cookie.as_bytes()).into()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u32 = 1_795_309_323;

    fn people(lines: &str) -> Option<Visitors> {
        let room = tempfile::tempdir().unwrap();
        let path = room.path().join("gateway.toml");
        std::fs::write(&path, lines).unwrap();
        Visitors::of(&Config::read(&path).unwrap()).unwrap()
    }

    #[test]
    fn sessions_end_with_their_hours_by_hand_and_when_there_are_too_many() {
        assert!(people("").is_none());
        let people = people("[page]\nsession_hours = 1\n").unwrap();
        let ada = ClientName::try_from("ada".to_owned()).unwrap();
        let enter = |now| people.enter(ada.clone(), now).unwrap();
        let first = enter(NOW);
        assert!(people.session(&first, NOW + 3_599).is_some());
        assert!(people.session(&first, NOW + 3_600).is_none());
        let second = enter(NOW + 1);
        people.sign_out(&second);
        assert!(people.session(&second, NOW + 1).is_none());
        let further: Vec<String> = (0..MOST_SESSIONS).map(|_| enter(NOW + 2)).collect();
        assert!(
            people.session(&first, NOW + 2).is_none(),
            "the oldest ended"
        );
        let live = further
            .iter()
            .filter(|one| people.session(one, NOW + 2).is_some());
        assert_eq!(live.count(), MOST_SESSIONS);
    }

    #[test]
    fn all_sessions_of_a_person_share_what_may_be_asked_and_no_form_token() {
        let people = people("[page]\nnames_per_day = 1\n").unwrap();
        let ada = ClientName::try_from("ada".to_owned()).unwrap();
        let session = || {
            let cookie = people.enter(ada.clone(), NOW).unwrap();
            people.session(&cookie, NOW).unwrap()
        };
        let (one, other) = (session(), session());
        assert!(one.client.limits.takes_names(&[1], false, NOW));
        assert!(!other.client.limits.takes_names(&[2], false, NOW));
        assert!(one.has_sent(&one.form_token) && !one.has_sent(&other.form_token));
        assert!(!one.has_sent(""));
    }
}
