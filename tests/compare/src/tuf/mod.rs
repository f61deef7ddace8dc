//! Compares our client of The Update Framework with others: python-tuf and sigstore-tuf judge the same
//! repositories, most of which have one defect (`tests/python/tuf_defects.py`). [`DEFECTS`] has the
//! expected verdicts, written by hand from the specification.

mod case;
mod defects;
mod ours;
mod process;
mod table;

pub use case::{Case, Step, Verdict, generated, published};
pub use defects::{Client, Defect, Difference, Said};
pub use ours::Ours;
pub use table::DEFECTS;

use anyhow::Result;

/// A client that answers cases.
pub trait Judge {
    /// The verdict on each step, in order.
    ///
    /// # Errors
    /// A failure of the machinery; a refusal is a verdict.
    fn judge(&mut self, case: &Case) -> Result<Vec<Verdict>>;
}

/// What is wrong with a client's verdicts, if anything.
#[must_use]
pub fn complaint(
    defect: &Defect,
    client: Client,
    case: &Case,
    verdicts: &[Verdict],
) -> Option<String> {
    let expected = defect.expected(client);
    let Some((last, before)) = verdicts.split_last() else {
        return Some("no verdict".to_owned());
    };
    if verdicts.len() != case.steps.len() {
        return Some("not a verdict for each step".to_owned());
    }
    let early = before.iter().zip(&case.steps).find(
        |(verdict, step)| !matches!(verdict, Verdict::Accepted(bytes) if *bytes == step.wanted),
    );
    if let Some((verdict, _)) = early {
        return Some(format!("{verdict} before the defect"));
    }
    let wanted = case.steps.last().map(|step| &step.wanted);
    match last {
        Verdict::Accepted(bytes) if expected == Said::Accepted && Some(bytes) != wanted => {
            Some("accepted other bytes".to_owned())
        }
        verdict if verdict.said() != expected => Some(format!(
            "{verdict}, and not {}: {}",
            expected.word(),
            defect.reason(client)
        )),
        _ => None,
    }
}
