use crate::common::time::Time;

use crate::engine::overrides::Override;
use crate::engine::update::Coalition;

/// What a request is screened against: the live coalitions, the overrides and the time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ScreeningContext<'e> {
    pub(crate) coalitions: &'e [Coalition],
    pub(crate) overrides: &'e [Override],
    /// The host's clock.
    pub(crate) now: Time,
}

impl ScreeningContext<'_> {
    /// The time to screen at: the host's clock, or the newest verified time if that is later.
    pub(crate) fn effective(&self) -> Time {
        let coalitions = self.coalitions.iter();
        let newest = coalitions.filter_map(|coalition| coalition.client.newest_time());
        newest.fold(self.now, Time::max)
    }
}
