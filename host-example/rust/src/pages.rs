//! Pages of records, loaded when a question needs them: from the shelf, else from the repository.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use interdict_core::wire::owned::{Fetch, PageNeeded, Verdict};

use crate::instance::{CallError, Instance, read};
use crate::operator::Operator;
use crate::repository::{Brought, Patience, Repository};
use crate::settings::Settings;
use crate::store::{Shelf, Store, StoreError};
use crate::walk::{Begin, Courier, WalkError, Walked, bring_saved, from_repository, walk};

/// Rounds for one question. An identifier has at most six names, and a page can show that the next name
/// needs another page; as many again for pages that an instance gave up for newer ones.
const MAX_ROUNDS: usize = 12;

/// Shorter than for a refresh: somebody waits for the answer.
const PATIENCE: Patience = Patience {
    connect: Duration::from_secs(2),
    response: Duration::from_secs(2),
    body: Duration::from_secs(5),
};

/// Seconds for which a repository that failed is not asked for another page, so that it holds up one
/// question and not all of them.
const PAUSE: u32 = 30;

/// Brings pages to the instances of a gateway. Only one thread at a time asks a repository.
#[derive(Debug)]
pub(crate) struct Pages {
    settings: Arc<Settings>,
    store: Store,
    operator: Arc<dyn Operator>,
    troubles: Mutex<BTreeMap<String, Trouble>>,
}

/// Why a coalition's pages cannot be fetched.
#[derive(Debug)]
struct Trouble {
    since: u32,
    text: String,
}

impl Pages {
    pub(crate) fn new(settings: Arc<Settings>, store: Store, operator: Arc<dyn Operator>) -> Self {
        Self {
            settings,
            store,
            operator,
            troubles: Mutex::default(),
        }
    }

    /// Brings the pages that the answer to `request` lacks and asks again, as long as a page comes. Returns
    /// the last answer, which is degraded if a page is still missing.
    pub(crate) fn complete(
        &self,
        instance: &mut Instance,
        request: &[u8],
        answer: Vec<u8>,
        now: u32,
    ) -> Result<Vec<u8>, CallError> {
        let mut answer = answer;
        let mut missing: BTreeSet<PageNeeded> = BTreeSet::new();
        for _ in 0..MAX_ROUNDS {
            let mut came = false;
            for page in read::<Verdict>(&answer)?.pages {
                if missing.contains(&page) {
                    continue;
                }
                if self.bring(instance, &page, now)? {
                    came = true;
                } else {
                    missing.insert(page);
                }
            }
            if !came {
                break;
            }
            answer = instance.call("screen", request, now)?.to_vec();
        }
        Ok(answer)
    }

    /// Why pages cannot be fetched now, by coalition.
    pub(crate) fn troubles(&self) -> Vec<(String, String)> {
        let troubles = self.lock();
        let told = troubles.iter();
        told.map(|(coalition, trouble)| (coalition.clone(), trouble.text.clone()))
            .collect()
    }

    /// After a refresh, when another release may be live, from another repository.
    pub(crate) fn forget_troubles(&self) {
        self.lock().clear();
    }

    /// Whether the instance has the page now.
    fn bring(
        &self,
        instance: &mut Instance,
        page: &PageNeeded,
        now: u32,
    ) -> Result<bool, CallError> {
        let Ok(shelf) = self.store.shelf(&page.coalition) else {
            return Ok(false);
        };
        let saved = &mut Saved {
            shelf: &shelf,
            operator: &*self.operator,
            coalition: &page.coalition,
        };
        if has_come(&page_walk(instance, page, now, saved))? {
            return Ok(true);
        }
        let mut troubles = self.lock();
        // Another thread may have brought it while this one waited.
        if has_come(&page_walk(instance, page, now, saved))? {
            return Ok(true);
        }
        let trouble = troubles.get(&page.coalition);
        if trouble.is_some_and(|trouble| now.abs_diff(trouble.since) < PAUSE) {
            return Ok(false);
        }
        let (came, text) = self.fetch(instance, page, &shelf, now)?;
        troubles.remove(&page.coalition);
        if let Some(text) = text {
            let trouble = Trouble { since: now, text };
            troubles.insert(page.coalition.clone(), trouble);
        }
        Ok(came)
    }

    /// From the repository to the instance and the shelf; also what went wrong.
    fn fetch(
        &self,
        instance: &mut Instance,
        page: &PageNeeded,
        shelf: &Shelf,
        now: u32,
    ) -> Result<(bool, Option<String>), CallError> {
        let repository = match self.repository(&page.coalition) {
            Ok(repository) => repository,
            Err(why) => return Ok((false, Some(why))),
        };
        let mut courier = Fetching {
            repository,
            shelf,
            operator: &*self.operator,
            coalition: &page.coalition,
            unsaved: None,
        };
        let walked = page_walk(instance, page, now, &mut courier);
        let came = has_come(&walked)?;
        let why = match walked {
            Ok(_) => courier
                .unsaved
                .map(|error| format!("a page of records is not saved: {error}")),
            Err(error) => Some(format!("a page of records cannot be had: {error}")),
        };
        Ok((came, why))
    }

    fn repository(&self, coalition: &str) -> Result<Repository, String> {
        let enrolment = self.store.enrolment(coalition);
        let enrolment = enrolment.map_err(|error| error.to_string())?;
        let enrolment = enrolment.ok_or("not enrolled any more")?;
        let location = self.settings.location(&enrolment);
        Repository::open(location, &self.settings.directory, PATIENCE)
            .map_err(|error| error.to_string())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Trouble>> {
        self.troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn page_walk(
    instance: &mut Instance,
    page: &PageNeeded,
    now: u32,
    courier: &mut impl Courier,
) -> Result<Walked, WalkError> {
    walk(instance, &page.coalition, Begin::Page(page), now, courier)
}

/// Whether the page came. An instance that trapped is an error: it answers nothing any more.
fn has_come(walked: &Result<Walked, WalkError>) -> Result<bool, CallError> {
    match walked {
        Ok(_) => Ok(true),
        Err(WalkError::Call(error)) if error.is_trap() => Err(error.clone()),
        Err(_) => Ok(false),
    }
}

/// Brings pages that were fetched before.
struct Saved<'a> {
    shelf: &'a Shelf,
    operator: &'a dyn Operator,
    coalition: &'a str,
}

impl Courier for Saved<'_> {
    fn bring(&mut self, fetch: &Fetch) -> Brought {
        bring_saved(&self.shelf.pages(), fetch)
    }

    fn keep(&mut self, fetch: &Fetch, bytes: &[u8]) -> Result<(), StoreError> {
        self.operator.page(self.coalition, &fetch.name, bytes);
        Ok(())
    }
}

struct Fetching<'a> {
    repository: Repository,
    shelf: &'a Shelf,
    operator: &'a dyn Operator,
    coalition: &'a str,
    /// Why the page was not saved. The instance has it anyway.
    unsaved: Option<StoreError>,
}

impl Courier for Fetching<'_> {
    fn bring(&mut self, fetch: &Fetch) -> Brought {
        from_repository(&self.repository, fetch)
    }

    fn keep(&mut self, fetch: &Fetch, bytes: &[u8]) -> Result<(), StoreError> {
        self.operator.page(self.coalition, &fetch.name, bytes);
        self.unsaved = self.shelf.keep_page(&fetch.name, bytes).err();
        Ok(())
    }
}
