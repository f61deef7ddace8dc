//! From the repositories to the disk: each coalition on its own, each all or nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use interdict_core::wire::owned::{Fetch, State};

use crate::error::Error;
use crate::instance::{CallError, Instance, read};
use crate::load::{Enrolled, Loader, Pending, Saved, Sources};
use crate::report::Outcome;
use crate::repository::{Brought, Patience, Repository};
use crate::settings::Settings;
use crate::store::{Generation, Shelf, StoreError};
use crate::walk::{Begin, Courier, Walked, from_repository, walk};

/// The result of one coalition's walk through its repository.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) outcome: Outcome,
    pub(crate) bytes: u64,
    pub(crate) files: usize,
    /// The generation to keep beside the new one.
    base: Option<u64>,
    /// The generation that goes live after it is read back.
    candidate: Option<Generation>,
    /// The history to save, if the walk completed.
    history: Option<String>,
}

/// Walks through every repository. A coalition that fails does not hold up another.
pub(crate) fn update_all(
    loader: &Loader,
    settings: &Settings,
    now: u32,
) -> Result<Vec<Update>, Error> {
    let mut ready: Option<(Instance, Vec<Saved>)> = None;
    let mut updates = Vec::new();
    for (index, coalition) in loader.coalitions.iter().enumerate() {
        let (mut instance, mut all_saved) = match ready.take() {
            Some(ready) => ready,
            None => loader.updating(now)?,
        };
        let saved = all_saved
            .get_mut(index)
            .map(core::mem::take)
            .unwrap_or_default();
        updates.push(update(&mut instance, coalition, saved, settings, now));
        // A module that trapped over one coalition's files starts afresh for the next.
        ready = (!instance.is_trapped()).then_some((instance, all_saved));
    }
    Ok(updates)
}

fn update(
    instance: &mut Instance,
    coalition: &Enrolled,
    saved: Saved,
    settings: &Settings,
    now: u32,
) -> Update {
    let good = coalition.generations.get(usize::from(!saved.is_whole));
    let mut update = Update {
        outcome: Outcome::Unchanged,
        bytes: 0,
        files: 0,
        base: good.map(|generation| generation.number),
        candidate: None,
        history: None,
    };
    if let Err(why) = fetch_all(
        instance,
        coalition,
        saved.sources,
        settings,
        now,
        &mut update,
    ) {
        update.outcome = Outcome::Failed(why);
    }
    update
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
    let location = settings.location(&coalition.enrolment);
    let repository = Repository::open(location, &settings.directory, Patience::default())
        .map_err(|error| error.to_string())?;
    let mut courier = Fetching {
        repository,
        shelf: &coalition.shelf,
        sources,
        bytes: 0,
        files: 0,
    };
    let walked = walk(instance, name, Begin::Repository, now, &mut courier);
    (update.bytes, update.files) = (courier.bytes, courier.files);
    let walked = walked.map_err(|error| error.to_string())?;
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
pub(crate) fn offer(loader: &mut Loader, updates: &[Update]) {
    for (coalition, update) in loader.coalitions.iter_mut().zip(updates) {
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
pub(crate) fn settle(loader: &mut Loader, updates: &mut [Update]) {
    for (coalition, update) in loader.coalitions.iter_mut().zip(updates) {
        if let Err(error) = settle_one(coalition, update) {
            update.outcome = Outcome::Failed(error.to_string());
        }
    }
}

fn settle_one(coalition: &mut Enrolled, update: &mut Update) -> Result<(), StoreError> {
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
pub(crate) fn withdraw(loader: &Loader, updates: &[Update]) {
    for (coalition, update) in loader.coalitions.iter().zip(updates) {
        if let Some(candidate) = &update.candidate {
            // A generation that was never current is ignored, and deleted by the next update.
            let _ = coalition.shelf.discard(candidate);
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
    bytes: u64,
    files: usize,
}

impl Courier for Fetching<'_> {
    fn bring(&mut self, fetch: &Fetch) -> Brought {
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
