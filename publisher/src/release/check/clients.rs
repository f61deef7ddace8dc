//! Proving what is about to be published with the engine that gateways run.
//!
//! Two gateways update to it, file by file through `begin` and `supply`: one that was enrolled on the
//! first day and has what is published now, and one that enrols today and has nothing. A release that
//! either of them does not load whole never goes out. The same holds for a browser with the public
//! edition.
//!
//! What the loaded lists answer is then compared with the register, entry by entry, through
//! [`BlockList::ask`], the function that screening asks. The verdict itself would not do: silent
//! records change nothing in it, it names four reasons at most, and it says nothing of scope, group or
//! end.

use std::collections::BTreeMap;

use interdict_core::common::time::Time;
use interdict_core::engine::{
    Choice, Coalition, Coalitions, Configuration, Delivery, Engine, EngineError, Error, WalkRequest,
};
use interdict_core::identifier::Identifier;
use interdict_core::list::{
    BlockList, Descriptor, Edition, ListId, LookUpMatch, LookUpOutcome, Record,
};
use interdict_core::rules::{Pack, PackTarget};
use interdict_core::token::ListKey;
use interdict_core::trust::{Client, Outcome, Source, Step, TrustError, Wanted};

use crate::error::{PublisherError, Result};
use crate::intake::typologies::PackBuild;
use crate::public::edition::PublicBuild;
use crate::release::build::content::{Content, Statement};
use crate::release::repository::View;

/// What the gateway here calls the coalition.
const COALITION: &str = "published";

/// What a gateway and a browser have after an update.
#[derive(Debug)]
pub(crate) struct Lists<'a> {
    view: View<'a>,
    gateway: Engine,
    browser: Engine,
}

/// A member epoch and its key.
type Epoch<'k> = (&'k u32, &'k ListKey);

impl<'a> View<'a> {
    /// What `interdict describe` prints as digest of a gateway that has what is published; `None`
    /// while no gateway could have it.
    pub(crate) fn state_digest(&self, root: &[u8], now: Time) -> Result<Option<[u8; 32]>> {
        let mut client = Client::new(root)?;
        // A store: what has expired since is still what gateways have.
        let verified = self.update(&mut client, Source::Store, now)?.is_ok();
        client.complete();
        let live = verified && client.versions().targets.is_some();
        Ok(live.then(|| client.state_digest()))
    }

    fn update(
        &self,
        client: &mut Client,
        source: Source,
        now: Time,
    ) -> Result<Result<(), TrustError>> {
        client.begin(source, now, Wanted::All);
        while let Step::Fetch(request) = client.step() {
            let bytes = self.read(&request.path)?;
            let outcome = bytes.as_deref().map_or(Outcome::NotFound, Outcome::Bytes);
            if let Err(error) = client.supply(outcome) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    /// Updates a gateway and a browser that pin `root` and have what is published now.
    ///
    /// # Errors
    /// What they refuse.
    pub(crate) fn follow(self, root: &[u8], now: Time) -> Result<Lists<'a>> {
        let lists = Lists::enrolled(self, root)?;
        lists.updated(now, |engine| {
            // Whatever is wrong with the published files, this update is how to mend it; what they
            // are needed for is that no version goes back.
            View::published(self.directory).walk(engine, Source::Store, now)
        })
    }

    /// Updates a gateway and a browser that pin `root` and have nothing.
    ///
    /// # Errors
    /// What they refuse.
    pub(crate) fn enrol(self, root: &[u8], now: Time) -> Result<Lists<'a>> {
        Lists::enrolled(self, root)?.updated(now, |_| Ok(Ok(())))
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

impl<'a> Lists<'a> {
    fn enrolled(view: View<'a>, root: &[u8]) -> Result<Self> {
        Ok(Self {
            view,
            gateway: engine(root, Edition::Member)?,
            browser: engine(root, Edition::Public)?,
        })
    }

    /// Updates both from the new files, after whatever `first` does with them.
    fn updated(
        mut self,
        now: Time,
        first: impl Fn(&mut Engine) -> Result<Result<(), Refused>>,
    ) -> Result<Self> {
        for engine in [&mut self.gateway, &mut self.browser] {
            let _ = first(engine)?;
            self.view.walk(engine, Source::Repository, now)??;
        }
        Ok(self)
    }

    fn release(
        &self,
        list: &ListId,
        edition: Edition,
        epoch: u32,
    ) -> Result<(&Descriptor, &BlockList)> {
        let engine = match edition {
            Edition::Member => &self.gateway,
            Edition::Public => &self.browser,
        };
        let mut releases = engine.live_lists(COALITION);
        let release = releases.find(|(descriptor, _)| {
            let header = &descriptor.header;
            (&header.list, header.epoch) == (list, epoch)
        });
        release.ok_or_else(|| PublisherError::UnknownList(list.clone()))
    }

    /// Compares all that a new list says, tag by tag, with what it should say: nothing is left in
    /// it that has no name any more.
    pub(crate) fn check_says(
        &self,
        list: &ListId,
        (epoch, key): Epoch<'_>,
        content: &Content,
        now: Time,
    ) -> Result<()> {
        let (descriptor, _) = self.release(list, Edition::Member, *epoch)?;
        let mut says = self.view.says(descriptor, named)?;
        let mut count = 0_usize;
        for (identifier, statement) in &content.statements {
            let tag = key.token(identifier.kind(), identifier.canonical()).tag();
            if says.remove(&tag).as_ref() != Some(statement) {
                count = count.saturating_add(1);
            }
        }
        let left = says.values().filter(|left| !left.record.lapsed(now));
        wrong(list, count.saturating_add(left.count()))
    }

    /// Asks a new list for everything it was built from, and for what it must no longer list.
    pub(crate) fn check_answers(
        &self,
        list: &ListId,
        (epoch, key): Epoch<'_>,
        content: &Content,
        delisted: &[Identifier],
        now: Time,
    ) -> Result<()> {
        let (_, loaded) = self.release(list, Edition::Member, *epoch)?;
        let listed = content.statements.keys();
        let asked = listed.chain(&content.left_out).chain(delisted);
        let differing = asked.filter(|identifier| {
            let mut expected = content.answers(identifier);
            let mut same = loaded.header().kinds.covers(identifier.kind());
            let asked = loaded.ask(identifier, Some(key), now, |found| {
                same &= match found {
                    LookUpMatch::Listed(hit) => expected
                        .next()
                        .is_some_and(|one| one.is(&hit.record, hit.source)),
                    LookUpMatch::Lapsed(_) => true,
                    LookUpMatch::Candidate(_) => false,
                }
            });
            !(same && matches!(asked, LookUpOutcome::Keys(_)) && expected.next().is_none())
        });
        wrong(list, differing.count())
    }

    /// Asks a new public list for everything it was built from, and compares its constants with
    /// those of its epoch.
    pub(crate) fn check_public(
        &self,
        list: &ListId,
        public: &PublicBuild,
        now: Time,
    ) -> Result<()> {
        let epoch = &public.epoch;
        let (descriptor, loaded) = self.release(list, Edition::Public, epoch.number)?;
        let header = &descriptor.header;
        if (header.rate, header.entries) != (epoch.rate, epoch.capacity) {
            return Err(PublisherError::RegisterContent);
        }
        let missing = public.names.iter().filter(|name| {
            let mut hit = false;
            loaded.ask(name, Some(&public.key), now, |found| {
                hit |= matches!(found, LookUpMatch::Candidate(_));
            });
            !hit
        });
        wrong(list, missing.count())
    }

    /// Compares the pack of red flags beside a new list with the one it should have, if any.
    pub(crate) fn check_typologies(&self, list: &ListId, build: Option<&PackBuild>) -> Result<()> {
        let mut packs = self.gateway.live_packs(COALITION);
        let live = packs.find(|(beside, _)| *beside == list);
        let expected = build.map(|build| Pack::parse(&build.bytes)).transpose();
        if live.map(|(_, pack)| pack) == expected.map_err(PublisherError::Typologies)?.as_ref() {
            return Ok(());
        }
        Err(PublisherError::Damaged(PackTarget::path(list)))
    }

    /// Asks every member list, whoever built it, for what must never be blocked.
    pub(crate) fn check_protected(
        &self,
        protected: &[Identifier],
        keys: &BTreeMap<u32, ListKey>,
        now: Time,
    ) -> Result<()> {
        for (Descriptor { header, .. }, list) in self.gateway.live_lists(COALITION) {
            // Without its key a list could not be asked, and would pass.
            let key = keys
                .get(&header.epoch)
                .filter(|key| key.id() == header.key_id);
            let key = key.ok_or_else(|| PublisherError::OtherKey {
                list: header.list.clone(),
                epoch: header.epoch,
            })?;
            let listed = protected.iter().filter(|identifier| {
                let mut listed = false;
                list.ask(identifier, Some(key), now, |found| {
                    listed |= !matches!(found, LookUpMatch::Lapsed(_));
                });
                listed
            });
            match listed.count() {
                0 => {}
                count => {
                    return Err(PublisherError::ProtectedListed {
                        list: header.list.clone(),
                        count,
                    });
                }
            }
        }
        Ok(())
    }
}

/// A gateway that was enrolled with a root and takes one edition of every list.
fn engine(root: &[u8], edition: Edition) -> Result<Engine> {
    let choice = Choice {
        edition,
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

fn named(record: Record, sources: &[String]) -> Statement {
    let source = sources.get(usize::from(record.source));
    Statement {
        record: Record {
            source: 0,
            ..record
        },
        source: source.cloned().unwrap_or_default(),
    }
}

fn wrong(list: &ListId, count: usize) -> Result<()> {
    match count {
        0 => Ok(()),
        count => Err(PublisherError::WrongAnswers {
            list: list.clone(),
            count,
        }),
    }
}
