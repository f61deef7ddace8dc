//! A gateway that runs what gateways run and never forgets what it has seen.

use std::fs;
use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::engine::{
    Choice, Coalition, Coalitions, Configuration, Delivery, Engine, Epochs, WalkRequest,
};
use interdict_core::list::Edition;
use interdict_core::trust::Source;

pub(crate) struct Follower(Engine);

impl Follower {
    /// Pins a root and takes one edition of every epoch.
    pub(crate) fn new(root: &[u8], edition: Edition) -> Self {
        let choice = Choice {
            edition,
            epochs: Epochs::All,
            ..Choice::default()
        };
        let mut coalitions = Coalitions::default();
        let coalition = Coalition::new("se", root, choice, None).unwrap();
        coalitions.add(coalition).unwrap();
        let mut engine = Engine::default();
        let configuration = Configuration {
            coalitions: Some(coalitions),
            ..Configuration::default()
        };
        engine
            .configure(configuration, Time::from_seconds(0))
            .unwrap();
        Self(engine)
    }

    /// Updates from a repository; says why not.
    pub(crate) fn poll(&mut self, repository: &Path, now: Time) -> Result<(), String> {
        let update = WalkRequest::Update(Source::Repository);
        let mut progress = self
            .0
            .begin("se", &update, now)
            .map_err(|e| e.to_string())?;
        while let Some(fetch) = progress.fetch {
            let delivery = match fs::read(repository.join(&fetch.path)) {
                Ok(bytes) if bytes.len() <= usize::try_from(fetch.max_size).unwrap() => {
                    Delivery::Bytes(bytes)
                }
                Ok(_) => Delivery::Failed,
                Err(_) => Delivery::NotFound,
            };
            let supplied = self.0.supply("se", &fetch.name, delivery);
            progress = supplied.map_err(|error| format!("{}: {error}", fetch.path))?;
        }
        match progress.completed {
            true => Ok(()),
            false => Err("not completed".to_owned()),
        }
    }

    /// Whether it thinks that files went back, and the sequence of each list it has.
    pub(crate) fn stands(&self, now: Time) -> (bool, Vec<(u32, u64)>) {
        let state = self.0.state(now);
        let coalition = &state.coalitions[0];
        let back = format!("{:?}", coalition.doubts).contains("RolledBack");
        let lists = coalition.lists.iter();
        (back, lists.map(|one| (one.epoch, one.sequence)).collect())
    }
}
