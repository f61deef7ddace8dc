use std::time::{Duration, Instant};

use axum::body::Body;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_stream::StreamExt as _;
use zeroize::Zeroizing;

use crate::service::message_room::FIRST;
use crate::service::problem::{Cause, Problem};
use crate::service::state::Service;

/// A message that arrived whole. It is zeroed when it is dropped, and so is every buffer that it outgrew.
pub(super) struct HeldMessage {
    bytes: Zeroizing<Vec<u8>>,
    taken: Option<OwnedSemaphorePermit>,
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
