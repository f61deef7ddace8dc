//! Work shared among the processors.

use std::num::NonZero;
use std::sync::Mutex;

use anyhow::{Context as _, Result};

/// Runs the work on each item, on as many threads as there are processors. `work` also gets the number of
/// its thread, from 0. Returns when all items are done; a panic in the work is an error.
pub(crate) fn on_every_processor<T, I>(items: I, work: impl Fn(usize, T) + Sync) -> Result<()>
where
    T: Send,
    I: IntoIterator<Item = T>,
    I::IntoIter: Send,
{
    let next = Mutex::new(items.into_iter());
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|worker| {
                let (next, work) = (&next, &work);
                scope.spawn(move || {
                    let take = || next.lock().ok()?.next();
                    while let Some(item) = take() {
                        work(worker, item);
                    }
                })
            })
            .collect();
        let ended = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
        let failed = ended.filter(Result::is_err).count();
        (failed == 0).then_some(()).context("a thread failed")
    })
}
