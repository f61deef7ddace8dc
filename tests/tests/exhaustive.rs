//! Changes every byte of every file of a release, and cuts each file at every length, for core and
//! module. Each change is refused with a code, and the last good release still answers.

use interdict_core::list::Edition;
use interdict_tests::cases;
use interdict_tests::coalition::{Coalition, Files, Publication};
use interdict_tests::gateway::{Gateway, codes, far, path_of};
use interdict_tests::subject::Subject;
use interdict_tests::subjects::{Alike, Native};

/// The header of each part, its list id included.
const HEADER: usize = 59 + "se/merchants".len();

/// A filter of the member edition is as small as one can be; that of the compact edition has one size.
fn small(edition: Edition, version: u32, listed: &[&'static str]) -> Publication {
    Publication {
        edition,
        listed: listed.to_vec(),
        rate: if edition == Edition::Compact { 32 } else { 2 },
        ..Publication::new(version, far())
    }
}

/// A release of all parts that the edition has, none of which the gateway has yet.
fn attacked(edition: Edition) -> Publication {
    let base = small(edition, 2, &["shop.example", "second.example"]);
    Publication {
        base: Some(Box::new(base)),
        ..small(edition, 3, &["shop.example", "third.example"])
    }
}

struct Attacked<S> {
    gateway: Gateway<S>,
    files: Files,
    /// What a listed name gets.
    listed: &'static str,
    /// Bytes of a part of which one is changed and at which it is cut.
    step: usize,
}

impl Attacked<Alike> {
    /// The first member release is live, and the third is served.
    fn new() -> Self {
        Self::of(Alike::new().unwrap(), Edition::Member)
    }
}

impl<S: Subject> Attacked<S> {
    /// The same of an edition.
    fn of(subject: S, edition: Edition) -> Self {
        let coalition = Coalition::quick();
        let mut gateway = Gateway::of_edition(subject, &coalition, edition);
        let first = coalition.publish(&small(edition, 1, &["shop.example", "first.example"]));
        assert_eq!(gateway.update(&first), "completed");
        let files = coalition.publish(&attacked(edition));
        let (count, listed) = match edition {
            Edition::Compact => (5, "review"),
            _ => (6, "block"),
        };
        assert_eq!(files.len(), count);
        Self {
            gateway,
            files,
            listed,
            step: 1,
        }
    }

    /// Serves these bytes instead of a file's own.
    fn serve(&mut self, path: &str, bytes: Vec<u8>, attack: &dyn Fn() -> String) {
        let own = self.files.insert(path.to_owned(), bytes).unwrap();
        let end = self.gateway.update(&self.files);
        self.files.insert(path.to_owned(), own);
        assert_ne!(end, "completed", "{path}: {}", attack());
        self.assert_first(&|| format!("{path}: {}: {end}", attack()));
    }

    fn assert_first(&mut self, attack: &dyn Fn() -> String) {
        let listed = self.gateway.verdict("first.example");
        assert_eq!(listed["action"], self.listed, "{}: {listed}", attack());
        assert_eq!(listed["lists"][0]["sequence"], 1, "{}: {listed}", attack());
        let late = listed["lists"][0]["freshness"] == "late";
        assert_eq!(listed["degraded"], late, "{}: {listed}", attack());
        let later = self.gateway.verdict("third.example");
        let codes = codes(&later);
        let found = codes.contains(&"listed") || codes.contains(&"candidate");
        assert!(!found, "{}: {later}", attack());
    }

    fn changes(&mut self, end: &str) {
        let path = path_of(&self.files, end);
        let bytes = self.files[&path].clone();
        let metadata = end.ends_with(".json");
        let every_bit = bytes.len() < 1_000;
        let step = self.step;
        for place in (0..bytes.len()).filter(|place| *place < HEADER || place % step == 0) {
            // One other value for each byte. Metadata and headers are read before anything proves
            // them, so each of their bits is flipped too.
            let scrambled = u8::try_from(place * 37 % 255).unwrap() + 1;
            let flips = (0..8).map(|bit| 1 << bit);
            let flips = flips.filter(|_| metadata || every_bit || place < HEADER);
            for flip in flips.chain([scrambled]) {
                let mut changed = bytes.clone();
                changed[place] ^= flip;
                self.serve(&path, changed, &|| format!("byte {place} ^ {flip:#04x}"));
            }
        }
        self.assert_good();
    }

    fn cuts(&mut self, end: &str) {
        let path = path_of(&self.files, end);
        let bytes = self.files[&path].clone();
        for length in (0..bytes.len()).step_by(self.step) {
            let cut = bytes[..length].to_vec();
            self.serve(&path, cut, &|| format!("cut to {length}"));
        }
        self.assert_good();
    }

    /// The honest files are still accepted afterwards.
    fn assert_good(&mut self) {
        assert_eq!(self.gateway.update(&self.files), "completed");
        let verdict = self.gateway.verdict("third.example");
        assert_eq!(verdict["action"], self.listed, "{verdict}");
        assert_eq!(verdict["degraded"], false, "{verdict}");
    }
}

/// The release of the compact edition, in core and module.
fn compact() -> Attacked<Alike> {
    Attacked::of(Alike::new().unwrap(), Edition::Compact)
}

/// The same for its filter of 58 KB, which is the largest file here: in the core alone, and unless the run is
/// long at some of its places.
fn compact_filter() -> Attacked<Native> {
    let mut attacked = Attacked::of(Native::default(), Edition::Compact);
    attacked.step = usize::try_from(16 / cases(1)).unwrap();
    attacked
}

#[test]
fn every_changed_byte_of_a_timestamp_is_refused() {
    Attacked::new().changes("timestamp.json");
}

#[test]
fn every_changed_byte_of_a_snapshot_is_refused() {
    Attacked::new().changes("snapshot.json");
}

#[test]
fn every_changed_byte_of_targets_is_refused() {
    Attacked::new().changes("targets.json");
}

#[test]
fn every_changed_byte_of_a_filter_is_refused() {
    Attacked::new().changes(".filter");
}

#[test]
fn every_changed_byte_of_records_is_refused() {
    Attacked::new().changes(".records");
}

#[test]
fn every_changed_byte_of_a_stash_is_refused() {
    Attacked::new().changes(".stash");
}

#[test]
fn every_cut_of_metadata_is_refused() {
    for end in ["timestamp.json", "snapshot.json", "targets.json"] {
        Attacked::new().cuts(end);
    }
}

#[test]
fn every_cut_of_a_part_is_refused() {
    for end in [".filter", ".records", ".stash"] {
        Attacked::new().cuts(end);
    }
}

#[test]
fn every_changed_bit_of_a_compact_stash_and_its_descriptor_is_refused() {
    compact().changes(".stash");
    compact().changes("targets.json");
}

#[test]
fn every_changed_byte_of_a_compact_filter_is_refused() {
    compact_filter().changes(".filter");
}

#[test]
fn every_cut_of_a_compact_part_is_refused() {
    compact().cuts(".stash");
    compact_filter().cuts(".filter");
}
