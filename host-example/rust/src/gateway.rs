use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::thread;
use std::time::Duration;

use interdict_core::engine::Receipts;
use interdict_core::wire::owned::{Answer, CoalitionState, State, Verdict};
use interdict_core::wire::{Enrolment, EnrolmentKey};

use crate::batch::screen_lines;
use crate::error::Error;
use crate::instance::{CallError, Instance, read};
use crate::live::{Live, NextRelease};
use crate::load::Loader;
use crate::module::Module;
use crate::operator::Operator;
use crate::pool::{Place, Pool};
use crate::refresh::{self, Order, Round, Update};
use crate::report::CoalitionReport;
use crate::settings::Settings;
use crate::snapshot::Snapshot;
use crate::store::{Stamp, Store};

/// How long updates that are ready wait for those of other coalitions, to go live with them.
const GRACE: Duration = Duration::from_secs(1);

/// The freshness of a list that can be relied on.
const FRESH: &str = "fresh";

/// A gateway's own copy of Interdict: its state directory, and instances that answer. Shared between
/// threads; each call takes one instance for itself.
///
/// ```
/// use std::sync::Arc;
/// use interdict_host::{Action, Choices, Gateway, Module, Settings, Store};
///
/// # let room = tempfile::tempdir()?;
/// let now = 1_795_309_323; // 2026-11-22
/// let settings = Settings::new(Module::built_in()?, room.path().join("state"));
/// Store::create(&settings.state)?;
/// let gateway = Gateway::open(settings, Arc::new(Choices::default()), now)?;
/// let request = r#"{"flow":"payout","identifiers":[{"kind":"domain","value":"shop.example"}]}"#;
/// let verdict = gateway.screen(request, now)?;
/// // No coalition is enrolled, so no list answered.
/// assert_eq!((verdict.action, verdict.degraded), (Action::Review, true));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Gateway {
    settings: Arc<Settings>,
    operator: Arc<dyn Operator>,
    store: Store,
    pool: Pool,
    warnings: Mutex<Vec<Warning>>,
    /// The state directory as it was loaded last.
    loaded: Mutex<Stamp>,
    /// What is live. Held from reading the directory until what was read is live, so that nothing older goes
    /// live after it.
    live: Mutex<Live>,
    /// Which of its places answered last, by coalition: it is asked first.
    answered: Mutex<BTreeMap<String, usize>>,
    /// Coalitions that were gone or could not be read when it was opened.
    missed: Vec<String>,
}

/// A release that is on the disk and does not answer yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRelease {
    /// Whose it is.
    pub coalition: String,
    /// The number of its generation on the disk; each newer release has another.
    pub number: u64,
    /// When something newer than the live release was known first, in seconds since 1970.
    pub since: u32,
    /// When it goes live by itself. In the past if the live release cannot be relied on.
    pub until: u32,
}

/// Something that a person should know about what was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Which coalition it is about, if it is about one.
    pub coalition: Option<String>,
    /// The warning.
    pub text: String,
}

impl Gateway {
    /// Opens a gateway from what is on the disk; no network is used. A coalition that was never
    /// refreshed has no lists yet, which every verdict says.
    ///
    /// # Errors
    /// What keeps it from screening.
    pub fn open(settings: Settings, operator: Arc<dyn Operator>, now: u32) -> Result<Self, Error> {
        let settings = Arc::new(settings);
        let store = Store::open(&settings.state)?;
        let stamp = store.stamp();
        let is_named = |name: &str| settings.coalitions.contains_key(name);
        let mut loader = Loader::read(&settings, &store, &*operator, &is_named)?;
        let enrolled = loader.names();
        let is_known =
            |name: &String| enrolled.contains(&name.as_str()) || loader.missed.contains(name);
        let mut named = settings.coalitions.keys();
        if let Some(stranger) = named.find(|name| !is_known(name)) {
            return Err(Error::NotEnrolled(stranger.clone()));
        }
        let instances = instances(&mut loader, settings.workers, &*operator, now)?;
        Ok(Self {
            pool: Pool::new(instances),
            missed: loader.missed.clone(),
            warnings: Mutex::new(warnings(&loader)),
            loaded: Mutex::new(stamp),
            live: Mutex::new(Live::of(loader)),
            answered: Mutex::default(),
            settings,
            operator,
            store,
        })
    }

    /// Fetches what the coalitions' repositories have, checks it, saves it, and lets it go live, one instance
    /// after the other. All are asked at once: one that is slow or fails keeps its last good release and holds up
    /// no other. Instances are built only for a new base, other keys or another enrolment.
    ///
    /// # Errors
    /// What kept it from trying, or what was fetched from going live; the live releases stay.
    pub fn refresh(&self, now: u32) -> Result<Vec<CoalitionReport>, Error> {
        self.store.take_stock()?;
        let _lock = self.store.lock_shared()?;
        let loader = self.loader()?;
        let names = loader.names();
        // If nobody can say, nothing waits.
        let hold = self.settings.hold;
        let reliable = hold.and_then(|_| self.reliable(now).ok());
        let reliable = &reliable.unwrap_or_default();
        let mut reports: BTreeMap<String, CoalitionReport> = BTreeMap::new();
        let mut failed = Ok(());
        thread::scope(|scope| {
            let (send, updates) = mpsc::channel();
            let start = |name: String| {
                let send = send.clone();
                scope.spawn(move || {
                    let update = self.update(&name, reliable.contains(&name), now);
                    // Whoever waits for it outlives this thread.
                    let _ = send.send((name, update));
                });
            };
            names.iter().for_each(|name| start((*name).to_owned()));
            let mut open = names.len();
            while open > 0 {
                let round = next_round(&updates, open);
                open = open.saturating_sub(round.len().max(1));
                match self.take(round, &mut reports, now) {
                    // Lists that only the new keys read may be published with them.
                    Ok(with_new_keys) => {
                        open = open.saturating_add(with_new_keys.len());
                        with_new_keys.into_iter().for_each(start);
                    }
                    Err(error) => failed = Err(error),
                }
            }
        });
        failed?;
        Ok(names
            .iter()
            .filter_map(|name| reports.remove(*name))
            .collect())
    }

    /// One coalition's update; a defect in it must not keep the others waiting.
    fn update(&self, coalition: &str, may_wait: bool, now: u32) -> Update {
        let answered = self.answered.lock();
        let answered = answered.unwrap_or_else(PoisonError::into_inner);
        let first = answered.get(coalition).copied().unwrap_or(0);
        drop(answered);
        let order = Order {
            coalition,
            first,
            may_wait,
            now,
        };
        let run = || refresh::update(order, &self.settings, &self.store, &*self.operator);
        let update = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Update::broken());
        if let Some(number) = update.answered {
            let answered = self.answered.lock();
            let mut answered = answered.unwrap_or_else(PoisonError::into_inner);
            answered.insert(coalition.to_owned(), number);
        }
        update
    }

    /// The coalitions of which every list is fresh and nothing is in doubt. Where that is not so, nothing waits: a
    /// release that may be mistaken is worth more than one that cannot answer.
    fn reliable(&self, now: u32) -> Result<BTreeSet<String>, Error> {
        let states = self.state(now)?.into_iter();
        let reliable = states.filter(|state| {
            let mut lists = state.lists.iter();
            !state.lists.is_empty()
                && state.doubts.is_empty()
                && lists.all(|list| list.freshness == FRESH && list.key)
        });
        Ok(reliable.map(|state| state.name).collect())
    }

    /// The releases that wait to go live, as [`Settings::hold`] says. Without it, one of another process is due now.
    ///
    /// # Errors
    /// The state directory or the module cannot be asked.
    pub fn waiting(&self, now: u32) -> Result<Vec<WaitingRelease>, Error> {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = Vec::new();
        for coalition in &live.loader.coalitions {
            // One that is damaged is fetched again.
            let Some(waiting) = coalition.shelf.waiting().ok().flatten() else {
                continue;
            };
            if let (Some(since), Some(release)) = (waiting.since, waiting.release) {
                all.push(WaitingRelease {
                    coalition: coalition.enrolment.coalition().to_owned(),
                    number: release.generation.number,
                    since,
                    until: refresh::waits_until(since, self.settings.hold.unwrap_or(0), now),
                });
            }
        }
        drop(live);
        if !all.is_empty() {
            let reliable = self.reliable(now)?;
            for one in all
                .iter_mut()
                .filter(|one| !reliable.contains(&one.coalition))
            {
                one.until = one.until.min(now);
            }
        }
        Ok(all)
    }

    /// Lets the releases of these coalitions go live that wait, without asking a repository.
    ///
    /// # Errors
    /// What kept them from going live; the live releases stay.
    pub fn activate(&self, coalitions: &[&str], now: u32) -> Result<Vec<CoalitionReport>, Error> {
        let _lock = self.store.lock_shared()?;
        let updates = coalitions.iter().map(|name| {
            let (settings, store) = (&self.settings, &self.store);
            let update = refresh::activation(name, settings, store, &*self.operator, now);
            ((*name).to_owned(), update)
        });
        let round: Round = updates.collect();
        let mut reports = BTreeMap::new();
        self.take(round, &mut reports, now)?;
        let reports: Vec<CoalitionReport> = reports.into_values().collect();
        if !reports.iter().all(CoalitionReport::succeeded) {
            // What could not be read back has left its versions in the instances.
            self.reload(now)?;
        }
        Ok(reports)
    }

    /// Lets those go live whose time has come.
    ///
    /// # Errors
    /// As [`Gateway::activate`].
    pub fn activate_due(&self, now: u32) -> Result<Vec<CoalitionReport>, Error> {
        let mut due = self.waiting(now)?;
        due.retain(|one| one.until <= now);
        let due: Vec<&str> = due.iter().map(|one| one.coalition.as_str()).collect();
        match due[..] {
            [] => Ok(Vec::new()),
            _ => self.activate(&due, now),
        }
    }

    /// A gateway that answers as this one would if the releases of these coalitions that wait were live. Nothing is
    /// kept of what it does. If it [traps](Gateway::traps), its answers are to be thrown away.
    ///
    /// # Errors
    /// One of them does not wait any more or cannot be loaded.
    pub fn trial(&self, coalitions: &[&str], now: u32) -> Result<Self, Error> {
        let stamp = self.store.stamp();
        let operator: Arc<dyn Operator> = Arc::new(self.operator.choices());
        let may_miss = |name: &str| self.may_miss(name);
        let mut loader = Loader::read(&self.settings, &self.store, &*operator, &may_miss)?;
        let mut tried = Vec::new();
        for one in &mut loader.coalitions {
            if coalitions.contains(&one.enrolment.coalition()) && one.try_waiting() {
                tried.push(one.generations.first().cloned());
            }
        }
        loader.open_keys();
        let instance = loader.screening(now)?;
        let loaded = loader.coalitions.iter();
        let loaded = loaded.filter(|one| coalitions.contains(&one.enrolment.coalition()));
        let loaded: Vec<_> = loaded.map(|one| one.generations.first().cloned()).collect();
        if tried.len() != coalitions.len() || tried != loaded {
            return Err(Error::NothingWaits);
        }
        let settings = Settings {
            workers: 1,
            ..(*self.settings).clone()
        };
        Ok(Self {
            settings: Arc::new(settings),
            operator,
            store: self.store.clone(),
            pool: Pool::new(vec![instance]),
            missed: self.missed.clone(),
            warnings: Mutex::new(warnings(&loader)),
            loaded: Mutex::new(stamp),
            live: Mutex::new(Live::of(loader)),
            answered: Mutex::default(),
        })
    }

    /// Reads updates back, saves them and lets them go live. Returns the coalitions to ask once more, for lists
    /// of keys that came with this update.
    fn take(
        &self,
        mut round: Round,
        reports: &mut BTreeMap<String, CoalitionReport>,
        now: u32,
    ) -> Result<Vec<String>, Error> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = self.store.stamp();
        let mut loader = self.loader()?;
        refresh::offer(&mut loader, &round);
        loader.open_keys();
        let settle = |loader: &mut Loader, instance: &mut Instance| {
            let states = read::<State>(instance.call("state", b"{}", now)?)?;
            refresh::settle(loader, &mut round);
            Ok(states)
        };
        let live_now = self.go_live(&mut live, loader, stamp, settle, now);
        let states = live_now.inspect_err(|_| refresh::withdraw(&self.store, &round))?;
        let mut with_new_keys = Vec::new();
        for (coalition, state) in live.loader.coalitions.iter().zip(states.coalitions) {
            let name = coalition.enrolment.coalition();
            let Some(update) = round.remove(name) else {
                continue;
            };
            if update.brought_key(coalition) && !reports.contains_key(name) {
                with_new_keys.push(name.to_owned());
            }
            let report = CoalitionReport {
                outcome: update.outcome,
                bytes: update.bytes,
                files: update.files,
                state,
                warnings: coalition.warnings(),
                code: update.code,
                answered: update.answered,
                clock_difference: update.clock_difference,
            };
            let report = match reports.remove(name) {
                Some(first) => first.then(report),
                None => report,
            };
            reports.insert(name.to_owned(), report);
        }
        Ok(with_new_keys)
    }

    /// Loads again what is on the disk, after another process has refreshed or enrolled.
    ///
    /// # Errors
    /// What kept it from loading; the live releases stay.
    pub fn reload(&self, now: u32) -> Result<(), Error> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        self.load_again(&mut live, self.store.stamp(), now)
    }

    fn load_again(&self, live: &mut Live, stamp: Stamp, now: u32) -> Result<(), Error> {
        let loader = self.loader()?;
        self.go_live(live, loader, stamp, |_, _| Ok(()), now)
    }

    /// [`Gateway::reload`] if another process has changed the state directory. Otherwise it costs microseconds:
    /// a program that screens for long calls it every second.
    ///
    /// # Errors
    /// What kept it from loading; the live releases stay, and the next call tries again.
    pub fn reload_if_changed(&self, now: u32) -> Result<(), Error> {
        let mut live = match self.live.try_lock() {
            // Another thread is loading already.
            Err(TryLockError::WouldBlock) => return Ok(()),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Ok(live) => live,
        };
        let stamp = self.store.stamp();
        if *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) == stamp {
            return Ok(());
        }
        self.load_again(&mut live, stamp, now)
    }

    /// Answers one request, a JSON object as in `docs/abi.md`.
    ///
    /// # Errors
    /// Why there is no verdict. A caller must never treat that as a pass.
    pub fn screen(&self, request: &str, now: u32) -> Result<Verdict, Error> {
        self.with_instance(now, |instance| {
            Ok(read(instance.call("screen", request.as_bytes(), now)?)?)
        })
    }

    /// Answers newline-delimited requests, in order, one answer for each line, however many.
    ///
    /// # Errors
    /// Why there are no verdicts at all; a single refused line is an [`Answer::Refused`].
    pub fn screen_batch(&self, lines: &[u8], now: u32) -> Result<Vec<Answer>, Error> {
        self.batch(lines, now)?
            .iter()
            .map(|line| Answer::read(line).ok_or(CallError::Answer.into()))
            .collect()
    }

    /// Like [`Gateway::screen_batch`], with each answer as the module wrote it, without the line's number.
    ///
    /// # Errors
    /// Why there are no verdicts at all.
    pub fn batch(&self, lines: &[u8], now: u32) -> Result<Vec<Vec<u8>>, Error> {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        self.with_instance(now, |instance| Ok(screen_lines(instance, lines, now)?))
    }

    /// So many copies of what answers at this moment, for work that takes seconds: each stays as it is, whatever goes live
    /// meanwhile, and keeps no caller waiting. In them a verdict of `allow` has no receipt, unless a `silent_key` asks for
    /// all. Each takes as much memory as one more instance.
    ///
    /// # Errors
    /// There is no instance to copy, or no memory.
    pub fn snapshots(&self, count: usize, now: u32) -> Result<Vec<Snapshot<'_>>, Error> {
        let place = self.place(now)?;
        let live = match place.is_altered {
            // A caller of it has its own choices.
            true => self.loader()?.screening(now)?,
            false => place
                .instance
                .as_ref()
                .ok_or(CallError::Trapped)?
                .copied()?,
        };
        drop(place);
        let mut first = Snapshot::of(live, &self.pool);
        if self.settings.receipts == Receipts::Always {
            first.omit_receipts(now)?;
        }
        let copies: Result<Vec<_>, _> = (1..count).map(|_| first.copied()).collect();
        let mut all = copies?;
        all.insert(0, first);
        Ok(all)
    }

    /// Asks one instance for any operation of `docs/abi.md`. `configure`, `poll` and `supply`
    /// reach that instance only and last until the next refresh, which builds it again.
    ///
    /// # Errors
    /// Why there is no answer.
    pub fn call(&self, operation: &str, message: &[u8], now: u32) -> Result<Vec<u8>, Error> {
        let mut place = self.place(now)?;
        place.is_altered |= ["configure", "poll", "supply"].contains(&operation);
        let instance = place.instance.as_mut().ok_or(CallError::Trapped)?;
        Ok(instance.call(operation, message, now)?.to_vec())
    }

    /// What is live, by coalition.
    ///
    /// # Errors
    /// Why the module cannot be asked.
    pub fn state(&self, now: u32) -> Result<Vec<CoalitionState>, Error> {
        let state: State = read(&self.call("state", b"{}", now)?)?;
        Ok(state.coalitions)
    }

    /// All enrolments, secrets included.
    ///
    /// # Errors
    /// An enrolment that cannot be read, and could be when this gateway was opened.
    pub fn enrolled(&self) -> Result<Vec<Enrolment>, Error> {
        let enrolments = self.store.enrolments_beside(&|name| self.may_miss(name));
        Ok(enrolments?.0)
    }

    /// The ListKeys of a coalition: those of its enrolment, and those that are sealed to this gateway.
    ///
    /// # Errors
    /// An enrolment or the gateway's own key that cannot be read.
    pub fn list_keys(&self, coalition: &str) -> Result<Vec<EnrolmentKey>, Error> {
        let loader = self.loader()?;
        let mut coalitions = loader.coalitions.iter();
        let enrolled = coalitions.find(|one| one.enrolment.coalition() == coalition);
        Ok(enrolled.map_or_else(Vec::new, |one| {
            let own = one.enrolment.keys().iter();
            own.chain(&one.opened.keys).cloned().collect()
        }))
    }

    /// Warnings for a person about what was loaded last.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        let loaded = self.warnings.lock();
        loaded.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many instances trapped and were thrown away. Any number but zero is a defect to report.
    #[must_use]
    pub fn traps(&self) -> u64 {
        self.pool.traps()
    }

    /// The size of one instance's memory, in bytes.
    ///
    /// # Errors
    /// It had to be rebuilt and could not.
    pub fn memory_size(&self, now: u32) -> Result<usize, Error> {
        self.with_instance(now, |instance| Ok(instance.memory_size()))
    }

    /// The module that answers.
    #[must_use]
    pub fn module(&self) -> &Module {
        &self.settings.module
    }

    /// What it was opened with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Runs `ask` on an instance that nobody else uses meanwhile. One that traps is not used again: the next
    /// caller builds another from the disk.
    fn with_instance<T>(
        &self,
        now: u32,
        ask: impl FnOnce(&mut Instance) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut place = self.place(now)?;
        ask(place.instance.as_mut().ok_or(CallError::Trapped)?)
    }

    /// A place with an instance in it.
    fn place(&self, now: u32) -> Result<Place<'_>, Error> {
        let mut place = self.pool.take();
        if place.instance.is_none() {
            let mut loader = self.loader()?;
            let mut instance = loader.screening(now)?;
            let loaded = loader.loaded();
            self.operator.loaded(&loaded, &mut instance, now);
            place.instance = Some(instance);
            // The disk may have had more, or less, than what the others are supplied with.
            place.is_altered = true;
        }
        Ok(place)
    }

    fn loader(&self) -> Result<Loader, Error> {
        let (settings, store) = (&self.settings, &self.store);
        Loader::read(settings, store, &*self.operator, &|name| {
            self.may_miss(name)
        })
    }

    /// Whether a coalition may stay unreadable. One that has answered keeps answering from what was loaded.
    fn may_miss(&self, coalition: &str) -> bool {
        self.missed.iter().any(|name| name == coalition)
    }

    /// Lets what was read go live, one instance after the other. The first one proves that it can be read back;
    /// `settle` then makes it the current state of the disk, before anybody is answered from it.
    fn go_live<T>(
        &self,
        live: &mut Live,
        loader: Loader,
        stamp: Stamp,
        settle: impl FnOnce(&mut Loader, &mut Instance) -> Result<T, Error>,
        now: u32,
    ) -> Result<T, Error> {
        let number = self.pool.next_update();
        let mut update = NextRelease::of(live, loader, number, now)?;
        let mut place = update.first(&self.pool, now)?;
        // Whatever fails here, even in a panic, this one is gone: the disk may not keep what it has.
        let mut instance = place.instance.take().ok_or(CallError::Trapped)?;
        self.operator
            .loaded(&update.loader.loaded(), &mut instance, now);
        let settled = settle(&mut update.loader, &mut instance)?;
        update.copy_for_next(&self.pool, &instance);
        place.instance = Some(instance);
        place.has(number);
        drop(place);
        let mut failed = None;
        loop {
            match update.next(&self.pool, now) {
                Ok(Some(mut place)) => place.has(number),
                Ok(None) => break,
                Err(error) => failed = Some(error),
            }
        }
        *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = stamp;
        let mut told = self.warnings.lock().unwrap_or_else(PoisonError::into_inner);
        *told = warnings(&update.loader);
        drop(told);
        *live = Live::of(update.loader);
        match failed {
            Some(error) => Err(error),
            None => Ok(settled),
        }
    }
}

/// The updates that are ready now or within [`GRACE`], of so many.
fn next_round(updates: &Receiver<(String, Update)>, open: usize) -> Round {
    let mut round: Round = updates.recv().into_iter().collect();
    while round.len() < open {
        match updates.recv_timeout(GRACE) {
            Ok((name, update)) => round.insert(name, update),
            Err(_) => break,
        };
    }
    round
}

/// Builds instances from what is on the disk, and tells the operator before the first of them answers.
fn instances(
    loader: &mut Loader,
    workers: usize,
    operator: &dyn Operator,
    now: u32,
) -> Result<Vec<Instance>, Error> {
    let mut first = loader.screening(now)?;
    let mut instances: Vec<Instance> = (1..workers)
        .map(|_| first.copied())
        .collect::<Result<_, _>>()?;
    operator.loaded(&loader.loaded(), &mut first, now);
    instances.insert(0, first);
    Ok(instances)
}

fn warnings(loader: &Loader) -> Vec<Warning> {
    let general = loader.warnings.iter().cloned();
    let general = general.chain(loader.not_enrolled());
    let general = general.map(|text| (None, text));
    let special = loader.coalitions.iter().flat_map(|coalition| {
        let name = coalition.enrolment.coalition();
        let texts = coalition.warnings().into_iter();
        texts.map(move |text| (Some(name), text))
    });
    let all = general.chain(special);
    all.map(|(coalition, text)| Warning {
        coalition: coalition.map(str::to_owned),
        text,
    })
    .collect()
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(coalition) = &self.coalition {
            write!(f, "coalition {coalition}: ")?;
        }
        f.write_str(&self.text)
    }
}
