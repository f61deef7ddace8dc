//! What verifying a whole set of metadata costs, each role signed by three of five keys: in the
//! committed module in wasmtime and in the same core natively, in turn, in one run.

use std::cell::RefCell;
use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use interdict_core::common::time::Time;
use interdict_core::trust::RoleName;
use interdict_publisher::tuf::{
    Pin, RoleKeys, Root, Signer, Snapshot, Targets, Timestamp, sign_metadata,
};
use interdict_tests::subject::Subject;
use interdict_tests::subjects::{InModule, Native};

use crate::rounds::{Contender, in_turn};
use crate::table::print;
use crate::walk::{configure, update};

const ROUNDS: u32 = 31;

/// Keys a role has, and keys that sign.
const KEYS: u8 = 5;
const THRESHOLD: u32 = 3;

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Makes the key of a seed.
pub(crate) type MakeSigner = fn(u8) -> Option<Signer>;

/// The schemes a repository may sign with.
pub(crate) const SCHEMES: [(&str, MakeSigner); 2] = [
    ("ECDSA P-256", |seed| Signer::p256(&[seed; 32])),
    ("Ed25519", |seed| Some(Signer::ed25519(&[seed; 32]))),
];

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
    for (scheme, signer) in SCHEMES {
        let (root, files) = repository(signer)?;
        let mut contenders = [
            refresh(&native, &root, &files),
            refresh(&module, &root, &files),
        ];
        let series = in_turn(ROUNDS, 1, &mut contenders)?;
        let [native, module] = series.as_slice() else {
            continue;
        };
        rows.push([
            scheme.to_owned(),
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
        configure(subject, &[("se", root)])?;
        update(subject, "se", |path| files.get(path).cloned())?;
        Ok(1)
    })
}

/// The pinned root, and the files of a repository without targets.
pub(crate) fn repository(signer: MakeSigner) -> Result<(Vec<u8>, Files)> {
    let signers: Option<Vec<Signer>> = (1..=4 * KEYS).map(signer).collect();
    let signers = signers.context("keys")?;
    let expires = Time::parse("2027-11-22T00:00:00Z").context("a time")?;
    let names = [
        RoleName::Root,
        RoleName::Timestamp,
        RoleName::Snapshot,
        RoleName::Targets,
    ];
    let keys = |role: RoleName| {
        let at = names.iter().position(|name| *name == role);
        let all = at.and_then(|at| signers.chunks(usize::from(KEYS)).nth(at));
        all.unwrap_or_default()
    };
    let sign = |role, signed: &_| {
        let signers: Vec<_> = keys(role).iter().take(3).collect();
        sign_metadata(signed, &signers)
    };
    let root = |version| {
        let role = |name| RoleKeys {
            name,
            threshold: THRESHOLD,
            keys: keys(name).iter().map(|key| key.public().clone()).collect(),
        };
        let root = Root {
            version,
            expires,
            roles: names.map(role).to_vec(),
            comment: None,
        };
        sign(RoleName::Root, &root.signed())
    };
    let targets = Targets {
        version: 1,
        expires,
        files: Vec::new(),
    };
    let targets = sign(RoleName::Targets, &targets.signed());
    let snapshot = Snapshot {
        version: 1,
        expires,
        targets: Pin::of(1, &targets).context("a pin")?,
    };
    let snapshot = sign(RoleName::Snapshot, &snapshot.signed());
    let timestamp = Timestamp {
        version: 1,
        expires,
        snapshot: Pin::of(1, &snapshot).context("a pin")?,
    };
    let timestamp = sign(RoleName::Timestamp, &timestamp.signed());
    let files = Files::from([
        ("metadata/2.root.json".to_owned(), root(2)),
        ("metadata/timestamp.json".to_owned(), timestamp),
        ("metadata/1.snapshot.json".to_owned(), snapshot),
        ("metadata/1.targets.json".to_owned(), targets),
    ]);
    Ok((root(1), files))
}
