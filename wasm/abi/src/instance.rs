//! What one instance of the module holds: an engine, the host's buffers, one open file, one answer.

use std::cell::RefCell;

use interdict_core::engine::Engine;
use interdict_core::wire::{self, CallError, Error, Operation};

use crate::memory::{Buffers, address};

/// Bytes of one file: beyond it the module's declared memory could not hold it.
const MAX_FILE: usize = 512 << 20;

thread_local! {
    static INSTANCE: RefCell<Instance> = RefCell::default();
}

#[derive(Debug, Default)]
pub(crate) struct Instance {
    pub(crate) buffers: Buffers,
    engine: Engine,
    file: Option<Vec<u8>>,
    answer: Vec<u8>,
    error: String,
    /// Where the last answer was copied to; zeroed before the next operation.
    written: (i32, i32),
}

/// The one instance. Exports do not call each other, so it is never borrowed twice.
pub(crate) fn with<T>(call: impl FnOnce(&mut Instance) -> T) -> T {
    INSTANCE.with_borrow_mut(call)
}

impl Instance {
    pub(crate) fn file_begin(&mut self, length: i32) -> i32 {
        self.file = None;
        let Ok(length) = usize::try_from(length) else {
            return 0;
        };
        let mut file = Vec::new();
        if length > MAX_FILE || file.try_reserve_exact(length.max(1)).is_err() {
            return 0;
        }
        file.resize(length, 0);
        address(self.file.insert(file).as_ptr())
    }

    /// Runs one operation and copies its answer if it fits. The answer's length, or an error code.
    pub(crate) fn operate(
        &mut self,
        operation: Operation,
        input: (i32, i32),
        now: i32,
        out: (i32, i32),
    ) -> i32 {
        self.forget(input);
        let file = if operation == Operation::Supply {
            self.file.take()
        } else {
            None
        };
        // Before it runs: an operation that has run must be able to answer.
        let out_is_bad = out.1 > 0 && self.buffers.bytes(out).is_none();
        let Some(message) = self.buffers.bytes(input).filter(|_| !out_is_bad) else {
            return self.refuse(Error::Call(CallError::BadPointer));
        };
        // Into the memory of the last answer, so that answering does not grow the module.
        let now = now.cast_unsigned();
        let (engine, answer) = (&mut self.engine, &mut self.answer);
        let outcome = wire::call(engine, operation, message, file, now, answer);
        message.fill(0);
        match outcome {
            Ok(()) => self.result(out.0, out.1),
            Err(error) => {
                self.answer.fill(0);
                self.answer.clear();
                self.refuse(error)
            }
        }
    }

    pub(crate) fn result(&mut self, out: i32, capacity: i32) -> i32 {
        let Ok(length) = i32::try_from(self.answer.len()) else {
            return self.refuse(Error::Call(CallError::OutOfMemory));
        };
        if length > capacity {
            return length;
        }
        match self.buffers.bytes((out, length)) {
            Some(bytes) => {
                bytes.copy_from_slice(&self.answer);
                let before = core::mem::replace(&mut self.written, (out, length));
                if before.0 != out {
                    self.zero(before, (out, length));
                }
                length
            }
            None => self.refuse(Error::Call(CallError::BadPointer)),
        }
    }

    pub(crate) fn last_error(&mut self, out: i32, capacity: i32) -> i32 {
        let whole = i32::try_from(self.error.len()).unwrap_or(0);
        let copied = whole.min(capacity.max(0));
        if let Some(bytes) = self.buffers.bytes((out, copied)) {
            bytes
                .iter_mut()
                .zip(self.error.bytes())
                .for_each(|(to, from)| *to = from);
        }
        whole
    }

    /// Zeroes what the last operation left in buffers and in the module, but not the next message,
    /// which a host with one buffer has written over the last answer.
    fn forget(&mut self, input: (i32, i32)) {
        let written = core::mem::take(&mut self.written);
        self.zero(written, input);
        self.answer.fill(0);
        self.answer.clear();
        self.error.clear();
    }

    /// Zeroes one extent of the buffers except where it overlaps another.
    fn zero(&mut self, (start, length): (i32, i32), (kept, kept_length): (i32, i32)) {
        let end = start.saturating_add(length);
        let after = start.max(kept.saturating_add(kept_length.max(0)));
        let pieces = [
            (start, end.min(kept).saturating_sub(start)),
            (after, end.saturating_sub(after)),
        ];
        for piece in pieces {
            if let Some(bytes) = self.buffers.bytes(piece) {
                bytes.fill(0);
            }
        }
    }

    fn refuse(&mut self, error: Error) -> i32 {
        self.error = error.to_string();
        error.code().number()
    }
}
