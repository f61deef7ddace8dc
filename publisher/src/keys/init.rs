use std::path::Path;

use interdict_core::common::time::Time;
use interdict_core::identifier::Kind;
use interdict_core::list::{ListId, is_name};
use interdict_core::trust::RoleName;

use super::files::Keys;
use super::root::first_root;
use super::signing::metadata_file;
use crate::directory::Directory;
use crate::error::{PublisherError, Result};
use crate::publisher::{NOBODY, Publisher, list_ids};
use crate::register::{Epoch, FIRST_EPOCH, Register, RegisteredSource, Settings, TestKeys};
use crate::sources::Organisation;

/// How a coalition starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InitOptions {
    /// 1 to 32 lower-case letters, digits and inner hyphens.
    pub coalition: String,
    /// Whoever starts it: the first source, whose files can be imported at once.
    pub organisation: Organisation,
    /// `COALITION/NAME` each; none for one list `COALITION/merchants`.
    pub lists: Vec<String>,
    /// The kinds of identifier that each list declares; none for every kind.
    pub kinds: Vec<Kind>,
    /// Whether everybody may know the keys.
    pub test_keys: TestKeys,
    /// When the first root is signed.
    pub now: Time,
}

impl InitOptions {
    /// One list, which declares every kind, and the coalition itself as the first source.
    #[must_use]
    pub fn new(coalition: &str, test_keys: TestKeys, now: Time) -> Self {
        Self {
            coalition: coalition.to_owned(),
            organisation: Organisation::default(),
            lists: Vec::new(),
            kinds: Vec::new(),
            test_keys,
            now,
        }
    }
}

impl Publisher {
    /// Makes register, keys and the first root in a directory that is empty or not there.
    ///
    /// # Errors
    /// [`PublisherError::NotEmpty`], an invalid name, or a directory that cannot be written.
    pub fn init(directory: &Path, options: &InitOptions) -> Result<Self> {
        let coalition = options.coalition.as_str();
        if !is_name(coalition) {
            return Err(PublisherError::CoalitionName);
        }
        Time::from_clock(options.now.seconds()).ok_or(PublisherError::ClockRange)?;
        let lists = list_ids(coalition, &options.lists)?;
        let organisation = options.organisation.source(coalition, options.now)?;
        let directory = Directory::new(directory);
        directory.create()?;
        let made = Self::fill(&directory, options, &lists, &organisation);
        // A coalition that is half made would stop the next try.
        made.inspect_err(|_| directory.discard())
    }

    fn fill(
        directory: &Directory,
        options: &InitOptions,
        lists: &[ListId],
        organisation: &RegisteredSource,
    ) -> Result<Self> {
        let settings = Settings {
            coalition: options.coalition.clone(),
            test: options.test_keys,
        };
        let keys = Keys::new(directory, &settings);
        keys.make_decoy_secret()?;
        keys.make_list_key(FIRST_EPOCH)?;
        let root = first_root(&keys, options.now)?;
        directory.publish(&[metadata_file(RoleName::Root, &root)])?;
        let kinds = if options.kinds.is_empty() {
            Kind::ALL
        } else {
            &options.kinds
        };
        // Last, and whole: a directory with a register is one that `init` has finished.
        let register = Register::create(&directory.register(), NOBODY, options.now, |change| {
            change.put_settings(&settings)?;
            change.put_lists(lists, kinds)?;
            change.put_epoch(&Epoch::first(options.now))?;
            change.put_source(organisation)?;
            change.put_metadata(RoleName::Root, root.version, &root.bytes)
        })?;
        Ok(Self::new(directory.clone(), register, settings))
    }
}
