use std::fmt::Write as _;

use interdict_core::common::hex;
use interdict_host::StoreError;
use sha2::{Digest as _, Sha256};
use uuid::{Builder, Uuid};

use crate::error::Error;
use crate::journal_error::JournalError;

/// No line is longer. A receipt that names as many documents as a gateway may have takes a tenth of it.
pub(super) const MAX_LINE: usize = 1 << 20;

/// What the first line of a chain has as the digest of the line before.
pub(super) const NOTHING_BEFORE: [u8; 32] = [0; 32];

/// Before the last member.
pub(super) const DIGEST: &str = ",\"digest\":\"";

/// Where in the chain the next line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Its number; the first is 1.
    pub(super) number: u64,
    /// The SHA-256 of the line before.
    pub(super) previous: [u8; 32],
}

impl Place {
    pub(super) const FIRST: Self = Self {
        number: 1,
        previous: NOTHING_BEFORE,
    };

    /// The place after a line here with this SHA-256.
    pub(super) const fn after(self, line: [u8; 32]) -> Self {
        Self {
            number: self.number.saturating_add(1),
            previous: line,
        }
    }
}

/// A line that is being written.
pub(super) struct Draft {
    text: String,
    pub(super) id: Uuid,
}

impl Draft {
    /// Begins the line at a place, with its own id if its content has none.
    pub(super) fn begin(
        chain: &str,
        place: Place,
        id: Option<Uuid>,
        now: u32,
    ) -> Result<Self, Error> {
        let id = match id {
            Some(id) => id,
            None => new_id(now)?,
        };
        let (number, previous) = (place.number, hex::text(&place.previous));
        Ok(Self {
            text: format!(
                "{{\"format\":1,\"id\":\"{id}\",\"time\":{now},\"chain\":\"{chain}\",\"number\":{number},\
                 \"previous\":\"{previous}\""
            ),
            id,
        })
    }

    /// Adds a member whose text needs no escapes.
    pub(super) fn word(&mut self, name: &str, value: &str) {
        let _ = write!(self.text, ",\"{name}\":\"{value}\"");
    }

    /// Adds a member as it is.
    pub(super) fn object(&mut self, name: &str, json: &str) {
        let _ = write!(self.text, ",\"{name}\":{json}");
    }

    /// Ends an object that was added unfinished.
    pub(super) fn close(&mut self) {
        self.text.push('}');
    }

    /// What is written so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The line with its line feed, and its SHA-256.
    pub(super) fn end(mut self) -> Result<(Vec<u8>, [u8; 32]), JournalError> {
        let mut whole = Sha256::new_with_prefix(&self.text);
        let digest = hex::text(&whole.clone().finalize());
        let start = self.text.len();
        let _ = write!(self.text, "{DIGEST}{digest}\"}}");
        whole.update(self.text.as_bytes().get(start..).unwrap_or_default());
        self.text.push('\n');
        if self.text.len() > MAX_LINE {
            return Err(JournalError::Content);
        }
        Ok((self.text.into_bytes(), whole.finalize().into()))
    }
}

/// A new id: a UUID of version 7.
pub(super) fn new_id(now: u32) -> Result<Uuid, Error> {
    let mut random = [0; 10];
    getrandom::fill(&mut random).map_err(|_| StoreError::Randomness)?;
    let millis = u64::from(now).saturating_mul(1_000);
    Ok(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}
