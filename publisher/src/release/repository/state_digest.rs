use interdict_core::common::time::Time;
use interdict_core::trust::{Client, Outcome, Source, Step, TrustError, Wanted};

use super::files::Repository;
use crate::error::Result;
use crate::publisher::Publisher;

impl Publisher {
    /// The digest of what is published; see [`Repository::state_digest`].
    pub(crate) fn published_digest(&self, now: Time) -> Result<Option<[u8; 32]>> {
        let repository = Repository::published(self.directory());
        match self.register().roots()?.first() {
            Some(root) => repository.state_digest(&root.bytes, now),
            None => Ok(None),
        }
    }
}

impl Repository<'_> {
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
}
