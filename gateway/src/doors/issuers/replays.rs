use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::signature::{SignedEvent, TOLERANCE};

/// Answers that are remembered: five minutes of 33 events in a second. What is forgotten is screened again.
const MOST: usize = 10_000;

/// The answers that were given to signed events in the last five minutes, so that one that is sent again gets the same
/// bytes. It holds no event, only its digest.
#[derive(Debug)]
pub(crate) struct Replays<A> {
    held: Mutex<Held<A>>,
    most: usize,
}

/// The place of one event's answer. Whoever holds the lock answers; the others wait and find it. A failure leaves it
/// empty, and the next one tries.
pub(crate) type Place<A> = Arc<tokio::sync::Mutex<Option<A>>>;

#[derive(Debug)]
struct Held<A> {
    places: HashMap<SignedEvent, Place<A>>,
    /// The same, oldest first, with the time at which each came.
    order: VecDeque<(u32, SignedEvent)>,
}

impl<A> Replays<A> {
    pub(crate) fn new() -> Self {
        Self::of_at_most(MOST)
    }

    fn of_at_most(most: usize) -> Self {
        let held = Held {
            places: HashMap::new(),
            order: VecDeque::new(),
        };
        Self {
            held: Mutex::new(held),
            most,
        }
    }

    /// The place of an event's answer. What is forgotten meanwhile stays with those who hold it.
    pub(crate) fn place(&self, event: SignedEvent, now: u32) -> Place<A> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.forget_until(now);
        if let Some(place) = held.places.get(&event) {
            return Arc::clone(place);
        }
        while held.places.len() >= self.most {
            held.forget_oldest();
        }
        let place = Place::default();
        held.places.insert(event, Arc::clone(&place));
        held.order.push_back((now, event));
        place
    }
}

impl<A> Held<A> {
    /// Forgets what is older than the tolerance: a signature with a time in it is refused by then.
    fn forget_until(&mut self, now: u32) {
        while self
            .order
            .front()
            .is_some_and(|(began, _)| now.saturating_sub(*began) > TOLERANCE)
        {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, event)) = self.order.pop_front() {
            self.places.remove(&event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u32 = 1_682_065_865;

    fn event(number: u8) -> SignedEvent {
        [number; 32]
    }

    fn answer(replays: &Replays<u8>, number: u8, now: u32) -> Option<u8> {
        let place = replays.place(event(number), now);
        let found = *place.try_lock().unwrap();
        found
    }

    fn put(replays: &Replays<u8>, number: u8, now: u32) {
        let place = replays.place(event(number), now);
        *place.try_lock().unwrap() = Some(number);
    }

    #[test]
    fn an_answer_is_remembered_for_five_minutes() {
        let replays = Replays::new();
        put(&replays, 1, NOW);
        assert_eq!(answer(&replays, 1, NOW + 300), Some(1));
        assert_eq!(answer(&replays, 2, NOW + 300), None);
        assert_eq!(answer(&replays, 1, NOW + 301), None);
        // A clock that was set back forgets nothing.
        put(&replays, 1, NOW + 301);
        assert_eq!(answer(&replays, 1, NOW), Some(1));
    }

    #[test]
    fn an_event_that_comes_again_after_its_time_is_remembered_anew() {
        let replays = Replays::new();
        put(&replays, 1, NOW);
        put(&replays, 1, NOW + 301);
        assert_eq!(answer(&replays, 1, NOW + 601), Some(1));
        assert_eq!(answer(&replays, 1, NOW + 602), None);
    }

    #[test]
    fn of_more_than_it_holds_the_oldest_is_forgotten_and_no_answer_is_anothers() {
        let replays = Replays::of_at_most(3);
        for number in 1..=5 {
            put(&replays, number, NOW);
        }
        let found: Vec<_> = (3..=5)
            .map(|number| answer(&replays, number, NOW))
            .collect();
        assert_eq!(found, [Some(3), Some(4), Some(5)]);
        let held = replays.held.lock().unwrap();
        assert_eq!((held.places.len(), held.order.len()), (3, 3));
        drop(held);
        assert_eq!(answer(&replays, 1, NOW), None);
    }

    #[test]
    fn the_same_event_waits_for_the_first_and_another_does_not() {
        let replays = Replays::<u8>::new();
        let first = replays.place(event(1), NOW);
        let working = first.try_lock().unwrap();
        assert!(replays.place(event(1), NOW).try_lock().is_err());
        assert!(replays.place(event(2), NOW).try_lock().is_ok());
        drop(working);
        assert!(replays.place(event(1), NOW).try_lock().is_ok());
    }
}
