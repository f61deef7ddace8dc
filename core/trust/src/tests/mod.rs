//! Tests through the public interface: what an honest publisher can do, and what an attacker
//! cannot.

mod corner_cases;
mod delegations;
mod forgery;
mod freshness;
mod limits;
mod rollback;
mod rotation;
mod routes;
mod workflow;
mod wycheproof;
