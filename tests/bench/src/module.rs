//! What each room adds to the module: the bytes that go when its functions are emptied. Tables of
//! constants cannot be told apart and stay.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::ops::Range;

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::table::{count, print};

/// A room, and what the names of its functions hold; the first that fits decides.
const ROOMS: [(&str, &[&str]); 9] = [
    (
        "trust: signatures and hashes",
        &[
            "p256",
            "primeorder",
            "elliptic_curve",
            "ecdsa",
            "crypto_bigint",
            "ed25519",
            "curve25519",
            "sha512",
            "sha256",
            "3der",
        ],
    ),
    ("trust: TUF", &["trust"]),
    ("list", &["4list", "..list", "bloomfilter", "siphasher"]),
    (
        "identifier",
        &["identifier", "idna", "icu_", "utf16_iter", "punycode"],
    ),
    ("token", &["blake3", "5token"]),
    ("engine", &["6engine", "..engine"]),
    (
        "rules and policy",
        &["5rules", "..rules", "6policy", "..policy"],
    ),
    ("wire: messages", &["4wire", "..wire", "interdict8instance"]),
    ("common: JSON, time", &["interdict_common", "serde"]),
];
const REST: &str = "the rest";

pub(crate) fn run(file: Option<OsString>) -> Result<()> {
    let file =
        fs::read(file.context("the module with names, as `cargo xtask bench module` gives it")?)?;
    let module = Module::read(&file)?;
    let whole = [file.len(), gzipped(&file)?];
    println!(
        "{} bytes with names, {} gzipped; every function is in one room\n",
        whole[0], whole[1]
    );
    let mut rows = Vec::new();
    for room in ROOMS.iter().map(|(room, _)| *room).chain([REST]) {
        let functions = module
            .functions
            .values()
            .filter(|(other, _)| *other == room);
        let bodies: Vec<_> = functions.map(|(_, body)| body.clone()).collect();
        let bytes: usize = bodies.iter().map(Range::len).sum();
        let without = emptied(&file, &bodies);
        let saved = whole[1].saturating_sub(gzipped(&without)?);
        rows.push([
            room.to_owned(),
            figure(bodies.len()),
            figure(bytes),
            figure(saved),
        ]);
    }
    rows.push([
        "constants and tables".to_owned(),
        String::new(),
        figure(module.data),
        String::new(),
    ]);
    print(["room", "functions", "bytes", "gzipped"], rows);
    Ok(())
}

fn figure(number: usize) -> String {
    count(u64::try_from(number).unwrap_or(u64::MAX))
}

/// A module's functions, by index: their room, and where their bodies lie.
struct Module {
    functions: BTreeMap<u32, (&'static str, Range<usize>)>,
    data: usize,
}

impl Module {
    fn read(file: &[u8]) -> Result<Self> {
        let mut bodies = Vec::new();
        let mut names = BTreeMap::new();
        let mut data = 0;
        for payload in Parser::new(0).parse_all(file) {
            match payload? {
                Payload::CodeSectionEntry(body) => bodies.push(body.range()),
                Payload::DataSection(section) => data = section.range().len(),
                Payload::CustomSection(section) => {
                    let KnownCustom::Name(section) = section.as_known() else {
                        continue;
                    };
                    for name in section {
                        let Name::Function(functions) = name? else {
                            continue;
                        };
                        for function in functions {
                            let function = function?;
                            names.insert(function.index, room(function.name));
                        }
                    }
                }
                _ => {}
            }
        }
        // The module imports nothing, so the first body is function 0.
        let functions = (0..).zip(bodies);
        let functions = functions.map(|(index, body)| {
            let room = names.get(&index).copied().unwrap_or(REST);
            (index, (room, body))
        });
        Ok(Self {
            functions: functions.collect(),
            data,
        })
    }
}

fn room(name: &str) -> &'static str {
    let fits = |(_, parts): &&(&str, &[&str])| parts.iter().any(|part| name.contains(part));
    ROOMS.iter().find(fits).map_or(REST, |(room, _)| *room)
}

/// The file without these bodies.
fn emptied(file: &[u8], bodies: &[Range<usize>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(file.len());
    let mut from = 0;
    for body in bodies {
        out.extend_from_slice(file.get(from..body.start).unwrap_or_default());
        from = body.end;
    }
    out.extend_from_slice(file.get(from..).unwrap_or_default());
    out
}

pub(crate) fn gzipped(bytes: &[u8]) -> Result<usize> {
    Ok(gzip(bytes)?.len())
}

/// As small as gzip makes them.
pub(crate) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
