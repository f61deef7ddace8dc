//! What the gzip copy of a target saves, and whether records would be smaller if they were stored by
//! columns. Records of a list as varied as a real one: actions, confidences, sources, groups, ends.

use std::io::Read as _;

use anyhow::{Result, ensure};
use flate2::read::GzDecoder;
use interdict_core::common::time::Time;
use interdict_core::list::{Action, Category, Flags, Handling, Record, Scope, Source};
use interdict_core::token::Tag;
use interdict_tests::seeded::Stream;

use crate::module::gzip;
use crate::release::{NOW, Release, filter, member, records_of, source};
use crate::rounds::{Contender, in_turn};
use crate::table::{self, count, per_cent, wide};

const SIZES: [u32; 3] = [10_000, 100_000, 1_000_000];

const RATE: u8 = 14;

/// Bytes of a record with its tag; all records end the file.
const STRIDE: usize = 29;

const SOURCES: u16 = 12;

const CONFIDENCES: [u16; 6] = [300, 500, 700, 850, 950, 990];

pub(crate) fn run() -> Result<()> {
    println!(
        "a member release: filter (rate 2^-{RATE}) and a varied record for every entry; gzip at its best.\n\
         By columns: the same records, all first bytes first, then all second bytes, and so on\n"
    );
    let rows: Result<Vec<_>> = SIZES.into_iter().map(measure).collect();
    let header = [
        "entries",
        "filter",
        "its copy",
        "records",
        "their copy",
        "by columns",
        "saved by columns",
        "unpack rows",
        "unpack columns",
        "load",
    ];
    table::print(header, rows?);
    println!(
        "unpack: milliseconds of one processor, columns with the way back to rows; load: natively, from files"
    );
    Ok(())
}

fn measure(entries: u32) -> Result<[String; 10]> {
    let tags = Stream::new("copies: listed").tags(entries);
    let header = member(entries, RATE)?;
    let file = records_of(&header, &sources()?, &varied(&tags))?;
    let release = Release::of(&header, filter(&header, &tags)?, Some(file.clone()))?;
    let start = file.len().saturating_sub(STRIDE * tags.len());
    let (head, body) = file.split_at(start);
    let columns = [head, &transposed(body, STRIDE)].concat();
    let (rows, columns) = (gzip(&file)?, gzip(&columns)?);
    let mut contenders: [Contender<'_>; 3] = [
        Box::new(|| Ok(u32::try_from(unpack(&rows)?.len())?)),
        Box::new(|| {
            let unpacked = unpack(&columns)?;
            let (head, body) = unpacked.split_at(start);
            let back = [head, &transposed(body, tags.len())].concat();
            ensure!(back == file, "the columns are not the rows");
            Ok(u32::try_from(back.len())?)
        }),
        Box::new(|| {
            release.load()?;
            Ok(0)
        }),
    ];
    let times = in_turn(5, 1, &mut contenders)?;
    let time = |index: usize| {
        let nanoseconds = times.get(index).map_or(f64::NAN, |series| series.median());
        format!("{:.1}", nanoseconds / 1e6)
    };
    let filter = &release.files.filter;
    let bytes = |bytes: &[u8]| count(u64::try_from(bytes.len()).unwrap_or(0));
    let length = |bytes: &[u8]| wide(u64::try_from(bytes.len()).unwrap_or(0));
    Ok([
        count(entries),
        bytes(filter),
        bytes(&gzip(filter)?),
        bytes(&file),
        bytes(&rows),
        bytes(&columns),
        per_cent(1.0 - length(&columns) / length(&rows)),
        time(0),
        time(1),
        time(2),
    ])
}

/// The sources that [`varied`] records name.
pub(crate) fn sources() -> Result<Vec<Source>> {
    let names = (0..SOURCES).map(|n| format!("source-{n}.example"));
    let mut sources = names
        .map(|name| source(&name))
        .collect::<Result<Vec<_>>>()?;
    sources.sort();
    Ok(sources)
}

/// One entry in two belongs to a group of about five, one in ten ends within a year.
pub(crate) fn varied(tags: &[Tag]) -> Vec<(Tag, Record)> {
    let mut stream = Stream::new("copies: records");
    let groups = u32::try_from(tags.len() / 10).unwrap_or(0).max(1);
    let of = |tag: &Tag| {
        let days = stream.below(365);
        let action = *stream.pick(&Action::ALL[1..]);
        let confidence = *stream.pick(&CONFIDENCES);
        let record = Record {
            action,
            category: Category::Csae,
            confidence: action.least_confidence().max(confidence),
            source: u16::try_from(stream.below(SOURCES.into())).unwrap_or(0),
            group: if stream.chance(50) {
                stream.below(groups) + 1
            } else {
                0
            },
            scope: Scope::Domain,
            flags: Flags(0),
            handling: Handling::Amber,
            valid_until: Time::from_seconds(match stream.chance(10) {
                true => NOW + days * 86_400,
                false => u32::MAX,
            }),
        };
        (*tag, record)
    };
    tags.iter().map(of).collect()
}

fn unpack(copy: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    GzDecoder::new(copy).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The bytes of a table whose rows have this width, column by column.
fn transposed(bytes: &[u8], width: usize) -> Vec<u8> {
    let column = |start: usize| bytes.iter().skip(start).step_by(width.max(1)).copied();
    (0..width).flat_map(column).collect()
}
