//! Digests over what a register holds.

use rusqlite::types::ValueRef;

/// A digest over a set of rows that can follow each change: the sum of the rows' digests modulo 2^256. It finds
/// damage. It does not stop somebody who may write the register: that is what signed heads are for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::register) struct RowSum([u8; 32]);

/// A row as its digest is taken over: the table, then each value with its type and length.
#[derive(Debug, Default)]
pub(super) struct RowBytes(Vec<u8>);

impl RowBytes {
    pub(super) fn start(&mut self, table: &str) {
        self.0.clear();
        self.put(b't', table.as_bytes());
    }

    pub(super) fn value(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Null => self.put(b'n', &[]),
            ValueRef::Integer(number) => self.put(b'i', &number.to_le_bytes()),
            ValueRef::Real(number) => self.put(b'r', &number.to_le_bytes()),
            ValueRef::Text(text) => self.put(b's', text),
            ValueRef::Blob(bytes) => self.put(b'b', bytes),
        }
    }

    /// The digest of a row of a table, or what came instead of a value.
    pub(super) fn digest_of<'v, E>(
        &mut self,
        table: &str,
        row: impl Iterator<Item = Result<ValueRef<'v>, E>>,
    ) -> Result<[u8; 32], E> {
        self.start(table);
        for value in row {
            self.value(value?);
        }
        Ok(self.digest())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn digest(&self) -> [u8; 32] {
        *blake3::hash(&self.0).as_bytes()
    }

    fn put(&mut self, kind: u8, bytes: &[u8]) {
        self.0.push(kind);
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.extend_from_slice(&len.to_le_bytes());
        self.0.extend_from_slice(bytes);
    }
}

impl RowSum {
    pub(in crate::register) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(in crate::register) const fn of(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) fn add(&mut self, digest: &[u8; 32]) {
        let mut carry = 0_u16;
        for (sum, byte) in self.0.iter_mut().zip(digest) {
            let total = u16::from(*sum)
                .saturating_add(u16::from(*byte))
                .saturating_add(carry);
            let [low, high] = total.to_le_bytes();
            *sum = low;
            carry = u16::from(high);
        }
    }

    pub(super) fn remove(&mut self, digest: &[u8; 32]) {
        // What has to be added to a digest to give zero modulo 2^256: all bits turned, and one.
        self.add(&digest.map(|byte| !byte));
        let mut one = [0; 32];
        one[0] = 1;
        self.add(&one);
    }
}
