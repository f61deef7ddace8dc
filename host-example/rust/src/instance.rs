use std::fmt;
use std::time::Duration;

use interdict_core::common::hex;
use interdict_core::wire::{Code, Fact, NO_VERDICT, Operation, Question};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasmtime::Store;

use crate::allowance::{Meter, Stopped, enter, stopped};
use crate::exports::Exports;
use crate::module::Module;

/// First size of both buffers: enough for a request and its verdict.
const FIRST_BUFFER: usize = 16 << 10;

/// The module hands out no larger buffer.
const MAX_BUFFER: usize = 64 << 20;

/// The longest sentence about a refusal that is read, in bytes.
const MAX_SENTENCE: usize = 1024;

/// One engine: a module with its own memory, used by one thread at a time. The two buffers are
/// allocated once and grow when a message needs it.
///
/// ```
/// use interdict_host::{CallError, Instance, Module};
///
/// let module = Module::built_in()?;
/// let mut instance = Instance::new(&module)?;
/// let now = 1_795_309_323; // 2026-11-22
/// let request = br#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;
/// let verdict = instance.call("screen", request, now)?;
/// // Nothing is configured: nobody answered, and that is never reported as clean.
/// assert!(verdict.starts_with(br#"{"action":"review""#));
///
/// let refused = instance.call("screen", b"{}", now).unwrap_err();
/// assert!(matches!(refused, CallError::Refused { code: -18, .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Instance {
    store: Store<Meter>,
    exports: Exports,
    input: Buffer,
    output: Buffer,
    module: Module,
    trapped: bool,
}

/// Why there is no answer. None of these is ever a clean verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallError {
    /// The module trapped, now or before, or broke its contract. Throw the instance away.
    Trapped,
    /// The module was stopped. Throw the instance away, and do not use the module again.
    Stopped {
        /// Why.
        why: Stopped,
        /// Its SHA-256, as a receipt names it.
        module: [u8; 32],
    },
    /// The module refused.
    Refused {
        /// The stable number; `docs/abi.md` has the table.
        code: i32,
        /// What to do about it, in the module's words; it never holds what was sent.
        sentence: String,
    },
    /// `docs/abi.md` has no such operation, or the module is older than it.
    UnknownOperation,
    /// The message, file or answer is larger than the module takes.
    TooLarge,
    /// This host does not understand the answer: it has an unknown action or another form.
    Answer,
}

#[derive(Debug, Clone, Copy, Default)]
struct Buffer {
    pointer: i32,
    length: usize,
}

/// An answer of the module as a type of `interdict_core::wire::owned`.
///
/// # Errors
/// [`CallError::Answer`] for anything this host does not understand.
pub fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, CallError> {
    serde_json::from_slice(answer).map_err(|_| CallError::Answer)
}

impl Instance {
    /// An empty engine.
    ///
    /// # Errors
    /// [`CallError::Trapped`] or [`CallError::Stopped`] if the module cannot even start.
    pub fn new(module: &Module) -> Result<Self, CallError> {
        let mut instance = Self::without_buffers(module)?;
        instance.input = instance.buffer(FIRST_BUFFER)?;
        instance.output = instance.buffer(FIRST_BUFFER)?;
        Ok(instance)
    }

    fn without_buffers(module: &Module) -> Result<Self, CallError> {
        let mut store = module.allowance.store(module.compiled.engine());
        let exports = Exports::look_up(module, &mut store)
            .map_err(|error| ended(&store, &error, module.sha256()))?;
        Ok(Self {
            store,
            exports,
            input: Buffer::default(),
            output: Buffer::default(),
            module: module.clone(),
            trapped: false,
        })
    }

    /// Another instance with the same lists, keys, choices and buffers. All that a module keeps between calls is in
    /// its memory (`docs/abi.md`, A host in order), and copying that takes a fiftieth of the time of loading lists.
    ///
    /// # Errors
    /// [`CallError::Trapped`] if this one must be thrown away, [`CallError::TooLarge`] if there is no memory for another.
    pub(crate) fn copied(&self) -> Result<Self, CallError> {
        if self.trapped {
            return Err(CallError::Trapped);
        }
        let mut copy = Self::without_buffers(&self.module)?;
        let memory = copy.exports.memory;
        let pages = self.exports.memory.size(&self.store);
        let more = pages.saturating_sub(memory.size(&copy.store));
        memory
            .grow(&mut copy.store, more)
            .map_err(|_| CallError::TooLarge)?;
        let bytes = self.exports.memory.data(&self.store);
        let room = memory.data_mut(&mut copy.store).get_mut(..bytes.len());
        room.ok_or(CallError::TooLarge)?.copy_from_slice(bytes);
        (copy.input, copy.output) = (self.input, self.output);
        Ok(copy)
    }

    /// Calls one operation with a message of `interdict_core::wire::owned`.
    ///
    /// # Errors
    /// As [`Instance::call`].
    pub fn ask(
        &mut self,
        operation: &str,
        message: &impl Serialize,
        now: u32,
    ) -> Result<&[u8], CallError> {
        // Messages are texts and numbers: nothing that could fail to be written.
        let message = serde_json::to_vec(message).unwrap_or_default();
        self.call(operation, &message, now)
    }

    /// Calls one operation, once. `now` is the caller's clock in seconds since 1970. The
    /// answer stays in the module's memory until the next call.
    ///
    /// # Errors
    /// Why there is no answer. After [`CallError::Trapped`] or [`CallError::Stopped`], every further call answers
    /// `Trapped`.
    pub fn call(&mut self, operation: &str, message: &[u8], now: u32) -> Result<&[u8], CallError> {
        let function = Operation::ALL
            .iter()
            .zip(&self.exports.operations)
            .find_map(|(known, function)| (known.name() == operation).then(|| function.clone()))
            .ok_or(CallError::UnknownOperation)?;
        self.grow_input(message.len())?;
        let input = self.input;
        self.bytes(input.pointer, message.len())?
            .copy_from_slice(message);
        let arguments = (
            input.pointer,
            i32_of(message.len())?,
            now.cast_signed(),
            self.output.pointer,
            i32_of(self.output.length)?,
        );
        let time = match operation {
            "configure" | "supply" | "screen_batch" => self.module.allowance.bulk,
            _ => self.module.allowance.call,
        };
        let outcome = self.run_for(time, |store| function.call(store, arguments))?;
        let length = self.answer_length(outcome)?;
        if length > self.output.length {
            self.fetch_again(length)?;
        }
        let pointer = self.output.pointer;
        Ok(self.bytes(pointer, length)?)
    }

    /// The answer to the last call if it was refused: the object with `error`, which holds the receipt
    /// of a refused `screen`.
    ///
    /// # Errors
    /// [`CallError::Trapped`].
    pub fn refusal(&mut self) -> Result<Vec<u8>, CallError> {
        let result = self.exports.result.clone();
        let Buffer { pointer, length } = self.output;
        let arguments = (pointer, i32_of(length)?);
        let whole = self.run(|store| result.call(store, arguments))?;
        let whole = usize::try_from(whole).map_err(|_| self.poison())?;
        if whole > length {
            self.fetch_again(whole)?;
        }
        let pointer = self.output.pointer;
        Ok(self.bytes(pointer, whole)?.to_vec())
    }

    /// Puts one downloaded file into the open region; the next `supply` consumes it.
    ///
    /// # Errors
    /// [`CallError::TooLarge`] if the module has no room for it.
    pub fn file(&mut self, bytes: &[u8]) -> Result<(), CallError> {
        let length = i32_of(bytes.len())?;
        let begin = self.exports.file_begin.clone();
        let pointer = self.run(|store| begin.call(store, length))?;
        if pointer == 0 {
            return Err(CallError::TooLarge);
        }
        self.bytes(pointer, bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    /// The number of the last operation's verdict, as `docs/abi.md` has it: 60 if it was not a
    /// `screen` that gave one, if the instance trapped and if the module is older than the number.
    pub fn verdict(&mut self) -> i32 {
        let Some(verdict) = self.exports.verdict.clone() else {
            return NO_VERDICT;
        };
        self.run(|store| verdict.call(store, ()))
            .unwrap_or(NO_VERDICT)
    }

    /// What the last `poll` or `supply` answered to a question about a number; 0 if nothing.
    ///
    /// # Errors
    /// [`CallError::UnknownOperation`] if the module is older than the question.
    pub fn walk_number(&mut self, question: Question) -> Result<i32, CallError> {
        match question.nothing() {
            Fact::Number(_) => self.ask_walk(question, Buffer::default()),
            Fact::Text(_) => Err(CallError::UnknownOperation),
        }
    }

    /// What it answered to a question about a text; empty if nothing. The last answer is lost.
    ///
    /// # Errors
    /// [`CallError::UnknownOperation`] if the module is older than the question.
    pub fn walk_text(&mut self, question: Question) -> Result<String, CallError> {
        if let Fact::Number(_) = question.nothing() {
            return Err(CallError::UnknownOperation);
        }
        let mut length = self.ask_walk(question, self.output)?;
        let mut size = usize::try_from(length).map_err(|_| self.poison())?;
        if size > self.output.length {
            let larger = self.buffer(size)?;
            let smaller = core::mem::replace(&mut self.output, larger);
            self.give_back(smaller)?;
            length = self.ask_walk(question, larger)?;
            size = usize::try_from(length).map_err(|_| self.poison())?;
        }
        let pointer = self.output.pointer;
        let text = self.bytes(pointer, size)?;
        String::from_utf8(text.to_vec()).map_err(|_| CallError::Answer)
    }

    fn ask_walk(&mut self, question: Question, out: Buffer) -> Result<i32, CallError> {
        let walk = self.exports.walk.clone();
        let walk = walk.ok_or(CallError::UnknownOperation)?;
        let arguments = (question.number(), out.pointer, i32_of(out.length)?);
        let answer = self.run(|store| walk.call(store, arguments))?;
        if answer == Code::UnknownQuestion.number() {
            return Err(CallError::UnknownOperation);
        }
        Ok(answer)
    }

    /// The minor version of the contract that the module speaks.
    pub(crate) const fn abi_minor(&self) -> u16 {
        self.module.abi_version().1
    }

    /// The size of the module's memory, in bytes. It never shrinks.
    #[must_use]
    pub fn memory_size(&self) -> usize {
        self.exports.memory.data_size(&self.store)
    }

    /// Whether it must be thrown away.
    #[must_use]
    pub const fn is_trapped(&self) -> bool {
        self.trapped
    }

    fn answer_length(&mut self, outcome: i32) -> Result<usize, CallError> {
        usize::try_from(outcome).map_err(|_| self.refused(outcome))
    }

    /// The operation has run; only its answer did not fit.
    fn fetch_again(&mut self, length: usize) -> Result<(), CallError> {
        // Verdicts differ by a few bytes; the next one should fit without asking twice.
        let room = length
            .checked_next_power_of_two()
            .filter(|room| *room <= MAX_BUFFER);
        let larger = self.buffer(room.unwrap_or(length))?;
        let smaller = core::mem::replace(&mut self.output, larger);
        self.give_back(smaller)?;
        let result = self.exports.result.clone();
        let arguments = (larger.pointer, i32_of(larger.length)?);
        let again = self.run(|store| result.call(store, arguments))?;
        if usize::try_from(again) != Ok(length) {
            return Err(self.poison());
        }
        Ok(())
    }

    fn refused(&mut self, code: i32) -> CallError {
        if code == Code::Poisoned.number() {
            return self.poison();
        }
        match self.sentence() {
            Ok(sentence) => CallError::Refused { code, sentence },
            Err(error) => error,
        }
    }

    fn sentence(&mut self) -> Result<String, CallError> {
        let Buffer { pointer, length } = self.output;
        let capacity = length.min(MAX_SENTENCE);
        let arguments = (pointer, i32_of(capacity)?);
        let last_error = self.exports.last_error.clone();
        let whole = self.run(|store| last_error.call(store, arguments))?;
        let copied = usize::try_from(whole).unwrap_or(0).min(capacity);
        let bytes = self.bytes(pointer, copied)?;
        // What comes from the module goes to a terminal: control characters do not.
        Ok(String::from_utf8_lossy(bytes)
            .chars()
            .filter(|c| !c.is_control())
            .collect())
    }

    fn grow_input(&mut self, length: usize) -> Result<(), CallError> {
        if length <= self.input.length {
            return Ok(());
        }
        let room = length
            .checked_next_power_of_two()
            .filter(|room| *room <= MAX_BUFFER);
        let larger = self.buffer(room.ok_or(CallError::TooLarge)?)?;
        let smaller = core::mem::replace(&mut self.input, larger);
        self.give_back(smaller)
    }

    fn buffer(&mut self, length: usize) -> Result<Buffer, CallError> {
        if length > MAX_BUFFER {
            return Err(CallError::TooLarge);
        }
        let size = i32_of(length)?;
        let alloc = self.exports.alloc.clone();
        let pointer = self.run(|store| alloc.call(store, size))?;
        if pointer == 0 {
            return Err(CallError::TooLarge);
        }
        self.bytes(pointer, length)?;
        Ok(Buffer { pointer, length })
    }

    fn give_back(&mut self, buffer: Buffer) -> Result<(), CallError> {
        let free = self.exports.free.clone();
        let arguments = (buffer.pointer, i32_of(buffer.length)?);
        self.run(|store| free.call(store, arguments))
    }

    /// Enters the module; whatever goes wrong in there ends this instance.
    fn run<T>(
        &mut self,
        call: impl FnOnce(&mut Store<Meter>) -> wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        self.run_for(self.module.allowance.call, call)
    }

    fn run_for<T>(
        &mut self,
        time: Duration,
        call: impl FnOnce(&mut Store<Meter>) -> wasmtime::Result<T>,
    ) -> Result<T, CallError> {
        if self.trapped {
            return Err(CallError::Trapped);
        }
        enter(&mut self.store, time);
        call(&mut self.store).map_err(|error| {
            self.trapped = true;
            ended(&self.store, &error, self.module.sha256())
        })
    }

    /// Bytes of the module's memory. A pointer it gave that is not in it is a broken contract.
    fn bytes(&mut self, pointer: i32, length: usize) -> Result<&mut [u8], CallError> {
        let range = usize::try_from(pointer)
            .ok()
            .and_then(|start| Some(start..start.checked_add(length)?))
            .filter(|range| range.end <= self.exports.memory.data_size(&self.store))
            .ok_or_else(|| self.poison())?;
        self.exports
            .memory
            .data_mut(&mut self.store)
            .get_mut(range)
            .ok_or(CallError::Trapped)
    }

    const fn poison(&mut self) -> CallError {
        self.trapped = true;
        CallError::Trapped
    }
}

impl CallError {
    /// Whether the instance is gone.
    #[must_use]
    pub const fn is_trap(&self) -> bool {
        matches!(self, Self::Trapped | Self::Stopped { .. })
    }

    /// The stable word of a refusal; `None` for a code that this host does not know, which is still an error.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        let Self::Refused { code, .. } = self else {
            return None;
        };
        Code::ALL
            .iter()
            .find(|known| known.number() == *code)
            .map(|known| known.name())
    }
}

/// Why a call into the module ended without a result.
fn ended(store: &Store<Meter>, error: &wasmtime::Error, module: [u8; 32]) -> CallError {
    match stopped(store, error) {
        Some(why) => CallError::Stopped { why, module },
        None => CallError::Trapped,
    }
}

fn i32_of(length: usize) -> Result<i32, CallError> {
    i32::try_from(length).map_err(|_| CallError::TooLarge)
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance")
            .field("trapped", &self.trapped)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trapped => f.write_str("the module trapped; its instance was thrown away"),
            Self::Stopped { why, module } => {
                let module = hex::text(module);
                write!(
                    f,
                    "the module with SHA-256 {module} {why} and was stopped; do not use it"
                )
            }
            Self::Refused { code, sentence } => {
                write!(
                    f,
                    "{sentence} ({} {code})",
                    self.name().unwrap_or("unknown code")
                )
            }
            Self::UnknownOperation => {
                f.write_str("the module's version of docs/abi.md has no such operation")
            }
            Self::TooLarge => f.write_str("too large for the module; split it"),
            Self::Answer => {
                f.write_str("the module's answer is not one this host understands; update the host")
            }
        }
    }
}

impl std::error::Error for CallError {}
