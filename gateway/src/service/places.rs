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
    /// Where it waits, while no request is in work.
    number: Mutex<Option<u64>>,
    leave: Arc<Notify>,
    _permit: OwnedSemaphorePermit,
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
            number: Mutex::default(),
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
    /// Nothing is asked from now on: the connection has come, or its request is answered.
    pub(super) fn wait(&self) {
        let mut idle = self.0.places.idle();
        let number = idle.next;
        idle.next = idle.next.saturating_add(1);
        idle.waiting.insert(number, Arc::clone(&self.0.leave));
        *self.0.number() = Some(number);
    }

    /// Until the connection is to make room for another.
    pub(super) async fn wanted_by_another(&self) {
        self.0.leave.notified().await;
    }

    /// A request begins.
    pub(super) fn busy(&self) -> Busy {
        self.0.leave_the_queue();
        Busy(self.clone())
    }
}

impl Taken {
    fn leave_the_queue(&self) {
        if let Some(number) = self.number().take() {
            self.places.idle().waiting.remove(&number);
        }
    }

    fn number(&self) -> std::sync::MutexGuard<'_, Option<u64>> {
        self.number.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.leave_the_queue();
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.wait();
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
}
