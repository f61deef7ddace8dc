//! Whether predicted probabilities come true in a simulated world, and how far they are off if the
//! policy's prior is wrong.

use anyhow::Result;
use interdict_tests::calibration::{BAD_PER_MILLION, Bin, RIGHT_PRIOR, Simulation};
use plotters::prelude::SeriesLabelPosition;

use crate::plot::{Joined, Line, Point, Words, lines};
use crate::table;

const MERCHANTS: u32 = 200_000;
const SEED: u64 = 20_261_122;
/// Fewer cases say nothing about a share.
const ENOUGH: u32 = 50;

pub(crate) fn run() -> Result<()> {
    println!("{MERCHANTS} merchants, {BAD_PER_MILLION} bad of a million\n");
    let mut simulation = Simulation::new(MERCHANTS, SEED);
    let bins = simulation.bins(RIGHT_PRIOR);
    table::print(
        [
            "predicted",
            "merchants",
            "mean",
            "observed",
            "standard error",
            "off by",
        ],
        bins.iter().enumerate().map(row).collect(),
    );
    plot(&bins);
    let bent = priors().map(|(what, prior)| bend(what, &simulation.bins(prior)));
    println!("how far it bends\n");
    table::print(
        [
            "assumed",
            "worst bin",
            "merchants",
            "said",
            "observed",
            "bad, said",
            "bad, observed",
        ],
        bent.into(),
    );
    let words = Words {
        file: "calibration",
        title: "Predicted against observed, 200,000 merchants of a simulated world",
        x: "predicted probability",
        y: "share that is bad",
        names: SeriesLabelPosition::UpperLeft,
    };
    let ideal = [0.0, 1.0].map(|end| Point::new(end, end)).to_vec();
    let said = Line {
        name: "as said".to_owned(),
        points: ideal,
        joined: Joined::Yes,
    };
    lines(&words, 0.0..1.0, 0.0..1.0, &[line("observed", &bins), said])
}

/// The right prior, and wrong ones.
const fn priors() -> [(&'static str, u32); 5] {
    [
        ("as it is", RIGHT_PRIOR),
        ("prior twice what it is", 2 * RIGHT_PRIOR),
        ("prior half of what it is", RIGHT_PRIOR / 2),
        ("prior ten times what it is", 10 * RIGHT_PRIOR),
        ("prior a tenth of what it is", RIGHT_PRIOR / 10),
    ]
}

fn row((index, bin): (usize, &Bin)) -> [String; 6] {
    let range = format!(
        "0.{index} to {}",
        if index == 9 {
            "1".to_owned()
        } else {
            format!("0.{}", index + 1)
        }
    );
    let merchants = table::count(bin.merchants);
    if bin.merchants == 0 {
        return [
            range,
            merchants,
            "-".into(),
            "-".into(),
            "-".into(),
            "-".into(),
        ];
    }
    [
        range,
        merchants,
        format!("{:.4}", bin.predicted),
        format!("{:.4}", bin.observed),
        format!("{:.4}", bin.error),
        format!("{:+.1}", bin.off()),
    ]
}

/// The bin that is furthest off among those with enough merchants, and the prediction over all of them.
fn bend(name: &str, bins: &[Bin; 10]) -> [String; 7] {
    let far = |bin: &Bin| (bin.observed - bin.predicted).abs();
    let enough = bins
        .iter()
        .enumerate()
        .filter(|(_, bin)| bin.merchants >= ENOUGH);
    let worst = enough.max_by(|one, other| far(one.1).total_cmp(&far(other.1)));
    let (index, worst) = worst.unwrap_or((0, &bins[0]));
    let sum = |part: fn(&Bin) -> f64| {
        let parts = bins.iter().map(|bin| part(bin) * f64::from(bin.merchants));
        format!("{:.0}", parts.sum::<f64>())
    };
    [
        name.to_owned(),
        row((index, worst))[0].clone(),
        table::count(worst.merchants),
        format!("{:.4}", worst.predicted),
        format!("{:.4}", worst.observed),
        sum(|bin| bin.predicted),
        sum(|bin| bin.observed),
    ]
}

/// A line for each bin: `o` is the observed share, `|` the predicted one, `*` both.
fn plot(bins: &[Bin; 10]) {
    for (index, bin) in bins.iter().enumerate().filter(|(_, bin)| bin.merchants > 0) {
        let place = |share: f64| (0..60).find(|place| share * 60.0 < f64::from(place + 1));
        let (said, observed) = (place(bin.predicted), place(bin.observed));
        let column = |place: i32| match (said == Some(place), observed == Some(place)) {
            (true, true) => '*',
            (true, false) => '|',
            (false, true) => 'o',
            (false, false) => '.',
        };
        let columns: String = (0..60).map(column).collect();
        println!("0.{index} {columns}");
    }
    println!();
}

fn line(name: &str, bins: &[Bin; 10]) -> Line {
    let enough = bins.iter().filter(|bin| bin.merchants >= ENOUGH);
    let points = enough.map(|bin| Point {
        x: bin.predicted,
        y: bin.observed,
        interval: Some((
            3.0_f64.mul_add(-bin.error, bin.observed).max(0.0),
            3.0_f64.mul_add(bin.error, bin.observed).min(1.0),
        )),
    });
    Line {
        name: name.to_owned(),
        points: points.collect(),
        joined: Joined::No,
    }
}
