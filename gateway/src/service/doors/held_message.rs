use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_stream::StreamExt as _;
use zeroize::Zeroizing;

use crate::service::problem::{Cause, Problem};
use crate::service::state::Service;

/// The first piece of memory for a message; each further one doubles it.
const FIRST: usize = 16 << 10;
/// What one permit of the room stands for.
const UNIT: usize = 1 << 10;

/// How much memory the messages of all callers may take together.
#[derive(Debug)]
pub(crate) struct MessageRoom(Arc<Semaphore>);

/// A message that arrived whole. It is zeroed when it is dropped, and so is every buffer that it outgrew.
pub(super) struct HeldMessage {
    bytes: Zeroizing<Vec<u8>>,
    taken: Option<OwnedSemaphorePermit>,
}

impl MessageRoom {
    /// Room for two of the largest messages while they grow.
    pub(crate) fn of(largest: usize) -> Self {
        let units = largest.saturating_mul(3).max(FIRST) / UNIT;
        let units = units.min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(units)))
    }

    fn take(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Problem> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        let taken = Arc::clone(&self.0).try_acquire_many_owned(units);
        taken.map_err(|_| Cause::Shed.problem("other messages fill the memory; ask again"))
    }
}

impl HeldMessage {
    /// Reads a body of at most so many bytes.
    pub(super) async fn read(service: &Service, body: Body, most: usize) -> Result<Self, Problem> {
        let mut held = Self {
            bytes: Zeroizing::default(),
            taken: None,
        };
        let mut chunks = body.into_data_stream();
        let mut waited = Duration::ZERO;
        loop {
            let began = Instant::now();
            let patience = service.patience(held.bytes.len()).saturating_sub(waited);
            let next = timeout(patience, chunks.next()).await;
            waited = waited.saturating_add(began.elapsed());
            match next {
                Err(_) => return Err(Cause::TooSlow.problem("send it faster")),
                Ok(None) => return Ok(held),
                Ok(Some(Err(_))) => return Err(Cause::Broken.problem("nobody was screened")),
                Ok(Some(Ok(chunk))) => held.push(service, &chunk, most)?,
            }
        }
    }

    fn push(&mut self, service: &Service, chunk: &[u8], most: usize) -> Result<(), Problem> {
        let length = self.bytes.len().saturating_add(chunk.len());
        if length > most {
            return Err(Cause::TooLarge.problem("nobody was screened; split the message"));
        }
        if length > self.bytes.capacity() {
            let capacity = self
                .bytes
                .capacity()
                .saturating_mul(2)
                .clamp(FIRST, most.max(FIRST));
            let capacity = capacity.max(length);
            let taken = service.messages.take(capacity)?;
            // A vector that grows by itself leaves what it held behind.
            let mut bytes = Zeroizing::new(Vec::with_capacity(capacity));
            bytes.extend_from_slice(&self.bytes);
            self.bytes = bytes;
            self.taken = Some(taken);
        }
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
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
