//! Builds instances from what is on the disk: configure, replay what was saved, then hand over choices.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use interdict_core::common::hex;
use interdict_core::engine::{History, Receipts};
use interdict_core::list::Part;
use interdict_core::wire::Enrolment;
use interdict_core::wire::owned::{
    AtLeast, Configure, ConfiguredCoalition, Fetch, Key, NO_HISTORY, Secret,
};

use crate::choices::{Chosen, not_enrolled};
use crate::error::Error;
use crate::instance::{CallError, Instance};
use crate::member_key::MemberKey;
use crate::module::Module;
use crate::opened_keys::OpenedKeys;
use crate::operator::{Loaded, LoadedCoalition, Operator};
use crate::repository::Brought;
use crate::settings::{Keeping, Settings};
use crate::store::{Generation, Shelf, Store, StoreError, Waiting, WaitingRelease, files};
use crate::walk::{Begin, Courier, WalkError, Walked, bring_saved, is_metadata, walk};

/// What instances are built from. It is read once, so that all instances of a pool are equal.
#[derive(Debug)]
pub(crate) struct Loader {
    module: Module,
    pub(crate) coalitions: Vec<Enrolled>,
    /// Warnings about the state directory and the choices.
    pub(crate) warnings: Vec<String>,
    pub(crate) chosen: Chosen,
    pub(crate) receipt_key: Option<String>,
    silent_key: Option<Secret>,
    receipts: Receipts,
    member_key: Option<MemberKey>,
    /// Whether the state directory lacks something that it had.
    pub(crate) is_state_lost: bool,
    /// What it lacks, and the coalitions that cannot be read.
    pub(crate) missed: Vec<String>,
    pub(crate) keeping: Keeping,
}

/// One coalition, and what is on the disk for it.
#[derive(Debug)]
pub(crate) struct Enrolled {
    pub(crate) enrolment: Enrolment,
    pub(crate) shelf: Shelf,
    /// What to try, best first; one that does not load is removed.
    pub(crate) generations: Vec<Generation>,
    /// Generations that did not load. Their metadata may still be valid, and then keeps older releases out.
    pub(crate) damaged: Vec<PathBuf>,
    /// What was saved as the history; `none` if nothing usable was.
    pub(crate) history: String,
    /// What its files must reach.
    at_least: Option<AtLeast>,
    /// The files of an unfinished update.
    pub(crate) pending: Pending,
    /// Warnings for a person.
    warnings: Vec<String>,
    pub(crate) opened: OpenedKeys,
    /// What is not to go live yet. Only an update looks at it.
    pub(crate) waiting: Option<Waiting>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pending {
    Replay,
    Skip,
}

/// Length and time of each file of a base, by its name in the store.
pub(crate) type Base = BTreeMap<String, (u64, SystemTime)>;

/// The paths of a coalition's verified files, by their names in the store.
pub(crate) type Sources = BTreeMap<String, PathBuf>;

/// The files of one coalition that the module accepted from the disk.
#[derive(Debug, Default)]
pub(crate) struct Saved {
    pub(crate) sources: Sources,
    /// Whether the current generation was whole.
    pub(crate) is_whole: bool,
}

impl Loader {
    /// Reads enrolments and what is on the shelves. A coalition that cannot be read and may be missed stops no other:
    /// every verdict says that something is lost, as of one that is gone.
    pub(crate) fn read(
        settings: &Settings,
        store: &Store,
        operator: &dyn Operator,
        may_be_missed: &dyn Fn(&str) -> bool,
    ) -> Result<Self, Error> {
        let (enrolments, missed) = store.enrolments_beside(may_be_missed)?;
        let mut loader = Self::of(enrolments, settings, store, operator)?;
        loader.is_state_lost |= !missed.is_empty();
        for (name, error) in missed {
            loader.warnings.push(error.to_string());
            loader.missed.push(name);
        }
        loader.missed.extend(store.lost()?);
        Ok(loader)
    }

    /// The same for one coalition, to update it.
    pub(crate) fn read_one(
        coalition: &str,
        settings: &Settings,
        store: &Store,
        operator: &dyn Operator,
    ) -> Result<Self, Error> {
        let enrolment = store.enrolment(coalition)?.into_iter().collect();
        Self::of(enrolment, settings, store, operator)
    }

    fn of(
        enrolments: Vec<Enrolment>,
        settings: &Settings,
        store: &Store,
        operator: &dyn Operator,
    ) -> Result<Self, Error> {
        let mut choices = operator.choices();
        let warnings = core::mem::take(&mut choices.warnings);
        let mut coalitions = Vec::new();
        for enrolment in enrolments {
            let shelf = store.shelf(enrolment.coalition())?;
            let mut warnings = Vec::new();
            // A damaged file of one coalition must not stop the others.
            let generations = shelf.generations().unwrap_or_else(|error| {
                warnings.push(error.to_string());
                Vec::new()
            });
            let history = shelf.history().and_then(|history| match history {
                Some(text) if History::read(&text, enrolment.coalition()).is_err() => {
                    Err(shelf.damaged_history())
                }
                history => Ok(history),
            });
            // The verdicts say that there is none, which is better than no verdicts.
            let history = history.unwrap_or_else(|error| {
                warnings.push(error.to_string());
                None
            });
            let history = history.unwrap_or_else(|| NO_HISTORY.to_owned());
            let special = settings.coalitions.get(enrolment.coalition());
            let at_least = special.and_then(|special| special.at_least.clone());
            let pending = Pending::Replay;
            coalitions.push(Enrolled {
                enrolment,
                shelf,
                generations,
                damaged: Vec::new(),
                history,
                at_least,
                pending,
                warnings,
                opened: OpenedKeys::default(),
                waiting: None,
            });
        }
        let mut loader = Self {
            module: settings.module.clone(),
            coalitions,
            warnings: Vec::new(),
            chosen: Chosen::new(choices),
            receipt_key: store.receipt_key()?,
            silent_key: settings.silent_key.clone(),
            receipts: settings.receipts,
            member_key: store.member_key()?,
            is_state_lost: !store.lost()?.is_empty(),
            missed: Vec::new(),
            keeping: settings.keeping,
        };
        loader.open_keys();
        loader.warnings = store.warnings(&loader.names());
        loader.warnings.extend(warnings);
        Ok(loader)
    }

    /// The same with what waits, from which an update goes on.
    pub(crate) fn read_with_waiting(
        coalition: &str,
        settings: &Settings,
        store: &Store,
        operator: &dyn Operator,
    ) -> Result<Self, Error> {
        let mut loader = Self::read_one(coalition, settings, store, operator)?;
        for coalition in &mut loader.coalitions {
            coalition.add_waiting();
        }
        loader.open_keys();
        Ok(loader)
    }

    /// Opens the sealed keys among the files that are to be loaded.
    pub(crate) fn open_keys(&mut self) {
        for coalition in &mut self.coalitions {
            coalition.open_keys(self.member_key.as_ref());
        }
    }

    /// Warnings about lists that a policy requires and no enrolment names; none before the first enrolment.
    pub(crate) fn not_enrolled(&self) -> Vec<String> {
        if self.coalitions.is_empty() {
            return Vec::new();
        }
        let is_enrolled = |name: &str, list: &str| {
            let mut enrolments = self.coalitions.iter().map(|one| &one.enrolment);
            enrolments.any(|enrolment| {
                let mut lists = enrolment.lists().iter();
                enrolment.coalition() == name && lists.any(|own| own.as_str() == list)
            })
        };
        let named = self.chosen.policies().iter().map(|one| &one.policy);
        let mut warnings = Vec::new();
        for policy in self.chosen.policy().into_iter().chain(named) {
            for warning in not_enrolled(policy, is_enrolled) {
                if !warnings.contains(&warning) {
                    warnings.push(warning);
                }
            }
        }
        warnings
    }

    /// The enrolled coalitions.
    pub(crate) fn names(&self) -> Vec<&str> {
        let names = self.coalitions.iter();
        names.map(|one| one.enrolment.coalition()).collect()
    }

    /// An instance that screens: every coalition's best generation that loads whole, then what
    /// newer metadata there is. A generation that does not load is removed, with a warning.
    pub(crate) fn screening(&mut self, now: u32) -> Result<Instance, Error> {
        loop {
            let mut instance = Instance::new(&self.module)?;
            self.configure(&mut instance, now)?;
            if self.replay_all(&mut instance, now)? == Replay::Whole {
                self.hand_over_secrets(&mut instance, now)?;
                return Ok(instance);
            }
        }
    }

    /// An instance for updating, without secrets. It expects every enrolled list, and verifies what is on the disk.
    /// Parts of releases stay there, so no list is live in it. Also returns where each coalition's verified files
    /// are.
    pub(crate) fn updating(&self, now: u32) -> Result<(Instance, Vec<Saved>), Error> {
        let mut trapping: Vec<PathBuf> = Vec::new();
        'again: loop {
            let mut instance = Instance::new(&self.module)?;
            self.configure(&mut instance, now)?;
            let mut all_saved = Vec::new();
            for coalition in &self.coalitions {
                let mut saved = Saved::default();
                let directories = coalition.directories().into_iter();
                for directory in directories.filter(|directory| !trapping.contains(directory)) {
                    match saved.replay(&mut instance, coalition, &directory, Parts::Check, now) {
                        Err(error) if error.is_trap() => {
                            trapping.push(directory);
                            continue 'again;
                        }
                        // What is missing or damaged here comes from the repository.
                        Ok(_) | Err(_) => {}
                    }
                }
                all_saved.push(saved);
            }
            return Ok((instance, all_saved));
        }
    }

    fn configure(&self, instance: &mut Instance, now: u32) -> Result<(), Error> {
        let coalitions = self.coalitions.iter().map(|coalition| ConfiguredCoalition {
            history: coalition.history.clone(),
            at_least: coalition.at_least.clone(),
            history_kept: (self.keeping == Keeping::Lost).then_some(false),
            ..ConfiguredCoalition::of(&coalition.enrolment)
        });
        let message = Configure {
            coalitions: Some(coalitions.collect()),
            keys: Some(self.opened_keys().collect()),
            ..Configure::default()
        };
        instance.ask("configure", &message, now)?;
        Ok(())
    }

    /// The keys that are sealed to this gateway: they decide which epoch of a list is loaded.
    fn opened_keys(&self) -> impl Iterator<Item = Key> {
        self.coalitions.iter().flat_map(|one| {
            let name = one.enrolment.coalition();
            one.opened.keys.iter().map(|key| Key::of(name, key))
        })
    }

    fn replay_all(&mut self, instance: &mut Instance, now: u32) -> Result<Replay, Error> {
        for coalition in &mut self.coalitions {
            if let Some(generation) = coalition.generations.first().cloned() {
                let replayed = coalition.replay(instance, &generation.path, now);
                let problem = match replayed {
                    Ok(walked) if walked.completed => None,
                    Ok(_) => Some("a file is missing".to_owned()),
                    Err(error) => Some(error.to_string()),
                };
                if let Some(problem) = problem {
                    coalition.remove(&generation, &problem, instance.is_trapped());
                    return Ok(Replay::Again);
                }
            }
            if let Err(trapping) = coalition.replay_unfinished(instance, now) {
                coalition.leave_out(&trapping);
                return Ok(Replay::Again);
            }
        }
        Ok(Replay::Whole)
    }

    /// Last: what was loaded does not depend on it.
    fn hand_over_secrets(&mut self, instance: &mut Instance, now: u32) -> Result<(), Error> {
        let secrets = Configure {
            receipt_key: self.receipt_key.clone().map(Secret),
            silent_key: self.silent_key.clone(),
            // Not said where it is the default: an older module does not know it.
            receipts: Some(self.receipts).filter(|receipts| *receipts != Receipts::Always),
            module: Some(hex::text(&self.module.sha256())),
            // Not said otherwise: an older module does not know it.
            state_lost: self.is_state_lost.then_some(true),
            ..Configure::default()
        };
        instance.ask("configure", &secrets, now)?;
        self.give_choices(instance, now)
    }

    /// Gives an instance all choices, in place of those that it has.
    pub(crate) fn give_choices(&mut self, instance: &mut Instance, now: u32) -> Result<(), Error> {
        self.chosen.give(instance, &mut self.warnings, now)
    }

    /// Finds out which choices the module takes, in an instance without lists.
    pub(crate) fn try_choices(&mut self, now: u32) -> Result<(), Error> {
        let mut instance = Instance::new(&self.module)?;
        self.hand_over_secrets(&mut instance, now)
    }

    /// Takes over the choices of live instances, if they are the same. Returns whether they are.
    pub(crate) fn carry_choices(&mut self, live: &Self, now: u32) -> bool {
        self.chosen.carry(&live.chosen, &mut self.warnings, now)
    }

    /// What instances were built from, for the operator.
    pub(crate) fn loaded(&self) -> Loaded<'_> {
        Loaded {
            module: &self.module,
            policy: self.chosen.policy(),
            policies: self.chosen.policies(),
            overrides: self.chosen.overrides(),
            clearances: self.chosen.clearances(),
            coalitions: self.coalitions.iter().map(Enrolled::loaded).collect(),
        }
    }
}

/// Whether the module would trust an enrolment.
pub(crate) fn try_enrolment(
    module: &Module,
    enrolment: &Enrolment,
    now: u32,
) -> Result<(), CallError> {
    let message = Configure {
        coalitions: Some(vec![ConfiguredCoalition::of(enrolment)]),
        ..Configure::default()
    };
    Instance::new(module)?.ask("configure", &message, now)?;
    Ok(())
}

#[derive(Debug, PartialEq, Eq)]
enum Replay {
    Whole,
    Again,
}

impl Enrolled {
    /// What a person should know of it.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let all = self.warnings.iter().chain(&self.opened.warnings);
        all.cloned().collect()
    }

    /// The whole release that waits, which is then the first generation.
    pub(crate) fn waiting_release(&self) -> Option<&WaitingRelease> {
        self.waiting.as_ref()?.release.as_ref()
    }

    /// Loads the release that waits as if it was live. Returns whether there is one.
    pub(crate) fn try_waiting(&mut self) -> bool {
        self.add_waiting();
        let waiting = self.waiting.take();
        let Some(release) = waiting.and_then(|waiting| waiting.release) else {
            return false;
        };
        self.history = release.history;
        self.pending = Pending::Skip;
        true
    }

    /// A damaged record of what waits is as good as none: it is fetched again.
    fn add_waiting(&mut self) {
        let waiting = self.shelf.waiting().ok().flatten();
        let name = self.enrolment.coalition();
        let waiting = waiting.filter(|waiting| History::read(&waiting.known, name).is_ok());
        let Some(waiting) = waiting else { return };
        self.history.clone_from(&waiting.known);
        if let Some(release) = &waiting.release {
            self.generations.insert(0, release.generation.clone());
        }
        self.waiting = Some(waiting);
    }

    fn open_keys(&mut self, member_key: Option<&MemberKey>) {
        let generations = self.generations.iter();
        let mut directories: Vec<PathBuf> = generations.map(|one| one.path.clone()).collect();
        directories.push(self.shelf.pending());
        directories.extend(self.waiting.iter().map(|_| self.shelf.arriving()));
        self.opened = OpenedKeys::of(&self.enrolment, &directories, member_key);
    }

    fn replay(
        &self,
        instance: &mut Instance,
        directory: &Path,
        now: u32,
    ) -> Result<Walked, WalkError> {
        Saved::default().replay(instance, self, directory, Parts::Load, now)
    }

    /// Replays files of updates that are not complete. They need not fit together: the module loads those
    /// that do.
    ///
    /// # Errors
    /// The directory whose files trap the module.
    pub(crate) fn replay_unfinished(
        &mut self,
        instance: &mut Instance,
        now: u32,
    ) -> Result<(), PathBuf> {
        for directory in self.unfinished() {
            if let Err(WalkError::Refused {
                name,
                failure: Some(failure),
                ..
            }) = self.replay(instance, &directory, now)
            {
                let warning = format!("an unfinished update: {name}: {failure}; refresh");
                self.warnings.push(warning);
            }
            if instance.is_trapped() {
                return Err(directory);
            }
        }
        Ok(())
    }

    /// The filters and records of the generation that loads, by name: two generations that share a file have
    /// it with the same length and time.
    pub(crate) fn base(&self) -> Base {
        let generation = self.generations.first();
        let entries = generation.and_then(|generation| fs::read_dir(&generation.path).ok());
        let files = entries.into_iter().flatten().flatten().filter_map(|entry| {
            let name = entry.file_name().into_string().ok();
            let name = name.filter(|name| is_of_base(name))?;
            let metadata = fs::metadata(entry.path()).ok()?;
            Some((name, (metadata.len(), metadata.modified().ok()?)))
        });
        files.collect()
    }

    fn loaded(&self) -> LoadedCoalition<'_> {
        let generation = self.generations.first();
        let generation = generation.map(|generation| generation.path.clone());
        let unfinished = self.unfinished().into_iter();
        let unfinished = unfinished.filter(|directory| directory.is_dir());
        LoadedCoalition {
            enrolment: &self.enrolment,
            directories: generation.into_iter().chain(unfinished).collect(),
        }
    }

    /// The generation comes first, and what is unfinished continues it.
    fn directories(&self) -> Vec<PathBuf> {
        let generation = self
            .generations
            .first()
            .map(|generation| generation.path.clone());
        let arriving = self.waiting.iter().map(|_| self.shelf.arriving());
        generation
            .into_iter()
            .chain([self.shelf.pending()])
            .chain(arriving)
            .collect()
    }

    /// What may be newer than the generation that loads: the metadata of one that does not, and
    /// the files of an update that is not complete.
    fn unfinished(&self) -> Vec<PathBuf> {
        let pending = (self.pending == Pending::Replay).then(|| self.shelf.pending());
        self.damaged.iter().cloned().chain(pending).collect()
    }

    fn remove(&mut self, generation: &Generation, problem: &str, traps: bool) {
        self.generations.retain(|other| other != generation);
        if !traps {
            self.damaged.push(generation.path.clone());
        }
        let number = generation.number;
        let warning = match self.generations.first() {
            Some(older) => format!(
                "generation {number} is damaged, generation {} is used instead: {problem}; refresh",
                older.number
            ),
            None => format!("generation {number} is damaged: {problem}; refresh"),
        };
        self.warnings.push(warning);
    }

    fn leave_out(&mut self, directory: &Path) {
        self.damaged.retain(|damaged| damaged != directory);
        if directory == self.shelf.pending() {
            self.pending = Pending::Skip;
        }
        self.warnings
            .push("an unfinished update traps the module and is left out".to_owned());
    }
}

/// Whether a file's name in the store is that of a part of a base, to which stashes apply.
pub(crate) fn is_of_base(name: &str) -> bool {
    matches!(part_of(name), Some(Part::Filter | Part::Records))
}

/// Which part of a release a file's name in the store is that of.
fn part_of(name: &str) -> Option<Part> {
    let (_, end) = name.rsplit_once('.')?;
    Part::ALL.into_iter().find(|part| part.name() == end)
}

/// What a replay does with the parts of releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Parts {
    /// The module reads them, and their lists go live.
    Load,
    /// They are compared with their digests, and lie where they are.
    Check,
}

/// One directory being replayed.
struct Replayed<'a> {
    directory: &'a Path,
    parts_are: Parts,
    metadata: Sources,
    parts: Sources,
}

impl Saved {
    fn replay(
        &mut self,
        instance: &mut Instance,
        coalition: &Enrolled,
        directory: &Path,
        parts: Parts,
        now: u32,
    ) -> Result<Walked, WalkError> {
        let mut courier = Replayed {
            directory,
            parts_are: parts,
            metadata: Sources::new(),
            parts: Sources::new(),
        };
        let name = coalition.enrolment.coalition();
        let walked = walk(instance, name, Begin::Store, now, &mut courier);
        self.sources.append(&mut courier.metadata);
        if let Ok(Walked { completed, .. }) = walked {
            if completed {
                self.sources.append(&mut courier.parts);
            }
            let current = coalition.generations.first();
            self.is_whole |= completed && current.is_some_and(|current| current.path == directory);
        }
        walked
    }
}

impl Courier for Replayed<'_> {
    fn has(&mut self, fetch: &Fetch) -> bool {
        let is_saved = self.parts_are == Parts::Check
            && part_of(&fetch.name).is_some()
            && is_saved(self.directory, fetch).unwrap_or(false);
        if is_saved {
            let path = self.directory.join(&fetch.name);
            self.parts.insert(fetch.name.clone(), path);
        }
        is_saved
    }

    fn bring(&mut self, fetch: &Fetch) -> Brought {
        bring_saved(self.directory, fetch)
    }

    fn keep(&mut self, fetch: &Fetch, _bytes: &[u8]) -> Result<(), StoreError> {
        let sources = if is_metadata(fetch) {
            &mut self.metadata
        } else {
            &mut self.parts
        };
        sources.insert(fetch.name.clone(), self.directory.join(&fetch.name));
        Ok(())
    }
}

/// Whether the file is there and its path in the repository begins with its own digest. One that has no digest
/// there is handed to the module.
fn is_saved(directory: &Path, fetch: &Fetch) -> Result<bool, StoreError> {
    let path = directory.join(files::checked_name(&fetch.name)?);
    let file = fetch.path.rsplit('/').next().unwrap_or_default();
    let Some((digest, _)) = file
        .split_once('.')
        .filter(|(digest, _)| digest.len() == 64)
    else {
        return Ok(false);
    };
    let own = files::sha256(&path, fetch.max_size.into())?;
    Ok(own.is_some_and(|own| own == digest))
}
