use std::time::{Duration, Instant};

use interdict_host::WaitingRelease;

use super::alarms::WaitingStatus;
use super::state::Service;
use crate::error::Error;
use crate::journal::Journal;
use crate::portfolio::{Alarm, ChangeKind, Delivered, Delivery, Portfolio, Previewed, Rescreened};
use crate::time_stamp::Authority;
use crate::trial::self_test;

/// Seconds from one self-test to the next.
const SELF_TEST: u64 = 60;
/// Alerts that are delivered before anything else is looked at.
const ROUND: usize = 100;
/// Alerts in a row that are not taken before the receiver is left alone for a while.
const MOST_FAILURES: u32 = 3;
/// After the first round in which none was taken; twice as long after each further one, up to [`LONGEST_REST`].
const FIRST_REST: Duration = Duration::from_secs(5);
const LONGEST_REST: Duration = Duration::from_secs(300);
/// What the service does beside answering: it tests itself, keeps the journal, screens the portfolio again when lists
/// change, and sends alerts.
pub(crate) struct Desk {
    portfolio: Option<OwnPortfolio>,
    tested: Option<Instant>,
    /// The releases that wait, as they were looked at last.
    waiting: Vec<WaitingRelease>,
    authority: Option<Authority>,
}

struct OwnPortfolio {
    portfolio: Portfolio,
    delivery: Option<Delivery>,
    /// What the releases that wait would change; `None` if it is not known.
    previewed: Option<Vec<Previewed>>,
    /// Rounds in a row in which no alert was taken.
    failed_rounds: u32,
    resting_until: Option<Instant>,
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
                previewed: None,
                failed_rounds: 0,
                resting_until: None,
            })
        });
        let journal = service.journal.as_ref();
        let authority = journal.map(|journal| journal.settings().authority());
        Ok(Self {
            portfolio: portfolio.transpose()?,
            tested: None,
            waiting: Vec::new(),
            authority: authority.transpose()?.flatten(),
        })
    }

    /// Does what is due. It returns soon unless much is.
    pub(crate) fn work(&mut self, service: &Service) {
        let Ok(now) = service.now() else { return };
        if let Some(journal) = &service.journal {
            if let Err(error) = journal.tick(now) {
                service.metrics.audit_failed();
                tracing::error!(%error, "the journal");
            }
            take_in(service, journal, now);
            if let Some(authority) = &self.authority {
                stamp(journal, authority, now);
            }
        }
        if let Err(error) = self.release(service, now) {
            tracing::error!(%error, "a release that waits cannot go live");
        }
        let is_due = |tested: Instant| tested.elapsed().as_secs() >= SELF_TEST;
        let is_due = self.tested.is_none_or(is_due);
        if is_due {
            self.tested = Some(Instant::now());
            test(service, now);
        }
        if let Some(own) = &mut self.portfolio
            && let Err(error) = own.screen(service, is_due, now)
        {
            tracing::error!(%error, "the portfolio");
        }
        if let Err(error) = self.stage(service, now) {
            tracing::error!(%error, "a release that waits cannot be looked at");
        }
        if let Some(own) = &mut self.portfolio
            && let Err(error) = own.tell(service, now)
        {
            tracing::error!(%error, "the alerts");
        }
    }

    /// Lets the next [`Desk::work`] test again, because other lists may be live.
    pub(crate) fn test_again(&mut self) {
        self.tested = None;
        self.waiting.clear();
    }

    /// Lets releases go live whose time has come.
    fn release(&mut self, service: &Service, now: u32) -> Result<(), Error> {
        for report in service.gateway.host().activate_due(now)? {
            let (coalition, outcome) = (&report.state.name, report.outcome.to_string());
            tracing::info!(coalition, outcome, "a release that waited goes live");
            self.test_again();
        }
        Ok(())
    }

    /// Looks at the releases that wait, after every refresh and if others do than before.
    fn stage(&mut self, service: &Service, now: u32) -> Result<(), Error> {
        let host = service.gateway.host();
        let mut waiting = host.waiting(now)?;
        let is_same = |pair: (&WaitingRelease, &WaitingRelease)| pair.0.number == pair.1.number;
        let are_known =
            waiting.len() == self.waiting.len() && waiting.iter().zip(&self.waiting).all(is_same);
        let is_previewed = self.portfolio.iter().all(|own| own.previewed.is_some());
        if !are_known || (waiting.is_empty() && !is_previewed) {
            // Whatever fails below is tried again after the next refresh.
            self.waiting.clone_from(&waiting);
            let staging = service.gateway.config().staging();
            let at_once = staging.and_then(|staging| staging.at_once_if_stops_at_most);
            if let Some(own) = &mut self.portfolio {
                own.previewed = None;
                let considered = own.portfolio.consider_waiting(host, at_once, now)?;
                for coalition in considered.activated {
                    tracing::info!(coalition, "a release stops little and goes live at once");
                    self.tested = None;
                }
                own.previewed = Some(considered.waiting);
                waiting = host.waiting(now)?;
                self.waiting.clone_from(&waiting);
            }
        }
        let previewed = self.portfolio.iter().flat_map(|own| &own.previewed);
        let previewed = previewed.flatten();
        let previewed: Vec<&Previewed> = previewed.collect();
        let all = waiting
            .iter()
            .map(|release| WaitingStatus::of(release, &previewed));
        service.alarms.wait(all.collect());
        Ok(())
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
    /// Screens what is pending; once in a while it also forgets what is kept for long enough.
    fn screen(&mut self, service: &Service, is_forgetting: bool, now: u32) -> Result<(), Error> {
        let host = service.gateway.host();
        let done = self
            .portfolio
            .catch_up(host, now, &mut |merchant, receipt| {
                let Some(journal) = &service.journal else {
                    return Ok(());
                };
                let written = journal.append_portfolio(merchant, receipt, now);
                service.recorded(written).map(drop)
            })?;
        if done != Rescreened::default() {
            let (screened, refused) = (done.screened, done.refused);
            let changed: u64 = done.changes.values().sum();
            tracing::info!(screened, refused, changed, "the portfolio was screened");
        }
        let settings = service.gateway.config().portfolio();
        if let (Some(settings), true) = (settings, is_forgetting) {
            self.portfolio.forget(settings.forgotten_before(now))?;
        }
        Ok(())
    }

    /// Notes what is new and how much there is, and sends alerts.
    fn tell(&mut self, service: &Service, now: u32) -> Result<(), Error> {
        self.note_alarms(service, now)?;
        service.alarms.counted(self.portfolio.counts()?);
        service.alarms.hold(self.portfolio.held()?);
        self.deliver(now)
    }

    fn note_alarms(&mut self, service: &Service, now: u32) -> Result<(), Error> {
        let states = service.gateway.host().state(now)?;
        let mut alarms = Alarm::doubts(&states);
        let waiting = self.previewed.iter().flatten();
        alarms.extend(waiting.map(|one| Alarm::waiting(&one.release, &one.preview)));
        let clocks = service.alarms.wrong_clocks(&states, now).into_iter();
        alarms.extend(clocks.map(|(coalition, behind)| Alarm::clock(&coalition, behind)));
        let mut kinds = vec![ChangeKind::InDoubt, ChangeKind::ClockDiffers];
        // What is not known is not over.
        kinds.extend(self.previewed.iter().map(|_| ChangeKind::ReleaseWaiting));
        for kind in self.portfolio.note_alarms(&kinds, &alarms, now)? {
            tracing::warn!(kind = kind.name(), "an alarm");
        }
        Ok(())
    }

    fn deliver(&mut self, now: u32) -> Result<(), Error> {
        let Some(delivery) = &self.delivery else {
            return Ok(());
        };
        if self
            .resting_until
            .is_some_and(|until| Instant::now() < until)
        {
            return Ok(());
        }
        let mut failures = 0_u32;
        for _ in 0..ROUND {
            match self.portfolio.deliver_next(delivery, now)? {
                Delivered::Taken { id } => {
                    tracing::info!(id, "an alert was delivered");
                    (failures, self.failed_rounds) = (0, 0);
                }
                Delivered::Nothing | Delivered::RetryAt { why: None, .. } => return Ok(()),
                Delivered::RetryAt {
                    why: Some(why),
                    time,
                } => {
                    tracing::error!(why, time, "an alert was not taken; it is tried again");
                    failures = failures.saturating_add(1);
                }
            }
            if failures >= MOST_FAILURES {
                let rest = FIRST_REST.saturating_mul(1 << self.failed_rounds.min(10));
                self.resting_until = Instant::now().checked_add(rest.min(LONGEST_REST));
                self.failed_rounds = self.failed_rounds.saturating_add(1);
                return Ok(());
            }
        }
        Ok(())
    }
}
