//! Gives two builds of the module exactly the same calls. The second must give the same answers as the
//! first, byte for byte. This shows that a rearrangement of the core changes nothing, or that a change of
//! sentences changes nothing else.
//!
//! Only messages and answers are looked at, never types of the core: those may differ between the
//! two builds.

mod built;
mod cases;
mod clearing;
mod configurations;
mod damage;
mod engines;
mod form;
mod log;
mod mask;
mod material;
mod pair;
mod repositories;
mod requests;
mod spoil;
mod traffic;
mod walks;

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::Result;
use interdict_host::Module;

use interdict_tests::subjects::InModule;

pub use log::{Log, SharedLog};
pub use mask::Sentences;
pub use pair::Pair;

use material::Material;
use pair::Modules;

/// What to compare.
#[derive(Debug)]
pub struct Options {
    /// The module whose answers are right.
    pub old: Module,
    /// The module that must give the same.
    pub new: Module,
    /// How many random requests to ask.
    pub requests: u32,
    /// The seed of the random requests: the same one gives the same requests.
    pub seed: u64,
    /// Whether sentences for people are compared too.
    pub sentences: Sentences,
}

/// Compares two modules: every case of the corpus, every walk, and random traffic.
///
/// # Errors
/// A module that traps or that takes another form of `configure`, or fixtures that cannot be read.
/// Differences are in the log.
pub fn compare(options: &Options) -> Result<SharedLog> {
    let log = SharedLog::new(RefCell::new(Log::new(options.sentences)));
    let new_pair = || -> Result<Modules> {
        let old = InModule::of(&options.old)?;
        let new = InModule::of(&options.new)?;
        Ok(Pair::new(old, new, Rc::clone(&log)))
    };
    let material = Material::read(&interdict_tests::fixtures())?;
    let (old, new) = (InModule::of(&options.old)?, InModule::of(&options.new)?);
    form::check([("old", old), ("new", new)], &material)?;
    cases::run(new_pair()?, &log)?;
    walks::run(&mut new_pair()?, &material, &log)?;
    traffic::run(&new_pair, &material, (options.requests, options.seed), &log)?;
    Ok(log)
}
