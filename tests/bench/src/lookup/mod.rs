//! What one look-up costs in a list of a million: its steps natively, the whole call natively and in
//! the module, and the same keys in other data structures.

mod others;
mod questions;
mod steps;

use anyhow::Result;

use crate::table;

use questions::{ASKED, LISTED, Questions, ROUNDS};

pub(crate) fn run() -> Result<()> {
    println!(
        "{} entries; {} names of each sort, all of them in every one of {ROUNDS} rounds, in turn\n",
        table::count(LISTED),
        table::count(ASKED)
    );
    let questions = Questions::new()?;
    others::run(&questions)?;
    steps::run(&questions)
}
