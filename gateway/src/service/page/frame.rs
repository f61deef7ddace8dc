use std::sync::Arc;

use interdict_host::CoalitionState;

use super::alarms::alarms;
use super::guard::Visitor;
use super::sorry::Sorry;
use super::words::Moment;
use crate::service::health::live;
use crate::service::state::Service;

/// What every page shows around its content.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) person: String,
    pub(crate) form_token: String,
    /// How many alarms there are.
    pub(crate) alarms: usize,
    /// Which place is shown.
    pub(crate) place: &'static str,
    pub(crate) now: Moment,
}

/// What is live while a page is made.
pub(crate) struct Live {
    pub(crate) now: u32,
    pub(crate) coalitions: Vec<CoalitionState>,
    pub(crate) alarms: Vec<String>,
}

impl Live {
    pub(crate) fn of(service: &Service) -> Result<Self, Sorry> {
        let now = service.now()?;
        let coalitions = live(service, now)?;
        Ok(Self {
            now,
            alarms: alarms(service, &coalitions, now),
            coalitions,
        })
    }

    /// The frame of a place.
    pub(crate) fn frame(&self, visitor: &Visitor, place: &'static str) -> Frame {
        Frame {
            person: visitor.session.client.name().to_owned(),
            form_token: visitor.session.form_token.clone(),
            alarms: self.alarms.len(),
            place,
            now: Moment::of(self.now),
        }
    }
}

/// Does what may wait for the disk where nobody else waits for it.
pub(crate) async fn aside<T: Send + 'static>(
    service: Arc<Service>,
    work: impl FnOnce(&Service) -> Result<T, Sorry> + Send + 'static,
) -> Result<T, Sorry> {
    let worked = tokio::task::spawn_blocking(move || work(&service)).await;
    worked.unwrap_or_else(|_| {
        let told = "a defect of this service";
        Err(crate::service::problem::Cause::NotAnswered
            .problem(told)
            .into())
    })
}
