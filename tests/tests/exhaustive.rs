//! Changes every byte of every file of a release, and cuts each file at every length, for core and
//! module. Each change is refused with a code, and the last good release still answers.

use interdict_tests::coalition::{Coalition, Files, Publication};
use interdict_tests::gateway::{Gateway, codes, far, path_of};
use interdict_tests::subjects::Alike;

/// The header of each part, its list id included.
const HEADER: usize = 59 + "se/merchants".len();

/// At this rate a filter is as small as one can be.
fn small(version: u32, listed: &[&'static str]) -> Publication {
    Publication {
        listed: listed.to_vec(),
        rate: 2,
        ..Publication::new(version, far())
    }
}

/// A release with filter, records and stash, none of which the gateway has yet.
fn attacked() -> Publication {
    Publication {
        base: Some(Box::new(small(2, &["shop.example", "second.example"]))),
        ..small(3, &["shop.example", "third.example"])
    }
}

struct Attacked {
    gateway: Gateway<Alike>,
    files: Files,
}

impl Attacked {
    /// The first release is live, and the third is served.
    fn new() -> Self {
        let coalition = Coalition::quick();
        let module = Alike::new().unwrap();
        let mut gateway = Gateway::new(module, &coalition, &["se/merchants"]);
        let first = coalition.publish(&small(1, &["shop.example", "first.example"]));
        assert_eq!(gateway.update(&first), "completed");
        let files = coalition.publish(&attacked());
        assert_eq!(files.len(), 6);
        Self { gateway, files }
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
        assert_eq!(listed["action"], "block", "{}: {listed}", attack());
        assert_eq!(listed["lists"][0]["sequence"], 1, "{}: {listed}", attack());
        let stale = listed["lists"][0]["freshness"] == "stale";
        assert_eq!(listed["degraded"], stale, "{}: {listed}", attack());
        let later = self.gateway.verdict("third.example");
        assert!(!codes(&later).contains(&"listed"), "{}: {later}", attack());
    }

    fn changes(&mut self, end: &str) {
        let path = path_of(&self.files, end);
        let bytes = self.files[&path].clone();
        let metadata = end.ends_with(".json");
        for place in 0..bytes.len() {
            // One other value for each byte. Metadata and headers are read before anything proves
            // them, so each of their bits is flipped too.
            let scrambled = u8::try_from(place * 37 % 255).unwrap() + 1;
            let flips = (0..8).map(|bit| 1 << bit);
            let flips = flips.filter(|_| metadata || place < HEADER);
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
        for length in 0..bytes.len() {
            let cut = bytes[..length].to_vec();
            self.serve(&path, cut, &|| format!("cut to {length}"));
        }
        self.assert_good();
    }

    /// The honest files are still accepted afterwards.
    fn assert_good(&mut self) {
        assert_eq!(self.gateway.update(&self.files), "completed");
        let verdict = self.gateway.verdict("third.example");
        assert_eq!(verdict["action"], "block", "{verdict}");
        assert_eq!(verdict["degraded"], false, "{verdict}");
    }
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
