//! Hosts: names, IP addresses, and the host part of a web address. Every spelling of a host becomes
//! one canonical text.

pub(super) mod ip;
pub(super) mod name;
mod rules;
pub(super) mod url;
