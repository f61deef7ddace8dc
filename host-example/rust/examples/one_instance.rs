//! One instance of the module without this library's storage: configure it, bring it the files it asks for,
//! and screen one merchant. A program with its own storage and transport starts here.
//!
//! ```text
//! cargo run -p interdict-host --example one_instance
//! ```

mod sample;

use std::error::Error;

use interdict_core::wire::owned::{Configure, ConfiguredCoalition};
use interdict_host::{
    Action, Addresses, Begin, Brought, Courier, Fetch, Instance, Module, Patience, Repository,
    StoreError, Verdict, read, walk,
};
use sample::NOW;

/// Brings files from the repository. A real program would write the files that it is asked to keep to its
/// disk, and replay them after a restart.
struct FromRepository(Repository);

impl Courier for FromRepository {
    fn bring(&mut self, fetch: &Fetch) -> Brought {
        self.0.bring(&fetch.path, fetch.max_size)
    }

    fn keep(&mut self, fetch: &Fetch, bytes: &[u8]) -> Result<(), StoreError> {
        println!("verified {} ({} bytes)", fetch.path, bytes.len());
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    // Compiled once for a process. A module that imports anything is refused here.
    let module = Module::built_in()?;
    let mut instance = Instance::new(&module)?;

    // First the enrolment as it is: without its root the module verifies nothing, and without its key a
    // list is noise. The policy names the lists that must answer.
    let enrolment = sample::enrolment()?;
    let trusted = Configure {
        coalitions: Some(vec![ConfiguredCoalition::of(&enrolment)]),
        policy: sample::choices().policy,
        ..Configure::default()
    };
    instance.ask("configure", &trusted, NOW)?;

    // Then the files. The module names each one and its largest size, and verifies it before it names
    // the next. `completed` says that every list is live.
    let directory = sample::repository();
    let location = enrolment.repository();
    let repository =
        Repository::open(location, &directory, Patience::default(), Addresses::Public)?;
    let mut courier = FromRepository(repository);
    let walked = walk(&mut instance, "se", Begin::Repository, NOW, &mut courier)?;
    assert!(walked.completed);

    // The answer is JSON in the module's memory. `read` refuses an action it does not know.
    let answer = instance.call("screen", sample::REQUEST.as_bytes(), NOW)?;
    let verdict: Verdict = read(answer)?;
    println!("{}, score {}", verdict.action.name(), verdict.score);
    assert_eq!((verdict.action, verdict.degraded), (Action::Block, false));
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_listed_shop_is_blocked() {
        super::main().unwrap();
    }
}
