mod command;
mod limits;
mod quarantine;
mod registered;
mod sync;
