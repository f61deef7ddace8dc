//! Delegated roles: the search for files, the checks of each role, and the bounds.

mod bounds;
mod checks;
mod search;

use crate::testing::{Delegation, Repository};
use crate::{TrustError, Wanted};

const SE: &str = "se/se.filter";
const NL: &str = "nl/nl.filter";

/// A repository that delegates `se/*` and `nl/*` to one role each, and whose targets role lists a
/// file itself.
fn umbrella() -> Repository {
    let mut repository = Repository::new();
    repository.delegate(Delegation::new("se", 31, "se/*"), &[(SE, b"se")]);
    repository.delegate(Delegation::new("nl", 32, "nl/*"), &[(NL, b"nl")]);
    repository.publish();
    repository
}

fn under(prefix: &str) -> Wanted {
    Wanted::Under(vec![prefix.to_owned()])
}

fn names(run: &[String]) -> Vec<&str> {
    let files = run.iter().filter_map(|path| path.rsplit('/').next());
    files.filter(|file| !file.ends_with("root.json")).collect()
}

/// The error of one update after this change to the repository.
fn refused(change: impl FnOnce(&mut Repository)) -> TrustError {
    let mut repository = umbrella();
    change(&mut repository);
    repository.publish();
    repository.update(&mut repository.client()).unwrap_err()
}
