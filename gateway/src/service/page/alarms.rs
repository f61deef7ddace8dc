use interdict_host::CoalitionState;

use crate::service::health::hindrances;
use crate::service::state::Service;
use crate::service::warnings::warnings;

/// What somebody should look at, worst first.
pub(crate) fn alarms(service: &Service, coalitions: &[CoalitionState], now: u32) -> Vec<String> {
    let mut all = hindrances(service, coalitions);
    all.extend(warnings(service, coalitions, now));
    all
}
