//! What one list says, and the files that say it: a new base, or a stash on the base that is published.

mod compact;
mod content;
mod edition;
mod stash;

pub(crate) use content::{Content, Gathering, bare_account};
pub(crate) use edition::{Build, EditionFiles, Plan};
