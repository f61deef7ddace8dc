//! Cases: a merchant at `review` or above that a person looks into. A merchant has one case, which is opened with the
//! alert about it, in one transaction, closed by a person or because the merchant is below `review` again, and opened
//! again by every change that leaves the merchant at `review` or above. Its history is kept.

mod case;
mod people;
mod step;

pub use case::{CaseFilter, MerchantCase};
pub use people::CaseText;
pub use step::{CaseStep, Step};

pub(super) use step::{note_removal, note_standing};
