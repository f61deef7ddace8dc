//! From the repositories to the disk: each coalition on its own, each all or nothing, and none waits for another.

use std::collections::BTreeMap;
use std::path::PathBuf;

use interdict_core::wire::EnrolmentKey;
use interdict_core::wire::owned::State;

use crate::error::Error;
use crate::failure::Failure;
use crate::instance::{CallError, Instance, read};
use crate::load::{Enrolled, Loader, Pending, Sources};
use crate::mirrors::{Fetching, Mirrors};
use crate::operator::Operator;
use crate::report::Outcome;
use crate::settings::Settings;
use crate::store::{
    Generation, Store, StoreError, StoreLock, Waiting, WaitingRelease, answers_differ,
};
use crate::walk::Walked;

/// The result of one coalition's walk through its repository.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) outcome: Outcome,
    /// The code of the failure, if it failed.
    pub(crate) code: Option<String>,
    pub(crate) bytes: u64,
    pub(crate) files: usize,
    /// Which of the coalition's places gave a whole release, by its number.
    pub(crate) answered: Option<usize>,
    /// How far a server's clock is ahead of the one that the update was given.
    pub(crate) clock_difference: Option<i64>,
    /// The sealed keys that were known when it began; `None` if it did not begin.
    keys: Option<Vec<EnrolmentKey>>,
    /// The generation to keep beside the new one.
    base: Option<u64>,
    /// The generation that goes live after it is read back.
    candidate: Option<Generation>,
    /// The history to save, if there is another.
    history: Option<String>,
    /// What waits once this is settled; `None` leaves what is on the disk.
    then_waiting: Option<Waiting>,
    /// Until all of this is on the disk, nobody else changes the coalition's files.
    lock: Option<StoreLock>,
}

/// The updates that go live together, by coalition.
pub(crate) type Round = BTreeMap<String, Update>;

/// What an update of one coalition is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'o> {
    pub(crate) coalition: &'o str,
    /// The place to ask first, by its number.
    pub(crate) first: usize,
    /// Whether a newer release may wait: the live one can still be relied on.
    pub(crate) may_wait: bool,
    pub(crate) now: u32,
}

/// Walks through one coalition's repository, in an instance of its own. Whatever goes wrong is its outcome.
pub(crate) fn update(
    order: Order<'_>,
    settings: &Settings,
    store: &Store,
    operator: &dyn Operator,
) -> Update {
    let mut update = Update::of(Outcome::Unchanged);
    if let Err(why) = update.fill(order, settings, store, operator) {
        update.fail(Failure::of(&why));
    }
    update
}

/// Takes the release that waits, without asking a repository.
pub(crate) fn activation(
    coalition: &str,
    settings: &Settings,
    store: &Store,
    operator: &dyn Operator,
    now: u32,
) -> Update {
    let mut update = Update::of(Outcome::Unchanged);
    if let Err(why) = update.take_waiting(coalition, settings, store, operator, now) {
        update.fail(Failure::of(&why));
    }
    update
}

impl Update {
    /// An update that has brought nothing.
    const fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            code: None,
            bytes: 0,
            files: 0,
            answered: None,
            clock_difference: None,
            keys: None,
            base: None,
            candidate: None,
            history: None,
            then_waiting: None,
            lock: None,
        }
    }

    /// Whether it brought a sealed key: lists that only this key reads may be published with it.
    pub(crate) fn brought_key(&self, coalition: &Enrolled) -> bool {
        let mut opened = coalition.opened.keys.iter();
        let known = self.keys.as_ref();
        known.is_some_and(|known| opened.any(|key| !known.contains(key)))
    }

    /// An update that a defect ended.
    pub(crate) fn broken() -> Self {
        let mut update = Self::of(Outcome::Unchanged);
        update.fail(Failure::defect());
        update
    }

    fn fail(&mut self, failure: Failure) {
        self.outcome = Outcome::Failed(failure.why);
        self.code = Some(failure.code);
    }

    fn fill(
        &mut self,
        order: Order<'_>,
        settings: &Settings,
        store: &Store,
        operator: &dyn Operator,
    ) -> Result<(), Error> {
        let name = order.coalition;
        self.lock = Some(store.lock_coalition(name)?);
        let loader = Loader::read_with_waiting(name, settings, store, operator)?;
        let (mut instance, saved) = loader.updating(order.now)?;
        let (Some(coalition), Some(saved)) = (loader.coalitions.first(), saved.into_iter().next())
        else {
            return Err(Error::NotEnrolled(name.to_owned()));
        };
        self.keys = Some(coalition.opened.keys.clone());
        let good = match coalition.waiting_release() {
            Some(_) => coalition.generations.get(1),
            None => coalition.generations.get(usize::from(!saved.is_whole)),
        };
        self.base = good.map(|generation| generation.number);
        let hold = settings.hold.filter(|_| order.may_wait);
        let is_due =
            |since: u32| hold.is_none_or(|hold| waits_until(since, hold, order.now) <= order.now);
        let since = coalition.waiting.as_ref().and_then(|waiting| waiting.since);
        let walking = Walking {
            coalition,
            settings,
            order,
            may_wait: hold.is_some() && !since.is_some_and(is_due),
        };
        if let Err(failure) = walking.run(&mut instance, saved.sources, self) {
            self.fail(failure);
        }
        Ok(())
    }

    fn take_waiting(
        &mut self,
        coalition: &str,
        settings: &Settings,
        store: &Store,
        operator: &dyn Operator,
        now: u32,
    ) -> Result<(), Error> {
        self.lock = Some(store.lock_coalition(coalition)?);
        let loader = Loader::read_with_waiting(coalition, settings, store, operator)?;
        let Some(coalition) = loader.coalitions.first() else {
            return Err(Error::NotEnrolled(coalition.to_owned()));
        };
        self.keys = Some(coalition.opened.keys.clone());
        self.base = coalition.generations.get(1).map(|live| live.number);
        if let Some(waiting) = &coalition.waiting {
            self.activate(waiting, now);
        }
        Ok(())
    }

    /// Lets what waits go live. What is known of newer releases waits on.
    fn activate(&mut self, waiting: &Waiting, now: u32) {
        let Some(release) = &waiting.release else {
            return;
        };
        self.outcome = Outcome::Updated;
        self.candidate = Some(release.generation.clone());
        self.history = Some(release.history.clone());
        self.then_waiting = Some(Waiting {
            since: (waiting.known != release.history).then_some(now),
            release: None,
            known: waiting.known.clone(),
        });
    }
}

/// When a release goes live that waits since this time, even if the clock went back meanwhile.
pub(crate) fn waits_until(since: u32, hold: u32, now: u32) -> u32 {
    since.min(now).saturating_add(hold)
}

/// A walk that is to be made, and what becomes of what it brings.
struct Walking<'w> {
    coalition: &'w Enrolled,
    settings: &'w Settings,
    order: Order<'w>,
    may_wait: bool,
}

impl Walking<'_> {
    /// Whether live instances must not see what is fetched before it is their turn.
    fn is_hidden(&self) -> bool {
        self.may_wait || self.coalition.waiting.is_some()
    }

    fn run(
        &self,
        instance: &mut Instance,
        sources: Sources,
        update: &mut Update,
    ) -> Result<(), Failure> {
        let shelf = &self.coalition.shelf;
        let into = match self.is_hidden() {
            true => shelf.arriving(),
            false => shelf.pending(),
        };
        let mut courier = Fetching::new(into, sources);
        let mirrors = Mirrors {
            enrolment: &self.coalition.enrolment,
            settings: self.settings,
            first: self.order.first,
            now: self.order.now,
        };
        let tried = mirrors.walk(instance, &mut courier);
        (update.bytes, update.files) = (courier.bytes, courier.files);
        (update.answered, update.clock_difference) = (tried.answered, tried.clock_difference);
        match tried.walked {
            Ok(walked) => self.completed(instance, &walked, &courier.sources, update),
            Err(mut failure) => {
                if let Err(more) = self.remember(instance, &failure, update) {
                    failure.why = format!("{}; {more}", failure.why);
                }
                Err(failure)
            }
        }
    }

    fn completed(
        &self,
        instance: &mut Instance,
        walked: &Walked,
        sources: &Sources,
        update: &mut Update,
    ) -> Result<(), Failure> {
        let (coalition, now) = (self.coalition, self.order.now);
        let name = coalition.enrolment.coalition();
        let history = history(instance, name, now).map_err(|error| Failure::of_call(&error))?;
        let contents = contents(walked, sources).map_err(|error| Failure::of_call(&error))?;
        let current = coalition.generations.first();
        let waiting = coalition.waiting_release();
        let newest = match is_current(current, &contents) {
            true => waiting.map(|release| release.generation.clone()),
            false => Some(coalition.shelf.add_generation(&contents)?),
        };
        if let Some(newest) = &newest
            && self.may_wait
            && self.changes_answers(newest)?
        {
            return self.wait(newest, history, update);
        }
        if self.is_hidden() {
            update.then_waiting = Some(Waiting {
                since: None,
                release: None,
                known: history.clone(),
            });
        }
        update.history = Some(history);
        if newest.is_some() {
            update.candidate = newest;
            update.outcome = Outcome::Updated;
        }
        Ok(())
    }

    /// Whether a release says anything else than the live one but how new it is.
    fn changes_answers(&self, newest: &Generation) -> Result<bool, StoreError> {
        let at = usize::from(self.coalition.waiting_release().is_some());
        match self.coalition.generations.get(at) {
            Some(live) => answers_differ(live, newest),
            None => Ok(false),
        }
    }

    /// Lets the newest release wait in place of any that waits already, and no longer than that would.
    fn wait(
        &self,
        newest: &Generation,
        history: String,
        update: &mut Update,
    ) -> Result<(), Failure> {
        let (shelf, now) = (&self.coalition.shelf, self.order.now);
        let waiting = self.coalition.waiting.as_ref();
        let since = waiting.and_then(|waiting| waiting.since).unwrap_or(now);
        shelf.save_waiting(&Waiting {
            since: Some(since.min(now)),
            known: history.clone(),
            release: Some(WaitingRelease {
                generation: newest.clone(),
                history,
            }),
        })?;
        shelf.clear_arriving()?;
        if let Some(older) = self.coalition.waiting_release()
            && older.generation != *newest
        {
            shelf.discard(&older.generation)?;
        }
        update.outcome = Outcome::Waits;
        Ok(())
    }

    /// Saves the versions that an update brought which did not complete: should its files be lost, what is loaded
    /// is known to be older.
    fn remember(
        &self,
        instance: &mut Instance,
        failure: &Failure,
        update: &mut Update,
    ) -> Result<(), StoreError> {
        let (coalition, now) = (self.coalition, self.order.now);
        let known = match failure.has_verified {
            true => history(instance, coalition.enrolment.coalition(), now).ok(),
            // The module may believe that a file is kept which is not.
            false => None,
        };
        // A module that trapped says nothing any more.
        let known = known.unwrap_or_else(|| coalition.history.clone());
        let is_news = known != coalition.history;
        if !self.is_hidden() {
            return match is_news {
                true => coalition.shelf.save_history(&known),
                false => Ok(()),
            };
        }
        let waiting = Waiting {
            since: coalition
                .waiting
                .as_ref()
                .and_then(|waiting| waiting.since)
                .or(is_news.then_some(now)),
            release: coalition.waiting_release().cloned(),
            known,
        };
        match (self.may_wait, &waiting.release) {
            (true, _) if is_news => coalition.shelf.save_waiting(&waiting),
            (true, _) => Ok(()),
            (false, Some(_)) => {
                update.activate(&waiting, now);
                Ok(())
            }
            (false, None) => {
                coalition.shelf.show_arriving()?;
                coalition.shelf.save_history(&waiting.known)?;
                coalition.shelf.clear_waiting()
            }
        }
    }
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
            update.fail(error.into());
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
            update.fail(Failure::not_read_back());
            coalition.shelf.clear_pending()?;
            coalition.shelf.clear_waiting()?;
            return coalition.shelf.discard(&candidate);
        }
        None if update.history.is_some() => coalition.shelf.clear_pending()?,
        None => {}
    }
    if let Some(history) = &update.history {
        coalition.shelf.save_history(history)?;
    }
    match &update.then_waiting {
        Some(waiting) => coalition.shelf.save_waiting(waiting),
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

fn history(instance: &mut Instance, coalition: &str, now: u32) -> Result<String, CallError> {
    let states: State = read(instance.call("state", b"{}", now)?)?;
    let state = states
        .coalitions
        .into_iter()
        .find(|state| state.name == coalition);
    state.map(|state| state.history).ok_or(CallError::Answer)
}
