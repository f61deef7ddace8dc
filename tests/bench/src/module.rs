//! The committed modules' sizes against their budgets, and what each room adds to the full one: the bytes saved by
//! emptying its functions. Tables of constants stay, because nothing shows which room they belong to.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::ops::Range;

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::functions;
use crate::table::{count, print};

/// A room, and the parts of function names by which its functions are known. The first match decides.
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
    ("token", &["blake3", "5token", "6sip128"]),
    ("list", &["4list", "..list", "bloomfilter", "siphasher"]),
    (
        "identifier",
        &["identifier", "idna", "icu_", "utf16_iter", "punycode"],
    ),
    ("engine", &["6engine", "..engine"]),
    (
        "rules and policy",
        &["5rules", "..rules", "6policy", "..policy"],
    ),
    ("wire: messages", &["4wire", "..wire", "interdict8instance"]),
    ("common: JSON, time", &["interdict_common", "serde"]),
];
const REST: &str = "the rest";
const DATA: &str = "constants and tables";

/// The most bytes that the committed module and each room may have.
const BUDGET: &str = include_str!("../../../xtask/budget.toml");

pub(crate) fn run(file: Option<OsString>) -> Result<()> {
    let budget = Budget::parse(BUDGET, FULL)?;
    let mut over = Vec::new();
    for (table, name) in [(FULL, "interdict.wasm"), (EDGE, "interdict-edge.wasm")] {
        let committed = fs::read(interdict_tests::workspace().join("wasm/dist").join(name))?;
        let budget = Budget::parse(BUDGET, table)?;
        let whole = [
            ("raw", committed.len()),
            ("gzip", gzipped(&committed)?),
            ("brotli", brotli(&committed)?),
        ];
        over.extend(budget.over(&whole));
        let rows = whole.map(|(form, bytes)| {
            let most = budget.most(form).map_or("-".to_owned(), figure);
            [form.to_owned(), figure(bytes), most]
        });
        print([name, "bytes", "budget"], rows.to_vec());
    }
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
        over.extend(budget.over(&[(room, bytes)]));
        rows.push([
            room.to_owned(),
            figure(bodies.len()),
            figure(bytes),
            budget.most(room).map_or("-".to_owned(), figure),
            figure(saved),
        ]);
    }
    over.extend(budget.over(&[(DATA, module.data)]));
    rows.push([
        DATA.to_owned(),
        String::new(),
        figure(module.data),
        budget.most(DATA).map_or("-".to_owned(), figure),
        String::new(),
    ]);
    print(["room", "functions", "bytes", "budget", "gzipped"], rows);
    let file_of_budget: toml::Table = BUDGET.parse()?;
    let others = functions::not_entered(&file_of_budget);
    let large = functions::above(functions::MOST, &file, &others)?;
    let rows = large.iter();
    let rows = rows.map(|function| [function.name.clone(), figure(function.bytes)]);
    print(
        ["reached by a screening, above 3,500 bytes", "bytes"],
        rows.collect(),
    );
    over.extend(functions::over(
        &large,
        &functions::exceptions(&file_of_budget)?,
    ));
    ensure!(over.is_empty(), "{}", over.join("\n"));
    Ok(())
}

/// The tables of the budget, for each of the modules.
const FULL: &str = "module";
const EDGE: &str = "edge";

/// The most bytes of a module in each form, and of each room of the full one.
struct Budget {
    table: &'static str,
    most: BTreeMap<String, usize>,
}

impl Budget {
    fn parse(text: &str, table: &'static str) -> Result<Self> {
        let file: toml::Table = text.parse()?;
        let module = file.get(table).and_then(toml::Value::as_table);
        let module = module.with_context(|| format!("xtask/budget.toml lacks [{table}]"))?;
        let sizes = module.iter().map(|(name, most)| {
            let most = most
                .as_integer()
                .and_then(|most| usize::try_from(most).ok());
            let most = most.with_context(|| format!("xtask/budget.toml: {name}"))?;
            Ok((name.clone(), most))
        });
        let sizes: BTreeMap<_, _> = sizes.collect::<Result<_>>()?;
        let rooms = ROOMS.iter().map(|(room, _)| *room);
        let rooms = rooms.chain([REST, DATA]).filter(|_| table == FULL);
        for name in rooms.chain(["raw", "gzip", "brotli"]) {
            ensure!(
                sizes.contains_key(name),
                "xtask/budget.toml: [{table}] lacks {name}"
            );
        }
        Ok(Self { table, most: sizes })
    }

    fn most(&self, name: &str) -> Option<usize> {
        self.most.get(name).copied()
    }

    /// A sentence for each that is larger than it may be.
    fn over(&self, sizes: &[(&str, usize)]) -> Vec<String> {
        let sizes = sizes.iter().filter_map(|(name, bytes)| {
            let most = self.most(name).filter(|most| bytes > most)?;
            let (bytes, most) = (figure(*bytes), figure(most));
            let table = self.table;
            Some(format!("[{table}]: {name} has {bytes} of {most} bytes"))
        });
        sizes.collect()
    }
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

/// As small as brotli makes them.
fn brotli(bytes: &[u8]) -> Result<usize> {
    let mut out = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams::default();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &parameters)?;
    Ok(out.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_and_a_module_above_their_budget_are_named() {
        for (table, names) in [
            (FULL, &["raw", "gzip", "brotli", "engine", REST, DATA][..]),
            (EDGE, &["raw", "gzip", "brotli"]),
        ] {
            let budget = Budget::parse(BUDGET, table).unwrap();
            for name in names {
                let most = budget.most(name).unwrap();
                assert_eq!(budget.over(&[(name, most)]), Vec::<String>::new());
                let over = budget.over(&[(name, most + 1)]).join("");
                let sentence = format!("[{table}]: {name} has {}", figure(most + 1));
                assert!(over.contains(&sentence), "{over}");
            }
        }
    }

    #[test]
    fn the_budget_names_every_room() {
        let without = BUDGET.replace("engine = ", "engines = ");
        assert!(Budget::parse(&without, FULL).is_err());
        let without = BUDGET.replace("[edge]", "[edges]");
        assert!(Budget::parse(&without, EDGE).is_err());
    }
}
