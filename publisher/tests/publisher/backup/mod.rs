mod command;
mod follower;
mod interruptions;
mod recover;
mod rehearsal;
mod restore;
mod save;
mod world;
