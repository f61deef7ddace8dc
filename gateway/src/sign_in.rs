use std::fs;
use std::path::{Path, PathBuf};

use interdict_core::common::hex;
use interdict_host::{StoreError, files};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::Error;
use crate::service_settings::ClientName;

/// How long a link is good for.
pub const LINK_SECONDS: u32 = 600;

/// Many times what a file of a link holds.
const MAX_LINK: u64 = 4_096;

/// What the file of a link holds. Its name is the SHA-256 of the token, which is nowhere but in the link.
#[derive(Serialize, Deserialize)]
struct Link {
    person: String,
    until: u32,
}

/// Lets a person sign in once, within [`LINK_SECONDS`]. Returns the token that the link ends with. Links that are too
/// old are taken away.
///
/// # Errors
/// The directory cannot be written, or the machine gives no random bytes.
pub fn create_link(directory: &Path, person: &ClientName, now: u32) -> Result<String, Error> {
    files::create_directory(directory)?;
    take_old_away(directory, now);
    let token = random_text()?;
    let link = Link {
        person: person.0.as_str().to_owned(),
        until: now.saturating_add(LINK_SECONDS),
    };
    let text = serde_json::to_vec(&link).map_err(|_| Error::ANSWER)?;
    let path = file(directory, &token);
    files::create_new(&path, &text).map_err(StoreError::at(&path))?;
    Ok(token)
}

/// Takes a link, so that nobody takes it again. Returns who it is for; `None` if there is no such link any more.
///
/// # Errors
/// The directory cannot be read, or others may write in it.
pub(crate) fn take_link(
    directory: &Path,
    token: &str,
    now: u32,
) -> Result<Option<ClientName>, Error> {
    let path = file(directory, token);
    let Some(text) = files::read(&path, MAX_LINK)? else {
        return Ok(None);
    };
    if files::is_open_to_others(directory) || files::is_open_to_others(&path) {
        let told = format!("{}: others may use it; chmod 700 it", directory.display());
        return Err(Error::Service(told));
    }
    // Of several at once, only one takes it away.
    if fs::remove_file(&path).is_err() {
        return Ok(None);
    }
    let link = serde_json::from_slice::<Link>(&text).ok();
    let link = link.filter(|link| link.until > now);
    Ok(link.and_then(|link| ClientName::try_from(link.person).ok()))
}

/// 32 random bytes as text.
pub(crate) fn random_text() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| StoreError::Randomness)?;
    Ok(hex::text(&bytes))
}

fn file(directory: &Path, token: &str) -> PathBuf {
    directory.join(hex::text(&Sha256::digest(token.as_bytes())))
}

fn take_old_away(directory: &Path, now: u32) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        let text = files::read(&path, MAX_LINK).ok().flatten();
        let link = text.and_then(|text| serde_json::from_slice::<Link>(&text).ok());
        if link.is_some_and(|link| link.until <= now) {
            // One that stays is refused all the same.
            let _ = fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u32 = 1_795_309_323;

    #[test]
    fn a_link_is_taken_once_and_in_time_and_no_file_holds_its_token() {
        let room = tempfile::tempdir().unwrap();
        let directory = room.path().join("sign-in");
        let person = ClientName::try_from("ada".to_owned()).unwrap();
        let link = |now| create_link(&directory, &person, now).unwrap();
        let take = |token: &str, now| take_link(&directory, token, now).unwrap();
        let token = link(NOW);
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            assert!(!text.contains(&token) && !path.to_str().unwrap().contains(&token));
            assert!(!files::is_open_to_others(&path));
        }
        assert_eq!(take("", NOW), None);
        assert_eq!(take("../../gateway.toml", NOW), None);
        assert_eq!(take(&token, NOW + LINK_SECONDS - 1), Some(person.clone()));
        assert_eq!(take(&token, NOW), None, "it was taken");
        assert_eq!(take(&link(NOW), NOW + LINK_SECONDS), None, "it is too old");
        link(NOW);
        link(NOW + LINK_SECONDS);
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    }
}
