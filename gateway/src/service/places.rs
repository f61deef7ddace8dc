use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// The connections that may be open at once. If all places are taken, the connection that has asked nothing for
/// longest makes room: whoever holds connections open keeps nobody else out.
#[derive(Debug)]
pub(super) struct Places {
    free: Arc<Semaphore>,
    idle: Mutex<Idle>,
}

/// Connections in which no request is in work, by the order in which the last one ended.
#[derive(Debug, Default)]
struct Idle {
    next: u64,
    waiting: BTreeMap<u64, Arc<Notify>>,
}

/// The place of one connection.
#[derive(Debug, Clone)]
pub(super) struct Place(Arc<Taken>);

#[derive(Debug)]
struct Taken {
    places: Arc<Places>,
    /// Locked behind [`Places::idle`] alone, or two requests of one connection could wait for each other.
    state: Mutex<State>,
    leave: Arc<Notify>,
    _permit: OwnedSemaphorePermit,
}

#[derive(Debug, Default)]
struct State {
    /// Where it waits, while no request is in work.
    number: Option<u64>,
    /// Requests in work: over HTTP/2 a connection has many.
    in_work: usize,
}

/// A request is in work, until this is dropped.
#[derive(Debug)]
pub(super) struct Busy(Place);

impl Places {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            free: Arc::new(Semaphore::new(most)),
            idle: Mutex::default(),
        })
    }

    /// A place for the next connection, for which an idle one makes room if it must.
    pub(super) async fn take(self: &Arc<Self>) -> Option<Place> {
        let permit = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                self.let_the_oldest_leave();
                Arc::clone(&self.free).acquire_owned().await.ok()?
            }
        };
        Some(Place(Arc::new(Taken {
            places: Arc::clone(self),
            state: Mutex::default(),
            leave: Arc::default(),
            _permit: permit,
        })))
    }

    /// Until nobody has a place.
    pub(super) async fn emptied(&self, most: usize) {
        let all = u32::try_from(most).unwrap_or(u32::MAX);
        // The semaphore is never closed.
        let _ = self.free.acquire_many(all).await;
    }

    fn let_the_oldest_leave(&self) {
        let oldest = self.idle().waiting.pop_first();
        if let Some((_, leave)) = oldest {
            leave.notify_one();
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// The connection has come, and nothing is asked yet.
    pub(super) fn wait(&self) {
        let mut idle = self.0.places.idle();
        self.0.queue(&mut idle, &mut self.0.state());
    }

    /// Until the connection is to make room for another.
    pub(super) async fn wanted_by_another(&self) {
        self.0.leave.notified().await;
    }

    /// A request begins.
    pub(super) fn busy(&self) -> Busy {
        let mut idle = self.0.places.idle();
        let mut state = self.0.state();
        state.in_work = state.in_work.saturating_add(1);
        idle.forget(&mut state);
        Busy(self.clone())
    }
}

impl Idle {
    fn forget(&mut self, state: &mut State) {
        if let Some(number) = state.number.take() {
            self.waiting.remove(&number);
        }
    }
}

impl Taken {
    /// Waits from now on, if nothing is in work.
    fn queue(&self, idle: &mut Idle, state: &mut State) {
        idle.forget(state);
        if state.in_work == 0 {
            let number = idle.next;
            idle.next = idle.next.saturating_add(1);
            idle.waiting.insert(number, Arc::clone(&self.leave));
            state.number = Some(number);
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut idle = self.places.idle();
        idle.forget(&mut self.state());
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let taken = &self.0.0;
        let mut idle = taken.places.idle();
        let mut state = taken.state();
        state.in_work = state.in_work.saturating_sub(1);
        taken.queue(&mut idle, &mut state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    }

    #[test]
    fn the_connection_that_has_asked_nothing_for_longest_makes_room() {
        runtime().block_on(async {
            let places = Places::new(3);
            let [one, two, three] = [0; 3].map(|_| places.take());
            let (one, two, three) = tokio::join!(one, two, three);
            let [one, two, three] = [one, two, three].map(Option::unwrap);
            // A place counts from when its connection comes.
            for place in [&one, &two, &three] {
                place.wait();
            }
            // The first asks something, and the second was idle for longest then.
            let busy = one.busy();
            let leaves = async {
                two.wanted_by_another().await;
                drop(two);
            };
            let (fourth, ()) = tokio::join!(places.take(), leaves);
            // The first is idle again, and younger than the third.
            drop(busy);
            let leaves = async {
                three.wanted_by_another().await;
                drop(three);
            };
            let (fifth, ()) = tokio::join!(places.take(), leaves);
            assert!(fourth.is_some() && fifth.is_some());
            drop((one, fourth, fifth));
            assert_eq!(places.free.available_permits(), 3);
            assert!(places.idle().waiting.is_empty());
        });
    }

    #[test]
    fn a_connection_with_requests_beside_each_other_waits_when_the_last_has_ended_and_never_for_itself()
     {
        let places = Places::new(1);
        let place = runtime().block_on(places.take()).unwrap();
        place.wait();
        let (one, two) = (place.busy(), place.busy());
        drop(one);
        assert!(places.idle().waiting.is_empty(), "one is still in work");
        drop(two);
        assert_eq!(places.idle().waiting.len(), 1);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..20_000).for_each(|_| drop(place.busy())));
            }
        });
        assert_eq!(places.idle().waiting.len(), 1);
        drop(place);
        assert!(places.idle().waiting.is_empty());
    }
}
