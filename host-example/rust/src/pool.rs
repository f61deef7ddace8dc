use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::instance::Instance;

/// The instances of one gateway, each used by one thread at a time. All have the same releases. An instance
/// that traps is thrown away, and the next caller builds another in its place.
#[derive(Debug)]
pub(crate) struct Pool {
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Debug)]
struct State {
    idle: Vec<Instance>,
    /// Places whose instance was thrown away.
    empty: usize,
    /// Counts the swaps. An instance from before a swap is dropped when it comes back.
    release: u64,
    traps: u64,
}

/// A place in the pool, taken by one caller. Dropping it gives it back, even in a panic.
#[derive(Debug)]
pub(crate) struct Place<'p> {
    pool: &'p Pool,
    release: u64,
    /// `None` if the caller must build one.
    pub(crate) instance: Option<Instance>,
}

impl Pool {
    pub(crate) const fn new(instances: Vec<Instance>) -> Self {
        let state = State {
            idle: instances,
            empty: 0,
            release: 0,
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
            let release = state.release;
            if let Some(instance) = state.idle.pop() {
                return Place {
                    pool: self,
                    release,
                    instance: Some(instance),
                };
            }
            if let Some(empty) = state.empty.checked_sub(1) {
                state.empty = empty;
                return Place {
                    pool: self,
                    release,
                    instance: None,
                };
            }
            state = self
                .returned
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Swaps all instances at once; those in use finish their call and are dropped.
    pub(crate) fn replace(&self, instances: Vec<Instance>) {
        let mut state = self.lock();
        let old = core::mem::replace(&mut state.idle, instances);
        state.empty = 0;
        state.release = state.release.saturating_add(1);
        drop(state);
        self.returned.notify_all();
        drop(old);
    }

    /// Instances thrown away so far.
    pub(crate) fn traps(&self) -> u64 {
        self.lock().traps
    }

    /// The state is counters and a vector: a panic elsewhere leaves it consistent.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let instance = self.instance.take();
        let trapped = instance.as_ref().is_some_and(Instance::is_trapped);
        let mut state = self.pool.lock();
        if trapped {
            state.traps = state.traps.saturating_add(1);
        }
        if state.release == self.release {
            match instance.filter(|_| !trapped) {
                Some(instance) => state.idle.push(instance),
                None => state.empty = state.empty.saturating_add(1),
            }
        }
        drop(state);
        self.pool.returned.notify_one();
    }
}
