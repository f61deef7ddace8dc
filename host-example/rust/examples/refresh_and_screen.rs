//! The whole host: enrol with a coalition once, refresh from time to time, screen each merchant.
//!
//! ```text
//! cargo run -p interdict-host --example refresh_and_screen
//! ```

mod sample;

use std::error::Error;
use std::sync::Arc;

use interdict_host::{Action, Enrolled, Gateway, Module, OtherRoot, Outcome, Settings, enrol};
use sample::NOW;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let settings = Settings::new(Module::built_in()?, folder.path().join("state"));

    // Once: the module checks the enrolment file before anything is saved. A file with another root of
    // the same coalition would be refused.
    let enrolment = sample::enrolment()?;
    let module = &settings.module;
    let enrolled = enrol(module, &settings.state, &enrolment, OtherRoot::Refuse, NOW)?;
    assert_eq!(enrolled, Enrolled::Added);

    // A program that starts: everything comes from the disk, so this works without a network. Nothing
    // was fetched yet, and the verdict says so instead of passing the shop.
    let gateway = Gateway::open(settings.clone(), Arc::new(sample::choices()), NOW)?;
    let verdict = gateway.screen(sample::REQUEST, NOW)?;
    println!(
        "before the first refresh: {}, degraded {}",
        verdict.action.name(),
        verdict.degraded
    );
    assert_eq!((verdict.action, verdict.degraded), (Action::Review, true));

    // Every hour: fetch, verify, save, read back from the disk, and only then go live. A coalition that
    // fails keeps its last good release.
    for report in gateway.refresh(NOW)? {
        println!(
            "{}: {}, {} files",
            report.state.name, report.outcome, report.files
        );
        assert_eq!(report.outcome, Outcome::Updated);
    }
    let verdict = gateway.screen(sample::REQUEST, NOW)?;
    println!(
        "after it: {}, score {}",
        verdict.action.name(),
        verdict.score
    );
    assert_eq!((verdict.action, verdict.degraded), (Action::Block, false));

    // After a restart the same release answers, verified again from the root.
    let restarted = Gateway::open(settings, Arc::new(sample::choices()), NOW)?;
    assert_eq!(
        restarted.screen(sample::REQUEST, NOW)?.action,
        Action::Block
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_listed_shop_is_blocked_after_a_refresh() {
        super::main().unwrap();
    }
}
