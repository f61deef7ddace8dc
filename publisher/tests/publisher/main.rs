//! A coalition from `init` to a gateway's answer, and what must not get through.

mod enrolment;
mod gateway;
mod import;
mod protect;
mod release;
mod rotation;
mod secrets;
