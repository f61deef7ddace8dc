use interdict_host::CoalitionState;

use crate::service::health::hindrances;
use crate::service::state::Service;
use crate::words::age;

/// What somebody should look at, worst first, each once.
pub(crate) fn alarms(service: &Service, coalitions: &[CoalitionState]) -> Vec<String> {
    let mut all = hindrances(service, coalitions);
    all.extend(coalitions.iter().flat_map(of_coalition));
    let failed = service.refreshes().into_iter().filter(|one| !one.succeeded);
    all.extend(failed.map(|one| {
        let (coalition, outcome) = (one.coalition, one.outcome);
        format!("the last refresh of coalition {coalition} failed: {outcome}")
    }));
    all.extend(service.clients.probing().filter_map(|(client, probing)| {
        let probing = probing?;
        let (names, found) = (probing.names, probing.found);
        Some(format!(
            "client {client} asked about {names} names today, of which {found} were found: it may be trying names"
        ))
    }));
    if let Some(alarm) = service.journal.as_ref().and_then(|journal| journal.alarm()) {
        let [used, bound] = [alarm.used, alarm.bound].map(|bytes| bytes / 1_000_000);
        all.push(format!("the journal takes {used} of {bound} MB"));
    }
    let traps = service.gateway.host().traps();
    if traps > 0 {
        all.push(format!("the module trapped {traps} times: report this"));
    }
    all.extend(service.warnings.iter().cloned());
    all.extend(service.gateway.warnings().iter().map(ToString::to_string));
    let mut once: Vec<String> = Vec::new();
    for alarm in all {
        if !once.contains(&alarm) {
            once.push(alarm);
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
