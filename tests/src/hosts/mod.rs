//! Drives hosts in any language through a whole gateway's life, and compares what they answer with what the Rust
//! host answers. A host is a program that speaks the protocol of `fixtures/README.md`.

mod damage;
mod faults;
mod frozen;
mod host;
mod kills;
mod measures;
mod room;
mod screening;
mod server;
mod soak;

pub use host::{Host, Told};
pub use measures::{Bench, measure, resident};
pub use soak::{Soak, soak};

use anyhow::Result;

use room::Room;

/// One thing that every host must do. The last is the reference.
type Scenario = fn(&mut Room<'_>) -> Result<()>;

/// What every host must do, by name.
const SCENARIOS: &[(&str, Scenario)] = &[
    (
        "runs the committed module, compiled",
        screening::is_compiled,
    ),
    (
        "decides at the door as the table says",
        screening::decides_as_the_table_says,
    ),
    (
        "answers requests and batches as the reference does",
        screening::answers_as_the_reference,
    ),
    (
        "answers a batch of any size in order",
        screening::answers_a_batch_of_any_size,
    ),
    (
        "reads overrides and clearances as they are",
        screening::reads_overrides,
    ),
    (
        "warns of a required list that is not enrolled",
        screening::warns_of_required_lists,
    ),
    (
        "finds the merchants of the self-test, or says that it does not",
        screening::tests_itself,
    ),
    (
        "hands each receipt to its callback",
        screening::hands_over_receipts,
    ),
    (
        "follows releases and leaves a store that others read",
        screening::follows_releases,
    ),
    (
        "reads opened keys that another host saved",
        screening::reads_opened_keys,
    ),
    (
        "enrols once, and refuses another root",
        screening::enrols_once,
    ),
    (
        "locks out other writers, and is locked out",
        screening::locks,
    ),
    (
        "reads what an earlier version made",
        frozen::reads_what_an_earlier_version_made,
    ),
    (
        "refuses what is not a state directory",
        damage::refuses_what_is_no_store,
    ),
    (
        "answers on when its state directory is gone",
        damage::answers_on_when_the_store_is_gone,
    ),
    (
        "reads a damaged store as the reference does",
        damage::reads_damage_as_the_reference,
    ),
    (
        "keeps its last good list whatever the server does",
        faults::keeps_the_last_good_list,
    ),
    (
        "takes no harm from a bad gzip copy",
        faults::reads_past_a_bad_copy,
    ),
    (
        "asks no private address, and follows no redirect elsewhere",
        faults::stays_where_it_may,
    ),
    (
        "leaves a whole store when killed midway",
        kills::leaves_a_whole_store,
    ),
];

/// Runs every scenario on one host, with another to read what it wrote. Returns how many passed and failed.
///
/// # Errors
/// A host that does not start.
pub fn scenarios(
    host: (&str, &str),
    other: (&str, &str),
    reference: (&str, &str),
    only: Option<&str>,
) -> Result<(u32, u32)> {
    let (mut passed, mut failed) = (0, 0);
    let mut host = Host::start(host.0, host.1)?;
    let mut other = Host::start(other.0, other.1)?;
    let mut reference = Host::start(reference.0, reference.1)?;
    let wanted = SCENARIOS
        .iter()
        .filter(|(name, _)| only.is_none_or(|only| name.contains(only)));
    for (name, scenario) in wanted {
        let folder = tempfile::tempdir()?;
        let mut room = Room::new(folder.path(), &mut host, &mut other, &mut reference);
        match scenario(&mut room) {
            Ok(()) => passed += 1,
            Err(error) => {
                println!("FAILED {}: {name}: {error:#}", host.name());
                failed += 1;
                host.restart()?;
                other.restart()?;
                reference.restart()?;
            }
        }
    }
    Ok((passed, failed))
}
