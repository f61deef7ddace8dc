//! What verifying a whole set of metadata costs, each role signed by three of five keys: in the
//! committed module in wasmtime and in the same core natively, in turn, in one run.

use std::cell::RefCell;

use anyhow::Result;
use interdict_forge::{Files, Repository, Role, Scheme, Signer, Targets};
use interdict_tests::subject::Subject;
use interdict_tests::subjects::{InModule, Native};

use crate::rounds::{Contender, in_turn};
use crate::table::print;
use crate::walk::{configure_without_lists, update};

const ROUNDS: u32 = 31;

/// How many keys a role has, and how many of them sign.
const KEYS: u8 = 5;
const THRESHOLD: u8 = 3;

/// The schemes a repository may sign with.
pub(crate) const SCHEMES: [(&str, Scheme); 2] =
    [("ECDSA P-256", Scheme::P256), ("Ed25519", Scheme::Ed25519)];

pub(crate) fn run() -> Result<()> {
    println!(
        "pinned root, one new root, timestamp, snapshot, targets; {THRESHOLD} of {KEYS} keys each: \
         18 signatures; {ROUNDS} rounds in turn\n"
    );
    let (native, module) = (
        RefCell::new(Native::default()),
        RefCell::new(InModule::new()?),
    );
    let mut rows = Vec::new();
    for (name, scheme) in SCHEMES {
        let (root, files) = repository(scheme);
        let mut contenders = [
            refresh(&native, &root, &files),
            refresh(&module, &root, &files),
        ];
        let series = in_turn(ROUNDS, 1, &mut contenders)?;
        let [native, module] = series.as_slice() else {
            continue;
        };
        rows.push([
            name.to_owned(),
            format!("{:.2} ms", native.median() / 1e6),
            format!("{:.2} ms", module.median() / 1e6),
            format!("{:.2}", module.ratio(native)),
        ]);
    }
    print(["keys", "native", "module", "ratio"], rows);
    Ok(())
}

/// One refresh from a pinned root.
pub(crate) fn refresh<'a>(
    subject: &'a RefCell<impl Subject>,
    root: &'a [u8],
    files: &'a Files,
) -> Contender<'a> {
    Box::new(move || {
        let subject = &mut *subject.borrow_mut();
        configure_without_lists(subject, ("se", root))?;
        update(subject, "se", |path| files.get(path).cloned())?;
        Ok(1)
    })
}

/// The pinned root, and the files of a repository without targets.
pub(crate) fn repository(scheme: Scheme) -> (Vec<u8>, Files) {
    let role = |first: u8| {
        let keys = (first..first + KEYS).map(|seed| Signer::new(scheme, seed));
        let keys: Vec<_> = keys.collect();
        let signers = keys.iter().take(THRESHOLD.into()).copied();
        Role {
            named: Some(keys.clone()),
            ..Role::new("2027-11-22T00:00:00Z", &signers.collect::<Vec<_>>())
        }
    };
    let mut repository = Repository::of(role(1));
    repository.timestamp = role(1 + KEYS);
    repository.snapshot = role(1 + 2 * KEYS);
    repository.targets = Targets::new(role(1 + 3 * KEYS));
    let root = repository.root_file();
    let mut files = repository.files();
    repository.root.version = 2;
    files.insert("metadata/2.root.json".to_owned(), repository.root_file());
    (root, files)
}
