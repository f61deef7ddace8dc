//! The forge against the files in `fixtures/`, which the publisher made: the same facts give the same
//! bytes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use interdict_forge::{
    Enrolment, Header, ListKey, Part, Parts, Provenance, Record, Source, Tag, base_digest,
    canonical, descriptor, filter, hex, kind, records, sha256, stash, time,
};
use p256::ecdsa::signature::Verifier as _;
use serde_json::Value;

fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

fn json(path: PathBuf) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let pairs = hexadecimal.as_bytes().chunks(2);
    let digits = pairs.map(|pair| std::str::from_utf8(pair).unwrap());
    digits
        .map(|digits| u8::from_str_radix(digits, 16).unwrap())
        .collect()
}

fn array<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap()
}

/// Every metadata file of every repository: the repository's folder, the file's name, the file.
fn metadata() -> Vec<(PathBuf, String, Value)> {
    let mut all = Vec::new();
    for repository in std::fs::read_dir(fixtures().join("repositories")).unwrap() {
        let repository = repository.unwrap().path();
        for file in std::fs::read_dir(repository.join("metadata")).unwrap() {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            // It holds the others, and nothing is signed about it.
            if name != "bundle.json" {
                all.push((repository.clone(), name, json(file.path())));
            }
        }
    }
    all
}

/// One published release: its descriptor and its files.
struct Published {
    custom: Value,
    header: Header,
    base: Option<Header>,
    parts: Parts,
}

impl Published {
    /// What filter and records say of themselves.
    fn of_base(&self) -> &Header {
        self.base.as_ref().unwrap_or(&self.header)
    }
}

/// Seconds of a time within fifty years of 2026, by search.
fn seconds(text: &Value) -> u32 {
    let text = text.as_str().unwrap();
    let (mut low, mut high) = (0_u32, u32::MAX);
    while low < high {
        let middle = low + (high - low) / 2;
        if time(middle).as_str() < text {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

fn published() -> Vec<Published> {
    let mut all = Vec::new();
    for (repository, name, file) in metadata() {
        let targets = file["signed"]["targets"].as_object();
        let Some(targets) = targets.filter(|_| name.ends_with("targets.json")) else {
            continue;
        };
        for (path, target) in targets {
            let said = &target["custom"]["interdict"];
            if !said.is_object() {
                continue;
            }
            let release = path.strip_suffix("filter").unwrap();
            let part = |part: &str| {
                let target = &targets.get(&format!("{release}{part}"))?;
                let (folder, name) = path.split_once('/').unwrap();
                let name = name.strip_suffix("filter").unwrap();
                let digest = target["hashes"]["sha256"].as_str().unwrap();
                let stored = repository.join(format!("targets/{folder}/{digest}.{name}{part}"));
                // Older releases still have descriptors, but their files are gone.
                std::fs::read(stored).ok()
            };
            let Some(filter) = part("filter") else {
                continue;
            };
            let header = header(said);
            let base = said["base"].as_object().map(|base| Header {
                sequence: base["sequence"].as_u64().unwrap(),
                issued: seconds(&base["issued"]),
                ..header.clone()
            });
            all.push(Published {
                custom: target["custom"].clone(),
                header,
                base,
                parts: Parts {
                    filter,
                    records: part("records"),
                    stash: part("stash"),
                },
            });
        }
    }
    assert!(all.len() >= 8, "{} releases", all.len());
    all
}

fn header(said: &Value) -> Header {
    let number = |name: &str| u32::try_from(said[name].as_u64().unwrap()).unwrap();
    let key = ListKey([0; 32]);
    Header {
        edition: match said["edition"].as_str().unwrap() {
            "member" => 1,
            "compact" => 3,
            _ => 2,
        },
        rate: u8::try_from(number("rate")).unwrap(),
        kinds: number("kinds"),
        epoch: number("epoch"),
        sequence: said["sequence"].as_u64().unwrap(),
        issued: seconds(&said["issued"]),
        entries: number("entries"),
        key_id: array(&bytes(said["key_id"].as_str().unwrap())),
        confidence: said["confidence"]
            .as_u64()
            .map(|one| u16::try_from(one).unwrap()),
        public_suffixes: said["public_suffixes"]
            .as_str()
            .map(|hex| array(&bytes(hex))),
        ..Header::new(said["list"].as_str().unwrap(), &key)
    }
}

/// Cuts a file into fields.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, size: usize) -> &'a [u8] {
        let (field, rest) = self.0.split_at(size);
        self.0 = rest;
        field
    }

    fn u16(&mut self) -> u16 {
        u16::from_le_bytes(array(self.take(2)))
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(array(self.take(4)))
    }

    fn text(&mut self) -> String {
        let size = usize::from(self.take(1)[0]);
        String::from_utf8(self.take(size).to_vec()).unwrap()
    }

    fn sources(&mut self, count: u16) -> Vec<Source> {
        let source = |_| Source {
            id: self.text(),
            origin: self.text(),
        };
        (0..count).map(source).collect()
    }

    fn record(&mut self) -> Record {
        let [action, category] = array(self.take(2));
        let (confidence, source) = (self.u16(), self.u16());
        let [scope, flags, handling] = array(self.take(3));
        Record {
            action,
            category,
            confidence,
            source,
            scope,
            flags,
            handling,
            group: self.u32(),
            valid_until: self.u32(),
        }
    }
}

/// Stride, sources and entries of a records file.
fn read_records(file: &[u8], header: &Header) -> (u16, Vec<Source>, BTreeMap<Tag, Record>) {
    let mut fields = Fields(&file[header.bytes(Part::Records).len()..]);
    let (stride, sources, count) = (fields.u16(), fields.u16(), fields.u32());
    let sources = fields.sources(sources);
    let entries = (0..count).map(|_| {
        let tag = Tag(array(fields.take(12)));
        (tag, fields.record())
    });
    (stride, sources, entries.collect())
}

#[test]
fn the_same_entries_give_the_published_records() {
    let mut records_seen = 0;
    for release in published() {
        let Some(file) = &release.parts.records else {
            continue;
        };
        let header = release.of_base();
        let (stride, sources, entries) = read_records(file, header);
        assert!(records(header, stride, &sources, &entries) == *file);
        records_seen += entries.len();
    }
    assert!(records_seen > 20, "{records_seen} records");
}

#[test]
fn the_same_changes_give_the_published_stash() {
    let mut seen = 0;
    for release in published() {
        let Some(file) = &release.parts.stash else {
            continue;
        };
        if release.header.edition == 3 {
            assert_compact_stash(&release, file);
            continue;
        }
        let mut fields = Fields(&file[release.header.bytes(Part::Stash).len()..]);
        let base: [u8; 32] = array(fields.take(32));
        let Parts {
            filter, records, ..
        } = &release.parts;
        assert_eq!(base, base_digest(filter, records.as_deref()));
        assert_eq!(fields.u16(), 17, "stride");
        let (sources, answers, count) = (fields.u16(), fields.u16(), fields.u32());
        let sources = fields.sources(sources);
        let answers: Vec<_> = (0..answers).map(|_| fields.record()).collect();
        let changes = (0..count).map(|_| {
            let tag = Tag(array(fields.take(12)));
            let number = usize::from(fields.u16());
            (tag, number.checked_sub(1).map(|index| answers[index]))
        });
        let changes: BTreeMap<_, _> = changes.collect();
        assert!(stash(&release.header, &base, &sources, &changes) == *file);
        seen += changes.len();
    }
    assert!(seen > 2, "{seen} changes");
}

/// The stash of a compact list, which has no answers.
fn assert_compact_stash(release: &Published, file: &[u8]) {
    let mut fields = Fields(&file[release.header.bytes(Part::Stash).len()..]);
    let base: [u8; 32] = array(fields.take(32));
    assert_eq!(base, base_digest(&release.parts.filter, None));
    assert_eq!([fields.u16(), fields.u16(), fields.u16()], [0; 3]);
    let changes = (0..fields.u32()).map(|_| {
        let tag = Tag(array(fields.take(12)));
        (tag, (fields.u16() == 1).then(Record::default))
    });
    let changes: BTreeMap<_, _> = changes.collect();
    assert!(changes.len() > 1);
    assert!(stash(&release.header, &base, &[], &changes) == *file);
}

/// The decoys are the publisher's secret, so the published filters hold more than the records.
#[test]
fn the_published_filters_hold_every_record_where_the_forge_puts_it() {
    for release in published() {
        let (header, file) = (release.of_base(), &release.parts.filter);
        let entries = release.parts.records.as_deref();
        let entries = entries.map(|records| read_records(records, header).2);
        let tags: Vec<_> = entries.unwrap_or_default().into_keys().collect();
        let mine = filter(header, &tags);
        // After the halves a public filter has its exceptions, which are names of the Public Suffix List.
        let exceptions = if header.edition == 2 { 4 } else { 0 };
        let (mine, counted) = mine.split_at(mine.len() - exceptions);
        let (file, found) = file.split_at(mine.len());
        let count = found.first_chunk().copied().map_or(0, u32::from_le_bytes);
        assert_eq!(
            found.len(),
            counted.len() + usize::try_from(12 * count).unwrap()
        );
        let start = header.bytes(Part::Filter).len();
        let half = (file.len() - start) / 2;
        for from in [0, start, start + half] {
            let bitmap = if from == 0 { start } else { from + 45 };
            assert_eq!(mine[from..bitmap], file[from..bitmap]);
        }
        for (index, (mine, theirs)) in mine.iter().zip(file).enumerate() {
            assert_eq!(mine & !theirs, 0, "a bit of byte {index} is not set");
        }
    }
}

#[test]
fn the_same_files_give_the_published_descriptor() {
    for release in published() {
        let said = &release.custom["interdict"];
        let provenance = Provenance {
            epoch_start: seconds(&said["epoch_start"]),
            history: array(&bytes(said["history"].as_str().unwrap())),
            base: release.base.as_ref(),
        };
        let mine = descriptor(&release.header, provenance, &release.parts);
        assert_eq!(mine, release.custom);
    }
}

#[test]
fn a_listed_name_has_its_tag_under_the_published_key() {
    let sample = fixtures().join("repositories/sample");
    let key = std::fs::read_to_string(sample.join("TEST-list.key")).unwrap();
    let key = ListKey(array(&bytes(key.trim())));
    let tag = key.tag(kind::DOMAIN, b"xn--bcher-kva.example");
    let listed = published().into_iter().any(|release| {
        let header = release.of_base();
        let records = release.parts.records.as_deref();
        header.key_id == key.id()
            && records.is_some_and(|records| read_records(records, header).2.contains_key(&tag))
    });
    assert!(listed);
}

fn verifies(key: &Value, message: &[u8], signature: &[u8]) -> bool {
    let public = key["keyval"]["public"].as_str().unwrap();
    if key["keytype"] == "ed25519" {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&array(&bytes(public))).unwrap();
        let signature = ed25519_dalek::Signature::from_bytes(&array(signature));
        return key.verify_strict(message, &signature).is_ok();
    }
    let pem: String = public
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let der = BASE64.decode(pem).unwrap();
    // The point stands at the end of a P-256 key.
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&der[der.len() - 65..]).unwrap();
    let signature = p256::ecdsa::Signature::from_der(signature).unwrap();
    key.verify(message, &signature).is_ok()
}

#[test]
fn published_signatures_are_over_the_forges_canonical_bytes() {
    let mut verified = 0;
    let files = metadata();
    let roots = files.iter().map(|(_, _, file)| &file["signed"]["keys"]);
    let keys: BTreeMap<_, _> = roots.filter_map(Value::as_object).flatten().collect();
    for (id, key) in &keys {
        assert_eq!(**id, hex(&sha256(&canonical(key))), "the id of a key");
    }
    for (_, name, file) in &files {
        for signature in file["signatures"].as_array().unwrap() {
            let key = keys[&signature["keyid"].as_str().unwrap().to_owned()];
            let signature = bytes(signature["sig"].as_str().unwrap());
            let message = canonical(&file["signed"]);
            assert!(verifies(key, &message, &signature), "{name}");
            verified += 1;
        }
    }
    assert!(verified > 10, "{verified} signatures");
}

#[test]
fn the_same_facts_give_the_published_enrolment() {
    let published = json(fixtures().join("generation/enrolment.json"));
    let text = |name: &str| published[name].as_str().unwrap().to_owned();
    let lists = published["lists"].as_array().unwrap().iter();
    let keys = published["keys"].as_array().unwrap().iter();
    let enrolment = Enrolment {
        edition: "member".to_owned(),
        coalition: text("coalition"),
        member: text("member"),
        repository: text("repository"),
        lists: lists
            .map(|list| list.as_str().unwrap().to_owned())
            .collect(),
        root: BASE64.decode(text("root")).unwrap(),
        keys: keys
            .map(|key| {
                let epoch = u32::try_from(key["epoch"].as_u64().unwrap()).unwrap();
                (epoch, ListKey(array(&bytes(key["key"].as_str().unwrap()))))
            })
            .collect(),
    };
    let written: Value = serde_json::from_slice(&enrolment.bytes()).unwrap();
    assert_eq!(written, published);
}
