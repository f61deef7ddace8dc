//! The places that have a coalition's files, one after the other until one gives a whole release. None needs trust:
//! the module verifies what each sends, and takes nothing that is older than what another has sent.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use interdict_core::wire::Enrolment;
use interdict_core::wire::owned::Fetch;

use crate::failure::Failure;
use crate::instance::Instance;
use crate::load::Sources;
use crate::repository::{Brought, Repository};
use crate::settings::Settings;
use crate::store::{StoreError, keep_in};
use crate::walk::{Begin, Courier, Walked, from_repository, walk};

/// The places of one coalition.
pub(crate) struct Mirrors<'m> {
    pub(crate) enrolment: &'m Enrolment,
    pub(crate) settings: &'m Settings,
    /// The number of the one to ask first.
    pub(crate) first: usize,
    pub(crate) now: u32,
}

/// What asking them gave.
pub(crate) struct Tried {
    pub(crate) walked: Result<Walked, Failure>,
    /// The number of the one that gave a whole release.
    pub(crate) answered: Option<usize>,
    /// How far a server's clock is ahead of the one of this gateway.
    pub(crate) clock_difference: Option<i64>,
}

impl Mirrors<'_> {
    /// Asks one after the other. All together have the time of one refresh, in equal shares of what is left of it.
    pub(crate) fn walk(&self, instance: &mut Instance, courier: &mut Fetching) -> Tried {
        let locations = self.settings.locations(self.enrolment);
        let count = locations.len();
        let began = Instant::now();
        let mut failures = Vec::new();
        let mut clock_difference = None;
        for (done, number) in
            (0..count).map(|at| (at, (self.first.saturating_add(at)) % count.max(1)))
        {
            let Some(location) = locations.get(number) else {
                continue;
            };
            let left = self
                .settings
                .patience
                .refresh
                .saturating_sub(began.elapsed());
            let share = left
                / u32::try_from(count.saturating_sub(done))
                    .unwrap_or(u32::MAX)
                    .max(1);
            let walked = self.walk_one(location, share, instance, courier);
            clock_difference = courier
                .date()
                .map(|date| {
                    let elapsed = i64::try_from(began.elapsed().as_secs()).unwrap_or(0);
                    i64::from(date) - i64::from(self.now) - elapsed
                })
                .or(clock_difference);
            match walked {
                Ok(walked) => {
                    return Tried {
                        walked: Ok(walked),
                        answered: Some(number),
                        clock_difference,
                    };
                }
                Err(failure) => {
                    let is_last = !failure.has_verified;
                    failures.push((Repository::shown(location), failure));
                    if is_last {
                        break;
                    }
                }
            }
        }
        Tried {
            walked: Err(Failure::of_all(failures)),
            answered: None,
            clock_difference,
        }
    }

    fn walk_one(
        &self,
        location: &str,
        share: Duration,
        instance: &mut Instance,
        courier: &mut Fetching,
    ) -> Result<Walked, Failure> {
        let name = self.enrolment.coalition();
        let repository = self.settings.repository(name, location)?;
        courier.from = Some(repository);
        courier.until = Instant::now().checked_add(share);
        let walked = walk(instance, name, Begin::Repository, self.now, courier)?;
        match walked.completed {
            true => Ok(walked),
            false => Err(Failure::incomplete()),
        }
    }
}

/// Brings files from one place after the other, and keeps those that were verified.
pub(crate) struct Fetching {
    /// The directory to keep them in.
    into: PathBuf,
    pub(crate) sources: Sources,
    pub(crate) bytes: u64,
    pub(crate) files: usize,
    from: Option<Repository>,
    until: Option<Instant>,
}

impl Fetching {
    pub(crate) const fn new(into: PathBuf, sources: Sources) -> Self {
        Self {
            into,
            sources,
            bytes: 0,
            files: 0,
            from: None,
            until: None,
        }
    }

    fn date(&self) -> Option<u32> {
        self.from.as_ref().and_then(Repository::date)
    }
}

impl Courier for Fetching {
    fn bring(&mut self, fetch: &Fetch) -> Brought {
        if self.until.is_some_and(|until| Instant::now() >= until) {
            return Brought::Failed("the repository took longer than a refresh may".to_owned());
        }
        let Some(repository) = &self.from else {
            return Brought::NotFound;
        };
        let brought = from_repository(repository, fetch);
        if let Brought::Bytes(bytes) = &brought {
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            self.bytes = self.bytes.saturating_add(length);
            self.files = self.files.saturating_add(1);
        }
        brought
    }

    fn keep(&mut self, fetch: &Fetch, bytes: &[u8]) -> Result<(), StoreError> {
        let path = keep_in(&self.into, &fetch.name, bytes)?;
        self.sources.insert(fetch.name.clone(), path);
        Ok(())
    }
}
