//! A host that is ended midway leaves a whole store, which every host reads alike and any can mend.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use interdict_helpers::{NOW, base, change};
use serde_json::json;

use super::room::{Room, compare, opening, refreshed};
use super::server::Fault;

/// More files than the update has.
const MOST_FILES: usize = 40;

pub(crate) fn leaves_a_whole_store(room: &mut Room<'_>) -> Result<()> {
    let published = room.publish(1, &[base()]);
    room.enrol(&published, &[1])?;
    room.refresh("updated")?;
    published.coalition.publish(2, &[change()]);
    room.copy("host", "before")?;
    refreshed(room.reference, NOW, "updated")?;
    room.copy("reference", "newest")?;
    for spared in 0..MOST_FILES {
        room.copy("before", "host")?;
        room.open_host()?;
        published
            .server
            .fails(Fault::Kills(room.host.id()), "", spared);
        let step = json!({"do": "refresh", "now": NOW});
        let told = room.host.tell(&step);
        published.server.behaves();
        if told.is_ok() {
            ensure!(spared > 4, "there were files to wait for");
            break;
        }
        room.host.restart()?;
        read_and_mend(room, spared % 3 == 0).with_context(|| format!("killed at file {spared}"))?;
    }
    // Between the last file and the end.
    for milliseconds in [0, 1, 2, 4, 7, 11] {
        room.copy("before", "host")?;
        room.open_host()?;
        let fault = Fault::KillsAfter(room.host.id(), Duration::from_millis(milliseconds));
        published.server.fails(fault, ".stash", 0);
        // It may have answered before it ends.
        let _ = room.host.tell(&json!({"do": "refresh", "now": NOW}));
        let until = Instant::now() + Duration::from_secs(10);
        while room.host.tell(&json!({"do": "about"})).is_ok() {
            ensure!(Instant::now() < until, "it was not killed");
            std::thread::sleep(Duration::from_millis(5));
        }
        published.server.behaves();
        room.host.restart()?;
        read_and_mend(room, true)
            .with_context(|| format!("killed {milliseconds} ms after the last file"))?;
    }
    Ok(())
}

/// The reference and another host read what is there alike, and the other one's next refresh mends it.
fn read_and_mend(room: &mut Room<'_>, mends: bool) -> Result<()> {
    room.copy("host", "reference")?;
    room.copy("host", "other")?;
    room.open_reference()?;
    let private = json!({"private": true});
    let state = room.state("other");
    room.other.done(&opening(&state, private.clone()))?;
    compare(room.other, room.reference, "read by another host", NOW)?;
    if mends {
        let told = room.other.done(&json!({"do": "refresh", "now": NOW}))?;
        ensure!(told["coalitions"][0]["outcome"] != "failed", "{told}");
        room.copy("newest", "reference")?;
        room.open_reference()?;
        compare(room.other, room.reference, "mended by another host", NOW)?;
        room.other.done(&opening(&state, private))?;
        compare(room.other, room.reference, "mended, and read again", NOW)?;
    }
    Ok(())
}
