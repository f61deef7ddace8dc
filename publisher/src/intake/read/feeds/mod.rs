//! The forms in which others publish what they know: hosts files, web addresses, STIX and MISP.

mod hosts;
mod misp;
mod pattern;
mod stix;
mod tlp;

pub(super) use hosts::{each_domain, each_host, each_url};
pub(super) use misp::each_attribute;
pub(super) use stix::{Markings, each_indicator};
