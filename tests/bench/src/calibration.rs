//! Whether predicted probabilities come true in a simulated world, and how far they are off if the
//! policy's estimates are wrong.

use anyhow::Result;
use interdict_tests::calibration::{Bin, Form, Rates, Simulation, TRUTH};
use plotters::prelude::SeriesLabelPosition;

use crate::plot::{Joined, Line, Point, Words, lines};
use crate::table;

const MERCHANTS: u32 = 200_000;
const SEED: u64 = 20_261_122;
/// Fewer cases say nothing about a share.
const ENOUGH: u32 = 50;

pub(crate) fn run() -> Result<()> {
    println!("{MERCHANTS} merchants, {TRUTH:?}\n");
    let mut drawn = Vec::new();
    let mut bent = Vec::new();
    for (name, form) in [("records", Form::Records), ("filter", Form::Filter)] {
        let mut simulation = Simulation::new(form, MERCHANTS, SEED);
        let bins = simulation.bins(TRUTH);
        println!("as assumed, a list of {name}\n");
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
        drawn.push(line(name, &bins));
        for (what, assumed) in wrong() {
            bent.push(bend(&format!("{name}, {what}"), &simulation.bins(assumed)));
        }
    }
    println!("how far it bends\n");
    table::print(
        [
            "list, assumed",
            "worst bin",
            "merchants",
            "said",
            "observed",
            "bad, said",
            "bad, observed",
        ],
        bent,
    );
    let words = Words {
        file: "calibration",
        title: "Predicted against observed, 200,000 merchants of a simulated world",
        x: "predicted probability",
        y: "share that is bad",
        names: SeriesLabelPosition::UpperLeft,
    };
    let ideal = [0.0, 1.0].map(|end| Point::new(end, end)).to_vec();
    drawn.push(Line {
        name: "as said".to_owned(),
        points: ideal,
        joined: Joined::Yes,
    });
    lines(&words, 0.0..1.0, 0.0..1.0, &drawn)
}

/// Policies with one wrong estimate each.
fn wrong() -> [(&'static str, Rates); 5] {
    let coverage = |coverage_per_mille| Rates {
        coverage_per_mille,
        ..TRUTH
    };
    let error = |list_error_per_million| Rates {
        list_error_per_million,
        ..TRUTH
    };
    [
        ("as it is", TRUTH),
        ("coverage twice what it is", coverage(600)),
        ("coverage half of what it is", coverage(150)),
        ("list error ten times what it is", error(1000)),
        ("list error a tenth of what it is", error(10)),
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
