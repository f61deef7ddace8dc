//! Work shared among the processors.

use std::num::NonZero;
use std::sync::Mutex;

use anyhow::{Context as _, Result};

/// Gives each item to whichever processor is free, with that processor's number from 0. Returns when
/// all are done; it is an error if the work panicked.
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
