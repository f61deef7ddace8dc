//! Many threads: an instance is used by one thread at a time, so a gateway keeps several.
//!
//! ```text
//! cargo run -p interdict-host --example instance_for_each_thread
//! ```

mod sample;

use std::error::Error;
use std::sync::Arc;
use std::thread;

use interdict_host::{Action, Gateway, Module, OtherRoot, Settings, enrol};
use sample::NOW;

const THREADS: usize = 4;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    // Each instance holds its own copy of the lists: memory grows with `workers`, so it is a choice.
    // A screening takes microseconds, and fewer instances than threads are enough.
    let settings = Settings {
        workers: THREADS / 2,
        ..Settings::new(Module::built_in()?, folder.path().join("state"))
    };
    let enrolment = sample::enrolment()?;
    enrol(
        &settings.module,
        &settings.state,
        &enrolment,
        OtherRoot::Refuse,
        NOW,
    )?;
    let gateway = Gateway::open(settings, Arc::new(sample::choices()), NOW)?;
    gateway.refresh(NOW)?;

    // A gateway is shared by reference. Each call takes an instance from the pool, and waits if all are
    // in use.
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..100 {
                    let verdict = gateway.screen(sample::REQUEST, NOW);
                    assert!(verdict.is_ok_and(|verdict| verdict.action == Action::Block));
                }
            });
        }
    });

    // An instance that traps is lost; the gateway throws it away and builds another. Any number but zero is
    // a defect to report.
    println!("{} screenings, {} traps", THREADS * 100, gateway.traps());
    assert_eq!(gateway.traps(), 0);
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_thread_is_answered() {
        super::main().unwrap();
    }
}
