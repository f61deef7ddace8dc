//! Engines in a known state, from what a host keeps after an update: `fixtures/generation`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use interdict_core::common::json::{Limits, Value, parse};
use interdict_core::engine::Engine;
use interdict_core::wire::{self, Error, Operation};
use interdict_helpers::fixtures;

/// 2026-11-02T06:00:00Z: the fixtures' metadata is fresh.
pub const NOW: u32 = 1_793_599_200;

/// The most answers before a fuzzed file: no newer root, timestamp, snapshot. After them, a wrong digest
/// refuses every file.
const MAX_STAGE: u8 = 3;

/// Limits for reading our own answers and fixtures.
pub const LIMITS: Limits = Limits {
    depth: 20,
    nodes: 1 << 20,
};

/// The files a host keeps, by their names in its store.
static STORE: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| {
    let folder = fixtures().join("generation/files");
    let entries = fs::read_dir(folder).expect("the fixtures");
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        (name, fs::read(entry.path()).expect("a file"))
    };
    entries.flatten().map(file).collect()
});

/// The message that trusts the fixtures' coalition.
pub static CONFIGURE: LazyLock<String> = LazyLock::new(configure_message);

thread_local! {
    /// Questions change nothing, so one engine answers them all.
    static LOADED: RefCell<Engine> = RefCell::new(updating(u8::MAX));
}

/// One call: the first byte chooses the operation and how far the update is; then come the message
/// and, after a zero byte (which no JSON holds), the file.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// What is asked.
    pub operation: Operation,
    /// The JSON text, or lines of it.
    pub message: &'a [u8],
    /// How many files of the update came before.
    pub stage: u8,
    /// What is in the open region.
    pub file: Option<&'a [u8]>,
}

impl<'a> Call<'a> {
    /// Reads a fuzzed input.
    #[must_use]
    pub fn read(input: &'a [u8]) -> Option<Self> {
        let (&choice, rest) = input.split_first()?;
        let count = u8::try_from(Operation::ALL.len()).ok()?;
        let mut parts = rest.splitn(2, |byte| *byte == 0);
        Some(Self {
            operation: *Operation::ALL.get(usize::from(choice % count))?,
            stage: (choice / count) % (MAX_STAGE + 1),
            message: parts.next()?,
            file: parts.next(),
        })
    }

    /// The first byte that chooses an operation at a stage of the update.
    #[must_use]
    pub fn choice(operation: Operation, stage: u8) -> Option<u8> {
        let index = Operation::ALL.iter().position(|one| *one == operation)?;
        let count = u8::try_from(Operation::ALL.len()).ok()?;
        Some(stage * count + u8::try_from(index).ok()?)
    }

    /// Makes the call to an engine that is in the same state before every one.
    ///
    /// # Errors
    /// What the engine refuses.
    pub fn make(self) -> Result<Vec<u8>, Error> {
        match self.operation {
            Operation::Configure => self.on(&mut Engine::default()),
            Operation::Poll | Operation::Supply => self.on(&mut updating(self.stage)),
            _ => LOADED.with(|engine| self.on(&mut engine.borrow_mut())),
        }
    }

    fn on(self, engine: &mut Engine) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        let file = self.file.map(<[u8]>::to_vec);
        wire::call(engine, self.operation, self.message, file, NOW, &mut out)?;
        Ok(out)
    }
}

/// An engine that has begun an update from the fixtures and received this many files, or all.
fn updating(files: u8) -> Engine {
    let mut engine = Engine::default();
    let configure = parse(CONFIGURE.as_bytes(), LIMITS).expect("JSON");
    wire::configure(&mut engine, &configure, NOW).expect("a valid message");
    let begin = parse(br#"{"coalition":"se","begin":"store"}"#, LIMITS).expect("JSON");
    let mut progress = wire::poll(&mut engine, &begin, NOW).expect("an update");
    for _ in 0..files {
        let Some(fetch) = progress.fetch else { break };
        let file = STORE.get(&fetch.name).cloned();
        let outcome = if file.is_some() { "bytes" } else { "not_found" };
        let message = format!(
            r#"{{"coalition":"se","name":"{}","outcome":"{outcome}"}}"#,
            fetch.name
        );
        let message = parse(message.as_bytes(), LIMITS).expect("JSON");
        progress = wire::supply(&mut engine, &message, file, NOW).expect("a valid file");
    }
    let complete = files == u8::MAX;
    assert_eq!(progress.completed, complete, "the fixtures are not whole");
    engine
}

fn configure_message() -> String {
    let path = fixtures().join("generation/enrolment.json");
    let enrolment = fs::read(path).expect("the fixtures");
    let enrolment = String::from_utf8(enrolment).expect("JSON");
    let policy = r#"{"required":{"se":["se/merchants"]}}"#;
    format!(
        r#"{{"coalitions":[{{"enrolment":{enrolment},"history":"none"}}],"policy":{policy},"receipt_key":"{}"}}"#,
        "00".repeat(32),
    )
}

/// The text of a member.
#[must_use]
pub fn text<'v>(value: &'v Value<'_>, name: &str) -> Option<&'v str> {
    value.as_object()?.get(name)?.as_str()
}
