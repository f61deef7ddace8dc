//! How much time and memory a module gets. The built one needs microseconds and some megabytes; a broken one must
//! not stop the program around it.

use std::fmt;
use std::io;
use std::thread;
use std::time::Duration;

use wasmtime::{Engine, Error, ResourceLimiter, Store, Trap};

/// How often a running module looks whether its time is up.
const TICK: Duration = Duration::from_millis(50);

/// Functions that a module may call by a pointer; the built one has some hundred.
const MAX_TABLE: usize = 1 << 16;

/// What one instance of a module may use before it is stopped and thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Time for a call. A screening takes microseconds.
    pub call: Duration,
    /// Time for a call that may take a whole list or batch: `configure`, `supply` and `screen_batch`.
    pub bulk: Duration,
    /// Bytes of memory.
    pub memory: usize,
}

/// Why a module was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// A call took longer than it may.
    TooLong,
    /// It wanted more memory than it may have.
    TooMuchMemory,
}

/// Counts what an instance asks for, for wasmtime.
#[derive(Debug)]
pub(crate) struct Meter {
    memory: usize,
    wanted_more: bool,
}

impl Allowance {
    /// The memory that `docs/abi.md` allows a module to declare: 1 GiB, so that pointers are positive.
    pub const MOST_MEMORY: usize = 1 << 30;

    /// A store for one instance.
    pub(crate) fn store(self, engine: &Engine) -> Store<Meter> {
        let meter = Meter {
            memory: self.memory,
            wanted_more: false,
        };
        let mut store = Store::new(engine, meter);
        store.limiter(|meter| meter);
        enter(&mut store, self.call);
        store
    }
}

impl Default for Allowance {
    /// Generous, because a stopped call is a merchant without a verdict: for machines that are slow or busy.
    fn default() -> Self {
        Self {
            call: Duration::from_secs(10),
            bulk: Duration::from_secs(60),
            memory: Self::MOST_MEMORY,
        }
    }
}

/// Starts the time of a call.
pub(crate) fn enter(store: &mut Store<Meter>, time: Duration) {
    store.data_mut().wanted_more = false;
    let ticks = time.as_millis() / TICK.as_millis();
    store.set_epoch_deadline(u64::try_from(ticks).unwrap_or(u64::MAX >> 1).max(1));
}

/// Why the call that gave this error was stopped; `None` if the module ended it itself.
pub(crate) fn stopped(store: &Store<Meter>, error: &Error) -> Option<Stopped> {
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => Some(Stopped::TooLong),
        _ if store.data().wanted_more => Some(Stopped::TooMuchMemory),
        _ => None,
    }
}

/// Lets the time of an engine's instances pass, until the engine is dropped.
pub(crate) fn tick(engine: &Engine) -> io::Result<()> {
    let engine = engine.weak();
    let ticking = move || {
        loop {
            thread::sleep(TICK);
            match engine.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => return,
            }
        }
    };
    let ticker = thread::Builder::new().name("interdict-tick".to_owned());
    ticker.spawn(ticking).map(drop)
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let most = maximum.unwrap_or(usize::MAX).min(self.memory);
        self.wanted_more |= desired > most;
        Ok(desired <= most)
    }

    fn memory_grow_failed(&mut self, _error: Error) -> wasmtime::Result<()> {
        self.wanted_more = true;
        Ok(())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.wanted_more |= desired > MAX_TABLE;
        Ok(desired <= MAX_TABLE)
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "ran for longer than a call may",
            Self::TooMuchMemory => "wanted more memory than it may have",
        })
    }
}
