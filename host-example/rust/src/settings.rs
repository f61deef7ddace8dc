use std::collections::BTreeMap;
use std::path::PathBuf;

use interdict_core::engine::Receipts;
use interdict_core::wire::Enrolment;
use interdict_core::wire::owned::{AtLeast, Secret};

use crate::module::Module;
use crate::repository::{Addresses, NoRepository, Patience, Repository};

/// What a gateway is opened with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The module that answers.
    pub module: Module,
    /// Where enrolments, keys and verified lists are kept: the [`Store`](crate::Store).
    pub state: PathBuf,
    /// How many instances to build. Each holds its own lists, and a screening takes microseconds: one serves most
    /// programs, and more than one for each processor, or than four, help none.
    pub workers: usize,
    /// Where relative paths of repositories start.
    pub directory: PathBuf,
    /// How long repositories may take.
    pub patience: Patience,
    /// What differs from the enrolments, by coalition.
    pub coalitions: BTreeMap<String, CoalitionSettings>,
    /// What receipts seal silent findings under: 64 hexadecimal digits. It needs a ReceiptKey, and whoever
    /// has it reads what others must not.
    pub silent_key: Option<Secret>,
    /// Which answers have a receipt. With a `silent_key` all of them have one.
    pub receipts: Receipts,
    /// Whether the state directory outlives this machine.
    pub keeping: Keeping,
}

/// Whether what a gateway saves is there at its next start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keeping {
    /// It is.
    #[default]
    Kept,
    /// It is not, as in a container without a disk: each start has no history.
    Lost,
}

/// What a gateway does differently for one coalition.
#[derive(Debug, Clone, Default)]
pub struct CoalitionSettings {
    /// Where to fetch files instead of where the enrolment says. A mirror needs no trust.
    pub mirror: Option<String>,
    /// Where its repository may be.
    pub addresses: Addresses,
    /// What its files must reach, kept outside the state directory.
    pub at_least: Option<AtLeast>,
}

impl Settings {
    /// One instance, relative paths from the working directory, and everything else as the
    /// enrolments say.
    #[must_use]
    pub fn new(module: Module, state: PathBuf) -> Self {
        Self {
            module,
            state,
            workers: 1,
            directory: PathBuf::new(),
            patience: Patience::default(),
            coalitions: BTreeMap::new(),
            silent_key: None,
            receipts: Receipts::Always,
            keeping: Keeping::Kept,
        }
    }

    /// Where a coalition's files are fetched.
    pub(crate) fn repository(&self, enrolment: &Enrolment) -> Result<Repository, NoRepository> {
        let settings = self.coalitions.get(enrolment.coalition());
        let mirror = settings.and_then(|settings| settings.mirror.as_deref());
        let location = mirror.unwrap_or(enrolment.repository());
        let addresses = settings.map_or(Addresses::Public, |settings| settings.addresses);
        Repository::open(location, &self.directory, self.patience, addresses)
    }
}
