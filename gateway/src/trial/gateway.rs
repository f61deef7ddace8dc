use std::collections::BTreeMap;
use std::fs::{self, DirBuilder};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use interdict_core::common::hex;
use interdict_host::{
    Choices, Gateway, Module, OtherRoot, Outcome, Settings, Store, StoreError, enrol, files,
};
use serde_json::json;

use super::coalition::{Coalition, KeyGiven, Repository};
use super::state::State;
use crate::config::Config;
use crate::error::Error;

const DAY: u32 = 86_400;
/// When the lists are made anew: well before a list counts as not polled (36 hours).
const RENEWED_AFTER: u32 = DAY / 2;
/// How long ago the stale list was polled: past the 36 hours and the 72 hours after them.
const STALE_FOR: u32 = 6 * DAY;
/// How old the expired list is: past the 30 days and the 7 days of full effect after them.
const EXPIRED_FOR: u32 = 40 * DAY;

/// Gateways of coalitions that are built in, for the first hour without a real one: one whose list is fresh, and
/// one for each other state. The lists are made and signed when it is opened, with keys that are kept nowhere, and
/// again every twelve hours. Nobody can sign a list for another gateway with them.
#[derive(Debug)]
pub struct Trial {
    room: PathBuf,
    module: Module,
    live: Mutex<Live>,
}

/// A gateway for each state.
type Hosts = BTreeMap<State, Arc<Gateway>>;

/// What answers now.
#[derive(Debug)]
struct Live {
    hosts: Hosts,
    made: u32,
    number: u32,
}

impl Trial {
    /// Opens the trial in a room of its own, which must not be there or be empty, and is removed with it.
    ///
    /// # Errors
    /// [`Error::Trial`] if a coalition is enrolled with the gateway of this configuration, which need not be
    /// there; or the room cannot be used.
    pub fn open(config: &Path, room: &Path, now: u32) -> Result<Self, Error> {
        refuse_beside(config)?;
        let is_used = fs::read_dir(room).is_ok_and(|mut entries| entries.next().is_some());
        if is_used {
            let room = room.display();
            return Err(Error::Trial(format!("{room} is not empty")));
        }
        let module = Module::built_in()?;
        private_folder(room)?;
        let hosts = open_all(&folder(room, 0), &module, now).inspect_err(|_| {
            let _ = files::clear(room);
        })?;
        let live = Live {
            hosts,
            made: now,
            number: 0,
        };
        Ok(Self {
            room: room.to_owned(),
            module,
            live: Mutex::new(live),
        })
    }

    /// Opens it in a new folder of the system's directory for temporary files.
    ///
    /// # Errors
    /// As [`Trial::open`].
    pub fn temporary(config: &Path, now: u32) -> Result<Self, Error> {
        let mut name = [0; 8];
        getrandom::fill(&mut name).map_err(|_| StoreError::Randomness)?;
        let name = format!("interdict-try-{}", hex::text(&name));
        Self::open(config, &std::env::temp_dir().join(name), now)
    }

    /// The gateway whose list is fresh, made anew if it is about to age.
    ///
    /// # Errors
    /// It cannot be made anew.
    pub fn host(&self, now: u32) -> Result<Arc<Gateway>, Error> {
        self.host_in(State::Fresh, now)
    }

    fn host_in(&self, state: State, now: u32) -> Result<Arc<Gateway>, Error> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let is_current = now
            .checked_sub(live.made)
            .is_some_and(|age| age < RENEWED_AFTER);
        if !is_current {
            let number = live.number.wrapping_add(1);
            let next = folder(&self.room, number);
            files::clear(&next)?;
            let hosts = open_all(&next, &self.module, now)?;
            files::clear(&folder(&self.room, live.number))?;
            *live = Live {
                hosts,
                made: now,
                number,
            };
        }
        live.hosts.get(&state).cloned().ok_or(Error::ANSWER)
    }

    /// Answers one request as the module does, with `"test":true` before its other members. A name such as
    /// `stale.clean.test` is answered from a list in that state ([`TEST_MERCHANTS`](super::TEST_MERCHANTS)).
    ///
    /// # Errors
    /// Why there is no verdict. A caller must never treat that as a pass.
    pub fn screen(&self, request: &str, now: u32) -> Result<Vec<u8>, Error> {
        let host = self.host_in(State::of_request(request), now)?;
        let answer = host.call("screen", request.as_bytes(), now)?;
        // Before the first member, so that the receipt stays byte for byte as it is.
        let members = answer.strip_prefix(b"{").ok_or(Error::ANSWER)?;
        Ok([b"{\"test\":true,", members].concat())
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        let _ = files::clear(&self.room);
    }
}

/// Refuses to run where a real coalition could be meant.
fn refuse_beside(config: &Path) -> Result<(), Error> {
    let state = Config::state_beside(config)?;
    let is_mounted = config.exists() && {
        let mounted = Config::read(config)?.mounted();
        mounted.is_ok_and(|mounted| !mounted.enrolments.is_empty())
    };
    let is_enrolled = state.exists() && {
        let store = Store::open(&state)?;
        !store.enrolments()?.is_empty() || !store.losses()?.is_empty()
    };
    match is_mounted || is_enrolled {
        true => Err(Error::Trial(
            "a coalition is enrolled here, and test answers must not be taken for its: run the trial in another \
             directory, or name another gateway.toml"
                .to_owned(),
        )),
        false => Ok(()),
    }
}

/// One generation of lists and state.
fn folder(room: &Path, number: u32) -> PathBuf {
    room.join(number.to_string())
}

fn open_all(folder: &Path, module: &Module, now: u32) -> Result<Hosts, Error> {
    let states = State::ALL.into_iter();
    let hosts = states.map(|state| {
        let place = Place {
            folder: folder.join(state.coalition()),
            module,
            coalition: Coalition::new(state.coalition(), state.edition())?,
        };
        Ok((state, Arc::new(place.open(state, now)?)))
    });
    hosts.collect()
}

/// Where the gateway of one state and its coalition lie.
struct Place<'p> {
    folder: PathBuf,
    module: &'p Module,
    coalition: Coalition,
}

impl Place<'_> {
    /// Brings the list into its state, as it would come about.
    fn open(&self, state: State, now: u32) -> Result<Gateway, Error> {
        private_folder(&self.folder)?;
        let polled = match state {
            State::Stale => now.saturating_sub(STALE_FOR),
            _ => now,
        };
        let built = match state {
            State::Expired => now.saturating_sub(EXPIRED_FOR),
            _ => polled.saturating_sub(60),
        };
        let key = match state {
            State::Keyless => KeyGiven::Wrong,
            _ => KeyGiven::Right,
        };
        self.publish(&self.coalition.repository(built, polled)?)?;
        self.enrol(key, polled)?;
        let gateway = self.gateway(polled)?;
        refresh(&gateway, polled, true)?;
        if state == State::Untrusted {
            self.publish(&self.coalition.revocation()?)?;
            refresh(&gateway, now, false)?;
        }
        Ok(gateway)
    }

    fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    fn repository(&self) -> PathBuf {
        self.folder.join("repository")
    }

    fn publish(&self, repository: &Repository) -> Result<(), Error> {
        for (path, bytes) in repository {
            let path = self.repository().join(path);
            let folder = path.parent().unwrap_or(&self.folder);
            fs::create_dir_all(folder).map_err(StoreError::at(folder))?;
            fs::write(&path, bytes).map_err(StoreError::at(&path))?;
        }
        Ok(())
    }

    fn enrol(&self, key: KeyGiven, now: u32) -> Result<(), Error> {
        let repository = self.repository();
        let why = || Error::Trial("the path of the trial's room is not UTF-8".to_owned());
        let repository = repository.to_str().ok_or_else(why)?;
        let enrolment = self.coalition.enrolment(repository, key)?;
        enrol(
            self.module,
            &self.state(),
            &enrolment,
            OtherRoot::Refuse,
            now,
        )?;
        Ok(())
    }

    /// A gateway that requires the list.
    fn gateway(&self, now: u32) -> Result<Gateway, Error> {
        let list = self.coalition.list()?;
        let choices = Choices {
            policy: Some(json!({"required": {self.coalition.name(): [list.as_str()]}})),
            ..Choices::default()
        };
        let settings = Settings::new(self.module.clone(), self.state());
        Ok(Gateway::open(settings, Arc::new(choices), now)?)
    }
}

/// Fetches, which must succeed or must fail.
fn refresh(gateway: &Gateway, now: u32, must_succeed: bool) -> Result<(), Error> {
    for report in gateway.refresh(now)? {
        let name = &report.state.name;
        match report.outcome {
            Outcome::Failed(why) if must_succeed => {
                return Err(Error::Trial(format!("{name} cannot be fetched: {why}")));
            }
            Outcome::Updated | Outcome::Unchanged if !must_succeed => {
                return Err(Error::Trial(format!("{name} is still trusted")));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Makes a folder that only its owner can read, and those above it.
fn private_folder(path: &Path) -> Result<(), Error> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(path).map_err(StoreError::at(path))?)
}
