//! Engines in a known state, from what a host keeps after an update: `fixtures/generation`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use interdict_core::common::json::{Limits, Value, parse};
use interdict_core::engine::{Engine, Fetch};
use interdict_core::wire::{self, Error, Operation};
use interdict_helpers::fixtures;

/// 2026-11-02T06:00:00Z: the fixtures' metadata is fresh.
pub const NOW: u32 = 1_793_599_200;

/// The most answers before a fuzzed file: no newer root, timestamp, snapshot. After them, a wrong digest
/// refuses every file.
const MAX_STAGE: u8 = 3;

/// The stage that stands for records by pages.
pub const PAGED: u8 = MAX_STAGE + 1;

/// The saved file from which pages are cut.
const RECORDS: &str = "se%2Fmerchants.member-1.records";

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
pub static CONFIGURE: LazyLock<String> = LazyLock::new(|| configure_message("whole"));

/// The same, for records that come by pages.
static CONFIGURE_PAGED: LazyLock<String> = LazyLock::new(|| configure_message("paged"));

/// Asks for the fixtures' page of records.
pub const POLL_PAGE: &str =
    r#"{"coalition":"se","page":{"list":"se/merchants","epoch":1,"page":0}}"#;

thread_local! {
    /// Questions change nothing, so one engine answers all of them, and another one lacks its page.
    static LOADED: [RefCell<Engine>; 2] =
        [&CONFIGURE, &CONFIGURE_PAGED].map(|message| RefCell::new(updating(message, u8::MAX)));
}

/// One call: the first byte chooses the operation, how far the update is, and whether records come
/// by pages; then come the message and, after a zero byte (which no JSON holds), the file.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// What is asked.
    pub operation: Operation,
    /// The JSON text, or lines of it.
    pub message: &'a [u8],
    /// How many files of the update came before. If records come by pages, the update is complete and the
    /// page is requested.
    pub stage: u8,
    /// Whether records come by pages.
    pub paged: bool,
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
            paged: choice / count > MAX_STAGE,
            message: parts.next()?,
            file: parts.next(),
        })
    }

    /// The first byte that chooses an operation at a stage of the update; [`PAGED`] is one more.
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
            Operation::Poll | Operation::Supply if self.paged => {
                let mut engine = updating(&CONFIGURE_PAGED, u8::MAX);
                let poll = parse(POLL_PAGE.as_bytes(), LIMITS).expect("JSON");
                wire::poll(&mut engine, &poll, NOW).expect("a page that there is");
                self.on(&mut engine)
            }
            Operation::Poll | Operation::Supply => self.on(&mut updating(&CONFIGURE, self.stage)),
            _ => LOADED.with(|engines| {
                let [whole, paged] = engines;
                let engine = if self.paged { paged } else { whole };
                self.on(&mut engine.borrow_mut())
            }),
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
fn updating(configure: &str, files: u8) -> Engine {
    let mut engine = Engine::default();
    let configure = parse(configure.as_bytes(), LIMITS).expect("JSON");
    wire::configure(&mut engine, &configure, NOW).expect("a valid message");
    let begin = parse(br#"{"coalition":"se","begin":"store"}"#, LIMITS).expect("JSON");
    let mut progress = wire::poll(&mut engine, &begin, NOW).expect("an update");
    for _ in 0..files {
        let Some(fetch) = progress.fetch else { break };
        let file = stored(&fetch);
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

/// The content of a file in the store.
fn stored(fetch: &Fetch) -> Option<Vec<u8>> {
    let Some(range) = fetch.range else {
        return STORE.get(&fetch.name).cloned();
    };
    let records = STORE.get(RECORDS)?;
    let start = usize::try_from(range.offset).ok()?;
    let length = usize::try_from(range.length).ok()?;
    Some(records.get(start..)?.get(..length)?.to_vec())
}

/// The page that [`POLL_PAGE`] asks for: its name in the host's store, and its bytes.
#[must_use]
pub fn page() -> (String, Vec<u8>) {
    let mut engine = updating(&CONFIGURE_PAGED, u8::MAX);
    let poll = parse(POLL_PAGE.as_bytes(), LIMITS).expect("JSON");
    let progress = wire::poll(&mut engine, &poll, NOW).expect("a page that there is");
    let fetch = progress.fetch.expect("a page to fetch");
    let bytes = stored(&fetch).expect("the fixtures");
    (fetch.name, bytes)
}

fn configure_message(records: &str) -> String {
    let path = fixtures().join("generation/enrolment.json");
    let enrolment = fs::read(path).expect("the fixtures");
    let enrolment = parse(&enrolment, LIMITS).expect("JSON");
    let root = text(&enrolment, "root").expect("a root");
    let keys = enrolment.as_object().and_then(|object| object.get("keys"));
    let keys: Vec<_> = keys
        .and_then(Value::as_array)
        .unwrap_or_default()
        .iter()
        .filter_map(|key| text(key, "key"))
        .map(|key| format!(r#"{{"coalition":"se","key":"{key}"}}"#))
        .collect();
    format!(
        r#"{{"coalitions":[{{"name":"se","root":"{root}","records":"{records}"}}],"keys":[{}],"receipt_key":"{}"}}"#,
        keys.join(","),
        "00".repeat(32),
    )
}

/// The text of a member.
#[must_use]
pub fn text<'v>(value: &'v Value<'_>, name: &str) -> Option<&'v str> {
    value.as_object()?.get(name)?.as_str()
}
