//! A release that is loaded, and its answers.

mod answer;
mod membership;
mod release;

pub use answer::{Asked, Found, Hit};
pub use membership::Membership;
pub use release::{BlockList, Page};
