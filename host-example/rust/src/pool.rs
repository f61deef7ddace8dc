use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::instance::Instance;

/// The instances of one gateway, each used by one thread at a time. An update goes from one to the next, so
/// for that time some have the release before; a caller gets one of the newest that are idle. An instance
/// that traps is thrown away, and the next caller builds another in its place.
#[derive(Debug)]
pub(crate) struct Pool {
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Debug)]
struct State {
    idle: Vec<Member>,
    /// Places whose instance was thrown away.
    empty: usize,
    /// The updates that the places in use have had.
    used: Vec<u64>,
    /// Counts the updates.
    update: u64,
    /// The update that waits for an instance. Nobody else takes one that lacks it, or a busy gateway would
    /// never be updated.
    waiting: Option<u64>,
    traps: u64,
}

#[derive(Debug)]
struct Member {
    instance: Instance,
    /// The last update that it has.
    update: u64,
    is_altered: bool,
}

/// A place in the pool, taken by one caller. Dropping it gives it back, even in a panic.
#[derive(Debug)]
pub(crate) struct Place<'p> {
    pool: &'p Pool,
    taken_with: u64,
    update: u64,
    /// Whether it may have other things than the last update gave: its caller configured it, or built it.
    pub(crate) is_altered: bool,
    /// `None` if the caller must build one.
    pub(crate) instance: Option<Instance>,
}

impl Pool {
    pub(crate) fn new(instances: Vec<Instance>) -> Self {
        let members = instances.into_iter().map(|instance| Member {
            instance,
            update: 0,
            is_altered: false,
        });
        let state = State {
            idle: members.collect(),
            empty: 0,
            used: Vec::new(),
            update: 0,
            waiting: None,
            traps: 0,
        };
        Self {
            state: Mutex::new(state),
            returned: Condvar::new(),
        }
    }

    /// Takes a place, waiting for one if all are taken.
    pub(crate) fn take(&self) -> Place<'_> {
        let mut state = self.lock();
        loop {
            let newest = state.newest();
            if let Some(place) = self.idle(&mut state, newest) {
                return place;
            }
            if let Some(empty) = state.empty.checked_sub(1) {
                state.empty = empty;
                let update = state.update;
                state.used.push(update);
                return self.place(update, None);
            }
            state = self.wait(state);
        }
    }

    /// The number of the next update.
    pub(crate) fn next_update(&self) -> u64 {
        self.lock().update.saturating_add(1)
    }

    /// Takes an instance that lacks this update, waiting for it if it is in use; `None` if none lacks it. Only
    /// one thread at a time updates a pool.
    pub(crate) fn take_behind(&self, update: u64) -> Option<Place<'_>> {
        let mut state = self.lock();
        let place = loop {
            let index = state.idle.iter().position(|member| member.update < update);
            if let Some(place) = self.idle(&mut state, index) {
                break Some(place);
            }
            if !state.used.iter().any(|used| *used < update) {
                break None;
            }
            state.waiting = Some(update);
            state = self.wait(state);
        };
        state.waiting = None;
        drop(state);
        // What it left may be taken by others again.
        self.returned.notify_all();
        place
    }

    /// How many instances lack this update. One that is in use counts until it is given back.
    pub(crate) fn behind(&self, update: u64) -> usize {
        let state = self.lock();
        let idle = state.idle.iter().map(|member| member.update);
        idle.chain(state.used.iter().copied())
            .filter(|known| *known < update)
            .count()
    }

    /// Counts an instance that is thrown away, if it trapped.
    pub(crate) fn count_discarded(&self, instance: &Instance) {
        if instance.is_trapped() {
            let mut state = self.lock();
            state.traps = state.traps.saturating_add(1);
        }
    }

    /// Instances thrown away so far.
    pub(crate) fn traps(&self) -> u64 {
        self.lock().traps
    }

    fn idle(&self, state: &mut State, index: Option<usize>) -> Option<Place<'_>> {
        let index = index.filter(|index| *index < state.idle.len())?;
        let member = state.idle.swap_remove(index);
        state.used.push(member.update);
        let mut place = self.place(member.update, Some(member.instance));
        place.is_altered = member.is_altered;
        Some(place)
    }

    const fn place(&self, update: u64, instance: Option<Instance>) -> Place<'_> {
        Place {
            pool: self,
            taken_with: update,
            update,
            is_altered: false,
            instance,
        }
    }

    /// The state is counters and vectors: a panic elsewhere leaves it consistent.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        let waited = self.returned.wait(state);
        waited.unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn newest(&self) -> Option<usize> {
        let free = |member: &Member| self.waiting.is_none_or(|update| member.update >= update);
        let idle = self.idle.iter().enumerate();
        let free = idle.filter(|(_, member)| free(member));
        let newest = free.max_by_key(|(_, member)| member.update);
        newest.map(|(index, _)| index)
    }
}

impl Place<'_> {
    /// Counts an instance that was in this place and is thrown away, if it trapped.
    pub(crate) fn count_discarded(&self, instance: &Instance) {
        self.pool.count_discarded(instance);
    }

    /// Says that the instance in this place has an update: whoever asks from now on gets it first.
    pub(crate) fn has(&mut self, update: u64) {
        self.update = update;
        let mut state = self.pool.lock();
        state.update = state.update.max(update);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let instance = self.instance.take();
        let is_trapped = instance.as_ref().is_some_and(Instance::is_trapped);
        let mut state = self.pool.lock();
        let used = state.used.iter().position(|used| *used == self.taken_with);
        if let Some(index) = used {
            state.used.swap_remove(index);
        }
        if is_trapped {
            state.traps = state.traps.saturating_add(1);
        }
        match instance.filter(|_| !is_trapped) {
            Some(instance) => state.idle.push(Member {
                instance,
                update: self.update,
                is_altered: self.is_altered,
            }),
            None => state.empty = state.empty.saturating_add(1),
        }
        let is_awaited = state.waiting.is_some();
        drop(state);
        match is_awaited {
            // A single one that is woken may be unable to use it.
            true => self.pool.returned.notify_all(),
            false => self.pool.returned.notify_one(),
        }
    }
}
