//! The same tags asked of this project's list and of other structures, natively.

use std::collections::HashSet;

use anyhow::{Context as _, Result, anyhow, ensure};
use fastbloom::BloomFilter;
use interdict_core::list::BlockList;
use interdict_core::token::Tag;
use plotters::prelude::SeriesLabelPosition;
use xorf::{BinaryFuse16, BinaryFuse32, Filter as _};

use crate::halves::{Halves, Key};
use crate::plot::{self, Bars, Words};
use crate::rounds::{Contender, Series, in_turn};
use crate::table::{self, power, wide};

use super::questions::{ASKED, LISTED, Questions, ROUNDS, count, tags};

/// All structures, each holding the same tags.
struct Structures {
    coarse: Halves,
    fine: Halves,
    /// Bytes of the coarse filter, the fine one, and the coarse one with its records.
    our_bytes: [usize; 3],
    exact: BlockList,
    bloom: [BloomFilter; 2],
    bloom_of_words: [BloomFilter; 2],
    fuse16: BinaryFuse16,
    fuse32: BinaryFuse32,
    set: HashSet<Tag>,
}

/// How many of some tags a structure holds.
type Holds<'a> = Box<dyn Fn(&[Tag]) -> u32 + 'a>;

/// One structure, asked for tags.
struct Structure<'a> {
    name: &'static str,
    /// The exponent of its false-positive rate.
    rate: u8,
    bytes: usize,
    holds: Holds<'a>,
}

/// One line of the table: nanoseconds for a tag that is listed and for one that is not.
struct Line {
    name: &'static str,
    rate: Option<u8>,
    bytes: usize,
    hit: Series,
    miss: Series,
}

pub(super) fn run(questions: &Questions) -> Result<()> {
    let built = Structures::build(questions)?;
    let filters = built.filters();
    let listed = tags(&questions.key, &questions.hit);
    let absent = tags(&questions.key, &questions.miss);
    for filter in &filters {
        ensure!((filter.holds)(&listed) == ASKED, "a listed tag is missed");
        ensure!((filter.holds)(&absent) < 100, "hit too often");
    }
    let mut contenders: Vec<Contender<'_>> = Vec::new();
    for filter in &filters {
        contenders.push(Box::new(|| Ok((filter.holds)(&listed))));
        contenders.push(Box::new(|| Ok((filter.holds)(&absent))));
    }
    for tags in [&listed, &absent] {
        contenders.push(Box::new(|| Ok(count(tags, |tag| built.set.contains(tag)))));
    }
    // The core is asked by name, so the time for tokens is measured and subtracted.
    for names in [&questions.hit, &questions.miss] {
        contenders.push(Box::new(|| Ok(questions.found(&built.exact, names))));
        contenders.push(Box::new(|| Ok(questions.tokens(names))));
    }
    let series = in_turn(ROUNDS, ASKED, &mut contenders)?;
    drop(contenders);
    let (pairs, _) = series.as_chunks::<2>();
    let mut lines: Vec<Line> = filters
        .iter()
        .zip(pairs)
        .map(|(filter, [hit, miss])| Line {
            name: filter.name,
            rate: Some(filter.rate),
            bytes: filter.bytes,
            hit: hit.clone(),
            miss: miss.clone(),
        })
        .collect();
    lines.extend(built.exact_lines(pairs.get(filters.len()..).unwrap_or_default())?);
    print(&lines);
    draw(&lines)
}

impl Structures {
    fn build(questions: &Questions) -> Result<Self> {
        let coarse = questions.release(14, true)?;
        let fine = questions.release(32, false)?;
        let words: Vec<u64> = questions.listed.iter().map(word).collect();
        let records = coarse.files.records.as_ref().map_or(0, Vec::len);
        Ok(Self {
            coarse: Halves::read(&coarse.files.filter)?,
            fine: Halves::read(&fine.files.filter)?,
            our_bytes: [
                coarse.files.filter.len(),
                fine.files.filter.len(),
                coarse.files.filter.len() + records,
            ],
            exact: coarse.load()?,
            bloom: [14, 32].map(|t| {
                let mut filter = empty_bloom(t);
                for tag in &questions.listed {
                    filter.insert(&Key(*tag));
                }
                filter
            }),
            bloom_of_words: [14, 32].map(|t| {
                let mut filter = empty_bloom(t);
                for word in &words {
                    filter.insert_hash(*word);
                }
                filter
            }),
            fuse16: BinaryFuse16::try_from(&words).map_err(|error| anyhow!(error))?,
            fuse32: BinaryFuse32::try_from(&words).map_err(|error| anyhow!(error))?,
            set: questions.listed.iter().copied().collect(),
        })
    }

    /// Coarse filters first, ours before the others.
    fn filters(&self) -> [Structure<'_>; 8] {
        let [coarse_bytes, fine_bytes, _] = self.our_bytes;
        let [coarse_bloom, fine_bloom] = &self.bloom;
        let [coarse_words, fine_words] = &self.bloom_of_words;
        let bloom_bytes = |bloom: &BloomFilter| bloom.num_bits() / 8;
        let structure = |name, rate, bytes, holds| Structure {
            name,
            rate,
            bytes,
            holds,
        };
        [
            structure(OURS, 14, coarse_bytes, each(|tag| self.coarse.hit(*tag))),
            structure(
                FASTBLOOM,
                14,
                bloom_bytes(coarse_bloom),
                each(|tag| coarse_bloom.contains(&Key(*tag))),
            ),
            structure(
                FASTBLOOM_OF_WORDS,
                14,
                bloom_bytes(coarse_words),
                each(|tag| coarse_words.contains_hash(word(tag))),
            ),
            structure(
                "xorf BinaryFuse16",
                16,
                self.fuse16.len() * 2,
                each(|tag| self.fuse16.contains(&word(tag))),
            ),
            structure(OURS, 32, fine_bytes, each(|tag| self.fine.hit(*tag))),
            structure(
                FASTBLOOM,
                32,
                bloom_bytes(fine_bloom),
                each(|tag| fine_bloom.contains(&Key(*tag))),
            ),
            structure(
                FASTBLOOM_OF_WORDS,
                32,
                bloom_bytes(fine_words),
                each(|tag| fine_words.contains_hash(word(tag))),
            ),
            structure(
                "xorf BinaryFuse32",
                32,
                self.fuse32.len() * 4,
                each(|tag| self.fuse32.contains(&word(tag))),
            ),
        ]
    }

    /// Ours and the standard library's, from the pairs timed after the filters.
    fn exact_lines(&self, pairs: &[[Series; 2]]) -> Result<[Line; 2]> {
        let [[set_hit, set_miss], hit, miss] = pairs else {
            return Err(anyhow!("three pairs are timed"));
        };
        let look_up = |[membership, token]: &[Series; 2]| membership.minus(token);
        // The slots are a power of two, at most seven eighths of them are used, and each takes one byte besides
        // the tag.
        let slots = self.set.capacity().div_ceil(7) * 8;
        let ours = Line {
            name: "Interdict, filter and records",
            rate: None,
            bytes: self.our_bytes[2],
            hit: look_up(hit),
            miss: look_up(miss),
        };
        let set = Line {
            name: "std HashSet",
            rate: None,
            bytes: slots * (size_of::<Tag>() + 1),
            hit: set_hit.clone(),
            miss: set_miss.clone(),
        };
        Ok([ours, set])
    }
}

const OURS: &str = "Interdict, filter";
const FASTBLOOM: &str = "fastbloom";
const FASTBLOOM_OF_WORDS: &str = "fastbloom, tag as hash";

fn empty_bloom(t: i32) -> BloomFilter {
    BloomFilter::with_false_pos(0.5_f64.powi(t))
        .seed(&7)
        .expected_items(usize::try_from(LISTED).unwrap_or(0))
}

/// A tag is random already: its first 8 bytes serve as the hash, where a structure takes one.
fn word(tag: &Tag) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = tag.0;
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

fn each<'a>(holds: impl Fn(&Tag) -> bool + 'a) -> Holds<'a> {
    Box::new(move |tags| count(tags, &holds))
}

fn bits_per_entry(bytes: usize) -> f64 {
    8.0 * wide(u64::try_from(bytes).unwrap_or(0)) / f64::from(LISTED)
}

fn rate(line: &Line) -> String {
    line.rate.map_or("exact".to_owned(), power)
}

fn print(lines: &[Line]) {
    let mut rows = Vec::new();
    let mut base = None;
    for line in lines {
        if line.name.starts_with("Interdict") {
            base = Some(line);
        }
        let base = base.unwrap_or(line);
        rows.push([
            line.name.to_owned(),
            rate(line),
            format!("{:.1}", bits_per_entry(line.bytes)),
            format!("{:.0} ns", line.hit.median()),
            format!("{:.2}", line.hit.ratio(&base.hit)),
            format!("{:.0} ns", line.miss.median()),
            format!("{:.2}", line.miss.ratio(&base.miss)),
        ]);
    }
    let header = [
        "structure",
        "rate",
        "bits per entry",
        "listed",
        "to ours",
        "not listed",
        "to ours",
    ];
    table::print(header, rows);
    println!(
        "natively, the tag known; processor time, medians, ratios as medians of each round's own, to the nearest line of\n\
         ours above; filter and records: the core's whole membership less its token\n"
    );
}

fn draw(lines: &[Line]) -> Result<()> {
    let words = Words {
        file: "lookup",
        title: "One look-up in a million entries, tag known, natively",
        x: "nanoseconds",
        y: "",
        names: SeriesLabelPosition::MiddleRight,
    };
    let rows = lines
        .iter()
        .map(|line| {
            let name = format!("{}, {}", line.name, rate(line));
            (name, vec![line.hit.median(), line.miss.median()])
        })
        .collect();
    let bars = Bars {
        colours: &["listed", "not listed"],
        rows,
    };
    plot::bars(&words, &bars).context("the plot")
}
