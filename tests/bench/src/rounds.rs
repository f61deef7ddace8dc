//! Contenders take turns, so that a disturbance of the machine affects all of them. Time is processor time
//! of this thread: waiting for other programs does not count.

use std::hint::black_box;

use anyhow::Result;
use cpu_time::ThreadTime;

/// Something to time. It returns a value only so that the compiler cannot remove it.
pub(crate) type Contender<'a> = Box<dyn FnMut() -> Result<u32> + 'a>;

/// One figure for each round.
#[derive(Debug, Clone)]
pub(crate) struct Series(Vec<f64>);

/// How many nanoseconds each contender takes for one of its `units`, in each round.
pub(crate) fn in_turn(
    rounds: u32,
    units: u32,
    contenders: &mut [Contender<'_>],
) -> Result<Vec<Series>> {
    let mut all = vec![Series(Vec::new()); contenders.len()];
    // The first round warms caches and does not count.
    for round in 0..=rounds {
        for (contender, series) in contenders.iter_mut().zip(&mut all) {
            let started = ThreadTime::now();
            black_box(contender()?);
            if round > 0 {
                let nanoseconds = started.elapsed().as_secs_f64() * 1e9;
                series.0.push(nanoseconds / f64::from(units));
            }
        }
    }
    Ok(all)
}

impl Series {
    /// One figure for each round, measured elsewhere.
    pub(crate) const fn of(figures: Vec<f64>) -> Self {
        Self(figures)
    }

    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// The median of each round's own ratio.
    pub(crate) fn ratio(&self, base: &Self) -> f64 {
        self.with(base, |own, base| own / base).median()
    }

    pub(crate) fn minus(&self, other: &Self) -> Self {
        self.with(other, |own, other| own - other)
    }

    pub(crate) fn divided(&self, by: u32) -> Self {
        Self(self.0.iter().map(|own| own / f64::from(by)).collect())
    }

    fn with(&self, other: &Self, combine: impl Fn(f64, f64) -> f64) -> Self {
        let pairs = self.0.iter().zip(&other.0);
        Self(pairs.map(|(own, other)| combine(*own, *other)).collect())
    }
}
