use std::time::Instant;

use super::state::Service;
use crate::error::Error;
use crate::journal::Journal;
use crate::portfolio::{Delivered, Delivery, Portfolio, Rescreened};
use crate::time_stamp::Authority;
use crate::trial::self_test;

/// Seconds from one self-test to the next.
const SELF_TEST: u64 = 60;
/// Alerts that are delivered before anything else is looked at.
const ROUND: usize = 100;

/// What the service does beside answering: it tests itself, keeps the journal, screens the portfolio again when lists
/// change, and sends alerts.
pub(crate) struct Desk {
    portfolio: Option<OwnPortfolio>,
    tested: Option<Instant>,
    authority: Option<Authority>,
}

struct OwnPortfolio {
    portfolio: Portfolio,
    delivery: Option<Delivery>,
}

impl Desk {
    /// Opens what it works on.
    ///
    /// # Errors
    /// The portfolio cannot be opened, or the secret of its alerts not be read.
    pub(crate) fn open(service: &Service) -> Result<Self, Error> {
        let config = service.gateway.config();
        let portfolio = config.portfolio().map(|settings| {
            Ok::<_, Error>(OwnPortfolio {
                portfolio: Portfolio::open(&config.directory().join(&settings.database))?,
                delivery: settings.delivery(config.directory())?,
            })
        });
        let journal = service.journal.as_ref();
        let authority = journal.map(|journal| journal.settings().authority());
        Ok(Self {
            portfolio: portfolio.transpose()?,
            tested: None,
            authority: authority.transpose()?.flatten(),
        })
    }

    /// Does what is due. It returns soon unless much is.
    pub(crate) fn work(&mut self, service: &Service) {
        let Ok(now) = service.now() else { return };
        if let Some(journal) = &service.journal
            && let Err(error) = journal.tick(now)
        {
            service.metrics.audit_failed();
            tracing::error!(%error, "the journal");
        }
        if let Some(journal) = &service.journal {
            take_in(service, journal, now);
            if let Some(authority) = &self.authority {
                stamp(journal, authority, now);
            }
        }
        let is_due = |tested: Instant| tested.elapsed().as_secs() >= SELF_TEST;
        let is_due = self.tested.is_none_or(is_due);
        if is_due {
            self.tested = Some(Instant::now());
            test(service, now);
        }
        if let Some(own) = &mut self.portfolio
            && let Err(error) = own.work(service, is_due, now)
        {
            tracing::error!(%error, "the portfolio");
        }
    }

    /// Lets the next [`Desk::work`] test again, because other lists are live.
    pub(crate) const fn test_again(&mut self) {
        self.tested = None;
    }
}

/// Makes lines of what people decided, and says loudly what is none of theirs.
fn take_in(service: &Service, journal: &Journal, now: u32) {
    match journal.take_in(&service.people, now) {
        Ok(taken) => {
            for (name, why) in &taken.refused {
                tracing::error!(name, %why, "REFUSED: somebody handed in a decision that is no person's");
            }
            service.metrics.refused_decisions(taken.lying);
        }
        Err(error) => {
            service.metrics.audit_failed();
            tracing::error!(%error, "the journal's inbox");
        }
    }
}

/// Has the journal stamped. What fails is tried again later, and shown until then.
fn stamp(journal: &Journal, authority: &Authority, now: u32) {
    match journal.stamp_if_due(authority, now) {
        Ok(None) => {}
        Ok(Some(number)) => tracing::info!(number, "a head of the journal has a time stamp"),
        Err(error) => tracing::error!(%error, "a head of the journal has no time stamp"),
    }
}

fn test(service: &Service, now: u32) {
    let passed = match self_test(service.gateway.host(), now) {
        Ok(tested) => tested.passed(),
        Err(error) => {
            tracing::error!(%error, "the self-test");
            false
        }
    };
    if !passed {
        tracing::error!("the self-test failed: interdict selftest says where");
    }
    service.tested(passed);
}

impl OwnPortfolio {
    /// Screens what is pending and sends alerts; once in a while it also forgets what is kept for long enough.
    fn work(&mut self, service: &Service, is_forgetting: bool, now: u32) -> Result<(), Error> {
        let host = service.gateway.host();
        let done = self.portfolio.catch_up(host, now)?;
        if done != Rescreened::default() {
            let (screened, refused) = (done.screened, done.refused);
            let changed: u64 = done.changes.values().sum();
            tracing::info!(screened, refused, changed, "the portfolio was screened");
        }
        let settings = service.gateway.config().portfolio();
        if let (Some(settings), true) = (settings, is_forgetting) {
            self.portfolio.forget(settings.forgotten_before(now))?;
        }
        self.deliver(now)
    }

    fn deliver(&mut self, now: u32) -> Result<(), Error> {
        let Some(delivery) = &self.delivery else {
            return Ok(());
        };
        for _ in 0..ROUND {
            match self.portfolio.deliver_next(delivery, now)? {
                Delivered::Taken { id } => tracing::info!(id, "an alert was delivered"),
                Delivered::Nothing | Delivered::RetryAt { why: None, .. } => break,
                Delivered::RetryAt {
                    why: Some(why),
                    time,
                } => {
                    tracing::error!(why, time, "an alert was not taken; it is tried again");
                    break;
                }
            }
        }
        Ok(())
    }
}
