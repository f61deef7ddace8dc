use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::problem::{Cause, Problem};

/// The first piece of memory for a message; each further one doubles it.
pub(crate) const FIRST: usize = 16 << 10;
/// What one permit of the room stands for.
const UNIT: usize = 1 << 10;

/// How much memory the messages of all callers may take together.
#[derive(Debug)]
pub(crate) struct MessageRoom(Arc<Semaphore>);

impl MessageRoom {
    /// Room for two of the largest messages while they grow.
    pub(crate) fn of(largest: usize) -> Self {
        let units = largest.saturating_mul(3).max(FIRST) / UNIT;
        let units = units.min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(units)))
    }

    /// Memory for so many bytes, if there is room.
    pub(crate) fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Problem> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        let taken = Arc::clone(&self.0).try_acquire_many_owned(units);
        taken.map_err(|_| Cause::Shed.problem("other messages fill the memory; ask again"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_share_one_room_and_give_it_back() {
        let room = MessageRoom::of(64 << 10);
        let first = room.take(100 << 10).unwrap();
        let told = room.take(100 << 10).unwrap_err();
        assert!(told.is(Cause::Shed));
        drop(room.take(92 << 10).unwrap());
        drop(first);
        drop(room.take(192 << 10).unwrap());
        assert!(room.take((192 << 10) + 1).is_err());
        // However small, one message has room to begin.
        drop(MessageRoom::of(1).take(FIRST).unwrap());
    }
}
