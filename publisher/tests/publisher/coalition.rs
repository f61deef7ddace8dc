//! A coalition to try things on, and a gateway that reads only what it publishes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use interdict_core::common::time::Time;
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::{
    Action, BlockList, Descriptor, Edition, Files, ListId, Membership, Part,
};
use interdict_core::rules::Pack;
use interdict_core::token::ListKey;
use interdict_core::trust::{Client, Freshness, Outcome, Source, Step, TrustError, Wanted};
use interdict_publisher::{
    Confirm, Format, ImportOptions, ImportReport, InitOptions, NewMember, NewSource, ProtectReport,
    Publisher, PublisherError, ReleaseOptions, ReleaseReport, SourceClass, SourceError, TestKeys,
};

pub(crate) const DAY: u32 = 86_400;

pub(crate) fn now() -> Time {
    Time::parse("2026-11-22T00:00:00Z").unwrap()
}

/// A coalition in a directory of its own, with keys everybody knows.
pub(crate) struct Coalition {
    room: tempfile::TempDir,
    pub(crate) publisher: Publisher,
    /// The gateway asked last.
    asked: Option<Gateway>,
}

impl Coalition {
    pub(crate) fn new() -> Self {
        Self::with(TestKeys::Yes, &[])
    }

    /// One whose keys are that old.
    pub(crate) fn since(time: Time) -> Self {
        Self::begun(TestKeys::Yes, &[], time)
    }

    pub(crate) fn with(test_keys: TestKeys, lists: &[&str]) -> Self {
        Self::begun(test_keys, lists, now())
    }

    fn begun(test_keys: TestKeys, lists: &[&str], time: Time) -> Self {
        let room = tempfile::tempdir().unwrap();
        let options = InitOptions {
            lists: lists.iter().map(|list| (*list).to_owned()).collect(),
            ..InitOptions::new("se", test_keys, time)
        };
        let publisher = Publisher::init(&room.path().join("se"), &options).unwrap();
        Self {
            room,
            publisher,
            asked: None,
        }
    }

    /// Closes the register. The directory lasts as long as what is returned.
    pub(crate) fn closed(self) -> tempfile::TempDir {
        self.room
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.room.path().join("se")
    }

    pub(crate) fn repository(&self) -> PathBuf {
        self.directory().join("repository")
    }

    pub(crate) fn import(&mut self, csv: &str) -> ImportReport {
        self.import_with(csv, &ImportOptions::new(Format::Csv, "se"))
    }

    pub(crate) fn import_with(&mut self, csv: &str, options: &ImportOptions) -> ImportReport {
        import_by_source(&mut self.publisher, csv, options, now())
    }

    /// Registers a source of a class that is not in quarantine.
    pub(crate) fn source(&mut self, id: &str) {
        let new = NewSource::new(id, SourceClass::Bank);
        self.publisher.source_add(new, now()).unwrap();
    }

    pub(crate) fn protect(&mut self, text: &str) -> ProtectReport {
        self.publisher
            .protect(text.as_bytes(), Format::Text, now())
            .unwrap()
    }

    pub(crate) fn release(&mut self) -> ReleaseReport {
        let options = ReleaseOptions {
            confirm: Confirm::First,
            ..ReleaseOptions::default()
        };
        self.publisher.release(now(), &options).unwrap()
    }

    /// A gateway that enrols now.
    pub(crate) fn gateway(&mut self) -> Gateway {
        let enrolment = self
            .publisher
            .member_add(&NewMember::by_hand("bank-a", "file:repository"), now())
            .unwrap();
        let client = Client::new(enrolment.root()).unwrap();
        Gateway {
            client,
            keys: enrolment
                .keys()
                .iter()
                .map(|key| (key.epoch(), key.list_key().clone()))
                .collect(),
            lists: BTreeMap::new(),
            compact: BTreeMap::new(),
            public: BTreeMap::new(),
            packs: BTreeMap::new(),
        }
    }

    /// What a gateway that enrols and updates now says.
    pub(crate) fn ask(&mut self, kind: Kind, value: &str) -> Membership<'_> {
        let mut gateway = self.gateway();
        gateway.update(&self.repository(), now()).unwrap();
        self.asked.insert(gateway).ask("se/merchants", kind, value)
    }

    pub(crate) fn action(&mut self, kind: Kind, value: &str) -> Option<Action> {
        match self.ask(kind, value) {
            Membership::Listed { record, .. } => Some(record.action),
            _ => None,
        }
    }
}

/// What one gateway trusts, has and knows.
pub(crate) struct Gateway {
    client: Client,
    keys: BTreeMap<u32, ListKey>,
    lists: BTreeMap<(String, u32), BlockList>,
    compact: BTreeMap<(String, u32), BlockList>,
    public: BTreeMap<String, BlockList>,
    /// What signs each pack of typologies, and the pack.
    packs: BTreeMap<String, (String, Pack)>,
}

impl Gateway {
    pub(crate) fn update(&mut self, repository: &Path, now: Time) -> Result<(), TrustError> {
        self.client.begin(Source::Repository, now, Wanted::All);
        while let Step::Fetch(request) = self.client.step() {
            let bytes = fs::read(repository.join(&request.path)).ok();
            self.client
                .supply(bytes.as_deref().map_or(Outcome::NotFound, Outcome::Bytes))?;
        }
        let (mut lists, mut public) = (BTreeMap::new(), BTreeMap::new());
        let mut compact = BTreeMap::new();
        let mut packs = BTreeMap::new();
        for (path, target) in self.client.targets() {
            let Some((list, ..)) = ListId::of_filter_path(path) else {
                if path.ends_with(".typologies.json") {
                    let bytes = fs::read(repository.join(target.path(path, true))).unwrap();
                    target.verify(&bytes).unwrap();
                    let custom = target.custom.as_ref().unwrap().canonical();
                    let custom = String::from_utf8(custom).unwrap();
                    packs.insert(path.to_owned(), (custom, Pack::parse(&bytes).unwrap()));
                } else {
                    assert!(target.custom.is_none(), "only filters carry a descriptor");
                }
                continue;
            };
            let descriptor = Descriptor::from_custom(target.custom.as_ref().unwrap());
            let descriptor = descriptor.unwrap().unwrap();
            assert_eq!(descriptor.header.list, list);
            let mut files: BTreeMap<_, _> = descriptor
                .parts()
                .map(|(part, digest)| {
                    let path = descriptor.header.part_path(part);
                    let mut targets = self.client.targets();
                    let (_, target) = targets.find(|(target, _)| *target == path).unwrap();
                    assert_eq!(target.sha256, Some(digest.sha256));
                    let bytes = fs::read(repository.join(target.path(&path, true))).unwrap();
                    target.verify(&bytes).unwrap();
                    (part.name(), bytes)
                })
                .collect();
            let mut file = |part: Part| files.remove(part.name());
            let files = Files {
                filter: file(Part::Filter).unwrap(),
                records: file(Part::Records),
                stash: file(Part::Stash),
            };
            let loaded = BlockList::load(&descriptor, files).unwrap();
            let (name, header) = (list.as_str().to_owned(), &descriptor.header);
            match header.edition {
                Edition::Member => drop(lists.insert((name, header.epoch), loaded)),
                Edition::Compact => drop(compact.insert((name, header.epoch), loaded)),
                Edition::Public => drop(public.insert(name, loaded)),
            }
        }
        self.client.complete();
        self.lists = lists;
        self.compact = compact;
        self.public = public;
        self.packs = packs;
        Ok(())
    }

    pub(crate) fn ask(&self, list: &str, kind: Kind, value: &str) -> Membership<'_> {
        self.ask_at(list, kind, value, now())
    }

    pub(crate) fn ask_at(&self, list: &str, kind: Kind, value: &str, now: Time) -> Membership<'_> {
        let identifier = Identifier::parse(kind, value).unwrap();
        let list = self.list(list);
        let key = self.keys.get(&list.header().epoch);
        list.membership(&identifier, key, now)
    }

    /// The newest epoch there is a key for.
    pub(crate) fn list(&self, list: &str) -> &BlockList {
        let mut epochs = self.lists.iter().rev();
        let (_, found) = epochs
            .find(|((name, epoch), _)| name == list && self.keys.contains_key(epoch))
            .unwrap();
        found
    }

    /// The compact edition of a list's first epoch, and what it answers for a name; `None` if there is none.
    pub(crate) fn ask_compact(
        &self,
        list: &str,
        kind: Kind,
        value: &str,
    ) -> Option<Membership<'_>> {
        let list = self.compact.get(&(list.to_owned(), 1))?;
        let identifier = Identifier::parse(kind, value).unwrap();
        Some(list.membership(&identifier, self.keys.get(&1), now()))
    }

    /// The public edition of a list.
    pub(crate) fn public(&self, list: &str) -> &BlockList {
        &self.public[list]
    }

    /// The typologies published, by target path.
    pub(crate) const fn packs(&self) -> &BTreeMap<String, (String, Pack)> {
        &self.packs
    }

    /// The epochs of a list that are published.
    pub(crate) fn epochs(&self, list: &str) -> Vec<u32> {
        let epochs = self.lists.keys().filter(|(name, _)| name == list);
        epochs.map(|(_, epoch)| *epoch).collect()
    }

    pub(crate) fn freshness(&self, now: Time) -> Option<Freshness> {
        let (path, _) = self.client.live_targets().next()?;
        self.client.freshness(path, now)
    }

    /// What `interdict clock reset` does.
    pub(crate) const fn reset_clock(&mut self) {
        self.client.set_newest_time(None);
    }

    /// What this gateway can compare with others.
    pub(crate) fn digest(&self) -> [u8; 32] {
        self.client.state_digest()
    }
}

/// Imports the rows of each source as a file of its own, in which every row keeps its line; rows that name
/// none are of the source of `options`. Sources that are new may do everything.
pub(crate) fn import_by_source(
    publisher: &mut Publisher,
    text: impl AsRef<str>,
    options: &ImportOptions,
    now: Time,
) -> ImportReport {
    let csv = text.as_ref();
    let mut whole: Option<ImportReport> = None;
    let files = match options.format {
        Format::JsonLines => by_source_in_json(csv, &options.source),
        _ => by_source(csv, &options.source),
    };
    for (source, csv) in files {
        match publisher.source_add(NewSource::new(&source, SourceClass::Bank), now) {
            Ok(_) | Err(PublisherError::Source(SourceError::Known(_))) => {}
            Err(error) => panic!("{source}: {error}"),
        }
        let options = ImportOptions {
            source,
            ..options.clone()
        };
        let report = publisher.import(csv.as_bytes(), &options, now).unwrap();
        match &mut whole {
            None => whole = Some(report),
            Some(whole) => add(whole, report),
        }
    }
    // A file without rows names no source.
    let Some(mut whole) = whole else {
        return publisher.import(csv.as_bytes(), options, now).unwrap();
    };
    whole.refused.sort_by_key(|line| line.line);
    whole.conflicts.sort_by_key(|line| line.line);
    whole.shared.sort_unstable();
    whole.www.sort_unstable();
    whole
}

fn add(whole: &mut ImportReport, report: ImportReport) {
    whole.accepted += report.accepted;
    whole.updated += report.updated;
    whole.unchanged += report.unchanged;
    whole.relisted += report.relisted;
    whole.quarantined += report.quarantined;
    whole.dropped += report.dropped;
    whole.refused.extend(report.refused);
    whole.conflicts.extend(report.conflicts);
    whole.shared.extend(report.shared);
    whole.www.extend(report.www);
}

/// The same of JSON lines.
fn by_source_in_json(text: &str, default: &str) -> Vec<(String, String)> {
    let source_of = |line: &str| {
        let row: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(row.get("source")?.as_str()?.to_owned())
    };
    let lines = text
        .lines()
        .map(|line| (source_of(line).unwrap_or_else(|| default.to_owned()), line));
    let lines: Vec<(String, &str)> = lines.collect();
    let sources: std::collections::BTreeSet<&String> =
        lines.iter().map(|(source, _)| source).collect();
    let file = |of: &String| {
        let rows = lines
            .iter()
            .map(|(source, line)| if source == of { *line } else { "" });
        rows.map(|line| format!("{line}\n")).collect()
    };
    sources
        .into_iter()
        .map(|source| (source.clone(), file(source)))
        .collect()
}

/// The files of a file, by the sources that its rows name, in the order in which they appear.
fn by_source(csv: &str, default: &str) -> Vec<(String, String)> {
    let end = if csv.contains('\n') { "\n" } else { "\r" };
    let lines: Vec<&str> = csv.split(end).collect();
    let header = lines[0].trim_start_matches('\u{feff}').split(',');
    let column = header
        .map(str::trim)
        .position(|name| name.trim() == "source");
    let source_of = |line: &str| {
        let mut row = csv::ReaderBuilder::new();
        let mut row = row.has_headers(false).from_reader(line.as_bytes());
        let row = row.records().next()?.ok()?;
        let named = row.get(column?)?.trim().to_owned();
        let valid = interdict_core::list::is_source_name(&named) && named != "test";
        valid.then_some(named)
    };
    let sources: Vec<String> = lines
        .iter()
        .map(|line| source_of(line).unwrap_or_else(|| default.to_owned()))
        .collect();
    let mut files: Vec<(String, String)> = Vec::new();
    for (line, source) in lines.iter().zip(&sources).skip(1) {
        if !line.trim().is_empty() && files.iter().all(|(known, _)| known != source) {
            let rows = lines.iter().zip(&sources).skip(1);
            let rows = rows.map(|(line, of)| if of == source { *line } else { "" });
            let file: Vec<&str> = std::iter::once(lines[0]).chain(rows).collect();
            files.push((source.clone(), file.join(end)));
        }
    }
    if files.is_empty() {
        files.push((default.to_owned(), csv.to_owned()));
    }
    files
}

/// Every file below a directory with its bytes.
pub(crate) fn tree(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![directory.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if !path.to_string_lossy().contains(".sqlite-") {
                // What SQLite keeps beside a register that is open comes and goes.
                let name = path
                    .strip_prefix(directory)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// The files of a directory without those that SQLite makes beside a register that is open.
pub(crate) fn saved(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = tree(directory);
    files.retain(|name, _| !name.starts_with("register.sqlite-"));
    files
}
