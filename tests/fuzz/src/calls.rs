//! A sequence of calls to a client, read one after the other from a fuzzed input.

use interdict_core::common::time::Time;
use interdict_core::trust::{Client, Outcome, Request, Source, Step, Wanted};

use crate::offer::View;
use crate::repository::{LIST, NOW, RELEASES, client, root_file};

/// One call: the low half of a byte. The high half says more; see [`Calls::make`].
pub const BEGIN: u8 = 0;
/// A search for one target.
pub const BEGIN_TARGET: u8 = 1;
/// The requested file of a release.
pub const SUPPLY: u8 = 2;
/// The same file with one byte changed: three more bytes say where and how.
pub const DAMAGED: u8 = 3;
/// Another file than the requested one: one more byte says which.
pub const OTHER: u8 = 4;
/// Bytes of the input, as many as the next byte says.
pub const FOREIGN: u8 = 5;
/// No file.
pub const NOT_FOUND: u8 = 6;
/// No answer.
pub const FAILED: u8 = 7;
/// The end of an update.
pub const COMPLETE: u8 = 8;
/// Its end without one.
pub const ABORT: u8 = 9;

/// A client and what it was last asked for.
#[derive(Debug)]
pub struct Calls {
    /// The client.
    pub client: Client,
    /// Whether `complete` would change what is live.
    update: bool,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            client: client(),
            update: false,
        }
    }
}

impl Calls {
    /// Makes the call the input starts with and returns the rest; `None` at its end.
    ///
    /// # Panics
    /// If a promise is broken.
    pub fn make<'i>(&mut self, input: &'i [u8]) -> Option<&'i [u8]> {
        let (&call, rest) = input.split_first()?;
        let before = View::of(&self.client);
        let completes = call & 15 == COMPLETE && self.update && self.client.step() == Step::Targets;
        let rest = match call & 15 {
            BEGIN => {
                self.begin(call >> 4);
                rest
            }
            BEGIN_TARGET => {
                let path = [LIST, "se/team.filter", "nl/cards.filter", "no/such"];
                let path = path[usize::from(call >> 4 & 3)];
                let _ = self.client.begin_target(source(call >> 6), NOW, path);
                self.update = false;
                rest
            }
            COMPLETE => {
                self.client.complete();
                rest
            }
            ABORT => {
                self.client.abort();
                rest
            }
            kind => self.supply(kind, call >> 4, rest)?,
        };
        let after = View::of(&self.client);
        if completes {
            before.is_not_older(&after);
        } else {
            before.has_not_improved(&after);
        }
        Some(rest)
    }

    /// Of the four bits, one chooses the source, one a later time, and two what is wanted.
    fn begin(&mut self, choice: u8) {
        let wanted = match choice >> 2 {
            0 | 1 => Wanted::All,
            2 => Wanted::Under(Vec::new()),
            _ => Wanted::Under(vec!["se/cards.".to_owned()]),
        };
        // Some minutes: every release stays fresh.
        let now: Time = NOW.plus(u32::from(choice >> 1 & 1) * 600);
        self.client.begin(source(choice), now, wanted);
        self.update = true;
    }

    fn supply<'i>(&mut self, kind: u8, release: u8, rest: &'i [u8]) -> Option<&'i [u8]> {
        let request = match self.client.step() {
            Step::Fetch(request) => Some(request),
            Step::Targets | Step::Idle => None,
        };
        let (file, rest) = match kind {
            SUPPLY => (file(request.as_ref(), release), rest),
            DAMAGED => {
                let (&[high, low, change], rest) = rest.split_first_chunk()?;
                let mut file = file(request.as_ref(), release);
                if let Some(file) = &mut file {
                    let index = usize::from(u16::from_be_bytes([high, low])) % file.len();
                    file[index] ^= change;
                }
                (file, rest)
            }
            OTHER => {
                let (&index, rest) = rest.split_first()?;
                let release = &RELEASES[usize::from(release) % RELEASES.len()];
                let mut files = release.files.values();
                let file = files.nth(usize::from(index) % release.files.len());
                (file.cloned(), rest)
            }
            FOREIGN => {
                let (&length, rest) = rest.split_first()?;
                let (file, rest) = rest.split_at_checked(usize::from(length))?;
                (Some(file.to_vec()), rest)
            }
            _ => (None, rest),
        };
        let outcome = match &file {
            Some(file) => Outcome::Bytes(file),
            None if kind == FAILED => Outcome::Failed,
            None => Outcome::NotFound,
        };
        let asked = request.is_some();
        if self.client.supply(outcome).is_err() {
            assert_eq!(self.client.step(), Step::Idle, "an error ends the update");
        } else {
            assert!(asked, "a file nobody asked for is taken");
        }
        Some(rest)
    }
}

fn source(bits: u8) -> Source {
    match bits & 1 {
        0 => Source::Repository,
        _ => Source::Store,
    }
}

/// The requested file in this release, whichever version is requested.
fn file(request: Option<&Request>, release: u8) -> Option<Vec<u8>> {
    let path = &request?.path;
    let release = usize::from(release) % (RELEASES.len() + 1);
    let Some(files) = RELEASES.get(release).map(|release| &release.files) else {
        return Some(root_file());
    };
    let name = path.trim_start_matches("metadata/");
    let name = name.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let found = files.iter().find(|(path, _)| path.ends_with(name));
    found.map(|(_, file)| file.clone())
}
