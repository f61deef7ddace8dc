//! What an unattended machine does: keep the published lists fresh, publish what was signed elsewhere, copy
//! it out and say when anything is due.
//!
//! It needs a repository and the keys of snapshot and timestamp, and nothing else: no register, no ListKey,
//! no name of a merchant. Such a directory has two folders, `repository/` and `keys/`. A coalition's whole
//! directory will do as well, and then the register is not opened: a damaged or busy one never keeps the
//! lists from being fresh.
//!
//! What is published is what the timestamp names. It is written last, so whatever a later release left half
//! done changes nothing about it.

mod clock;
mod machine;
mod publish;
mod renew;
mod status;
mod upload;

pub use machine::Online;
pub use publish::PublishReport;
pub use renew::RenewReport;
pub use status::{Expiry, ExpiryOf, PublishedList, RepositoryStatus, Urgent};
pub use upload::UploadReport;
