//! The public edition: a coarse filter for browsers.

pub(crate) mod disclosure;
pub(crate) mod edition;
pub(crate) mod enrolment;
pub(crate) mod enumeration;
pub(crate) mod epoch;
