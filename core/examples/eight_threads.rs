//! One engine for all threads of a program: screening borrows it, so nothing is copied or locked.
//!
//! ```text
//! cargo run -p interdict-core --example eight_threads
//! ```

mod sample;

use std::error::Error;
use std::thread;

use interdict_core::list::Action;

const THREADS: usize = 8;
const QUESTIONS: usize = 1000;

fn main() -> Result<(), Box<dyn Error>> {
    let now = sample::now()?;
    let engine = sample::loaded(now)?;
    let question = sample::question()?;

    let ask = || {
        let verdicts = (0..QUESTIONS).map(|_| engine.screen(&question, now));
        verdicts
            .filter(|verdict| verdict.action == Action::Block)
            .count()
    };
    let blocked: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(ask)).collect();
        let counts = threads.into_iter().map(|thread| thread.join().unwrap_or(0));
        counts.sum()
    });
    println!(
        "{blocked} of {} questions answered block",
        THREADS * QUESTIONS
    );
    if blocked != THREADS * QUESTIONS {
        return Err("every thread must get the same answer".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_thread_is_told_to_block() {
        super::main().unwrap();
    }
}
