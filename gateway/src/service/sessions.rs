use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

/// Sessions of one client at a time; with the longest requests they take 40 MB.
const MOST_SESSIONS: usize = 10_000;
/// How often a page may ask in its session, so that one that asks in a loop costs its client little.
const MOST_ASKS: u32 = 20;

/// The checkout sessions of one client, by the SHA-256 of their tokens.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<[u8; 32], Session>>);

/// What a page may ask: one question, from one origin, for some minutes.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) origin: String,
    /// As `POST /v1/screen` takes it.
    pub(crate) request: Arc<[u8]>,
    /// When it is over, in seconds since 1970.
    pub(crate) ends: u32,
    /// How often it was asked in already.
    pub(crate) asks: u32,
}

/// Why a page gets no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionError {
    /// It is over, or never was.
    Unknown,
    /// The page is another one's.
    OtherOrigin,
}

impl Sessions {
    /// Opens a session; false if there are too many.
    pub(crate) fn open(&self, token: &str, session: Session, now: u32) -> bool {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_SESSIONS {
            all.retain(|_, one| now < one.ends);
        }
        if all.len() >= MOST_SESSIONS {
            return false;
        }
        all.insert(digest(token), session);
        true
    }

    /// What a page with this token asks.
    pub(crate) fn ask(
        &self,
        token: &str,
        origin: &str,
        now: u32,
    ) -> Result<Arc<[u8]>, SessionError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = digest(token);
        let session = all.get_mut(&key).ok_or(SessionError::Unknown)?;
        if now >= session.ends {
            all.remove(&key);
            return Err(SessionError::Unknown);
        }
        if session.origin != origin {
            return Err(SessionError::OtherOrigin);
        }
        if session.asks >= MOST_ASKS {
            return Err(SessionError::Unknown);
        }
        session.asks = session.asks.saturating_add(1);
        Ok(Arc::clone(&session.request))
    }
}

/// Tokens are random, and so time tells nothing about one whose digest is looked up.
fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u32 = 1_795_309_323;

    fn session() -> Session {
        Session {
            origin: "https://market.example".to_owned(),
            request: Arc::from(&b"{}"[..]),
            ends: NOW + 60,
            asks: 0,
        }
    }

    #[test]
    fn a_session_answers_its_own_page_until_it_is_over() {
        let all = Sessions::default();
        assert!(all.open("token", session(), NOW));
        let origin = "https://market.example";
        assert!(all.ask("token", origin, NOW + 59).is_ok());
        let other = all.ask("token", "https://other.example", NOW);
        assert_eq!(other, Err(SessionError::OtherOrigin));
        assert_eq!(all.ask("Token", origin, NOW), Err(SessionError::Unknown));
        assert_eq!(
            all.ask("token", origin, NOW + 60),
            Err(SessionError::Unknown)
        );
        assert_eq!(all.ask("token", origin, NOW), Err(SessionError::Unknown));
    }

    #[test]
    fn a_page_that_asks_in_a_loop_is_no_longer_answered() {
        let all = Sessions::default();
        all.open("token", session(), NOW);
        let asked = (0..100).filter(|_| all.ask("token", "https://market.example", NOW).is_ok());
        assert_eq!(asked.count(), 20);
    }

    #[test]
    fn sessions_that_are_over_make_room_for_others() {
        let all = Sessions::default();
        for number in 0..MOST_SESSIONS {
            assert!(all.open(&number.to_string(), session(), NOW));
        }
        assert!(!all.open("one more", session(), NOW));
        assert!(all.open("one more", session(), NOW + 60));
    }
}
