//! Time stamps (RFC 3161): somebody else's signed word that a digest was there at a time.

mod authority;
mod element;
mod token;
mod trust;

pub use authority::Authority;
pub(crate) use token::verify;
pub use trust::TrustedAuthorities;
