//! A coalition from `init` to a gateway's answer, and what must not get through.

mod command;
mod damage;
mod delist;
mod disclose;
mod enrolment;
mod epochs;
mod gateway;
mod import;
mod protect;
mod prune;
mod public;
mod register;
mod release;
mod rotation;
mod secrets;
mod sources;
mod stashes;
mod typologies;
