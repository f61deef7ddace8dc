//! Gateways of each edition and browsers that update to what is about to be published.

use interdict_core::common::time::Time;
use interdict_core::engine::{
    Choice, Coalition, Coalitions, Configuration, Delivery, Engine, EngineError, Epochs, Error,
    WalkRequest,
};
use interdict_core::list::{BlockList, Descriptor, Edition};
use interdict_core::trust::Source;

use crate::error::{PublisherError, Result};
use crate::release::repository::Repository;

/// What the gateway here calls the coalition.
pub(super) const COALITION: &str = "published";

/// What a gateway of each edition and a browser have after an update.
#[derive(Debug)]
pub(crate) struct Clients<'a> {
    pub(super) repository: Repository<'a>,
    pub(super) gateway: Engine,
    /// A gateway that takes the compact edition.
    pub(super) compact: Engine,
    browser: Engine,
}

impl<'a> Repository<'a> {
    /// Updates a gateway and a browser that pin `root` and have what is published now.
    ///
    /// # Errors
    /// What they refuse.
    pub(crate) fn follow(self, root: &[u8], now: Time) -> Result<Clients<'a>> {
        let lists = Clients::enrolled(self, root)?;
        lists.updated(now, |engine| {
            // Whatever is wrong with the published files, this update is how to mend it; what they
            // are needed for is that no version goes back.
            Repository::published(self.directory).walk(engine, Source::Store, now)
        })
    }

    /// Updates a gateway and a browser that pin `root` and have nothing.
    ///
    /// # Errors
    /// What they refuse.
    pub(crate) fn enrol(self, root: &[u8], now: Time) -> Result<Clients<'a>> {
        Clients::enrolled(self, root)?.updated(now, |_| Ok(Ok(())))
    }

    /// Brings an engine each file that it asks for, until it has all or refuses one.
    fn walk(&self, engine: &mut Engine, source: Source, now: Time) -> Result<Result<(), Refused>> {
        let refused = |path: String| move |error| Refused { path, error };
        let begun = engine.begin(COALITION, &WalkRequest::Update(source), now);
        let mut progress = match begun.map_err(refused(String::new())) {
            Ok(progress) => progress,
            Err(error) => return Ok(Err(error)),
        };
        while let Some(fetch) = progress.fetch {
            let bytes = self.read(&fetch.path)?;
            let delivery = match bytes {
                // A gateway stops reading there.
                Some(bytes)
                    if u32::try_from(bytes.len()).is_ok_and(|len| len <= fetch.max_size) =>
                {
                    Delivery::Bytes(bytes)
                }
                Some(_) => Delivery::Failed,
                None => Delivery::NotFound,
            };
            let supplied = engine.supply(COALITION, &fetch.name, delivery);
            progress = match supplied.map_err(refused(fetch.path)) {
                Ok(progress) => progress,
                Err(error) => return Ok(Err(error)),
            };
        }
        Ok(match progress.completed {
            true => Ok(()),
            false => Err(refused(String::new())(EngineError::NoUpdate.into())),
        })
    }
}

/// Which file a gateway refused, and why.
#[derive(Debug)]
struct Refused {
    /// Its path below the repository; empty if it was none.
    path: String,
    error: Error,
}

impl From<Refused> for PublisherError {
    fn from(Refused { path, error }: Refused) -> Self {
        let is_target = path.starts_with("targets/");
        match error {
            Error::Trust(_)
            | Error::Engine(EngineError::PartNotFound | EngineError::PartUnavailable)
                if is_target =>
            {
                Self::Damaged(path)
            }
            Error::Trust(error) => Self::Trust(error),
            Error::Typology(error) => Self::Typologies(error),
            error => Self::Gateway(error),
        }
    }
}

impl<'a> Clients<'a> {
    fn enrolled(repository: Repository<'a>, root: &[u8]) -> Result<Self> {
        Ok(Self {
            repository,
            gateway: engine(root, Edition::Member)?,
            compact: engine(root, Edition::Compact)?,
            browser: engine(root, Edition::Public)?,
        })
    }

    /// Updates both from the new files, after whatever `first` does with them.
    fn updated(
        mut self,
        now: Time,
        first: impl Fn(&mut Engine) -> Result<Result<(), Refused>>,
    ) -> Result<Self> {
        for engine in [&mut self.gateway, &mut self.compact, &mut self.browser] {
            let _ = first(engine)?;
            self.repository.walk(engine, Source::Repository, now)??;
        }
        Ok(self)
    }

    /// The list that was loaded of a release.
    pub(super) fn release(&self, release: &Descriptor) -> Result<&BlockList> {
        let engine = match release.header.edition {
            Edition::Member => &self.gateway,
            Edition::Compact => &self.compact,
            Edition::Public => &self.browser,
        };
        let mut releases = engine.live_lists(COALITION);
        let found = releases.find(|(descriptor, _)| *descriptor == release);
        let (_, list) =
            found.ok_or_else(|| PublisherError::UnknownList(release.header.list.clone()))?;
        Ok(list)
    }
}

/// A gateway that was enrolled with a root and takes one edition of every list.
fn engine(root: &[u8], edition: Edition) -> Result<Engine> {
    let choice = Choice {
        edition,
        epochs: Epochs::All,
        ..Choice::default()
    };
    let refused = |error| match error {
        Error::Trust(error) => PublisherError::Trust(error),
        error => PublisherError::Gateway(error),
    };
    let coalition = Coalition::new(COALITION, root, choice, None).map_err(refused)?;
    let mut coalitions = Coalitions::default();
    let added = coalitions.add(coalition);
    added.map_err(|error| PublisherError::Gateway(error.into()))?;
    let mut engine = Engine::default();
    let configuration = Configuration {
        coalitions: Some(coalitions),
        ..Configuration::default()
    };
    let configured = engine.configure(configuration, Time::from_seconds(0));
    configured.map_err(PublisherError::Gateway)?;
    Ok(engine)
}
