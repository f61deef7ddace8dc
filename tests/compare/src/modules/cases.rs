//! Every case of the corpus, run as the corpus runs it.

use anyhow::Result;

use super::log::SharedLog;
use super::pair::Modules;
use interdict_tests::corpus;
use interdict_tests::subjects::InProcess;

/// A case that the old module answers otherwise than the corpus demands is only counted: the corpus
/// belongs to this source, and the old module may be older.
pub(super) fn run(pair: Modules, log: &SharedLog) -> Result<()> {
    let fixtures = interdict_tests::fixtures();
    let mut subject = InProcess(pair);
    for case in corpus::cases(&fixtures)? {
        log.borrow_mut().at(format!("case {}", case.name));
        let outcome = corpus::run(&case, &mut subject, &fixtures);
        let mut log = log.borrow_mut();
        log.cases += 1;
        log.failed_cases += u64::from(outcome.is_err());
    }
    Ok(())
}
