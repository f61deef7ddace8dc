use interdict_host::CoalitionState;

use crate::service::health::hindrances;
use crate::service::state::Service;

/// What somebody should look at, worst first, each once.
pub(crate) fn alarms(service: &Service, coalitions: &[CoalitionState]) -> Vec<String> {
    let mut all = hindrances(service, coalitions);
    all.extend(service.alarms.warnings(coalitions));
    all.extend(coalitions.iter().flat_map(of_coalition));
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

/// Lists of which a key is missing.
fn of_coalition(coalition: &CoalitionState) -> Vec<String> {
    let mut all = Vec::new();
    for list in &coalition.lists {
        let id = &list.list;
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
