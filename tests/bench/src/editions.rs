//! What a list takes in each edition: bytes to transfer, plain and as gzip copies, and memory of the module.
//! The same entries are in all of them, although a real compact or public list holds fewer.

use anyhow::{Context as _, Result, ensure};
use interdict_core::list::Edition;
use interdict_core::token::ListKey;
use interdict_tests::seeded::Stream;
use interdict_tests::subjects::InModule;

use crate::copies::{sources, varied};
use crate::module::gzipped;
use crate::release::{Release, SECRET, compact, filter, member, public, records_of};
use crate::repository::Repository;
use crate::table::{self, count, wide};
use crate::walk::{configure_for, update};

const SIZES: [u32; 3] = [10_000, 100_000, 1_000_000];

const EDITIONS: [Edition; 3] = [Edition::Member, Edition::Compact, Edition::Public];

/// What one release takes, in bytes.
struct Taken {
    edition: Edition,
    entries: u32,
    plain: usize,
    copies: usize,
    memory: usize,
}

pub(crate) fn run() -> Result<()> {
    println!(
        "a base of one list: filter, and in the member edition a varied record for every entry; gzip at its\n\
         best; memory of the module once it is loaded, beyond that of an instance without a list. A public\n\
         edition is filled up to its class of capacity\n"
    );
    let mut rows = Vec::new();
    for entries in SIZES {
        let mut all = Vec::new();
        for edition in EDITIONS {
            all.push(measure(edition, entries)?);
        }
        let member = all.first().context("the member edition")?;
        rows.extend(all.iter().map(|taken| row(taken, member)));
    }
    let header = [
        "entries",
        "edition",
        "filter for",
        "bytes",
        "to member",
        "gzip",
        "to member",
        "memory",
        "to member",
    ];
    table::print(header, rows);
    Ok(())
}

fn row(taken: &Taken, member: &Taken) -> [String; 9] {
    let bytes = |bytes: usize| u64::try_from(bytes).unwrap_or(0);
    let ratio = |own: usize, other: usize| format!("{:.3}", wide(bytes(own)) / wide(bytes(other)));
    [
        count(member.entries),
        taken.edition.name().to_owned(),
        count(taken.entries),
        count(bytes(taken.plain)),
        ratio(taken.plain, member.plain),
        count(bytes(taken.copies)),
        ratio(taken.copies, member.copies),
        count(bytes(taken.memory)),
        ratio(taken.memory, member.memory),
    ]
}

fn measure(edition: Edition, entries: u32) -> Result<Taken> {
    let release = built(edition, entries)?;
    let (mut plain, mut copies) = (0, 0);
    for (_, bytes) in release.parts() {
        plain += bytes.len();
        copies += gzipped(bytes)?;
    }
    Ok(Taken {
        edition,
        entries: release.descriptor.header.entries,
        plain,
        copies,
        memory: memory(edition, &release)?,
    })
}

fn built(edition: Edition, entries: u32) -> Result<Release> {
    let header = match edition {
        Edition::Member => member(entries, 14)?,
        Edition::Compact => compact(entries)?,
        Edition::Public => {
            let classes = (0..).map(|class| 10_000_u32.saturating_mul(1 << class));
            let capacity = classes.take(12).find(|capacity| *capacity >= entries);
            public(capacity.context("a class")?, 1, &ListKey::new(SECRET))?
        }
    };
    let tags = Stream::new("editions: listed").tags(header.entries);
    let records = match edition {
        Edition::Member => Some(records_of(&header, &sources()?, &varied(&tags))?),
        Edition::Compact | Edition::Public => None,
    };
    Release::of(&header, filter(&header, &tags)?, records)
}

/// What a new instance grows by when it loads the release. A module's memory does not shrink, so this
/// includes what loading alone needs.
fn memory(edition: Edition, release: &Release) -> Result<usize> {
    let repository = Repository::of(release, 1)?;
    let mut module = InModule::new()?;
    configure_for(edition, &mut module, &[("se", &repository.root)])?;
    let empty = module.instance().memory_size();
    update(&mut module, "se", |path| repository.get(path))?;
    let loaded = module.instance().memory_size();
    ensure!(loaded > empty, "the list takes no memory");
    Ok(loaded - empty)
}
