use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, Scope, ScopedJoinHandle};

use interdict_host::Gateway;
use rusqlite::Connection;

use super::known::{Batches, Known, Which};
use super::verdicts::{Asked, BATCH, Outcome, Question, Screener};
use crate::error::Error;

/// Batches that each thread has at once: one in work, and one so that it need not wait.
const AHEAD: usize = 2;

/// Takes a merchant with its outcome.
pub(super) type Take<'t> = dyn FnMut(&Known, Outcome) -> Result<(), Error> + 't;

/// Screens merchants, and hands over each with its outcome, in order. A few ask the gateway as payments do. More ask copies
/// of what is live, which take nothing from payments but processors.
pub(super) fn each_outcome(
    connection: &Connection,
    gateway: &Gateway,
    which: Which<'_>,
    now: u32,
    take: &mut Take<'_>,
) -> Result<(), Error> {
    let mut batches = Batches::of(connection, which);
    let first = batches.next()?;
    if first.len() < BATCH {
        let mut screener = Screener::new(Asked::Live(gateway), now);
        let screened = screened(&mut screener, first)?;
        return screened
            .into_iter()
            .try_for_each(|(known, outcome)| take(&known, outcome));
    }
    let snapshots = gateway.snapshots(threads(), now)?.into_iter();
    let screeners =
        snapshots.map(|snapshot| Screener::new(Asked::Snapshot(Box::new(snapshot)), now));
    thread::scope(|scope| {
        let benches: Vec<Bench<'_>> = screeners
            .map(|screener| Bench::start(scope, screener))
            .collect();
        let done = share_out(first, &mut batches, &benches, take);
        benches.into_iter().for_each(Bench::end);
        done
    })
}

/// As many as there are processors, and no more than two: each needs a copy of all lists.
fn threads() -> usize {
    thread::available_parallelism().map_or(1, |processors| processors.get().min(2))
}

/// Gives each bench a batch in its turn, and takes them back in the same order.
fn share_out(
    first: Vec<Known>,
    batches: &mut Batches<'_>,
    benches: &[Bench<'_>],
    take: &mut Take<'_>,
) -> Result<(), Error> {
    let most = AHEAD.saturating_mul(benches.len());
    let mut turns = benches.iter().cycle();
    let mut in_work = VecDeque::new();
    let mut next = Some(first);
    loop {
        while let Some(batch) = next.take_if(|_| in_work.len() < most) {
            let bench = turns.next().ok_or(Error::ANSWER)?;
            bench.give(batch)?;
            in_work.push_back(bench);
            next = Some(batches.next()?).filter(|batch| !batch.is_empty());
        }
        let Some(bench) = in_work.pop_front() else {
            return Ok(());
        };
        for (known, outcome) in bench.take()? {
            take(&known, outcome)?;
        }
    }
}

type Screened = Vec<(Known, Outcome)>;

fn screened(screener: &mut Screener<'_>, batch: Vec<Known>) -> Result<Screened, Error> {
    let questions: Vec<&Question> = batch.iter().map(|one| &one.question).collect();
    let outcomes = screener.screen(&questions)?;
    Ok(batch.into_iter().zip(outcomes).collect())
}

/// A thread that screens batches while the next one is read and the last one is written.
struct Bench<'s> {
    batches: SyncSender<Vec<Known>>,
    done: Receiver<Result<Screened, Error>>,
    thread: ScopedJoinHandle<'s, ()>,
}

impl<'s> Bench<'s> {
    fn start(scope: &'s Scope<'s, '_>, mut screener: Screener<'s>) -> Self {
        let (batches, given) = mpsc::sync_channel::<Vec<Known>>(AHEAD);
        let (give, done) = mpsc::sync_channel(AHEAD);
        let thread = scope.spawn(move || {
            for batch in given {
                if give.send(screened(&mut screener, batch)).is_err() {
                    // Another batch failed.
                    return;
                }
            }
        });
        Self {
            batches,
            done,
            thread,
        }
    }

    fn give(&self, batch: Vec<Known>) -> Result<(), Error> {
        self.batches.send(batch).map_err(|_| Error::ANSWER)
    }

    /// What became of the first batch that was given and not taken yet.
    fn take(&self) -> Result<Screened, Error> {
        self.done.recv().map_err(|_| Error::ANSWER)?
    }

    /// A panic in its thread has failed a batch already.
    fn end(self) {
        drop((self.batches, self.done));
        let _ = self.thread.join();
    }
}
