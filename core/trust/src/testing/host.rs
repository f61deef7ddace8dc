//! A host that fetches from a repository for tests.

use interdict_common::time::Time;

use super::NOW;
use super::repository::Repository;
use crate::{Client, Kept, Outcome, Request, Source, Step, TrustError, Wanted};

/// What a host saw during one update.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) paths: Vec<String>,
    pub(crate) kept: Vec<String>,
    pub(crate) result: Result<(), TrustError>,
}

impl Repository {
    /// Runs one update at `now`, up to the target files.
    pub(crate) fn fetch(&self, client: &mut Client, now: Time) -> Run {
        self.fetch_wanted(client, now, Wanted::All)
    }

    /// The same, for some files only.
    pub(crate) fn fetch_wanted(&self, client: &mut Client, now: Time, wanted: Wanted) -> Run {
        client.begin(Source::Repository, now, wanted);
        bring(client, |request| self.served.get(&request.path).cloned())
    }

    /// Runs the search for one file.
    pub(crate) fn search(&self, client: &mut Client, path: &str) -> Run {
        match client.begin_target(Source::Repository, NOW, path) {
            Ok(()) => bring(client, |request| self.served.get(&request.path).cloned()),
            Err(error) => Run {
                paths: Vec::new(),
                kept: Vec::new(),
                result: Err(error),
            },
        }
    }

    /// Runs one update at [`NOW`] and completes it.
    pub(crate) fn update(&self, client: &mut Client) -> Result<(), TrustError> {
        let run = self.fetch(client, NOW);
        client.complete();
        run.result
    }
}

/// Supplies files until the client asks for target files, or for nothing.
pub(crate) fn drive(
    client: &mut Client,
    source: Source,
    now: Time,
    file: impl FnMut(&Request) -> Option<Vec<u8>>,
) -> Run {
    client.begin(source, now, Wanted::All);
    bring(client, file)
}

fn bring(client: &mut Client, mut file: impl FnMut(&Request) -> Option<Vec<u8>>) -> Run {
    let mut run = Run {
        paths: Vec::new(),
        kept: Vec::new(),
        result: Ok(()),
    };
    while let Step::Fetch(request) = client.step() {
        assert_eq!(
            client.step(),
            Step::Fetch(request.clone()),
            "asking again changes nothing"
        );
        run.paths.push(request.path.clone());
        let bytes = file(&request);
        match client.supply(bytes.as_deref().map_or(Outcome::NotFound, Outcome::Bytes)) {
            Ok(Kept::Yes) => run.kept.push(request.name),
            Ok(Kept::No) => {}
            Err(error) => {
                assert_eq!(client.step(), Step::Idle, "an error ends the update");
                run.result = Err(error);
            }
        }
    }
    run
}
