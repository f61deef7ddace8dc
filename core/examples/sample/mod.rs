//! Coalition `se` of `fixtures/repositories/sample`, loaded as a gateway loads it.

use std::error::Error;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use interdict_core::common::time::Time;
use interdict_core::engine::{
    Choice, Coalition, Coalitions, Configuration, Delivery, Engine, Request, WalkRequest,
};
use interdict_core::identifier::{Identifier, Kind};
use interdict_core::list::ListId;
use interdict_core::policy::{Choices, Flow, Policy, RequiredLists};
use interdict_core::token::ListKey;
use interdict_core::trust::Source;
use interdict_helpers::fixtures;

/// A day on which the sample is fresh.
pub(crate) fn now() -> Result<Time, Box<dyn Error>> {
    Time::parse("2026-11-02T12:00:00Z").ok_or_else(|| "not a time".into())
}

/// May this shop, which the sample lists, be paid?
pub(crate) fn question() -> Result<Request, Box<dyn Error>> {
    let shop = Identifier::parse(Kind::Domain, "pay.bücher.example")?;
    Ok(Request::new(Flow::Authorisation, [shop])?)
}

/// Pins the root, knows the key, requires the list, and updates from the repository.
pub(crate) fn loaded(now: Time) -> Result<Engine, Box<dyn Error>> {
    let repository = repository();
    let Delivery::Bytes(root) = bring(&repository.join("metadata/1.root.json"), 512_000) else {
        return Err("no root".into());
    };
    let mut coalitions = Coalitions::default();
    let key = fs::read_to_string(repository.join("TEST-list.key"))?;
    let key = ListKey::from_hex(key.trim_end()).ok_or("not a key")?;
    let coalition = Coalition::new("se", &root, Choice::default(), None)?;
    coalitions.add(coalition.with_keys(vec![key]))?;
    let required = vec![("se".to_owned(), vec![ListId::parse("se/merchants")?])];
    let policy = Policy::new(Choices {
        required: RequiredLists::Lists(required),
        ..Choices::default()
    });
    let trusted = Configuration {
        coalitions: Some(coalitions),
        policy: Some(policy.map_err(|error| error.path.to_string())?),
        ..Configuration::default()
    };
    let mut engine = Engine::default();
    engine.configure(trusted, now)?;

    let mut progress = engine.begin("se", &WalkRequest::Update(Source::Repository), now)?;
    while let Some(fetch) = progress.fetch {
        let delivery = bring(&repository.join(&fetch.path), fetch.max_size);
        progress = engine.supply("se", &fetch.name, delivery)?;
    }
    Ok(engine)
}

fn repository() -> PathBuf {
    fixtures().join("repositories/sample")
}

/// A file of at most this size. That it is missing is an answer too: there is no newer root, say.
fn bring(path: &Path, max_size: u32) -> Delivery {
    let mut bytes = Vec::new();
    let file = File::open(path).map(|file| file.take(u64::from(max_size)));
    match file.and_then(|mut file| file.read_to_end(&mut bytes)) {
        Ok(_) => Delivery::Bytes(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => Delivery::NotFound,
        Err(_) => Delivery::Failed,
    }
}
