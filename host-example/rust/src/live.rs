//! Brings live instances to what is on the disk now, without building them again. Metadata, stashes, packs and
//! choices are supplied between calls; a new base, other keys or another enrolment need other instances.

use interdict_core::engine::History;
use interdict_core::wire::owned::{Fetch, State};

use crate::error::Error;
use crate::instance::{Instance, read};
use crate::load::{Base, Enrolled, Loader, is_of_base};
use crate::pool::{Place, Pool};
use crate::repository::Brought;
use crate::settings::Keeping;
use crate::store::StoreError;
use crate::walk::{Begin, Courier, bring_saved, walk};

/// What live instances were built from or supplied with last.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) loader: Loader,
    /// The base of each coalition. The files themselves may be gone by now.
    bases: Vec<Base>,
}

/// What a change on the disk asks of instances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// They are supplied with it.
    Supply,
    /// Others are built.
    Build,
}

impl Live {
    pub(crate) fn of(loader: Loader) -> Self {
        let coalitions = loader.coalitions.iter();
        Self {
            bases: coalitions.map(Enrolled::base).collect(),
            loader,
        }
    }

    /// What has changed since.
    pub(crate) fn change(&self, new: &Loader) -> Change {
        let live = &self.loader;
        let is_kept = live.keeping == Keeping::Kept;
        let is_same = |(old, new): (&Enrolled, &Enrolled), base: &Base| {
            old.enrolment == new.enrolment
                && old.opened.keys == new.opened.keys
                && old.damaged.is_empty()
                && new.damaged.is_empty()
                && *base == new.base()
                // An instance keeps its own word on whether it came with a history.
                && (!is_kept || polled(old).is_some() == polled(new).is_some())
        };
        let both = live.coalitions.iter().zip(&new.coalitions);
        let supplies = live.coalitions.len() == new.coalitions.len()
            && both
                .zip(&self.bases)
                .all(|(both, base)| is_same(both, base))
            && live.receipt_key == new.receipt_key
            && live.is_state_lost == new.is_state_lost
            && new.chosen.can_follow(&live.chosen);
        match supplies {
            true => Change::Supply,
            false => Change::Build,
        }
    }
}

/// An update of the instances of a pool, each of which gets it in its turn.
#[derive(Debug)]
pub(crate) struct NextRelease<'l> {
    live: &'l Loader,
    /// What was read from the disk.
    pub(crate) loader: Loader,
    /// Counts the updates of the pool.
    number: u64,
    change: Change,
    has_choices: bool,
    /// An instance for the next place, if one was copied.
    copy: Option<Instance>,
}

impl<'l> NextRelease<'l> {
    /// # Errors
    /// Choices that no instance takes; no live one has seen them.
    pub(crate) fn of(
        live: &'l Live,
        mut loader: Loader,
        number: u64,
        now: u32,
    ) -> Result<Self, Error> {
        let change = live.change(&loader);
        let has_choices = change == Change::Supply && loader.carry_choices(&live.loader, now);
        if change == Change::Supply && !has_choices {
            loader.try_choices(now)?;
        }
        Ok(Self {
            live: &live.loader,
            loader,
            number,
            change,
            has_choices,
            copy: None,
        })
    }

    /// The first place whose instance has the update.
    ///
    /// # Errors
    /// Why there is none. Instances that cannot be supplied are thrown away.
    pub(crate) fn first<'p>(&mut self, pool: &'p Pool, now: u32) -> Result<Place<'p>, Error> {
        // Built while the one before still answers.
        let built = self.built(now)?;
        // If none lacks it, there is none: the place of one that trapped is empty.
        let place = pool.take_behind(self.number);
        let mut place = place.unwrap_or_else(|| pool.take());
        self.fill(&mut place, built, now)?;
        Ok(place)
    }

    /// The next such place; `None` if no instance lacks the update any more. One that can neither be supplied nor
    /// replaced is thrown away.
    pub(crate) fn next<'p>(
        &mut self,
        pool: &'p Pool,
        now: u32,
    ) -> Result<Option<Place<'p>>, Error> {
        if pool.behind(self.number) == 0 {
            return Ok(None);
        }
        let built = match self.copy.take() {
            Some(copy) => Ok(Some(copy)),
            None => self.built(now),
        };
        let Some(mut place) = pool.take_behind(self.number) else {
            return Ok(None);
        };
        if built.is_err() {
            place.instance = None;
        }
        self.fill(&mut place, built?, now)?;
        if let Some(instance) = &place.instance {
            self.copy_for_next(pool, instance);
        }
        Ok(Some(place))
    }

    /// Copies an instance that was built and is still in its place, if another place needs one. There is never more
    /// than one copy, so that memory grows by one list at most. If it cannot be made, the next instance is built too.
    pub(crate) fn copy_for_next(&mut self, pool: &Pool, instance: &Instance) {
        if self.change == Change::Build && pool.behind(self.number) > 1 {
            self.copy = instance.copied().ok();
        }
    }

    fn built(&mut self, now: u32) -> Result<Option<Instance>, Error> {
        match self.change {
            Change::Build => self.loader.screening(now).map(Some),
            Change::Supply => Ok(None),
        }
    }

    fn fill(
        &mut self,
        place: &mut Place<'_>,
        built: Option<Instance>,
        now: u32,
    ) -> Result<(), Error> {
        let can_follow = built.is_none() && !place.is_altered;
        let old = place.instance.take().filter(|_| can_follow);
        let supplied = old.and_then(|mut instance| {
            let supplied = self.supply(&mut instance, now);
            if supplied.is_none() {
                place.count_discarded(&instance);
            }
            supplied.map(|()| instance)
        });
        let instance = match built.or(supplied) {
            Some(next) => next,
            None => self.loader.screening(now)?,
        };
        place.instance = Some(instance);
        place.is_altered = false;
        Ok(())
    }

    /// Supplies an instance with what was read. `None` if it does not end up there: it may have half of it.
    fn supply(&mut self, instance: &mut Instance, now: u32) -> Option<()> {
        let new = &mut self.loader;
        for (old, coalition) in self.live.coalitions.iter().zip(&mut new.coalitions) {
            let is_same = old.history == coalition.history
                && old.generations.first() == coalition.generations.first();
            if !is_same {
                walk_saved(instance, coalition)?;
            }
            coalition.replay_unfinished(instance, now).ok()?;
        }
        if !self.has_choices {
            new.give_choices(instance, now).ok()?;
        }
        if new.coalitions.is_empty() {
            return Some(());
        }
        let state = read::<State>(instance.call("state", b"{}", now).ok()?).ok()?;
        let mut both = state.coalitions.iter().zip(&new.coalitions);
        // One that was never saved has no history yet.
        let is_there = both.all(|(state, coalition)| {
            polled(coalition).is_none() || state.history == coalition.history
        });
        is_there.then_some(())
    }
}

/// Repeats the walk that brought a coalition's files, at its time and from the files that it saved.
fn walk_saved(instance: &mut Instance, coalition: &Enrolled) -> Option<()> {
    let (Some(generation), Some(polled)) = (coalition.generations.first(), polled(coalition))
    else {
        return coalition.generations.is_empty().then_some(());
    };
    let name = coalition.enrolment.coalition();
    let mut courier = Supplying {
        directory: &generation.path,
    };
    let walked = walk(instance, name, Begin::Repository, polled, &mut courier).ok()?;
    walked.completed.then_some(())
}

/// When the last completed poll of a coalition's repository began.
fn polled(coalition: &Enrolled) -> Option<u32> {
    let history = History::read(&coalition.history, coalition.enrolment.coalition()).ok()?;
    history.polled.map(|polled| polled.seconds())
}

/// Brings an update to a live instance. A base would make it hold two.
struct Supplying<'a> {
    directory: &'a std::path::Path,
}

impl Courier for Supplying<'_> {
    fn bring(&mut self, fetch: &Fetch) -> Brought {
        match is_of_base(&fetch.name) {
            true => Brought::Failed("a new base".to_owned()),
            false => bring_saved(self.directory, fetch),
        }
    }

    fn keep(&mut self, _fetch: &Fetch, _bytes: &[u8]) -> Result<(), StoreError> {
        Ok(())
    }
}
