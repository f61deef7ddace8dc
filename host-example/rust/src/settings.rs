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
    /// Seconds for which a newer release waits on the disk before it goes live; `None` lets it go live at once.
    pub hold: Option<u32>,
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
    /// Where to fetch them if that does not bring a whole release, in this order.
    pub mirrors: Vec<String>,
    /// The HTTP proxy through which web servers are asked, instead of the environment's.
    pub proxy: Option<String>,
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
            hold: None,
        }
    }

    /// Where a coalition's files may be fetched, in the order in which that is tried; at least one place.
    #[must_use]
    pub fn locations<'s>(&'s self, enrolment: &'s Enrolment) -> Vec<&'s str> {
        let settings = self.coalitions.get(enrolment.coalition());
        let mirror = settings.and_then(|settings| settings.mirror.as_deref());
        let further = settings.map_or(&[][..], |settings| &settings.mirrors);
        let first = mirror.unwrap_or(enrolment.repository());
        let further = further.iter().map(String::as_str);
        std::iter::once(first).chain(further).collect()
    }

    /// One of a coalition's places.
    pub(crate) fn repository(
        &self,
        coalition: &str,
        location: &str,
    ) -> Result<Repository, NoRepository> {
        let settings = self.coalitions.get(coalition);
        let addresses = settings.map_or(Addresses::Public, |settings| settings.addresses);
        let proxy = settings.and_then(|settings| settings.proxy.as_deref());
        Repository::through(proxy, location, &self.directory, self.patience, addresses)
    }
}
