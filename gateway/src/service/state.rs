use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use interdict_core::common::hex;
use interdict_host::{Flow, Receipts};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::alarms::Alarms;
use super::clients::{Client, Clients};
use super::clock::Clock;
use super::issuer_entrances::IssuerEntrances;
use super::message_room::MessageRoom;
use super::metrics::Metrics;
use super::problem::{Cause, Problem};
use super::spans::Spans;
use super::visitors::Visitors;
use crate::doors::DoorSettings;
use crate::error::Error;
use crate::gateway::Gateway;
use crate::journal::{Audit, Journal, Word};
use crate::portfolio::{MerchantId, Portfolio};
use crate::service_settings::ServiceSettings;
use crate::signed::People;

/// A line of the journal is a receipt.
const NO_LINE: &str =
    "an answer without a receipt has no line in the journal: set receipts = \"always\"";

const NO_JOURNAL: &str = "there is no [journal]: no answer is recorded";
const NO_CLIENT: &str = "there is no [[client]]: everyone on this machine is answered";

/// Everything that answers a request, shared between all of them.
#[derive(Debug)]
pub struct Service {
    pub(crate) gateway: Gateway,
    pub(crate) settings: ServiceSettings,
    pub(crate) clients: Clients,
    pub(crate) metrics: Metrics,
    pub(crate) spans: Option<Spans>,
    in_work: Arc<Semaphore>,
    /// Memory for messages that are read whole.
    pub(crate) messages: MessageRoom,
    clock: Clock,
    /// What its own thread has noticed.
    pub(crate) alarms: Alarms,
    /// Where every answer is written before it is given.
    pub(crate) journal: Option<Journal>,
    /// Whose decisions become lines of it.
    pub(crate) people: People,
    /// What is odd in the configuration.
    pub(crate) warnings: Vec<String>,
    /// Whether no verdict is given without its line.
    pub(crate) is_journal_required: bool,
    /// What the audit calls the ways in.
    pub(crate) doors: Doors,
    portfolio: Option<Mutex<Portfolio>>,
    /// Who sees the page, if there is one.
    pub(crate) visitors: Option<Visitors>,
    /// The portfolio once more, for people's work on cases: nobody who screens waits for it.
    pub(crate) cases: Option<Mutex<Portfolio>>,
    /// Whether the last self-test passed; none was made yet.
    self_test: Mutex<Option<bool>>,
    is_ending: AtomicBool,
}

/// The ways in.
#[derive(Debug)]
pub(crate) struct Doors {
    pub(crate) one: Word,
    pub(crate) batch: Word,
    pub(crate) checkout: Word,
    pub(crate) cases: Word,
    /// What those to other people's software answer.
    pub(crate) settings: DoorSettings,
    pub(crate) issuers: IssuerEntrances,
    /// Who asks at the doors of connectors.
    pub(crate) connectors: Connectors,
}

/// Connectors of Hyperswitch show the key of a merchant, and no client's credential.
#[derive(Debug)]
pub(crate) struct Connectors {
    pub(crate) signifyd: Arc<Client>,
    pub(crate) payshield: Arc<Client>,
}

impl Connectors {
    fn of(settings: &DoorSettings) -> Result<Self, Error> {
        Ok(Self {
            signifyd: Arc::new(Client::door(settings.signifyd.answers.audit_word()?)),
            payshield: Arc::new(Client::door(settings.payshield.answers.audit_word()?)),
        })
    }
}

impl Service {
    /// Opens the gateway of a configuration file and all that its service needs. `now` is a time to start from
    /// instead of the machine's clock; a stateless one makes its
    /// state directory from mounted files.
    ///
    /// # Errors
    /// What keeps it from screening, or what is wrong in the configuration.
    pub fn open(config: &Path, now: Option<u32>, is_stateless: bool) -> Result<Self, Error> {
        let clock = Clock::of(now);
        let now = clock.seconds().ok_or_else(Clock::off)?;
        let read = crate::Config::read(config)?;
        let (settings, clients) = read.service()?;
        let gateway = match is_stateless {
            true => Gateway::stateless(config, settings.workers, now)?,
            false => Gateway::with_workers(config, settings.workers, now)?,
        };
        let journal = read.journal();
        let journal_settings = journal.as_ref();
        let is_journal_required =
            journal_settings.is_some_and(|settings| settings.audit == Audit::Required);
        let has_gaps = journal_settings.is_some() && read.receipts_in_force() != Receipts::Always;
        let gaps = has_gaps.then(|| NO_LINE.to_owned());
        let warnings: Vec<String> = gaps.into_iter().chain(read.doors().warnings()).collect();
        let chosen = [
            (journal.is_none(), NO_JOURNAL),
            (clients.is_empty(), NO_CLIENT),
        ];
        let chosen = chosen.iter().filter(|(is_so, _)| *is_so);
        let odd = gateway.warnings();
        let all = odd.iter().map(ToString::to_string);
        let all = all
            .chain(gateway.unsigned(now))
            .chain(warnings.iter().cloned());
        for warning in all.chain(chosen.map(|(_, told)| (*told).to_owned())) {
            tracing::warn!(warning, "the configuration");
        }
        let journal = journal_settings.map(|settings| Journal::open(settings, now));
        let database = read.portfolio().map(|settings| &settings.database);
        let database = database.map(|path| read.directory().join(path));
        let portfolio = database.as_ref().map(|path| Portfolio::open(path));
        let cases = database.as_ref().map(|path| Portfolio::open(path));
        let cases = cases.transpose()?;
        if let Some(cases) = &cases {
            cases.wait_at_most(Duration::from_secs(settings.read_seconds) / 2)?;
        }
        let spans = settings.otlp.as_deref().map(Spans::to).transpose()?;
        let metrics = Metrics::new(hex::text(&gateway.host().module().sha256()));
        Ok(Self {
            in_work: Arc::new(Semaphore::new(settings.max_requests)),
            messages: MessageRoom::of(settings.max_batch),
            clients: Clients::of(&clients)?,
            gateway,
            settings,
            metrics,
            spans,
            clock,
            alarms: Alarms::default(),
            journal: journal.transpose()?,
            is_journal_required,
            people: People::of(read.policy()),
            warnings,
            doors: Doors {
                one: Word::new("screen")?,
                batch: Word::new("batch")?,
                checkout: Word::new("checkout")?,
                cases: Word::new("cases")?,
                settings: read.doors().clone(),
                issuers: IssuerEntrances::open(read.doors(), read.directory())?,
                connectors: Connectors::of(read.doors())?,
            },
            portfolio: portfolio.transpose()?.map(Mutex::new),
            visitors: Visitors::of(&read)?,
            cases: cases.map(Mutex::new),
            self_test: Mutex::default(),
            is_ending: AtomicBool::new(false),
        })
    }

    /// The time, in seconds since 1970.
    ///
    /// # Errors
    /// A problem document: this machine's clock is before 1970 or after 2106.
    pub(crate) fn now(&self) -> Result<u32, Problem> {
        let told = "this machine's clock is off";
        self.clock
            .seconds()
            .ok_or_else(|| Cause::NotAnswered.problem(told))
    }

    /// A place among the requests in work.
    pub(crate) fn enter(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.in_work)
            .try_acquire_owned()
            .map_err(|_| Cause::Shed.problem("ask again in a moment"))
    }

    /// Notes how a self-test ended.
    pub(crate) fn tested(&self, passed: bool) {
        self.metrics.self_test(passed);
        *self
            .self_test
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(passed);
    }

    /// Whether the last self-test passed; `None` before the first.
    pub(crate) fn self_test(&self) -> Option<bool> {
        *self
            .self_test
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What a line of the journal that was written gives; `None` if it could not be written and may be missing.
    ///
    /// # Errors
    /// It could not be written, and nothing counts without its line.
    pub(crate) fn recorded<T>(&self, written: Result<T, Error>) -> Result<Option<T>, Error> {
        let error = match written {
            Ok(line) => return Ok(Some(line)),
            Err(error) => error,
        };
        self.metrics.audit_failed();
        tracing::error!(%error, "the journal");
        match self.is_journal_required {
            true => Err(error),
            false => Ok(None),
        }
    }

    /// The request to screen a merchant of the portfolio; its own flow unless one is given.
    pub(crate) fn request_of(&self, merchant: &str, flow: Option<Flow>) -> Result<String, Problem> {
        let unknown = || Cause::NoSuchMerchant.problem("add it with interdict portfolio");
        let portfolio = self.portfolio.as_ref().ok_or_else(unknown)?;
        let id = MerchantId::parse(merchant).map_err(|_| unknown())?;
        let portfolio = portfolio.lock().unwrap_or_else(PoisonError::into_inner);
        let request = portfolio.request(&id, flow).map_err(|error| {
            tracing::error!(%error, "the portfolio");
            Cause::NotAnswered.problem("the portfolio cannot be read")
        })?;
        request.ok_or_else(unknown)
    }

    /// Says that no further requests should be sent here.
    pub(crate) fn end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
    }

    /// Whether it is about to end.
    pub(crate) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Relaxed)
    }

    /// How long headers, and then a body of so many bytes, may take.
    pub(crate) fn patience(&self, bytes: usize) -> Duration {
        let further = u64::try_from(bytes / (64 << 10)).unwrap_or(u64::MAX);
        Duration::from_secs(self.settings.read_seconds.saturating_add(further))
    }
}
