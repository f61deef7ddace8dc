//! A coalition from `init` to a gateway's answer, and what must not get through, in the rooms of `src`.

mod backup;
mod coalition;
mod command;
mod first_hour;
mod intake;
mod keys;
mod online;
mod public;
mod register;
mod release;
mod review;
mod sources;
