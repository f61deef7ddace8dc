//! Whether built filters have the false-positive rate they were sized for: each half 2^-(t/2), and both
//! together at most 2^-t. The halves are also asked alone, because both together are hit too seldom.

use anyhow::{Context as _, Result, anyhow};
use bloomfilter::Bloom;
use indicatif::{ProgressBar, ProgressStyle};
use interdict_core::list::{MIN_ENTRIES, public_capacity};
use interdict_core::token::ListKey;
use plotters::prelude::{IntoLogRange as _, SeriesLabelPosition};

use crate::halves::{Halves, Key};
use crate::plot::{self, Joined, Line, Point, Words};
use crate::table::{self, count, power, wide};
use crate::{release, release::SECRET};
use interdict_tests::seeded::Stream;

/// Tags to try on every filter. No list has any of them.
const TRIED: u32 = 10_000_000;

/// Merchants on the lists.
const LISTED: [u32; 3] = [1_000, 100_000, 1_000_000];

/// Public edition, member edition with records, member edition without.
const RATES: [u8; 3] = [6, 14, 32];

/// 99 % of a normal distribution lies within this many standard deviations.
const DEVIATIONS: f64 = 2.575_829;

/// What was counted on one filter.
struct Counted {
    listed: u32,
    entries: u32,
    rate: u8,
    /// Bytes of the file.
    size: usize,
    /// Hits of first half, second half, both.
    hits: [u32; 3],
    /// The expected hits of the same three, by the share of set bits.
    by_fill: [f64; 3],
}

pub(crate) fn run() -> Result<()> {
    println!(
        "{} random tags against built filters; a list of 1,000 is padded to {} as the format demands\n",
        count(TRIED),
        count(MIN_ENTRIES)
    );
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} filters")?;
    let progress = ProgressBar::new(9).with_style(style);
    let mut all = Vec::new();
    for rate in RATES {
        for listed in LISTED {
            all.push(measure(listed, rate)?);
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    print_rates(&all);
    print_sizes(&all);
    print_single()?;
    draw(&all)
}

fn measure(listed: u32, rate: u8) -> Result<Counted> {
    let entries = match rate {
        6 => public_capacity(listed).context("a capacity class")?,
        _ => listed.max(MIN_ENTRIES),
    };
    let header = match rate {
        6 => release::public(entries, 1, &ListKey::new(SECRET))?,
        _ => release::member(entries, rate)?,
    };
    let file = release::filter(&header, &Stream::new("rates: listed").tags(entries))?;
    let halves = Halves::read(&file)?;
    let mut tried = Stream::new("rates: tried");
    let mut hits = [0_u32; 3];
    for _ in 0..TRIED {
        let [first, second] = halves.each(tried.tag());
        for (count, hit) in hits.iter_mut().zip([first, second, first && second]) {
            *count += u32::from(hit);
        }
    }
    let [first, second] = halves.rates_by_fill();
    Ok(Counted {
        listed,
        entries,
        rate,
        size: file.len(),
        hits,
        by_fill: [first, second, first * second],
    })
}

impl Counted {
    /// Name, target and hits of first half, second half, both.
    fn parts(&self) -> [(&'static str, u8, u32, f64); 3] {
        let [first, second, both] = self.hits;
        let [first_fill, second_fill, both_fill] = self.by_fill;
        let half = self.rate / 2;
        [
            ("half 1", half, first, first_fill),
            ("half 2", half, second, second_fill),
            ("both", self.rate, both, both_fill),
        ]
    }
}

fn target(t: u8) -> f64 {
    0.5_f64.powi(i32::from(t))
}

/// The 99 % interval of a rate (Wilson 1927). It is valid even without a hit.
fn interval(hits: u32) -> (f64, f64) {
    let (tried, square) = (f64::from(TRIED), DEVIATIONS * DEVIATIONS);
    let share = f64::from(hits) / tried;
    let middle = share + square / (2.0 * tried);
    let spread = share * (1.0 - share) / tried + square / (4.0 * tried * tried);
    let reach = DEVIATIONS * spread.sqrt();
    let scale = 1.0 + square / tried;
    // Exactly zero, where rounding would leave a remainder.
    let low = if hits == 0 { 0.0 } else { middle - reach };
    (low / scale, (middle + reach) / scale)
}

fn print_rates(all: &[Counted]) {
    let mut rows = Vec::new();
    for counted in all {
        for (name, t, hits, by_fill) in counted.parts() {
            let (low, high) = interval(hits);
            rows.push([
                count(counted.listed),
                power(counted.rate),
                name.to_owned(),
                format!("{:.3e}", target(t)),
                count(hits),
                format!("{low:.3e} to {high:.3e}"),
                // Without a hit, only the upper end of the interval is known.
                match hits {
                    0 => "-".to_owned(),
                    _ => format!("{:.3}", f64::from(hits) / f64::from(TRIED) / target(t)),
                },
                format!("{:.3}", by_fill / target(t)),
            ]);
        }
    }
    let header = [
        "listed",
        "rate",
        "part",
        "target",
        "hits",
        "99 % interval",
        "measured / target",
        "by fill / target",
    ];
    table::print(header, rows);
}

fn print_sizes(all: &[Counted]) {
    let rows = all.iter().map(|counted| {
        let bits = wide(u64::try_from(counted.size).unwrap_or(0)) * 8.0;
        let per_entry = bits / f64::from(counted.entries);
        [
            count(counted.listed),
            count(counted.entries),
            power(counted.rate),
            count(u64::try_from(counted.size).unwrap_or(0)),
            format!("{per_entry:.2}"),
            counted.rate.to_string(),
            format!("{:.3}", per_entry / f64::from(counted.rate)),
        ]
    });
    let header = [
        "listed",
        "entries",
        "rate",
        "bytes",
        "bits per entry",
        "bound log2(1/rate)",
        "bits / bound",
    ];
    table::print(header, rows.collect());
}

/// Shows the use of the two halves and the padding, by a single filter of as many bits without padding.
fn print_single() -> Result<()> {
    let (listed, t) = (1_000_u32, 32_u8);
    let bits = f64::from(listed) * f64::from(t) / std::f64::consts::LN_2;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "46,167 bits"
    )]
    let bytes = (bits / 8.0).ceil() as usize;
    let mut seed = [0; 32];
    for (index, byte) in (0_u8..).zip(&mut seed) {
        *byte = index;
    }
    let mut single: Bloom<Key> =
        Bloom::new_with_seed(bytes, usize::try_from(listed)?, &seed).map_err(|e| anyhow!(e))?;
    for tag in Stream::new("rates: listed").tags(listed) {
        single.set(&Key(tag));
    }
    let mut tried = Stream::new("rates: tried");
    let hits = (0..TRIED)
        .filter(|_| single.check(&Key(tried.tag())))
        .count();
    let (low, high) = interval(u32::try_from(hits)?);
    println!(
        "for comparison, one `bloomfilter` of as many bits for {} entries, not padded, sized for {}: \
         {hits} hits, {low:.1e} to {high:.1e}, at least {:.0} times its target of {:.1e}\n",
        count(listed),
        power(t),
        low / target(t),
        target(t)
    );
    Ok(())
}

fn draw(all: &[Counted]) -> Result<()> {
    let mut lines = Vec::new();
    for (rate, beside) in RATES.into_iter().zip([0.8_f64, 1.0, 1.25]) {
        for (halves, name) in [(true, "each half"), (false, "both")] {
            let counted = all.iter().filter(|counted| counted.rate == rate);
            let points: Vec<Point> = counted
                .flat_map(|counted| points(counted, halves, beside))
                .collect();
            // Without a hit there is no ratio.
            if points.iter().all(|point| point.y > 0.0) {
                lines.push(Line {
                    name: format!("{}: {name}", power(rate)),
                    points,
                    joined: Joined::No,
                });
            }
        }
    }
    let words = Words {
        file: "rates",
        title: "False-positive rate of built filters against the rate they were sized for",
        x: "entries, padding included (log; rates drawn beside each other)",
        y: "measured / target (bars: 99 % interval)",
        names: SeriesLabelPosition::UpperRight,
    };
    plot::lines(&words, (5e3..2e6).log_scale(), 0.6..1.8, &lines)
}

fn points(counted: &Counted, halves: bool, beside: f64) -> Vec<Point> {
    let parts = counted.parts();
    let wanted = parts
        .iter()
        .filter(|(name, ..)| (*name != "both") == halves);
    let shifts = if halves { [0.97, 1.03] } else { [1.09, 1.09] };
    wanted
        .zip(shifts)
        .map(|((_, t, hits, _), shift)| {
            let (low, high) = interval(*hits);
            Point {
                x: f64::from(counted.entries) * beside * shift,
                y: f64::from(*hits) / f64::from(TRIED) / target(*t),
                interval: Some((low / target(*t), high / target(*t))),
            }
        })
        .collect()
}
