//! Files of one release in the place of another's: of an older or a newer release, of another edition, of
//! another epoch, and of another part. A swap that nobody signed is refused by the hash of the file; one
//! that the coalition's own keys signed, by the list's checks.

use std::collections::BTreeSet;

use interdict_core::list::{Edition, Part};
use interdict_tests::coalition::{Coalition, Files, Publication};
use interdict_tests::gateway::{Gateway, far};
use interdict_tests::subjects::Alike;

const EDITIONS: [Edition; 3] = [Edition::Member, Edition::Compact, Edition::Public];

const NAMES: [&str; 6] = [
    "shop.example",
    "first.example",
    "second.example",
    "third.example",
    "fourth.example",
    "clean.example",
];

/// The release of this sequence: the first two are bases, the others change the second.
fn publication(edition: Edition, epoch: u32, sequence: u32) -> Publication {
    let own = NAMES[usize::try_from(sequence).unwrap()];
    let base = match (edition, sequence) {
        (Edition::Public, _) | (_, ..=2) => None,
        _ => Some(Box::new(publication(edition, epoch, 2))),
    };
    Publication {
        edition,
        epoch,
        rate: match edition {
            Edition::Member => 14,
            Edition::Compact => 32,
            Edition::Public => 6,
        },
        listed: vec!["shop.example", own],
        base,
        ..Publication::new(sequence, far())
    }
}

/// The fourth release, as a change to the first.
fn other_base(edition: Edition, epoch: u32) -> Publication {
    let fourth = publication(edition, epoch, 4);
    Publication {
        base: fourth
            .base
            .is_some()
            .then(|| Box::new(publication(edition, epoch, 1))),
        ..fourth
    }
}

/// A part of a release, and whose it is.
struct File {
    of: String,
    bytes: Vec<u8>,
}

/// The parts of a release with their bytes.
fn parts(coalition: &Coalition, publication: &Publication) -> Vec<(Part, Vec<u8>)> {
    let (_, files) = coalition.release(publication);
    let others = [(Part::Records, files.records), (Part::Stash, files.stash)];
    let others = others
        .into_iter()
        .filter_map(|(part, bytes)| Some((part, bytes?)));
    [(Part::Filter, files.filter)]
        .into_iter()
        .chain(others)
        .collect()
}

/// Every file of every release, each once: releases with one base share its files.
fn all_files(coalition: &Coalition) -> Vec<File> {
    let mut known = BTreeSet::new();
    let mut all = Vec::new();
    for edition in EDITIONS {
        for epoch in [1, 2] {
            let releases = (1..=4).map(|sequence| publication(edition, epoch, sequence));
            for release in releases.chain([other_base(edition, epoch)]) {
                for (part, bytes) in parts(coalition, &release) {
                    if known.insert(bytes.clone()) {
                        let (name, sequence) = (edition.name(), release.sequence);
                        let of = format!("{name} {epoch}, release {sequence}, {}", part.name());
                        all.push(File { of, bytes });
                    }
                }
            }
        }
    }
    all
}

/// A release of an edition that is about to be served to a gateway which has none.
struct Attacked {
    edition: Edition,
    publication: Publication,
    served: Files,
    answers: Vec<String>,
}

impl Attacked {
    fn new(coalition: &Coalition, edition: Edition, sequence: u32) -> Self {
        let publication = publication(edition, 1, sequence);
        let served = coalition.publish(&publication);
        let mut attacked = Self {
            edition,
            publication,
            served,
            answers: Vec::new(),
        };
        let served = attacked.served.clone();
        let (end, answers) = attacked.update(coalition, &served);
        assert_eq!(end, "completed");
        assert_ne!(answers[0], answers[5], "a listed name and a clean one");
        attacked.answers = answers;
        attacked
    }

    /// Updates a new gateway; how that ended, and what it answers then.
    fn update(&self, coalition: &Coalition, served: &Files) -> (&'static str, Vec<String>) {
        let mut gateway = Gateway::of_edition(Alike::new().unwrap(), coalition, self.edition);
        let end = gateway.update(served);
        let answers = NAMES.map(|name| {
            let verdict = gateway.verdict_in("checkout", name);
            format!("{} {}", verdict["action"], verdict["because"])
        });
        let nothing = end != "completed" && gateway.lists().is_empty();
        assert!(nothing || end == "completed", "{end}");
        (end, answers.to_vec())
    }

    /// Serves the bytes of another file as this part of the signed release.
    fn unsigned(&self, coalition: &Coalition, (part, own): (Part, &[u8]), file: &File) {
        let suffix = format!(".{}-1.{}", self.edition.name(), part.name());
        let mut served = self.served.clone();
        let (_, bytes) = served
            .iter_mut()
            .find(|(path, _)| path.ends_with(&suffix))
            .unwrap();
        bytes.clone_from(&file.bytes);
        let expected = match file.bytes.len() == own.len() {
            true => "trust_hash",
            false => "trust_length",
        };
        let (end, _) = self.update(coalition, &served);
        assert_eq!(end, expected, "{} as {suffix}", file.of);
    }

    /// Signs the release with the bytes of another file as this part; how that ends.
    fn signed(&self, coalition: &Coalition, part: Part, file: &File) -> &'static str {
        let publication = Publication {
            instead: vec![(part, file.bytes.clone())],
            ..self.publication.clone()
        };
        let (end, answers) = self.update(coalition, &coalition.publish(&publication));
        assert!(
            end != "completed" || answers == self.answers,
            "{} as {} of {}",
            file.of,
            part.name(),
            self.edition.name()
        );
        end
    }
}

#[test]
fn every_file_in_the_place_of_every_other_is_refused_by_name() {
    let coalition = Coalition::quick();
    let files = all_files(&coalition);
    let (mut swaps, mut ends) = (0, BTreeSet::new());
    for edition in EDITIONS {
        let sequences = match edition {
            Edition::Public => [1, 2].as_slice(),
            _ => &[2, 4],
        };
        for sequence in sequences {
            let attacked = Attacked::new(&coalition, edition, *sequence);
            for (part, own) in parts(&coalition, &attacked.publication) {
                for file in files.iter().filter(|file| file.bytes != own) {
                    attacked.unsigned(&coalition, (part, &own), file);
                    ends.insert(attacked.signed(&coalition, part, file));
                    swaps += 2;
                }
            }
        }
    }
    assert_eq!((files.len(), swaps), (32, 620));
    let named = ["list_header_mismatch", "list_magic", "list_stash_base"];
    assert_eq!(Vec::from_iter(ends), named);
}
