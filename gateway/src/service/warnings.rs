use interdict_host::CoalitionState;

use super::state::Service;
use crate::journal::Journal;
use crate::words::age;

/// What somebody should look at, for the status and the page: each once.
pub(crate) fn warnings(service: &Service, coalitions: &[CoalitionState], now: u32) -> Vec<String> {
    let mut all = service.alarms.warnings(coalitions, now);
    all.extend(coalitions.iter().flat_map(of_coalition));
    all.extend(service.clients.probing().filter_map(|(client, probing)| {
        let probing = probing?;
        let (names, found) = (probing.names, probing.found);
        Some(format!(
            "client {client} asked about {names} names today, of which {found} were found: it may be trying names"
        ))
    }));
    all.extend(service.journal.iter().flat_map(Journal::warnings));
    let refused = service.alarms.counts().refused;
    if refused > 0 {
        all.push(format!(
            "alerts were offered and not taken, {refused} of them: the log says why"
        ));
    }
    let traps = service.gateway.host().traps();
    if traps > 0 {
        all.push(format!("the module trapped {traps} times: report this"));
    }
    all.extend(service.warnings.iter().cloned());
    all.extend(service.gateway.warnings().iter().map(ToString::to_string));
    all.extend(service.gateway.unsigned(now));
    let mut once: Vec<String> = Vec::new();
    for warning in all {
        if !once.contains(&warning) {
            once.push(warning);
        }
    }
    once
}

fn of_coalition(coalition: &CoalitionState) -> Vec<String> {
    let name = &coalition.name;
    let doubts = coalition.doubts.iter();
    let mut all: Vec<String> = doubts
        .map(|doubt| format!("coalition {name} is in doubt: {doubt}"))
        .collect();
    for list in &coalition.lists {
        let (id, built) = (&list.list, age(list.age_s));
        if list.freshness != "fresh" {
            all.push(format!(
                "list {id} is {}, built {built} ago",
                list.freshness
            ));
        }
        if !list.key {
            all.push(format!("list {id} cannot be read: its key is missing"));
        }
        if let Some(epoch) = list.newest_epoch {
            all.push(format!(
                "list {id} has gone on to epoch {epoch}, whose key is missing"
            ));
        }
    }
    all
}
