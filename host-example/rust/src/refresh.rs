//! From the repositories to the disk: each coalition on its own, each all or nothing, and none waits for another.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use interdict_core::wire::EnrolmentKey;
use interdict_core::wire::owned::{Fetch, State};

use crate::error::Error;
use crate::instance::{CallError, Instance, read};
use crate::load::{Enrolled, Loader, Pending, Sources};
use crate::operator::Operator;
use crate::report::Outcome;
use crate::repository::{Brought, Repository};
use crate::settings::Settings;
use crate::store::{Generation, Shelf, Store, StoreError, StoreLock};
use crate::walk::{Begin, Courier, WalkError, Walked, from_repository, walk};

/// The result of one coalition's walk through its repository.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) outcome: Outcome,
    pub(crate) bytes: u64,
    pub(crate) files: usize,
    /// The sealed keys that were known when it began; `None` if it did not begin.
    keys: Option<Vec<EnrolmentKey>>,
    /// The generation to keep beside the new one.
    base: Option<u64>,
    /// The generation that goes live after it is read back.
    candidate: Option<Generation>,
    /// The history to save, if the walk completed.
    history: Option<String>,
    /// Until all of this is on the disk, nobody else changes the coalition's files.
    lock: Option<StoreLock>,
}

/// The updates that go live together, by coalition.
pub(crate) type Round = BTreeMap<String, Update>;

/// Walks through one coalition's repository, in an instance of its own. Whatever goes wrong is its outcome.
pub(crate) fn update(
    coalition: &str,
    settings: &Settings,
    store: &Store,
    operator: &dyn Operator,
    now: u32,
) -> Update {
    let mut update = Update::of(Outcome::Unchanged);
    if let Err(why) = update.fill(coalition, settings, store, operator, now) {
        update.outcome = Outcome::Failed(why.to_string());
    }
    update
}

impl Update {
    /// An update that has brought nothing.
    pub(crate) const fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            bytes: 0,
            files: 0,
            keys: None,
            base: None,
            candidate: None,
            history: None,
            lock: None,
        }
    }

    /// Whether it brought a sealed key: lists that only this key reads may be published with it.
    pub(crate) fn brought_key(&self, coalition: &Enrolled) -> bool {
        let mut opened = coalition.opened.keys.iter();
        let known = self.keys.as_ref();
        known.is_some_and(|known| opened.any(|key| !known.contains(key)))
    }

    fn fill(
        &mut self,
        coalition: &str,
        settings: &Settings,
        store: &Store,
        operator: &dyn Operator,
        now: u32,
    ) -> Result<(), Error> {
        self.lock = Some(store.lock_coalition(coalition)?);
        let loader = Loader::read_one(coalition, settings, store, operator)?;
        let (mut instance, saved) = loader.updating(now)?;
        let (Some(coalition), Some(saved)) = (loader.coalitions.first(), saved.into_iter().next())
        else {
            return Err(Error::NotEnrolled(coalition.to_owned()));
        };
        self.keys = Some(coalition.opened.keys.clone());
        let good = coalition.generations.get(usize::from(!saved.is_whole));
        self.base = good.map(|generation| generation.number);
        let sources = saved.sources;
        if let Err(why) = fetch_all(&mut instance, coalition, sources, settings, now, self) {
            self.outcome = Outcome::Failed(why);
        }
        Ok(())
    }
}

fn fetch_all(
    instance: &mut Instance,
    coalition: &Enrolled,
    sources: Sources,
    settings: &Settings,
    now: u32,
    update: &mut Update,
) -> Result<(), String> {
    let name = coalition.enrolment.coalition();
    let repository = settings.repository(&coalition.enrolment);
    let repository = repository.map_err(|error| error.to_string())?;
    let mut courier = Fetching {
        repository,
        shelf: &coalition.shelf,
        sources,
        until: Instant::now().checked_add(settings.patience.refresh),
        bytes: 0,
        files: 0,
    };
    let walked = walk(instance, name, Begin::Repository, now, &mut courier);
    (update.bytes, update.files) = (courier.bytes, courier.files);
    let walked = walked.map_err(|error| {
        let remembered = match &error {
            WalkError::Refused { .. } => remember(instance, coalition, now),
            // The module may believe that a file is kept which is not.
            WalkError::Call(_) | WalkError::Keep(_) => Ok(()),
        };
        remembered.map_or_else(|more| format!("{error}; {more}"), |()| error.to_string())
    })?;
    if !walked.completed {
        return Err("the repository's files do not make up a release".to_owned());
    }
    update.history = Some(history(instance, name, now).map_err(|error| error.to_string())?);
    let contents = contents(&walked, &courier.sources).map_err(|error| error.to_string())?;
    if !is_current(coalition.generations.first(), &contents) {
        let added = coalition.shelf.add_generation(&contents);
        update.candidate = Some(added.map_err(|error| error.to_string())?);
        update.outcome = Outcome::Updated;
    }
    Ok(())
}

/// Makes the candidates the first to load, so that each is read back before it goes live.
pub(crate) fn offer(loader: &mut Loader, round: &Round) {
    for coalition in &mut loader.coalitions {
        let Some(update) = round.get(coalition.enrolment.coalition()) else {
            continue;
        };
        if let Some(history) = &update.history {
            coalition.history.clone_from(history);
            coalition.pending = Pending::Skip;
        }
        if let Some(candidate) = &update.candidate {
            coalition.generations.insert(0, candidate.clone());
        }
    }
}

/// Makes those candidates current that were read back, and discards the others.
pub(crate) fn settle(loader: &mut Loader, round: &mut Round) {
    for coalition in &mut loader.coalitions {
        let Some(update) = round.get_mut(coalition.enrolment.coalition()) else {
            continue;
        };
        if let Err(error) = settle_one(coalition, update) {
            update.outcome = Outcome::Failed(error.to_string());
        }
    }
}

fn settle_one(coalition: &mut Enrolled, update: &mut Update) -> Result<(), StoreError> {
    if update.keys.is_some() {
        coalition.shelf.save_opened_keys(&coalition.opened.keys)?;
    }
    match update.candidate.take() {
        Some(candidate) if coalition.generations.first() == Some(&candidate) => {
            coalition.shelf.commit(&candidate, update.base)?;
        }
        Some(candidate) => {
            let why = "what was fetched does not load from the disk".to_owned();
            update.outcome = Outcome::Failed(why);
            coalition.shelf.clear_pending()?;
            return coalition.shelf.discard(&candidate);
        }
        None if update.history.is_some() => coalition.shelf.clear_pending()?,
        None => {}
    }
    match &update.history {
        Some(history) => coalition.shelf.save_history(history),
        None => Ok(()),
    }
}

/// Discards all candidates, when nothing could be loaded at all.
pub(crate) fn withdraw(store: &Store, round: &Round) {
    for (coalition, update) in round {
        if let Some(candidate) = &update.candidate {
            // A generation that was never current is ignored, and deleted by the next update.
            let _ = store
                .shelf(coalition)
                .and_then(|shelf| shelf.discard(candidate));
        }
    }
}

/// The path of each file of the new state.
fn contents(walked: &Walked, sources: &Sources) -> Result<BTreeMap<String, PathBuf>, CallError> {
    walked
        .files
        .iter()
        .map(|name| Some((name.clone(), sources.get(name)?.clone())))
        .collect::<Option<_>>()
        // The module names files that it never asked for.
        .ok_or(CallError::Trapped)
}

fn is_current(current: Option<&Generation>, contents: &BTreeMap<String, PathBuf>) -> bool {
    let Some(current) = current else { return false };
    let count = std::fs::read_dir(&current.path).map_or(0, Iterator::count);
    count == contents.len()
        && contents
            .values()
            .all(|path| path.starts_with(&current.path))
}

/// Saves the versions that an update brought which did not complete: should its files be lost, what is loaded
/// is known to be older.
fn remember(instance: &mut Instance, coalition: &Enrolled, now: u32) -> Result<(), StoreError> {
    match history(instance, coalition.enrolment.coalition(), now) {
        Ok(history) if history != coalition.history => coalition.shelf.save_history(&history),
        // A module that trapped says nothing any more.
        Ok(_) | Err(_) => Ok(()),
    }
}

fn history(instance: &mut Instance, coalition: &str, now: u32) -> Result<String, CallError> {
    let states: State = read(instance.call("state", b"{}", now)?)?;
    let state = states
        .coalitions
        .into_iter()
        .find(|state| state.name == coalition);
    state.map(|state| state.history).ok_or(CallError::Answer)
}

struct Fetching<'a> {
    repository: Repository,
    shelf: &'a Shelf,
    sources: Sources,
    until: Option<Instant>,
    bytes: u64,
    files: usize,
}

impl Courier for Fetching<'_> {
    fn bring(&mut self, fetch: &Fetch) -> Brought {
        if self.until.is_some_and(|until| Instant::now() >= until) {
            return Brought::Failed("the repository took longer than a refresh may".to_owned());
        }
        let brought = from_repository(&self.repository, fetch);
        if let Brought::Bytes(bytes) = &brought {
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            self.bytes = self.bytes.saturating_add(length);
            self.files = self.files.saturating_add(1);
        }
        brought
    }

    fn keep(&mut self, fetch: &Fetch, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.shelf.keep(&fetch.name, bytes)?;
        self.sources.insert(fetch.name.clone(), path);
        Ok(())
    }
}
