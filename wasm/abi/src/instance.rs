//! What one instance of the module holds: an engine, the host's buffers, one open file, one answer.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use interdict_core::engine::Engine;
use interdict_core::wire::{
    self, CallError, Code, Error, Fact, Facts, NO_VERDICT, Operation, Question, WalkFacts,
};

use crate::clock::Calls;
use crate::memory::{Buffers, Exclusive, address};

/// Bytes of one file: beyond it the module's declared memory could not hold it.
const MAX_FILE: usize = 512 << 20;

/// What a poisoned instance answers.
pub(crate) const POISONED: i32 = Code::Poisoned.number();

static INSTANCE: Exclusive<Instance> = Exclusive::new();

#[derive(Debug, Default)]
pub(crate) struct Instance {
    pub(crate) buffers: Buffers,
    engine: Engine,
    calls: Calls,
    file: Option<Vec<u8>>,
    answer: Vec<u8>,
    error: String,
    /// The number of the last operation's verdict, if it was a `screen` that gave one.
    verdict: Option<i32>,
    /// What the last `poll` or `supply` answered, unless it was refused.
    walk: Option<WalkFacts>,
    /// Where the last answer was copied to; zeroed before the next operation.
    written: (i32, i32),
}

/// Runs a call on the one instance, or answers `poisoned` if an earlier call has not ended.
pub(crate) fn with<T>(poisoned: T, call: impl FnOnce(&mut Instance) -> T) -> T {
    INSTANCE.with(call).unwrap_or(poisoned)
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
        let mut file = None;
        match operation {
            Operation::Supply => {
                file = self.file.take();
                self.walk = None;
            }
            // What a walk said is of the coalitions that were configured then.
            Operation::Poll | Operation::Configure => self.walk = None,
            _ => {}
        }
        // Before it runs: an operation that has run must be able to answer.
        let out_is_bad = out.1 > 0 && self.buffers.bytes(out).is_none();
        let Some(message) = self.buffers.bytes(input) else {
            return self.refuse(&CallError::BadPointer.into(), out);
        };
        if out_is_bad {
            message.fill(0);
            return self.refuse(&CallError::BadPointer.into(), out);
        }
        self.engine.set_clock(self.calls.count(now));
        // Into the memory of the last answer, so that answering does not grow the module.
        let now = now.cast_unsigned();
        let (engine, answer) = (&mut self.engine, &mut self.answer);
        let outcome = wire::call(engine, operation, message, file, now, answer);
        message.fill(0);
        match outcome {
            Ok(facts) => {
                match facts {
                    Facts::Verdict(number) => self.verdict = Some(number),
                    Facts::Walk(walk) => self.walk = Some(walk),
                    Facts::None => {}
                }
                self.result(out.0, out.1)
            }
            Err(error) => {
                self.show_refusal(out);
                self.fail(&error)
            }
        }
    }

    /// Copies the last answer, if it fits; its length in any case.
    pub(crate) fn result(&mut self, out: i32, capacity: i32) -> i32 {
        let Ok(length) = i32::try_from(self.answer.len()) else {
            return self.fail(&CallError::OutOfMemory.into());
        };
        if length > capacity {
            return length;
        }
        match self.buffers.bytes((out, length)) {
            Some(bytes) => {
                bytes.copy_from_slice(&self.answer);
                self.wrote((out, length));
                length
            }
            None => self.fail(&CallError::BadPointer.into()),
        }
    }

    pub(crate) fn verdict(&self) -> i32 {
        self.verdict.unwrap_or(NO_VERDICT)
    }

    /// One fact about the walk: a number, or the length of a text that is copied if it fits.
    pub(crate) fn walk(&mut self, question: i32, out: (i32, i32)) -> i32 {
        let Some(question) = Question::of(question) else {
            return Code::UnknownQuestion.number();
        };
        let walk = self.walk.as_ref();
        let text = match walk.map_or(question.nothing(), |walk| walk.fact(question)) {
            Fact::Number(number) => return number,
            Fact::Text(text) => text,
        };
        let Ok(length) = i32::try_from(text.len()) else {
            return Code::OutOfMemory.number();
        };
        if length <= out.1 {
            match self.buffers.bytes((out.0, length)) {
                Some(bytes) => bytes.copy_from_slice(text.as_bytes()),
                None => return Code::BadPointer.number(),
            }
        }
        length
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
        // A message that is not one, because it lies outside the buffers, keeps nothing.
        let is_message = self.buffers.bytes(input).is_some();
        self.zero(written, if is_message { input } else { (0, 0) });
        self.answer.fill(0);
        self.answer.clear();
        self.error.clear();
        self.verdict = None;
    }

    /// Notes where the answer is now, and zeroes where it was before.
    fn wrote(&mut self, at: (i32, i32)) {
        let before = core::mem::replace(&mut self.written, at);
        if before.0 != at.0 {
            self.zero(before, at);
        }
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

    /// Makes the refusal the last answer, and copies it and a zero byte if both fit. Its code.
    fn refuse(&mut self, error: &Error, out: (i32, i32)) -> i32 {
        self.answer.fill(0);
        self.answer.clear();
        if wire::write_refusal(&error.into(), &mut self.answer).is_ok() {
            self.show_refusal(out);
        }
        self.fail(error)
    }

    fn show_refusal(&mut self, (out, capacity): (i32, i32)) {
        let Some(length) = self.answer.len().checked_add(1) else {
            return;
        };
        let Ok(length) = i32::try_from(length) else {
            return;
        };
        if length > capacity {
            return;
        }
        if let Some(bytes) = self.buffers.bytes((out, length)) {
            let text = self.answer.iter().copied().chain([0]);
            bytes.iter_mut().zip(text).for_each(|(to, from)| *to = from);
            self.wrote((out, length));
        }
    }

    fn fail(&mut self, error: &Error) -> i32 {
        self.error = error.to_string();
        error.code().number()
    }
}
